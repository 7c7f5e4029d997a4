"""Synthetic dossiers as another school would send them, and what a plugin kept of one."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import date
from functools import lru_cache
from typing import Any, Final

from oso_adapter.bounded_xml import parse
from oso_adapter.hookspecs import ReceivedDossier
from oso_adapter.identifiers import Pgn
from oso_adapter.standard import attachments, codec
from oso_adapter.standard.pack import Pack, load_pack
from oso_adapter.standard.samples import Size, sample

CHANGED_BY_MOVE: Final = ("leerlingid", "datuminschrijving", "datumuitschrijving")
"""What is of the school where the pupil is, and so another at the next."""

NUMBERS: Final = ("bsn", "onderwijsnummer")
_PUPIL: Final = "/dossier/huidigeschool/leerling"


def a_dossier(
    profile: str = "POVO",
    *,
    size: Size = "small",
    seed: int = 1,
    on: date | None = None,
    **pupil: Any,
) -> dict[str, Any]:
    """A complete synthetic dossier in the dict form; the arguments are those of ``samples.sample``.

    pupil: other values for elements of ``leerling``; None leaves the element out.
    """
    return with_pupil(_made(load_pack(), profile, size, seed, on), **pupil)


@lru_cache(maxsize=16)
def _made(pack: Pack, profile: str, size: Size, seed: int, on: date | None) -> dict[str, Any]:
    """The dossier before it is a pupil's; not to be changed, for many tests start from the same."""
    return sample(profile, size=size, seed=seed, pack=pack, on=on)


def with_pupil(dossier: Mapping[str, Any], **pupil: Any) -> dict[str, Any]:
    """A copy of a dossier with other values for elements of ``leerling``; None leaves one out."""
    made = deepcopy(dict(dossier))
    leerling = {**made["huidigeschool"]["leerling"], **pupil}
    made["huidigeschool"]["leerling"] = {k: v for k, v in leerling.items() if v is not None}
    return made


def received(
    dossier: Mapping[str, Any],
    received_id: str = "r-1",
    *,
    profile: str | None = "POVO",
    former: Sequence[str] = (),
    pack: Pack | None = None,
) -> ReceivedDossier:
    """A dossier as the adapter offers it after it went over the line as XML.

    The sender is the school that the dossier names. former: other numbers of the pupil, such as the
    one under which the dossier was ordered.
    """
    release = pack or load_pack()
    xml = codec.to_xml(dossier, release)
    read = attachments.unpacked(codec.to_dict(parse(xml), release), release)
    bron = str(dossier["huidigeschool"]["brincode"])
    return ReceivedDossier(received_id, read, xml, release.release, profile, bron, tuple(former))


def pupil_of(dossier: Mapping[str, Any]) -> dict[str, Any]:
    """The block ``leerling``."""
    found: dict[str, Any] = dossier["huidigeschool"]["leerling"]
    return found


def number_of(dossier: Mapping[str, Any]) -> str:
    """The personal number in a dossier."""
    pupil = pupil_of(dossier)
    return next(str(pupil[name]) for name in NUMBERS if name in pupil)


def numbers(first: str = "9998") -> Iterator[str]:
    """Synthetic BSNs that pass the 11-test, each once, that begin with these digits."""
    width = 9 - len(first)
    for serial in range(10**width):
        if Pgn(digits := f"{first}{serial:0{width}d}").kind == "bsn":
            yield digits


def identity(dossier: Mapping[str, Any]) -> tuple[str, str, date]:
    """What an order names of a pupil: number, surname and date of birth."""
    pupil = pupil_of(dossier)
    return number_of(dossier), pupil["achternaam"], pupil["geboortedatum"]


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """The paths at which two dossiers are not the same."""
    ours, theirs = ({p: v for p, _, v in _values(d, "/dossier", "")} for d in (one, other))
    return sorted(p for p in ours.keys() | theirs.keys() if ours.get(p) != theirs.get(p))


def kept(
    dossier: Mapping[str, Any],
    keeps: Sequence[str] | None = None,
    categories: Sequence[str] = (),
    pack: Pack | None = None,
) -> dict[str, Any]:
    """The values of ``leerling`` that a plugin says it keeps, each by its path.

    keeps: paths below ``leerling`` (``achternaam``, ``toetslijst/toets``) with all that is in them,
    None for everything; categories: those of its answer, and none of them is all.
    """
    data = (pack or load_pack()).profiles.data
    wide = [path for name in categories for path in data[name]]
    narrow = None if keeps is None else [f"{_PUPIL}/{path}" for path in keeps]
    return {
        path: value
        for path, plain, value in _values(pupil_of(dossier), _PUPIL, _PUPIL)
        if plain.removeprefix(f"{_PUPIL}/").partition("/")[0] not in CHANGED_BY_MOVE
        and (not categories or _under(plain, wide))
        and (narrow is None or _under(plain, narrow))
    }


def _under(path: str, those: Sequence[str]) -> bool:
    return any(path == one or path.startswith(f"{one}/") for one in those)


def _values(value: Any, path: str, plain: str) -> Iterator[tuple[str, str, Any]]:
    """Every value with its path, and that path without positions."""
    if isinstance(value, Mapping):
        for name, child in value.items():
            yield from _values(child, f"{path}/{name}", f"{plain}/{name}")
    elif isinstance(value, list):
        for position, child in enumerate(value, 1):
            yield from _values(child, f"{path}[{position}]", plain)
    else:
        yield path, plain, value
