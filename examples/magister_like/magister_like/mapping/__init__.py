"""From the LAS's rows to the dict form of the OSO dossier, and back.

Pure functions: a :class:`~magister_like.record.Record` in, a dict out, and the reverse. One module
per area; in each, a table of fields serves both directions, so that what is sent and what is taken
over cannot drift apart.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from magister_like.fields import filled
from magister_like.mapping import documents, marks, persons, pupil, support, tests
from magister_like.record import Record

CHANGED_BY_MOVE: Final[Mapping[str, str]] = {
    "leerlingid": "the receiving product gives the pupil a code of its own",
    "datuminschrijving": "the pupil is enrolled at the receiving school on another day",
    "datumuitschrijving": "the pupil has not left the receiving school",
}
"""Elements of ``leerling`` that are not the same when the receiving school collects again: they
say what the pupil is at one school. The old values are kept in the table ``herkomst``. Besides
these only the school block differs, which is always the sender's own."""

_PRE_SCHOOL: Final = frozenset(
    {"vanpeuterspeelzaal", "naampeuterspeelzaal", "voorschools", "vroegschools"}
)
_SECONDARY: Final = frozenset(
    {
        *("bevorderd", "examenresultaat", "resultaatvakkenvo", "certificaat"),
        *("competenties", "stage", "overigvombo"),
    }
)
_LEFT_OUT: Final[Mapping[str, frozenset[str]]] = {
    "POPO": _SECONDARY,
    "POVO": _PRE_SCHOOL | _SECONDARY,
    "VOVO": _PRE_SCHOOL,
    "BB": frozenset(),
}
"""What a profile forbids (cat_vve, cat_vombo)."""


class UnknownProfile(Exception):
    """A profile that this plugin does not collect for.

    Dossiers for a samenwerkingsverband are among them: those may not hold the personal number.
    """


_CATEGORIES: Final[Mapping[str, frozenset[str]]] = {
    "cat_oudersverzorgers": frozenset(
        {"verzorgersaansprakelijk", "verzorger", "aansprakelijkeinstelling"}
    ),
    "cat_vve": _PRE_SCHOOL,
    "cat_schoolloopbaan": frozenset({"schoolloopbaanlijst"}),
    "cat_overstapadvies": frozenset({"overstapadvies"}),
    "cat_onderwijsondersteuning": frozenset({"onderwijsondersteuning"}),
    "cat_verzuim": frozenset({"verzuim"}),
    "cat_eindtoetsbo": frozenset({"eindtoets_basisonderwijs"}),
    "cat_toetsresultaten": frozenset({"toetslijst"}),
    "cat_cijferlijsten": frozenset({"cijferlijstlijst"}),
    "cat_vombo": _SECONDARY,
    "cat_bijlagedocs": frozenset({"overigdocumentlijst"}),
}


def to_dossier(record: Record, school: Record, profile: str, on: date) -> dict[str, Any]:
    """The dossier of a pupil in dict form.

    ``profile``: POPO, POVO, VOVO or BB; ``on``: the day of collecting, which decides which tests
    are recent enough for POVO (rule OVa.TR04). Raises UnknownProfile for any other profile.
    """
    if profile not in _LEFT_OUT:
        raise UnknownProfile(profile)
    tests_taken = tests.tests(record)
    if profile == "POVO":
        start = tests_from(on)
        tests_taken = [test for test in tests_taken if test["afname"]["afnamedatum"] >= start]
    reports = marks.reports(record)
    papers = documents.documents(record, "OVERIG")
    data = {
        **pupil.pupil(record),
        "onderwijsondersteuning": support.support(record),
        "verzuim": support.absence(record),
        "eindtoets_basisonderwijs": tests.final_test(record),
        "toetslijst": {"toets": tests_taken} if tests_taken else None,
        "cijferlijstlijst": {"cijferlijst": reports} if reports else None,
        "overigdocumentlijst": {"document": papers} if papers else None,
        **marks.secondary(record),
    }
    kept = {name: value for name, value in filled(data).items() if name not in _LEFT_OUT[profile]}
    return {"huidigeschool": {**persons.school(school), "leerling": kept}}


def tests_from(on: date) -> date:
    """1 August of the school year two before this one."""
    return date(on.year - (3 if (on.month, on.day) < (8, 1) else 2), 8, 1)


def from_dossier(dossier: Mapping[str, Any]) -> Record:
    """A new record with everything of a received dossier that the LAS has a place for.

    An empty block leaves nothing behind. Raises UnknownCode when a code is in none of the tables
    of this product.
    """
    data = dossier["huidigeschool"]["leerling"]
    record = Record({})
    pupil.keep_pupil(record, data)
    support.keep_support(record, data.get("onderwijsondersteuning", {}))
    support.keep_absence(record, data.get("verzuim", {}))
    tests.keep_final_test(record, data.get("eindtoets_basisonderwijs", {}))
    tests.keep_tests(record, data.get("toetslijst", {}).get("toets", []))
    marks.keep_reports(record, data.get("cijferlijstlijst", {}).get("cijferlijst", []))
    marks.keep_secondary(record, data)
    papers = data.get("overigdocumentlijst", {}).get("document", [])
    documents.keep_documents(record, papers, "OVERIG")
    return record


def categories(dossier: Mapping[str, Any]) -> tuple[str, ...]:
    """The categories of the standard that a dossier has data for."""
    data = dossier["huidigeschool"]["leerling"]
    found = [name for name, elements in _CATEGORIES.items() if elements & data.keys()]
    plans = data.get("onderwijsondersteuning", {})
    if "handelingsplan" in plans:
        found.append("cat_handelingsplannen")
        if len(plans) == 1:
            found.remove("cat_onderwijsondersteuning")
    return ("cat_school", "cat_leerling", *found)
