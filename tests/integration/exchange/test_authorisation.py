"""The checks in the background of who may ask, when the register does not like a question."""

from datetime import timedelta
from typing import Any

import pytest
from support.register import OURS, THEIRS, Direct, Night, brins

from oso_adapter.chain.osr import OsrRefused
from oso_adapter.errors import Refused
from oso_adapter.exchange.authorisation import check_due, require_mandated
from oso_adapter.identifiers import Oin
from oso_adapter.simulator.osr_faults import Faults, make_ill
from oso_adapter.store import mandate_checks
from oso_adapter.transport.client import JsonAnswer

[BRIN] = brins(1)


class Picky(Direct):
    """A register that takes no question about their system."""

    def ask_json(self, method: str, url: str, **how: Any) -> JsonAnswer:
        if (how.get("params") or {}).get("supplier_oin") == THEIRS:
            return JsonAnswer(400, {"message": "Validation error(s)"}, {})
        return super().ask_json(method, url, **how)


@pytest.fixture
def picky(empty: Night) -> Night:
    empty.mandate_all([BRIN])
    return empty.calling(Picky)


def heard(night: Night, days: int) -> None:
    """Both systems were found mandated so long ago, theirs first."""
    with night.adapter.store.writing() as session:
        for oin, more in ((THEIRS, 1), (OURS, 0)):
            moment = night.clock() - timedelta(days=days, seconds=more)
            mandate_checks.checked(session, oin, BRIN, True, moment)


def known(night: Night, oin: Oin) -> tuple[bool | None, bool]:
    """What is known of a system, and whether that is of now."""
    with night.adapter.store.reading() as session:
        row = mandate_checks.found(session, oin, BRIN)
        assert row is not None
        return row.mandated, row.checked_at == night.clock()


def test_a_system_about_which_nothing_may_be_asked_is_refused_and_holds_up_no_other(
    picky: Night,
) -> None:
    with picky.adapter.store.writing() as session:
        mandate_checks.asked(session, THEIRS, BRIN, picky.clock())
        mandate_checks.asked(session, OURS, BRIN, picky.clock())

    assert 2 == check_due(picky.adapter)

    assert ((False, True), (True, True)) == (known(picky, THEIRS), known(picky, OURS))
    assert 0 == check_due(picky.adapter)
    require_mandated(picky.adapter, OURS, BRIN)


def test_one_that_comes_for_the_first_time_leaves_the_register_open_for_the_next(
    picky: Night,
) -> None:
    with pytest.raises(Refused):
        require_mandated(picky.adapter, THEIRS, BRIN)

    require_mandated(picky.adapter, OURS, BRIN)


def test_a_yes_that_cannot_be_asked_again_stays_and_the_next_one_is_asked(picky: Night) -> None:
    heard(picky, days=2)

    with pytest.raises(OsrRefused):
        check_due(picky.adapter)

    assert ((True, False), (True, True)) == (known(picky, THEIRS), known(picky, OURS))


def test_a_register_that_does_not_take_our_key_is_asked_no_further(picky: Night) -> None:
    schools = brins(3)
    with picky.adapter.store.writing() as session:
        for brin in schools:
            yesterday = picky.clock() - timedelta(days=2)
            mandate_checks.checked(session, OURS, brin, True, yesterday)
    make_ill(picky.state, Faults(status=403))

    with pytest.raises(OsrRefused):
        check_due(picky.adapter)

    assert ["GET /mandates"] == picky.calls()
    assert (True, False) == known(picky, OURS)
