"""Destroying by command what is past its term."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.chain import ACCOUNT
from support.dossiers import NUMBERS
from support.keeping import Keeping, keeping

from oso_adapter.store.models import Prepared

ONE, TWO, *_ = NUMBERS
PURGE = ("db", "purge", "--account", ACCOUNT)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Keeping]:
    with keeping(tmp_path) as kept:
        yield kept


def withdrawn_ago(kept: Keeping, days: float) -> Prepared:
    kept.clock.forward(days=-days)
    prepared = kept.put(ONE, "P-1")
    kept.withdraw("P-1")
    kept.put(TWO, "P-2")
    return prepared


def test_a_dry_run_lists_exactly_what_the_run_destroys(kept: Keeping) -> None:
    prepared = withdrawn_ago(kept, 40)

    dry = kept.school.cli(*PURGE, "--dry-run", "--format", "json")
    assert 2 == len(kept.ids(Prepared))
    run = kept.school.cli(*PURGE, "--format", "json")

    expected = {
        "kind": "prepared dossier",
        "id": prepared.id,
        "administration": kept.school.routing_id,
        "why": "withdrawn",
    }
    assert ([expected], [expected]) == (json.loads(dry.stdout), json.loads(run.stdout))
    assert 1 == len(kept.ids(Prepared))
    assert "nothing is past its term\n" == kept.school.cli(*PURGE).stdout


def test_a_jump_of_the_clock_is_said_and_can_be_confirmed(kept: Keeping) -> None:
    withdrawn_ago(kept, 50)

    refused = kept.school.cli(*PURGE)
    assert (1, 2) == (refused.exit_code, len(kept.ids(Prepared)))
    assert "50 days ahead of" in refused.stderr

    confirmed = kept.school.cli(*PURGE, "--confirm-clock")
    assert (0, 1) == (confirmed.exit_code, len(kept.ids(Prepared)))
