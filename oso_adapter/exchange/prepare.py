"""Preparing a dossier: collect or put, show, record inzage, make ready, withdraw.

A prepared dossier is a snapshot: all mapping and judging happens here, so that delivery only has
to open and send bytes. Between collecting and delivery only the inzage block changes. Collecting
and putting stand here; what follows has a module of its own.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from lxml import etree

from oso_adapter.bounded_xml import Limits, parse
from oso_adapter.clock import school_date
from oso_adapter.errors import NotAllowed, NotFound, PluginFailed
from oso_adapter.exchange import asked_pupil, former
from oso_adapter.exchange.adapter import Adapter, reference
from oso_adapter.exchange.contents import identity_of, transfer_of
from oso_adapter.exchange.inzage import Answer, Inzage, record_inzage
from oso_adapter.exchange.policy import BETWEEN_SCHOOLS, POLICIES, fits
from oso_adapter.exchange.pupil_numbers import carried_over
from oso_adapter.exchange.ready import make_ready, withdraw
from oso_adapter.exchange.snapshot import (
    NotPrepared,
    Outcome,
    former_number,
    keep,
    require_no_errors,
    unchanged,
)
from oso_adapter.exchange.versions import current, opened, pupil_of, show
from oso_adapter.hookspecs import CollectedDossier
from oso_adapter.identifiers import Pgn, holds_number, without_number
from oso_adapter.standard import codec, fields
from oso_adapter.standard.merge import merge
from oso_adapter.standard.pack import Pack, pack_of
from oso_adapter.standard.profiles import Profile, complete, profile, profile_of, stays_out
from oso_adapter.standard.protection import protect
from oso_adapter.standard.texts import text_of
from oso_adapter.store.models import Administration, AdministrationKind

__all__ = [
    "Answer",
    "Inzage",
    "collect",
    "current",
    "make_ready",
    "opened",
    "pupil_of",
    "put",
    "record_inzage",
    "show",
    "withdraw",
]

PROVISIONAL: Final = {"voorlopigdossier": True}


def collect(
    adapter: Adapter,
    administration: Administration,
    account: str,
    pupil: str,
    profile_name: str,
    switched_off: Collection[str] = (),
) -> Outcome:
    """Collect (verzamelen) a pupil's dossier from the supplier's data: the LAS, and what other
    plugins add to it.

    pupil: the supplier's own reference, never a personal number; switched_off: optional
    categories that stay out (cat_verzuim).
    Raises NotFound, PluginFailed, or :class:`NotPrepared` with findings.
    """
    pack = adapter.pack
    chosen = _supported(profile_name, pack, administration)
    without_number(pupil)
    collected = _collected(adapter, administration, account, pupil, chosen.name, pack)
    if collected is None:
        raise NotFound("geen plugin kent deze leerling; controleer de verwijzing (leerlingid)")
    found, parts = collected
    merged = merge(parts, pack, stays_out(pack, chosen, switched_off))
    findings = [*merged.conflicts, *fields.check(merged.dossier, pack)]
    require_no_errors(findings)
    package = adapter.settings.package
    data, removed = complete(
        merged.dossier,
        pack,
        chosen,
        package=package.name,
        package_version=package.version,
        on=school_date(adapter.clock()),
        switched_off=frozenset(switched_off),
        added=merged.added,
    )
    if POLICIES[chosen.name].inzage:
        data["inzage"] = dict(PROVISIONAL)
    root = codec.to_element(data, pack)
    numbers = {former_number(number) for number in found.former_numbers}
    numbers |= carried_over(adapter, administration, pupil, identity_of(root).number)
    removed += protect(root, pack, chosen, numbers)
    return keep(
        adapter,
        administration,
        account,
        pupil,
        chosen,
        codec.serialised(root),
        numbers,
        [*findings, *removed],
    )


def put(
    adapter: Adapter,
    administration: Administration,
    account: str,
    xml: bytes,
    pupil: str | None = None,
    former_numbers: Collection[Pgn] = (),
) -> Outcome:
    """Take a complete dossier as XML, made by the supplier's own software.

    pupil: the supplier's reference, by default the leerlingid in the dossier; former_numbers: other
    numbers under which the pupil may be asked for, beside those that were given before. Its bytes
    are kept, unless something in it may not leave the school; inzage that stands in it counts as
    recorded by this account. The same dossier again makes no other version.
    """
    root = parse(xml, Limits(size=adapter.settings.limits.message_size))
    pack = _accepted(adapter, root)
    _require_own(administration, root, pack)
    chosen = profile_of(*transfer_of(root), pack)
    if chosen is None:
        raise NotAllowed("overdrachtsoort en overstap van dit dossier vormen geen bekend profiel")
    identity = identity_of(root)
    name = pupil or identity.reference
    if name is None:
        raise NotAllowed("het dossier heeft geen leerlingid; geef zelf een verwijzing op (--pupil)")
    if name == identity.number or holds_number(name):
        raise NotAllowed(
            "de verwijzing (leerlingid) is of bevat een BSN of onderwijsnummer; "
            "geef zelf een andere op (--pupil)"
        )
    chosen = _supported(chosen.name, pack, administration)
    numbers = {*former_numbers, *carried_over(adapter, administration, name, identity.number)}
    if removed := protect(root, pack, chosen, numbers):
        xml = codec.serialised(root)
    same = unchanged(adapter, administration, name, chosen.name, xml)
    if same is None:
        return keep(adapter, administration, account, name, chosen, xml, numbers, removed)
    former.add(adapter, administration, account, name, former_numbers)
    return same


def _collected(
    adapter: Adapter,
    administration: Administration,
    account: str,
    pupil: str,
    profile_name: str,
    pack: Pack,
) -> tuple[CollectedDossier, list[tuple[str, Mapping[str, Any]]]] | None:
    """What the plugin of the LAS gives, and the parts of all plugins, that of the LAS first.

    Each is judged before it meets another, so that a finding names the plugin whose it is. Raises
    PluginFailed, and NotPrepared for the dossier of another or a part that is none.
    """
    owner, plugins = reference(administration), adapter.plugins
    is_asked = partial(asked_pupil.is_asked, adapter, administration, pupil)
    try:
        given = plugins.collected(owner, account, pupil, profile_name, is_asked)
        if given is None:
            return None
        las, found = given
        if not plugins.listeners("oso_enrich_dossier"):
            return found, [(las, found.dossier)]
        require_no_errors(fields.check(found.dossier, pack, part=True))
        parts = plugins.enrich_dossier(
            owner, account, found.dossier, pupil, profile_name, is_asked=is_asked
        )
        require_no_errors(
            [
                replace(wrong, message=f"{wrong.message} Dit gaf {plugin}.")
                for plugin, part in parts
                for wrong in fields.check(part, pack, part=True)
            ]
        )
        return found, [(las, found.dossier), *parts]
    except PluginFailed as failed:
        if failed.code != asked_pupil.OTHER:
            raise
        raise NotPrepared([asked_pupil.finding(failed)]) from None


def _supported(name: str, pack: Pack, administration: Administration) -> Profile:
    """The profile, when it is one that this school can use: no other would ever be delivered."""
    if name not in BETWEEN_SCHOOLS:
        raise NotAllowed(f"het profiel {name} kan nog niet; kies uit {', '.join(BETWEEN_SCHOOLS)}")
    if not fits(name, administration.sector, None):
        raise NotAllowed(
            f"het profiel {name} past niet bij een school van de sector {administration.sector}; "
            "kies een ander profiel, of verbeter de sector (oso-adapter administration sector)"
        )
    return profile(name, pack)


def _accepted(adapter: Adapter, root: etree._Element) -> Pack:
    """The release of a dossier that was made elsewhere, when it is one that is in use."""
    pack = pack_of(etree.QName(root).namespace or "")
    if pack is None or not adapter.accepts(pack.release):
        raise NotAllowed(
            "dit dossier is niet van een versie van de standaard die nu in gebruik is; "
            f"maak het in versie {adapter.pack.release}"
        )
    return pack


def _require_own(administration: Administration, root: etree._Element, pack: Pack) -> None:
    """A school hands out its own dossiers; a RIS or an SWV those of other schools too."""
    space = pack.namespace
    brin = text_of(root.find(f"{{{space}}}huidigeschool/{{{space}}}brincode")).strip()
    if brin and administration.kind == AdministrationKind.LAS and brin != administration.brin:
        raise NotAllowed(
            "de huidige school (brincode) in dit dossier is niet de school van deze administratie; "
            "lever het aan voor de administratie van die school"
        )
