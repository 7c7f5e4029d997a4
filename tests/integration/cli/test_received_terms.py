"""How long received dossiers stay, as the people of a school see it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from support.chain import ACCOUNT
from support.dossiers import NUMBERS
from support.keeping import Keeping, keeping

from oso_adapter.clock import school_date
from oso_adapter.exchange import holds, purge
from oso_adapter.exchange.holds import Target
from oso_adapter.store.models import Exchange, Payload, Received

ONE, TWO, THREE, _ = NUMBERS
WARNING = "verwerk dit dossier, anders wordt het vernietigd"


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Keeping]:
    with keeping(tmp_path) as kept:
        yield kept


def pending(kept: Keeping) -> list[dict[str, Any]]:
    shown = kept.school.cli(
        *("received", "pending", "--administration", "99AA", "--format", "json")
    )
    assert 0 == shown.exit_code, shown.output
    return list(json.loads(shown.stdout))


def test_what_waits_is_listed_with_its_end_the_nearest_first(kept: Keeping) -> None:
    now = kept.clock()
    kept.clock.forward(days=-300)
    first_day = kept.clock()
    received = kept.received(ONE)
    held = kept.received(TWO)
    kept.received(THREE, decided=True)
    holds.add(kept.adapter, Target(dossier=held.id), account=ACCOUNT, reason="klacht")
    for _ in range(10):
        kept.clock.forward(days=29)
        purge.purge(kept.adapter)
    kept.clock.now = now
    late = kept.received(TWO)

    rows = pending(kept)

    assert [received.id, late.id, held.id] == [row["id"] for row in rows]
    assert [300, 0, 300] == [row["wacht (dagen)"] for row in rows]
    # warned of on day 290, and ninety days later than that at the earliest
    ends = [school_date(first_day + timedelta(days=290 + 90)), school_date(now) + timedelta(365)]
    assert [*map(str, ends), None] == [row["vernietigd op"] for row in rows]
    assert [WARNING, "", "bewaarplicht: blijft"] == [row["let op"] for row in rows]


def test_a_dossier_is_destroyed_by_order_and_only_that_it_came_is_left(kept: Keeping) -> None:
    received, other = kept.received(ONE), kept.received(TWO, decided=True)

    done = kept.school.cli("received", "destroy", received.id, "--account", ACCOUNT)

    assert (0, f"{received.id}: vernietigd\n") == (done.exit_code, done.stdout)
    assert ({other.id}, {other.exchange_id}, {other.payload_id}) == (
        kept.ids(Received),
        kept.ids(Exchange),
        kept.ids(Payload),
    )
    (event,) = kept.events("received.destroyed")
    assert (received.id, ACCOUNT, "order", "99CC") == (
        event.subject,
        event.account,
        event.reason,
        event.counterpart,
    )
    again = kept.school.cli("received", "destroy", received.id, "--account", ACCOUNT)
    assert (1, True) == (again.exit_code, "er is geen ontvangen dossier" in again.stderr)


@pytest.mark.parametrize("why", ["bewaarplicht", "verwerkt"])
def test_what_is_held_or_in_hand_is_not_destroyed_by_order(kept: Keeping, why: str) -> None:
    received = kept.received(ONE)
    if why == "verwerkt":
        with kept.adapter.store.writing() as session:
            session.execute(text("UPDATE exchanges SET lease_owner = 'x'"))
    else:
        holds.add(kept.adapter, Target(dossier=received.id), account=ACCOUNT, reason="klacht")

    done = kept.school.cli("received", "destroy", received.id, "--account", ACCOUNT)

    assert (1, True) == (done.exit_code, why in done.stderr)
    assert {received.id} == kept.ids(Received)
