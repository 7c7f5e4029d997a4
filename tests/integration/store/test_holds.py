"""A hold: of what is held nothing is destroyed."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, text
from support.chain import ACCOUNT
from support.dossiers import NUMBERS
from support.keeping import SELDOM, Keeping, keeping

from oso_adapter.exchange import holds, purge, trusted_clock
from oso_adapter.exchange.holds import Target
from oso_adapter.identifiers import Pgn
from oso_adapter.store.models import Event, Prepared, Received, Request
from oso_adapter.wire.search_key import SearchKey, SimulationSearchKey

ONE, TWO, *_ = NUMBERS


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Keeping]:
    with keeping(tmp_path) as kept:
        yield kept


def later(kept: Keeping, days: int) -> list[str]:
    """Purge as seldom as the clock is still believed; gives the ids that went."""
    gone = []
    for begin in range(0, days, SELDOM):
        kept.clock.forward(days=min(SELDOM, days - begin))
        gone += [each.id for each in purge.purge(kept.adapter)]
    return gone


def hold(kept: Keeping, **target: object) -> str:
    return holds.add(kept.adapter, Target(**target), account=ACCOUNT, reason="klacht")  # type: ignore[arg-type]


def test_of_a_pupil_with_a_hold_nothing_goes_until_it_is_released(kept: Keeping) -> None:
    mine, other = kept.put(ONE, "P-1"), kept.put(TWO, "P-2")
    kept.withdraw("P-1")
    kept.withdraw("P-2")
    received, order = kept.received(ONE, decided=True), kept.ordered(ONE, "99CD")
    kept.requested(ONE)
    asked_for_other = kept.requested(TWO)
    hold_id = hold(kept, pupil=Pgn(ONE))

    gone = later(kept, 800)

    (request,) = kept.events("request.destroyed")
    assert asked_for_other == request.session_id
    assert {other.id} == set(gone) - {str(i) for i in range(9)}
    assert ({mine.id}, {received.id}, 1) == (
        kept.ids(Prepared),
        kept.ids(Received),
        len(kept.ids(Request)),
    )
    holds.release(kept.adapter, hold_id, account=ACCOUNT)
    assert {mine.id, received.id, order} <= set(later(kept, 30))
    assert set() == kept.ids(Request)


def test_a_hold_that_comes_while_a_purge_runs_keeps_what_only_the_zoeksleutel_tells(
    kept: Keeping,
) -> None:
    kept.requested(ONE)
    kept.requested(TWO)
    hold(kept, pupil=Pgn(TWO))

    class Interrupted(SimulationSearchKey):
        """Once the requests are being compared, a hold is placed on the other pupil."""

        def matches(self, pgn: Pgn, key: SearchKey) -> bool:
            if len(kept.events("hold.added")) == 1:
                hold(kept, pupil=Pgn(ONE))
            return super().matches(pgn, key)

    kept.clock.forward(days=30 * 7)
    trusted_clock.remember(kept.adapter, kept.clock())
    purge.purge(replace(kept.adapter, search_key=Interrupted()))
    assert (2, 2) == (len(kept.events("hold.added")), len(kept.ids(Request)))

    purge.purge(kept.adapter)

    assert 2 == len(kept.ids(Request))
    assert [] == kept.events("request.destroyed")


def test_a_hold_by_a_former_number_holds_what_is_known_by_the_new_one(kept: Keeping) -> None:
    first, second = kept.put(ONE, "P-1"), kept.put(TWO, "P-2")
    with kept.adapter.store.writing() as session:
        session.execute(
            text(
                "INSERT INTO prepared_numbers SELECT :new, pgn_hmac, administration_id,"
                " fragment_hmac, pgn_sealed FROM prepared_numbers WHERE prepared_id = :old"
            ),
            {"new": second.id, "old": first.id},
        )
    kept.withdraw("P-1")
    kept.withdraw("P-2")
    kept.requested(TWO)
    hold(kept, pupil=Pgn(ONE))

    assert [] == later(kept, 240)
    assert ({first.id, second.id}, 1) == (kept.ids(Prepared), len(kept.ids(Request)))


@pytest.mark.parametrize("by_order", [False, True])
def test_a_hold_on_a_received_dossier_or_its_order_holds_both(
    kept: Keeping, by_order: bool
) -> None:
    received, other = kept.received(ONE, decided=True), kept.received(TWO, decided=True)
    hold(kept, dossier=received.exchange_id if by_order else received.id)

    assert [other.id] == later(kept, 800)


def test_a_hold_on_an_administration_holds_all_of_it_and_its_audit(kept: Keeping) -> None:
    kept.put(ONE, "P-1")
    kept.withdraw("P-1")
    kept.requested(TWO)
    hold(kept, administration=kept.owner)

    assert [] == later(kept, 1900)
    assert [] == kept.events("audit.destroyed")


def test_the_audit_of_what_is_held_stays_with_all_that_came_after(kept: Keeping) -> None:
    kept.put(TWO, "P-2")
    mine = kept.put(ONE, "P-1")
    hold(kept, dossier=mine.id)

    later(kept, 1900)

    with kept.adapter.store.reading() as session:
        first = session.scalars(select(Event).order_by(Event.number)).first()
    assert first is not None
    assert (2, mine.id) == (first.number, first.subject)


# --- by command ----------------------------------------------------------------------------------


def test_a_hold_is_placed_listed_and_released_by_command(kept: Keeping) -> None:
    prepared = kept.put(ONE, "P-1")
    cli, mine = kept.school.cli, ("--account", ACCOUNT)
    placed = [
        cli("audit", "hold", "add", *what, *mine, "--reason", "Klacht", text=number)
        for what, number in (
            (("--pupil",), f"{ONE}\n"),
            (("--dossier", prepared.id), ""),
            (("--administration", "99AA"), ""),
        )
    ]
    assert [0, 0, 0] == [done.exit_code for done in placed], [done.output for done in placed]

    listed = json.loads(cli("audit", "hold", "list", "--format", "json").stdout)
    assert ["een leerling", prepared.id, kept.school.routing_id] == [row["wat"] for row in listed]
    assert {(ACCOUNT, "Klacht")} == {(row["door"], row["reden"]) for row in listed}
    for row in listed:
        assert 0 == cli("audit", "hold", "release", row["id"], *mine).exit_code
    assert "Er is niets met een bewaarplicht.\n" == cli("audit", "hold", "list").stdout
    told = [(e.account, e.reason) for e in kept.events("hold.added", "hold.released")]
    assert [(ACCOUNT, kind) for kind in ("pupil", "dossier", "administration")] * 2 == told
    content = b"".join(f.read_bytes() for f in kept.school.folder.glob("adapter.sqlite*"))
    assert (True, False) == (b"hold.added" in content, b"Klacht" in content)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "give one of"),
        (("--pupil", "--dossier", "x"), 2, "give one of"),
        (("--dossier", "x"), 1, "er is geen dossier x"),
        (("--pupil",), 2, "fails the 11-test"),
    ],
)
def test_a_hold_on_nothing_is_refused(
    kept: Keeping, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = kept.school.cli(
        *("audit", "hold", "add", *arguments, "--account", ACCOUNT, "--reason", "Klacht"),
        text="123456789\n",
    )

    assert code == done.exit_code
    assert said in done.stderr
    assert "123456789" not in done.stderr
