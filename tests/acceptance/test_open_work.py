"""What is still to do, as both schools see it: not collected, not seen, not ready, not fetched."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from support.chain import ACCOUNT, Chain, School, an_order
from support.dossiers import NUMBERS
from support.fetching import NUMBERS as FRESH
from support.requester import Preparer

from oso_adapter.clock import school_date, utc_now
from oso_adapter.exchange.orders import place
from oso_adapter.store.destroying import destroy_rows
from oso_adapter.work.inline import Runner

UNKNOWN = NUMBERS[3]


@dataclass(frozen=True)
class Schools:
    """A po school that serves dossiers, and two vo schools that fetch them."""

    po: School
    preparer: Preparer
    vo: School
    other: School

    def fetch(self, doel: School, number: str, reference: str) -> None:
        adapter = doel.adapter()
        ids = place(
            adapter, doel.administration(adapter), ACCOUNT, [an_order(number, "99AA", reference)]
        )
        Runner(adapter).run_until_done(ids)


@pytest.fixture(scope="module")
def schools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Schools]:
    """P-1 was collected, P-2 seen, P-3 is ready for two schools; of UNKNOWN there is nothing."""
    chain = Chain.create(tmp_path_factory.mktemp("open"))
    try:
        chain.start("tc")
        po, vo, other = (
            chain.add_school(b, s) for b, s in (("99AA", "PO"), ("99BB", "VO"), ("99CC", "VO"))
        )
        adapter = po.adapter()
        preparer = Preparer(adapter, po.administration(adapter))
        preparer.put(NUMBERS[0], "P-1")
        preparer.put(NUMBERS[1], "P-2")
        preparer.seen("P-2")
        preparer.all(NUMBERS[2], "P-3", "99BB", "99CC")
        po.start("public")
        yield Schools(po, preparer, vo, other)
    finally:
        chain.stop()


def listed(school: School, command: str, *more: str) -> list[dict[str, Any]]:
    shown = school.cli(command, "list", "--administration", school.brin, *more, "--format", "json")
    assert 0 == shown.exit_code, shown.output
    rows: list[dict[str, Any]] = json.loads(shown.stdout)
    return rows


def test_the_sending_school_sees_what_to_do_and_which_school_waits(schools: Schools) -> None:
    schools.fetch(schools.vo, NUMBERS[2], "A-3")
    schools.fetch(schools.vo, NUMBERS[1], "A-2")
    for reference in ("A-4", "A-5"):
        schools.fetch(schools.vo, UNKNOWN, reference)

    rows = listed(schools.po, "dossier", "--open")

    assert [
        ("P-1", "niet ingezien", None),
        ("P-2", "niet klaargezet", None),
        ("P-3", "niet opgehaald", "99CC"),
        (None, "niet verzameld", "99BB"),
    ] == [(row["leerling"], row["wat"], row["voor"]) for row in rows]
    assert {0} == {row["dagen"] for row in rows}
    text = schools.po.cli("dossier", "list", "--administration", "99AA", "--open").stdout
    assert all(word in text for word in ("niet ingezien", "99CC", "POVO", "dagen"))
    assert UNKNOWN not in text


def test_a_request_no_longer_counts_once_its_pupil_was_collected(schools: Schools) -> None:
    schools.fetch(schools.vo, UNKNOWN, "A-6")
    schools.preparer.put(UNKNOWN, "P-4")
    missing = {row["leerling"]: row["wat"] for row in listed(schools.po, "dossier", "--open")}
    assert ("niet ingezien", False) == (missing["P-4"], None in missing)


def test_only_what_has_stood_still_since_before_a_day_is_shown(schools: Schools) -> None:
    today = school_date(utc_now())
    for command in ("dossier", "fetch"):
        assert [] == listed(schools.po, command, "--open", "--before", today.isoformat())
    tomorrow = (today + timedelta(days=1)).isoformat()
    assert listed(schools.po, "dossier", "--open") == listed(
        schools.po, "dossier", "--open", "--before", tomorrow
    )
    assert [] == listed(schools.po, "dossier", "--before", today.isoformat())
    both = schools.po.cli(
        *("dossier", "list", "--administration", "99AA", "--open", "--state", "verzameld")
    )
    assert (2, True) == (both.exit_code, "do not go together" in both.stderr)


def test_the_receiving_school_sees_what_it_has_not_got(schools: Schools) -> None:
    """An order that was placed again is one pupil; one that brought the dossier is none."""
    for reference in ("C-1", "C-2"):
        schools.fetch(schools.other, NUMBERS[1], reference)
    schools.fetch(schools.other, NUMBERS[2], "C-3")

    rows = listed(schools.other, "fetch", "--open")

    assert [("C-2", "99AA", "LeerlinginfoNietBeschikbaar", 0)] == [
        (row["verwijzing"], row["bron"], row["resultaat"], row["dagen"]) for row in rows
    ]
    assert 3 == len(listed(schools.other, "fetch"))
    schools.preparer.ready("P-2", "99CC")
    schools.fetch(schools.other, NUMBERS[1], "C-4")
    assert [] == listed(schools.other, "fetch", "--open")


def test_what_was_fetched_before_it_was_destroyed_was_not_asked_in_vain(schools: Schools) -> None:
    adapter = schools.preparer.adapter
    number = next(FRESH)
    schools.preparer.all(number, "P-5", "99BB")
    schools.fetch(schools.vo, number, "A-7")
    before = listed(schools.po, "dossier", "--open")
    with adapter.store.writing() as session:
        destroy_rows(session, [schools.preparer.current("P-5").id], utc_now())
    assert before == listed(schools.po, "dossier", "--open")
