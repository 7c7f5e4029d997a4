"""What is past its term is destroyed: when, how thoroughly, and by which clock."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from io import StringIO
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import select, text
from support.chain import ACCOUNT
from support.dossiers import NUMBERS
from support.keeping import OIN, SELDOM, Keeping, keeping
from support.requester import numbers

from oso_adapter import logs
from oso_adapter.errors import NotAllowed, StoreUnavailable
from oso_adapter.exchange import purge, trusted_clock
from oso_adapter.exchange.heads import verify
from oso_adapter.standard.active import ActiveRelease, Releases
from oso_adapter.store.engine import Store
from oso_adapter.store.event_chain import Break, begin_after
from oso_adapter.store.models import (
    Event,
    EventChain,
    Exchange,
    Payload,
    Prepared,
    PreparedNumber,
    PupilLink,
    Received,
    Request,
)
from oso_adapter.work.daily import Daily

ONE, TWO, THREE, FOUR = NUMBERS


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Keeping]:
    with keeping(tmp_path) as kept:
        yield kept


def later(kept: Keeping, days: float) -> list[tuple[str, str]]:
    """Purge as seldom as the clock is still believed; gives kind and reason of what went."""
    end, gone = days, []
    while end > 0:
        step = min(SELDOM, end)
        kept.clock.forward(days=step)
        gone += [(each.kind, each.reason) for each in purge.purge(kept.adapter)]
        end -= step
    return gone


def test_a_withdrawn_dossier_stays_thirty_days_and_then_leaves_only_its_events(
    kept: Keeping,
) -> None:
    prepared = kept.put(ONE, "P-1")
    other = kept.put(TWO, "P-2")
    kept.withdraw("P-1")

    assert [] == later(kept, 29.9)
    assert [("prepared", "withdrawn")] == later(kept, 0.2)

    assert {other.id} == kept.ids(Prepared)
    assert {other.payload_id} == kept.ids(Payload)
    with kept.adapter.store.reading() as session:
        assert {other.id} == set(session.scalars(select(PreparedNumber.prepared_id)))
    told = kept.events("dossier.collected", "dossier.withdrawn", "dossier.destroyed")
    assert ["dossier.collected", "dossier.withdrawn", "dossier.destroyed"] == [
        event.name for event in told if event.subject == prepared.id
    ]


def test_a_replaced_version_goes_and_the_newest_stays(kept: Keeping) -> None:
    kept.put(ONE, "P-1")
    newest = kept.put(ONE, "P-1", surname="Anders")

    assert [("prepared", "withdrawn")] == later(kept, 31)
    assert {newest.id} == kept.ids(Prepared)


def test_a_prepared_dossier_that_nobody_touches_goes_after_a_year(kept: Keeping) -> None:
    kept.put(ONE, "P-1")

    assert [] == later(kept, 364)
    assert [("prepared", "old")] == later(kept, 2)


def test_a_dossier_of_a_release_that_went_out_of_use_goes_thirty_days_after_that(
    kept: Keeping,
) -> None:
    prepared = kept.put(ONE, "P-1")
    kept.adapter = replace(kept.adapter, releases=Releases((ActiveRelease("2031.1"),)))

    assert [] == later(kept, 1)
    assert [prepared.id] == [event.subject for event in kept.events("dossier.outdated")]
    assert [] == later(kept, 29)
    assert [("prepared", "outdated")] == later(kept, 1)
    assert 1 == len(kept.events("dossier.outdated"))


def test_a_processed_dossier_goes_with_its_order_after_two_years(kept: Keeping) -> None:
    received = kept.received(ONE, decided=True)

    assert [] == later(kept, 729)
    assert [("received", "processed")] == later(kept, 2)

    assert (set(), set(), set()) == (kept.ids(Received), kept.ids(Exchange), kept.ids(Payload))
    (event,) = kept.events("received.destroyed")
    assert (received.id, "99CC", "processed") == (event.subject, event.counterpart, event.reason)
    assert [] == kept.events("received.expiring")


def test_an_unprocessed_dossier_goes_after_a_year_and_is_warned_of_three_months_before(
    kept: Keeping,
) -> None:
    received = kept.received(ONE)

    assert [] == later(kept, 274)
    assert [] == kept.events("received.expiring")
    assert [] == later(kept, 2)
    assert [received.id] == [event.subject for event in kept.events("received.expiring")]
    assert [] == later(kept, 88)
    assert [("received", "unprocessed")] == later(kept, 3)
    assert 1 == len(kept.events("received.expiring"))


def test_a_dossier_that_was_not_warned_of_in_time_stays_until_it_was(kept: Keeping) -> None:
    kept.received(ONE)
    kept.clock.forward(days=1000)
    trusted_clock.remember(kept.adapter, kept.clock(), confirmed_by=ACCOUNT)

    assert [] == later(kept, 1)
    assert [] == later(kept, 89)
    assert [("received", "unprocessed")] == later(kept, 1)


def test_requests_and_orders_without_a_dossier_go_after_half_a_year(kept: Keeping) -> None:
    session_id = kept.requested(ONE)
    order_id = kept.ordered(TWO)

    assert [] == later(kept, 182)
    assert [("order", "nothing-came"), ("request", "term")] == later(kept, 2)

    assert (set(), set()) == (kept.ids(Request), kept.ids(Exchange))
    (request,) = kept.events("request.destroyed")
    assert (session_id, f"99BB {OIN}") == (request.session_id, request.counterpart)
    assert [order_id] == [event.subject for event in kept.events("fetch.destroyed")]


def test_a_request_outlives_the_dossier_that_answered_it_and_still_was_answered(
    kept: Keeping,
) -> None:
    prepared = kept.put(ONE, "P-1")
    kept.requested(ONE)
    with kept.adapter.store.writing() as session:
        session.execute(text("UPDATE requests SET prepared_id = :id"), {"id": prepared.id})
    kept.requested(TWO)
    kept.withdraw("P-1")

    assert [("prepared", "withdrawn")] == later(kept, 31)
    with kept.adapter.store.reading() as session:
        assert {(None, "OverdrachtGeslaagd"), (None, None)} == {
            (row.prepared_id, row.result) for row in session.scalars(select(Request))
        }


def test_what_somebody_has_in_hand_is_left_alone(kept: Keeping) -> None:
    kept.ordered(ONE)
    with kept.adapter.store.writing() as session:
        session.execute(text("UPDATE exchanges SET lease_owner = 'x'"))

    assert [] == later(kept, 200)


def test_whom_it_was_about_stays_known_by_digest_alone(kept: Keeping) -> None:
    received = kept.received(ONE, decided=True)
    later(kept, 731)

    with kept.adapter.store.reading() as session:
        links = session.scalars(select(PupilLink)).all()
    assert {received.id, received.exchange_id} == {link.subject for link in links}
    assert {received.exchange_id} == {link.order_id for link in links}
    assert 1 == len({link.pgn_hmac for link in links})


def test_lines_of_the_audit_go_after_five_years_and_the_chain_begins_after_them(
    kept: Keeping,
) -> None:
    kept.received(ONE, decided=True)
    later(kept, 1827)

    with kept.adapter.store.reading() as session:
        (chain,) = session.scalars(select(EventChain))
        first = session.scalar(select(Event).order_by(Event.number).limit(1))
    assert first is not None
    assert (chain.first + 1, "received.destroyed") == (first.number, first.name)
    assert chain.first >= 2
    (event,) = kept.events("audit.destroyed")
    assert f"{chain.first} {chain.first_hash[:16]}" == event.reason
    assert [] == verify(kept.adapter)[1]
    with kept.adapter.store.reading() as session:
        assert 2 == len(session.scalars(select(PupilLink)).all())
    later(kept, 1000)
    with kept.adapter.store.reading() as session:
        assert [] == session.scalars(select(PupilLink)).all()
    assert [] == verify(kept.adapter)[1]


def test_a_beginning_that_the_adapter_did_not_make_is_found(kept: Keeping) -> None:
    kept.put(ONE, "P-1")
    kept.withdraw("P-1")
    with kept.adapter.store.writing() as session:
        begin_after(session, kept.owner.id, 1)
        session.execute(text("DELETE FROM events WHERE number = 1"))

    assert [Break(kept.owner.id, "beginning", 2)] == verify(kept.adapter)[1]


# --- the files -----------------------------------------------------------------------------------


def secrets_of(kept: Keeping, *, withdrawn: bool) -> set[bytes]:
    """What would open the prepared dossiers in that state, and tell whose they are."""
    query = """SELECT {0} FROM prepared JOIN payloads ON payloads.id = payload_id
        JOIN prepared_numbers ON prepared_id = prepared.id WHERE (state = 'ingetrokken') = :w"""
    found: set[bytes] = set()
    with kept.adapter.store.reading() as session:
        for column in ("wrapped_key", "pupil_sealed", "pgn_sealed", "fragment_hmac"):
            found |= set(session.scalars(text(query.format(column)), {"w": withdrawn}))
    return found


def traces(kept: Keeping, secrets: set[bytes]) -> int:
    """How many of them are in a copy of all files of the database, beside their neighbours."""
    files = [
        file.read_bytes()
        for file in kept.school.folder.iterdir()
        if file.name.startswith("adapter.sqlite")
    ]
    assert 3 == len(files)
    return sum(any(secret in content for content in files) for secret in secrets)


def test_a_destroyed_key_is_in_no_file_of_the_database_while_others_are_in_use(
    kept: Keeping,
) -> None:
    for index, number in enumerate(islice(numbers(), 60)):
        kept.put(number, f"P-{index}")
        if index % 3:
            kept.withdraw(f"P-{index}")
    gone, staying = (secrets_of(kept, withdrawn=w) for w in (True, False))
    assert (160, 80) == (len(gone), len(staying))
    assert (160, 80) == (traces(kept, gone), traces(kept, staying))

    assert 40 == len(later(kept, 31))

    assert (0, 80) == (traces(kept, gone), traces(kept, staying))


def left_in_the_file(kept: Keeping, trace: bytes) -> None:
    """Leave something in a page that is not in use, as SQLite does when it moves rows."""
    with closing(sqlite3.connect(kept.school.store_file)) as db:
        db.execute("PRAGMA secure_delete = OFF")
        db.execute("CREATE TABLE moved AS SELECT ? AS row", (trace,))
        db.execute("DROP TABLE moved")
        db.commit()


@pytest.mark.parametrize(
    ("size", "rewrite", "left"), [(None, False, 0), (0, False, 1), (0, True, 0)]
)
def test_a_copy_in_an_unused_part_of_the_file_goes_too_in_a_large_one_when_somebody_asks(
    kept: Keeping, monkeypatch: pytest.MonkeyPatch, size: int | None, rewrite: bool, left: int
) -> None:
    if size is not None:
        monkeypatch.setattr(purge, "REWRITTEN", size)
    kept.put(ONE, "P-1")
    kept.withdraw("P-1")
    trace = secrets_of(kept, withdrawn=True)
    left_in_the_file(kept, b"|".join(trace))
    kept.clock.forward(days=31)

    assert 1 == len(purge.purge(kept.adapter, rewrite=rewrite))
    assert left == bool(traces(kept, trace))


class WithoutRoom(Store):
    """On a disk that has no room for a second copy."""

    def rewrite(self) -> None:
        raise StoreUnavailable("full", "the store is full")


def test_a_file_that_cannot_be_made_anew_holds_up_no_purge(
    kept: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = StringIO()
    monkeypatch.setattr(logs, "_logger", logs._Logger(log))
    kept.put(ONE, "P-1")
    kept.withdraw("P-1")
    kept.clock.forward(days=31)
    store = WithoutRoom(kept.adapter.settings.store.url)

    assert 1 == len(purge.purge(replace(kept.adapter, store=store)))
    store.close()

    assert "purge.traces_left" in log.getvalue()


# --- the clock -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "where"), [(46, "46 days ahead of"), (-1, "behind")])
def test_a_clock_that_jumped_destroys_nothing_until_a_person_confirms_it(
    kept: Keeping, days: float, where: str
) -> None:
    kept.put(ONE, "P-1")
    kept.withdraw("P-1")
    later(kept, 29)

    kept.clock.forward(days=days)
    with pytest.raises(NotAllowed, match=rf"{where} the last time .* --confirm-clock"):
        purge.purge(kept.adapter)
    assert 1 == len(kept.ids(Prepared))

    kept.clock.forward(days=-days)
    assert [("prepared", "withdrawn")] == later(kept, 2)


def test_a_database_from_before_its_first_purge_is_not_believed_blindly_either(
    kept: Keeping,
) -> None:
    kept.put(ONE, "P-1")
    kept.withdraw("P-1")
    kept.clock.forward(days=400)

    with pytest.raises(NotAllowed, match="400 days ahead"):
        purge.purge(kept.adapter)
    trusted_clock.remember(kept.adapter, kept.clock(), confirmed_by=ACCOUNT)
    assert ["withdrawn"] == [each.reason for each in purge.purge(kept.adapter)]
    assert 1 == len(kept.events("clock.confirmed"))


# --- the runner ----------------------------------------------------------------------------------


def test_the_runner_purges_once_a_day_and_says_what_it_did(
    kept: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = StringIO()
    monkeypatch.setattr(logs, "_logger", logs._Logger(log))
    daily = Daily(kept.adapter)
    kept.put(ONE, "P-1")
    kept.withdraw("P-1")

    daily.run_due()
    daily.run_due()
    kept.clock.forward(days=31)
    daily.run_due()
    kept.clock.forward(days=60)
    daily.run_due()

    told = [json.loads(line) for line in log.getvalue().splitlines()]
    heads = ["audit.head"]
    assert [
        *(*heads, "purge.done"),
        *(*heads, "purge.done"),
        *(*heads, "purge.waits"),
    ] == [each["event"] for each in told]
    assert [None, 1] == [e.get("prepared") for e in told if e["event"] == "purge.done"]
