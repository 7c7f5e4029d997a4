"""A register that reading says nothing against, and that does not take a write all the same."""

from typing import Any

from support.register import Direct, Night, brins

from oso_adapter.chain.osr import OsrBusy
from oso_adapter.exchange.osr_sync import Outcome
from oso_adapter.identifiers import RoutingId
from oso_adapter.transport.client import JsonAnswer

BRIN, OTHER = brins(2)


def remarks(outcome: Outcome) -> list[tuple[str, str, str]]:
    return [(remark.code, remark.brin, remark.routing_id) for remark in outcome.remarks]


def done(outcome: Outcome) -> list[tuple[str, str, str]]:
    return [(write.method, write.routing_id, write.reason) for write in outcome.done]


class HasLost(Direct):
    """A register that no longer has the school of a mandate that it shows."""

    def ask_json(self, method: str, url: str, **how: Any) -> JsonAnswer:
        if "/schools/" in url:
            return JsonAnswer(404, None, {})
        return super().ask_json(method, url, **how)


def test_a_mandate_of_a_school_that_the_register_has_lost_is_told(empty: Night) -> None:
    empty.mandate_all([OTHER])

    assert [("mandaat-zonder-school", "", "")] == remarks(empty.calling(HasLost).sync())


class ChangesItsMind(Direct):
    """A register that refuses the first write although reading saw nothing against it."""

    def ask_json(self, method: str, url: str, **how: Any) -> JsonAnswer:
        if method == "POST" and how["body"]["routing_id"] == RoutingId.of_school(BRIN, 1):
            return JsonAnswer(409, {"message": "kenmerk 123456782 is bezet"}, {})
        return super().ask_json(method, url, **how)


def test_a_refused_write_is_told_with_the_reason_and_the_others_go_on(empty: Night) -> None:
    empty.administer_all([BRIN, OTHER])
    empty.mandate_all([BRIN, OTHER])
    outcome = empty.calling(ChangesItsMind).sync()

    assert [("POST", RoutingId.of_school(OTHER, 1), "nieuw")] == done(outcome)
    [remark] = outcome.remarks
    assert ("geweigerd", ": kenmerk *** is bezet") == (remark.code, remark.detail)


class CannotWrite(Direct):
    """A register that fails on each write for the first school, or sends us away there."""

    status = 500

    def ask_json(self, method: str, url: str, **how: Any) -> JsonAnswer:
        if method == "POST" and how["body"]["routing_id"] == RoutingId.of_school(BRIN, 1):
            return JsonAnswer(self.status, None, {})
        return super().ask_json(method, url, **how)


class SendsAway(CannotWrite):
    status = 429


def test_an_endpoint_on_which_the_register_fails_is_in_the_way_of_no_other(empty: Night) -> None:
    empty.administer_all([BRIN, OTHER])
    empty.mandate_all([BRIN, OTHER])

    outcome = empty.calling(CannotWrite).sync()

    assert [("POST", RoutingId.of_school(OTHER, 1), "nieuw")] == done(outcome)
    assert [("geen-antwoord", BRIN, RoutingId.of_school(BRIN, 1))] == remarks(outcome)
    assert outcome.stopped is None
    assert isinstance(empty.calling(CannotWrite).sync().stopped, OsrBusy), (
        "nothing else was answered"
    )


def test_a_register_that_sends_us_away_gets_no_further_write(empty: Night) -> None:
    empty.administer_all([BRIN, OTHER])
    empty.mandate_all([BRIN, OTHER])

    outcome = empty.calling(SendsAway).sync()

    assert ((), True) == (outcome.done, isinstance(outcome.stopped, OsrBusy))
