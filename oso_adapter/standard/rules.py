"""The business rules of a release: XPath 1.0 assertions in ``rules.toml``, compiled once.

One pass over a dossier: all rules with the same context are one expression that selects the nodes
at which any of them fails, so that a sound dossier costs one evaluation per context. Only at a node
that fails are its rules looked at one by one.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from lxml import etree

from oso_adapter.errors import ConfigurationError
from oso_adapter.standard.categories import Categories
from oso_adapter.standard.findings import Finding, Owner, Severity
from oso_adapter.standard.wording import OWNERS, STEPS

Evidence = Literal["enforced", "unreached", "own"]

_SINGLE: Final = re.compile(r"(?:not\()?((?:od:[\w-]+/?)+)\)?")
_EXSLT: Final = "http://exslt.org/regular-expressions"
_EVERYWHERE: Final = "*"
_PLACE: Final = re.compile(r"\b(?:position|last)\s*\(")
_COUNTS: Final = re.compile(
    r"\[[\s(]*\.?[0-9]|[+*]|(?<!\w)-|\b(?:div|mod)\b"
    r"|\b(?:position|last|count|sum|number|string-length|floor|ceiling|round)\s*\("
)
"""What can make a predicate a number, which XPath takes for a position."""


@dataclass(frozen=True, eq=False)
class Rule:
    """One rule.

    id: of the standard. scopes: ``*``, kinds of hand-over, or profiles, that it holds for.
    context, test: XPath, macros expanded. evidence: whether the published validator enforces it.
    inzage: it is about the inzage block. meaning: in English; message, next_step: in Dutch.
    broken_in, broken_by: a profile, and changes that break the rule in a valid dossier of it.
    """

    id: str
    scopes: frozenset[str]
    profiles: tuple[str, ...]
    context: str
    test: str
    severity: Severity
    evidence: Evidence
    inzage: bool
    meaning: str
    message: str
    owner: Owner
    next_step: str
    broken_in: str | None
    broken_by: tuple[Mapping[str, Any], ...]
    compiled: etree.XPath = field(repr=False)

    @property
    def about(self) -> tuple[str, ...]:
        """Where below the context it looks, when that is one place: names, else nothing."""
        single = _SINGLE.fullmatch(self.test)
        return tuple(step.removeprefix("od:") for step in single[1].split("/")) if single else ()

    def finding(self, path: str, line: int | None) -> Finding:
        """What is told where the rule fails."""
        return Finding(self.id, self.severity, path, line, self.message, self.owner, self.next_step)


@dataclass(frozen=True)
class Broken:
    """A rule that fails, and the node at which it does."""

    rule: Rule
    node: etree._Element


class RuleBook:
    """All rules of a release."""

    def __init__(self, rules: Sequence[Rule], namespace: str) -> None:
        self.rules: Final = tuple(rules)
        self._names: Final = {"od": namespace, "re": _EXSLT}
        self._scopes = frozenset(scope for rule in rules for scope in rule.scopes)
        self._plan = lru_cache(maxsize=None)(self._make_plan)

    def broken(
        self, root: etree._Element, kind: str | None, profile: str | None, *, inzage: bool = True
    ) -> Iterator[Broken]:
        """Every rule that fails in a dossier, at each node where it does.

        kind: its overdrachtsoort; profile: POPO and so on, None where it has none. inzage: also
        the rules about the inzage block, which is empty until the parents saw the dossier.
        """
        scopes = {_EVERYWHERE, kind, profile} & self._scopes
        for failing, rules in self._plan(frozenset(scopes), inzage):
            for node in failing(root):
                for rule in rules:
                    if not rule.compiled(node):
                        yield Broken(rule, node)

    def _make_plan(
        self, scopes: frozenset[str], inzage: bool
    ) -> tuple[tuple[etree.XPath, tuple[Rule, ...]], ...]:
        by_context: dict[str, list[Rule]] = {}
        for rule in self.rules:
            if rule.scopes & scopes and (inzage or not rule.inzage):
                by_context.setdefault(rule.context, []).append(rule)
        plan = []
        for context, rules in by_context.items():
            sound = " and ".join(f"({rule.test})" for rule in rules)
            start = context if _PLACE.search(sound) else _quick(context)
            failing = etree.XPath(f"{start}[not({sound})]", namespaces=self._names)
            plan.append((failing, tuple(rules)))
        return tuple(plan)


def load_rules(table: Path, categories: Categories, namespace: str) -> RuleBook:
    """Read the table of a pack; a pack without one has no rules.

    Raises ConfigurationError, which names the rule, for an expression that cannot be compiled.
    """
    if not table.exists():
        return RuleBook((), namespace)
    read = tomllib.loads(table.read_text(encoding="utf-8"))
    macros = _Macros(read.get("macros", {}), categories)
    return RuleBook([_rule(row, macros, categories, namespace) for row in read["rule"]], namespace)


def _rule(
    row: Mapping[str, Any], macros: "_Macros", categories: Categories, namespace: str
) -> Rule:
    test = macros.expand(row["assert"])
    context = macros.expand(row["context"])
    names = {"od": namespace, "re": _EXSLT}
    try:
        compiled = etree.XPath(f"boolean({test})", namespaces=names)
        etree.XPath(context, namespaces=names)
    except etree.XPathError:
        raise ConfigurationError(f"rules.toml: {row['id']} is no valid XPath") from None
    profiles = tuple(row.get("profiles", categories.profiles))
    return Rule(
        id=row["id"],
        scopes=_scopes(profiles, categories),
        profiles=profiles,
        context=context,
        test=test,
        severity=row.get("severity", "error"),
        evidence=row["evidence"],
        inzage=row.get("inzage", False),
        meaning=row["meaning"],
        message=row["message"],
        owner=OWNERS[row["owner"]],
        next_step=row.get("next_step", STEPS[OWNERS[row["owner"]]]),
        broken_in=row.get("broken_in"),
        broken_by=tuple(row.get("broken_by", ())),
        compiled=compiled,
    )


def _scopes(profiles: Sequence[str], categories: Categories) -> frozenset[str]:
    """What of a dossier decides whether a rule holds: nothing, its kind, or its profile too.

    A rule for all profiles of one kind holds for every dossier of that kind, whatever its overstap
    says (Gegevensset 2019.1, scope of the rules).
    """
    if set(profiles) == set(categories.profiles):
        return frozenset({_EVERYWHERE})
    kinds: dict[str, set[str]] = {}
    for profile in categories.profiles.values():
        kinds.setdefault(profile.overdrachtsoort, set()).add(profile.name)
    whole = {kind for kind, names in kinds.items() if names <= set(profiles)}
    covered = {name for kind in whole for name in kinds[kind]}
    return frozenset(whole | (set(profiles) - covered))


class _Macros:
    """Words in capitals that stand for a longer expression, ``$1`` for what is in the brackets."""

    _USE: Final = re.compile(r"\b([A-Z]{3,}(?:_[A-Z]+)*)\b(?:\(([^()]*)\))?")

    def __init__(self, macros: Mapping[str, str], categories: Categories) -> None:
        self._macros = macros
        self._data = {
            name: "(" + " | ".join(_as_xpath(path) for path in paths) + ")"
            for name, paths in categories.data.items()
        }

    def expand(self, expression: str) -> str:
        """The expression without macros."""
        while (changed := self._USE.sub(self._replace, expression)) != expression:
            expression = changed
        return expression

    def _replace(self, use: re.Match[str]) -> str:
        name, argument = use.groups()
        if name == "DATA":
            return self._data[argument]
        if name not in self._macros:
            return use[0]
        return self._macros[name].replace("$1", argument or "")


def _quick(context: str) -> str:
    """``//od:x`` as ``/descendant::od:x``: the same nodes, which libxml2 finds in half the time.

    Not where a predicate counts, since there the one counts among brothers and the other among all;
    nor where another axis is named.
    """
    if context.startswith("//od:") and not _COUNTS.search(context):
        return f"/descendant::{context[2:]}"
    return context


def _as_xpath(path: str) -> str:
    return "".join(f"/od:{name}" for name in path.strip("/").split("/"))
