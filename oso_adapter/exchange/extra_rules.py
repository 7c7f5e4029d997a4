"""Agreements beyond the standard that plugins add: more findings, never fewer.

A rule is data. Plugins are asked where they may be called, in the command line and the runner, and
what they gave is kept in the store, so that a web process judges by it too. It concerns what leaves
this school, never what is received. Rules that cannot be used are a warning at the dossier, and
leave the rest in force.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from itertools import islice
from typing import Any, Final, get_args

from lxml import etree

from oso_adapter.clock import school_date
from oso_adapter.errors import InvalidIdentifier, PluginFailed
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.policy import BETWEEN_SCHOOLS
from oso_adapter.hookspecs import ExtraRule
from oso_adapter.identifiers import plain_text
from oso_adapter.logs import event as log_event
from oso_adapter.standard.findings import LIMIT, Finding, Severity
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.paths import path_of
from oso_adapter.store import extra_rules as kept
from oso_adapter.store.models import ExtraRules

HOOK: Final = "oso_extra_rules"
REFRESHED: Final = timedelta(minutes=15)
"""How long a process believes what it was given."""
MOST: Final = 200
"""Rules of one plugin for one profile."""
_STEP: Final = "Verbeter dit in de leerlingadministratie en verzamel opnieuw."


def refresh_all(adapter: Adapter) -> None:
    """Ask the plugins for all profiles of the releases in use, where that was not done lately."""
    if not adapter.plugins.listeners(HOOK):
        return
    for release in adapter.releases.accepted_on(school_date(adapter.clock())):
        for profile in BETWEEN_SCHOOLS:
            refresh(adapter, release, profile)


def refresh(adapter: Adapter, release: str, profile: str) -> None:
    """Ask the plugins for their rules, unless this process did so lately or may call none."""
    now, memory = adapter.clock(), adapter.rules_asked
    if not adapter.plugins.may_ask:
        return
    last = memory.get((release, profile))
    if last is not None and last <= now < last + REFRESHED:
        return
    for plugin, given in adapter.plugins.extra_rules(release, profile):
        rules, trouble = _usable(given)
        if trouble is not None:
            log_event("plugin.failed", plugin=plugin, hook=HOOK, reason=trouble)
        with adapter.store.writing() as session:
            kept.keep(session, (plugin, release, profile), rules, trouble, now)
    memory[release, profile] = now


def extra_findings(
    adapter: Adapter, root: etree._Element, pack: Pack, profile: str, *, inzage: bool
) -> list[Finding]:
    """What the rules of plugins find in a dossier, LIMIT at most.

    inzage: False while nobody can have seen it, which leaves the inzage block out.
    """
    refresh(adapter, pack.release, profile)
    with adapter.store.reading() as session:
        rows = kept.found(session, adapter.plugins.names, pack.release, profile)
    left_out = () if inzage else tuple(root.iter(f"{{{pack.namespace}}}inzage"))
    judged = (finding for row in rows for finding in _judged(row, root, pack, left_out))
    return list(islice(judged, LIMIT))


def _usable(
    given: Sequence[ExtraRule] | PluginFailed,
) -> tuple[list[dict[str, Any]] | None, str | None]:
    """The rules that can be used, as data, and what is wrong with the rest."""
    if isinstance(given, PluginFailed):
        return None, given.reason[:200]
    usable, wrong = [], []
    for number, rule in enumerate(given[:MOST], 1):
        if _is_sound(rule):
            usable.append(asdict(rule))
        else:
            wrong.append(str(number))
    if len(given) > MOST:
        return usable, f"gave more than {MOST} rules"
    places = ", ".join(wrong[:20])
    return usable, f"not usable: rule {places}" if wrong else None


def _is_sound(rule: ExtraRule) -> bool:
    try:
        plain_text(rule.message, 500)
        named = plain_text(rule.id, 60) == rule.id and " " not in rule.id
        _compiled(rule.context, rule.assertion, "x")
    except (InvalidIdentifier, TypeError, AttributeError, ValueError, etree.XPathError):
        return False
    return named and rule.severity in get_args(Severity)


def _compiled(context: str, assertion: str, namespace: str) -> tuple[etree.XPath, etree.XPath]:
    """Each compiled by itself, so that neither can end the other."""
    names = {"od": namespace}
    etree.XPath(assertion, namespaces=names)
    selects = etree.XPath(context, namespaces=names)
    return selects, etree.XPath(f"boolean({assertion})", namespaces=names)


def _judged(
    row: ExtraRules, root: etree._Element, pack: Pack, left_out: Sequence[etree._Element]
) -> Iterator[Finding]:
    if row.trouble is not None:
        yield _not_judged(row.plugin)
    for rule in row.rules:
        try:
            yield from _broken(row.plugin, rule, root, pack, left_out)
        except (etree.XPathError, TypeError):
            log_event("plugin.failed", plugin=row.plugin, hook=HOOK, reason=f"rule {rule['id']}")
            yield _not_judged(row.plugin)


def _broken(
    plugin: str,
    rule: dict[str, Any],
    root: etree._Element,
    pack: Pack,
    left_out: Sequence[etree._Element],
) -> Iterator[Finding]:
    selects, holds = _compiled(rule["context"], rule["assertion"], pack.namespace)
    found = selects(root)
    if not isinstance(found, list):
        raise TypeError  # a number or a text, so there is no place where it could hold
    for node in found:
        element = node if isinstance(node, etree._Element) else node.getparent()
        if any(block is element or block in element.iterancestors() for block in left_out):
            continue
        if not holds(element):
            yield Finding(
                rule=f"{plugin}.{rule['id']}",
                severity=rule["severity"],
                path=path_of(element, pack),
                line=element.sourceline,
                message=rule["message"],
                owner="verzendende school",
                next_step=_STEP,
            )


def _not_judged(plugin: str) -> Finding:
    return Finding(
        rule="PLUGIN.regels",
        severity="warning",
        path="/dossier",
        line=None,
        message=f"Niet alle eigen regels van {plugin} konden worden beoordeeld.",
        owner="leverancier",
        next_step="Geef deze melding door aan de leverancier van uw systeem.",
    )
