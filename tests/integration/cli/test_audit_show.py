"""What was done with a dossier, as it is asked when something went wrong."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from support.api import las
from support.chain import ACCOUNT
from support.dossiers import NUMBERS
from support.keeping import OIN, Keeping, keeping

from oso_adapter.cli.event_texts import TEXTS
from oso_adapter.exchange import prepare, purge, trusted_clock
from oso_adapter.results import result
from oso_adapter.store import events

ONE, TWO, THREE, _ = NUMBERS
SEARCHER = "beheer@school.example"


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Keeping]:
    with keeping(tmp_path) as kept:
        kept.clock.forward(days=-600)
        trusted_clock.remember(kept.adapter, kept.clock())
        yield kept


def ask(kept: Keeping, *question: str, number: str = "") -> list[dict[str, Any]]:
    done = kept.school.cli(
        *("audit", "show", *question, "--account", SEARCHER, "--format", "json"),
        text=f"{number}\n",
    )
    assert 0 == done.exit_code, done.output
    assert not number or number not in done.output
    return list(json.loads(done.stdout))


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["gebeurtenis"] for row in rows]


def answered(kept: Keeping, session_id: str, name: str, **more: str | None) -> None:
    """As the endpoint records its answer to a request."""
    with kept.adapter.store.writing() as session:
        events.record(
            session,
            name,
            kept.clock(),
            administration_id=kept.owner.id,
            session_id=session_id,
            counterpart=f"99BB {OIN}",
            **more,
        )


def later(kept: Keeping, days: int) -> None:
    for _ in range(0, days, 30):
        kept.clock.forward(days=30)
        purge.purge(kept.adapter)


def test_every_event_has_a_text_for_people() -> None:
    assert set(events.NAMES) == set(TEXTS)


def test_of_a_dossier_it_tells_what_was_done_by_whom_and_who_read_it(kept: Keeping) -> None:
    prepared = kept.put(ONE, "P-1")
    kept.put(TWO, "P-2")
    prepare.show(kept.adapter, kept.owner, "ib@school.example", "P-1")
    session_id = kept.requested(ONE)
    more = {"result": "OverdrachtGeslaagd", "subject": prepared.id}
    answered(kept, session_id, "request.delivered", **more)

    rows = ask(kept, "--dossier", prepared.id)

    assert ["dossier.collected", "dossier.shown", "request.delivered"] == names(rows)
    assert [ACCOUNT, "ib@school.example", None] == [row["door"] for row in rows]
    assert {kept.school.routing_id} == {row["administratie"] for row in rows}
    assert (f"99BB {OIN}", "De ontvangende school heeft het dossier opgehaald.") == (
        rows[-1]["andere partij"],
        rows[-1]["uitleg"],
    )
    assert ["klaargezet dossier bekeken"] == [row["wat"] for row in rows[1:2]]


@pytest.mark.parametrize("destroyed", [False, True])
def test_a_received_dossier_and_its_order_are_one_story(kept: Keeping, destroyed: bool) -> None:
    received = kept.received(ONE, decided=True)
    kept.received(TWO)
    if destroyed:
        later(kept, 780)

    by_dossier = names(ask(kept, "--dossier", received.id))
    by_order = names(ask(kept, "--dossier", received.exchange_id))

    told = ["fetch.ordered", "received.decided", *(["received.destroyed"] if destroyed else [])]
    assert (told, [*told, "audit.shown"]) == (by_dossier, by_order)


def test_everything_about_a_pupil_is_found_after_all_of_it_is_destroyed(kept: Keeping) -> None:
    prepared, received = kept.put(ONE, "P-1"), kept.received(ONE, decided=True)
    kept.put(TWO, "P-2")
    kept.received(THREE)
    refused = kept.requested(ONE)
    answered(kept, refused, "request.refused", result="LeerlinginfoNietBeschikbaar")
    answered(kept, kept.requested(TWO), "request.refused", result="LeerlinginfoNietBeschikbaar")
    told = ["dossier.collected", "fetch.ordered", "received.decided", "request.refused"]

    assert told == names(ask(kept, "--pupil", number=ONE))
    kept.withdraw("P-1")
    later(kept, 780)
    rows = ask(kept, "--pupil", number=ONE)

    assert {*told, "dossier.withdrawn", "dossier.destroyed", "received.destroyed"} <= set(
        names(rows)
    ) | {"request.refused"}
    assert {prepared.id, received.id, received.exchange_id} <= {row["dossier"] for row in rows}
    (asked,) = [row for row in rows if row["gebeurtenis"] == "audit.shown"]
    assert SEARCHER == asked["door"]


def test_a_result_is_explained_to_the_side_that_the_school_was_on(kept: Keeping) -> None:
    """Also over the API; a refusal of ours is no other school that has nothing ready."""
    code, session = "LeerlinginfoNietBeschikbaar", kept.requested(ONE)
    answered(kept, session, "request.refused", result=code)
    client = las(kept.adapter, named=[kept.school.routing_id])

    [row] = ask(kept, "--session", session)
    [event] = client.get("/events?name=request.refused")["items"]

    texts = {viewer: result(code).view(viewer).text for viewer in ("asking", "sending")}
    assert texts["asking"] != texts["sending"]
    assert (texts["sending"], texts["sending"]) == (row["uitleg"], event["text"])


def test_a_result_that_nobody_knows_has_a_text_with_its_code_too(kept: Keeping) -> None:
    session = kept.requested(ONE)
    answered(kept, session, "request.refused", result="IetsNieuws")

    [row] = ask(kept, "--session", session)

    assert ("IetsNieuws", True) == (row["resultaat"], "IetsNieuws, dat hier" in row["uitleg"])


def test_what_went_to_a_supplier_between_two_moments(kept: Keeping) -> None:
    kept.clock.now = kept.clock.now.replace(year=2026, month=3, day=12, hour=9, minute=0)
    sessions = [str(uuid4()) for _ in range(4)]
    answered(kept, sessions[0], "request.delivered")
    kept.clock.forward(hours=1)
    answered(kept, sessions[1], "request.delivered")
    answered(kept, sessions[2], "request.refused", result="LeerlinginfoNietBeschikbaar")
    kept.clock.forward(hours=24)
    answered(kept, sessions[3], "request.repeated")

    all_of_it = ask(kept, "--to-oin", OIN)
    hour = ask(kept, "--to-oin", OIN, "--between", "2026-03-12T10:30", "2026-03-12T11:30")
    day = ask(kept, "--to-oin", OIN, "--between", "2026-03-12", "2026-03-13")

    assert [sessions[0], sessions[1], sessions[3]] == [row["sessie"] for row in all_of_it]
    assert [sessions[1]] == [row["sessie"] for row in hour]
    assert sessions[:2] == [row["sessie"] for row in day]
    assert [] == ask(kept, "--to-oin", "00000001234567890000")


def test_a_session_or_a_fault_that_somebody_reports_is_found(kept: Keeping) -> None:
    session_id, fault_id = str(uuid4()), str(uuid4())
    answered(kept, session_id, "request.refused", fault_id=fault_id)
    answered(kept, str(uuid4()), "request.refused")

    assert [session_id] == [row["sessie"] for row in ask(kept, "--fault", fault_id)]
    # the question by fault number concerned no session
    assert ["request.refused"] == names(ask(kept, "--session", session_id))


def test_looking_is_recorded_with_the_account_and_what_was_asked(kept: Keeping) -> None:
    prepared = kept.put(ONE, "P-1")
    ask(kept, "--dossier", prepared.id)
    ask(kept, "--to-oin", OIN)
    ask(kept, "--pupil", number=ONE)

    told = kept.events("audit.shown")
    assert [(SEARCHER, kind) for kind in ("dossier", "to-oin", "pupil")] == [
        (event.account, event.reason) for event in told
    ]
    assert (prepared.id, OIN) == (told[0].subject, told[1].counterpart)
    assert [kept.owner.id, None, kept.owner.id] == [event.administration_id for event in told]
    files = kept.school.folder.glob("adapter.sqlite*")
    assert [] == [file for file in files if ONE.encode() in file.read_bytes()]


@pytest.mark.parametrize("question", [(), ("--pupil", "--dossier", "x"), ("--session", "x")])
def test_a_question_about_nothing_or_two_things_is_wrong_use(
    kept: Keeping, question: tuple[str, ...]
) -> None:
    done = kept.school.cli("audit", "show", *question, "--account", SEARCHER, text=f"{ONE}\n")

    assert 2 == done.exit_code
    assert ONE not in done.output


def test_without_an_answer_that_is_said(kept: Keeping) -> None:
    done = kept.school.cli("audit", "show", "--dossier", "x", "--account", SEARCHER)

    assert (0, "Hierover staat niets in de audit.\n") == (done.exit_code, done.stdout)


def test_what_somebody_typed_that_is_nowhere_stands_in_no_event(kept: Keeping) -> None:
    for question in ("--dossier", "--fault"):
        assert [] == ask(kept, question, "Piet Jansen")

    told = kept.events("audit.shown")
    assert [("dossier", None, None), ("fault", None, None)] == [
        (each.reason, each.subject, each.fault_id) for each in told
    ]
