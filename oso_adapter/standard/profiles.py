"""Making a dossier complete for a kind of transfer: metadata, and only the data that belongs."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from oso_adapter.errors import NotFound
from oso_adapter.standard import merge
from oso_adapter.standard.categories import SWITCHED_OFF, Profile
from oso_adapter.standard.findings import Finding
from oso_adapter.standard.pack import Pack, load_pack

__all__ = ["Profile", "complete", "frame", "left_out", "profile", "profile_of", "stays_out"]


def profile(name: str, pack: Pack | None = None) -> Profile:
    """The profile POPO, POVO, VOVO, BB, POSWV or VOSWV; another name raises NotFound."""
    return (pack or load_pack()).profiles.named(name)


def profile_of(
    overdrachtsoort: str | None, overstap: str | None, pack: Pack | None = None
) -> Profile | None:
    """The profile of a dossier with these two values, or None."""
    return (pack or load_pack()).profiles.of(overdrachtsoort, overstap)


def frame(
    pack: Pack,
    profile: Profile,
    *,
    package: str,
    package_version: str,
    on: date,
    switched_off: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """The part of a dossier that a plugin never gives: metadata and overdrachtsoort.

    package, package_version: the software that makes the dossier. on: the day it is made.
    switched_off: optional categories that this dossier leaves out (OPT-UIT).
    """
    metadata = {
        "deeldossier": merge.LAS,
        "pakketnaam": package,
        "pakketversie": package_version,
        "datum": on,
        "standaardversie": pack.release,
        "validatieversie": pack.validation_version,
        "categorie_uitlevering": {
            name: SWITCHED_OFF if name in switched_off and status == "OPTIONEEL" else status
            for name, status in profile.statuses.items()
        },
    }
    if profile.overstap:
        metadata["overstap"] = profile.overstap
    return {"metadata": metadata, "overdrachtsoort": profile.overdrachtsoort}


def complete(
    data: Mapping[str, Any],
    pack: Pack,
    profile: Profile,
    *,
    package: str,
    package_version: str,
    on: date,
    switched_off: frozenset[str] = frozenset(),
    added: frozenset[str] = frozenset(),
) -> tuple[dict[str, Any], list[Finding]]:
    """A new dict form with metadata and overdrachtsoort, and without what may not be delivered.

    Data of a category that the profile forbids, or that is switched off, is removed: an info
    finding each. Switching off a mandatory category is an error finding, and it stays; an unknown
    category raises NotFound. added: paths of what another system than the LAS gave (see
    :class:`merge.Merged`), which decide what ``deeldossier`` says. See :func:`frame` for the other
    arguments.
    """
    if not switched_off <= profile.statuses.keys():
        raise NotFound("there is no such category to switch off")
    whole = {
        **data,
        **frame(
            pack,
            profile,
            package=package,
            package_version=package_version,
            on=on,
            switched_off=switched_off,
        ),
    }
    findings = []
    declared = whole["metadata"]["categorie_uitlevering"]
    for category, status in declared.items():
        if category in switched_off and status == "VERPLICHT":
            findings.append(_mandatory(category, profile))
        if status in ("VERBODEN", SWITCHED_OFF):
            for path in pack.profiles.data[category]:
                keys = path.split("/")[2:]
                if _holds(whole, keys):
                    whole = _without(whole, keys)
                    findings.append(left_out(path, category, status, profile))
    gone = stays_out(pack, profile, switched_off)
    whole["metadata"]["deeldossier"] = merge.deeldossier(added, gone)
    return whole, findings


def stays_out(pack: Pack, profile: Profile, switched_off: Collection[str] = ()) -> frozenset[str]:
    """The paths of what a dossier does not have in this kind of transfer, whoever gives it.

    switched_off: categories that it leaves out where they are optional.
    """
    nevers = (never for never in pack.profiles.never if profile.name in never.profiles)
    gone = {path for never in nevers for path in never.data}
    for category, status in profile.statuses.items():
        if status == "VERBODEN" or (status == "OPTIONEEL" and category in switched_off):
            gone.update(pack.profiles.data[category])
    return frozenset(gone)


def _holds(data: Any, keys: list[str]) -> bool:
    for key in keys:
        if not isinstance(data, Mapping) or key not in data:
            return False
        data = data[key]
    return True


def _without(data: Mapping[str, Any], keys: list[str]) -> dict[str, Any]:
    """A copy without the element; a block that held nothing else goes with it."""
    first, *rest = keys
    copy = dict(data)
    if rest and (below := _without(data[first], rest)):
        copy[first] = below
    else:
        del copy[first]
    return copy


def left_out(path: str, category: str, status: str, profile: Profile) -> Finding:
    """Data of a category stay out; status: VERBODEN, or that it is switched off."""
    why = "uitgezet" if status == SWITCHED_OFF else f"niet toegestaan in {profile.name}"
    return Finding(
        rule="STD.category",
        severity="info",
        path=path,
        line=None,
        message=f"Deze gegevens gaan niet mee: {category} is {why}.",
        owner="verzendende school",
        next_step="Er is niets te doen, tenzij u ze toch wilt meesturen.",
    )


def _mandatory(category: str, profile: Profile) -> Finding:
    return Finding(
        rule="STD.category",
        severity="error",
        path=f"/dossier/metadata/categorie_uitlevering/{category}",
        line=None,
        message=f"{category} is verplicht in {profile.name} en kan niet worden uitgezet.",
        owner="verzendende school",
        next_step="Zet deze categorie weer aan.",
    )
