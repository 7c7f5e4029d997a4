"""A notification that comes in: who is believed, what is kept, who is told, and what follows."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from support.dossiers import sent
from support.fetching import OTHERS, Doel, Stage, staged
from support.requester import DELIVERED, numbers
from support.scripted import delivers, refuses

from oso_adapter.errors import NotFound, Refused
from oso_adapter.exchange import notified
from oso_adapter.exchange.orders import order_of
from oso_adapter.hookspecs import HookContext, ReceivedNotification, hookimpl
from oso_adapter.identifiers import Brin, Oin, RoutingId
from oso_adapter.simulator import seed
from oso_adapter.store import mandate_checks, notifications
from oso_adapter.store.models import Event, Exchange, Notification
from oso_adapter.wire.messages import Message

NUMBERS = numbers()
NOTHING = refuses("LeerlinginfoNietBeschikbaar")
STRANGER, SECOND = Oin("00000099000000000098"), Oin("00000099000000000097")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("notified")) as stage:
        yield stage


@pytest.fixture
def doel(stage: Stage) -> Doel:
    return stage.doel()


@pytest.fixture
def number() -> str:
    return next(NUMBERS)


def asked_in_vain(doel: Doel, number: str, bron: Brin | None = None) -> Exchange:
    done = doel.fetch(number, bron or doel.stage.bron(NOTHING))
    assert "LeerlinginfoNietBeschikbaar" == done.result
    doel.clock.forward(days=3)
    return done


def message(exchange: Exchange, **other: Any) -> Message:
    """The notificatieRequest that the asked endpoint sends about the session of an order."""
    values = {
        "bronBrin": exchange.bron_brin,
        "bronRouteringsKenmerk": str(RoutingId.of_school(Brin(exchange.bron_brin), 1)),
        "doelBrin": exchange.administration.brin,
        "doelRouteringsKenmerk": exchange.administration.routing_id,
        "sessieId": exchange.session_id,
        "doel": "OV",
    }
    changed = {**values, **other}
    return Message("notificatieRequest", {n: v for n, v in changed.items() if v is not None})


def notify(doel: Doel, exchange: Exchange, peer: Oin = OTHERS, /, **other: Any) -> None:
    if peer == OTHERS:  # known from before, so that the OSR need not be asked each time
        with doel.adapter.store.writing() as session:
            brin = Brin(exchange.bron_brin)
            mandate_checks.checked(session, OTHERS, brin, True, doel.clock())
    notified.receive(doel.adapter, message(exchange, **other), peer)
    doel.clock.forward(minutes=1)


def kept(doel: Doel, exchange: Exchange) -> list[tuple[Notification, bool]]:
    """The notifications about the orders for this pupil, each with whether it is open."""
    owner = exchange.administration_id
    with doel.adapter.store.reading() as session:
        found = notifications.listed(session, owner)
    return [(n, is_open) for n, is_open in found if n.exchange.pgn_hmac == exchange.pgn_hmac]


def test_a_notification_of_an_endpoint_that_was_asked_is_kept_with_the_order(
    doel: Doel, number: str
) -> None:
    done = asked_in_vain(doel, number)
    notify(doel, done)
    [(notification, is_open)] = kept(doel, done)
    assert (True, done.id, done.bron_brin, 1) == (
        *(is_open, notification.exchange_id, notification.bron_brin, notification.times),
    )
    assert "P-1" == order_of(doel.adapter, notification.exchange).reference
    assert ["notification.received"] == doel.events(notification.id)


def test_the_same_notification_again_is_the_same_row(doel: Doel, number: str) -> None:
    done = asked_in_vain(doel, number)
    notify(doel, done)
    [(first, _)] = kept(doel, done)
    notify(doel, done)
    [(again, _)] = kept(doel, done)
    assert (first.id, 2) == (again.id, again.times)
    assert ["notification.received", "notification.repeated"] == doel.events(first.id)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a session that is not ours": ({"sessieId": str(uuid4())}, "SessieOnbekend"),
    "a school that was not asked": ({"bronBrin": "99ZZ"}, "SessieAfwijkend"),
    "an endpoint that was not asked": (
        {"bronRouteringsKenmerk": "0000000700099ZZ00001"},
        "SessieAfwijkend",
    ),
    "an endpoint that is not ours": (
        {"doelRouteringsKenmerk": "0000000700099BB00009"},
        "DoelAanleverpuntOngeschikt",
    ),
    "an endpoint of another school": ({"doelBrin": "99CC"}, "DoelAanleverpuntOngeschikt"),
    "an SWV": ({"doel": "SWV"}, "DoelAanleverpuntOngeschikt"),
    "a koppelsleutel": (
        {"sessieId": None, "koppelsleutel": str(uuid4()).upper(), "doel": "SWV"},
        "KoppelsleutelOnbekend",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_notification_that_fits_no_question_of_ours_is_refused_and_not_kept(
    doel: Doel, number: str, kind: str
) -> None:
    other, code = REFUSED[kind]
    done = asked_in_vain(doel, number)
    with pytest.raises(Refused) as refusal:
        notify(doel, done, **other)
    assert code == refusal.value.code
    assert [] == kept(doel, done)
    with doel.adapter.store.reading() as session:
        query = select(Event.result).filter_by(name="notification.refused")
        assert code == session.scalars(query.order_by(Event.id.desc())).first()


def test_a_notification_that_came_from_one_party_is_not_repeated_by_another(
    doel: Doel, number: str
) -> None:
    done = asked_in_vain(doel, number)
    notify(doel, done)
    state = doel.stage.chain.state
    seed.add_supplier(state, SECOND, "Tweede systeem", "sleutel-tweede")
    seed.add_mandate(state, Brin(done.bron_brin), SECOND)
    with pytest.raises(Refused, match="CertificaatNietGeautoriseerd"):
        notify(doel, done, SECOND)
    [(notification, _)] = kept(doel, done)
    assert 1 == notification.times


def test_a_system_that_the_school_has_not_mandated_is_not_believed(doel: Doel, number: str) -> None:
    done = asked_in_vain(doel, number)
    with pytest.raises(Refused, match="CertificaatNietGeautoriseerd"):
        notify(doel, done, STRANGER)
    assert [] == kept(doel, done)


def test_every_endpoint_that_was_asked_in_the_session_can_notify(doel: Doel, number: str) -> None:
    done = asked_in_vain(doel, number, doel.stage.bron(NOTHING, NOTHING))
    second = str(RoutingId.of_school(Brin(done.bron_brin), 2))
    notify(doel, done)
    notify(doel, done, bronRouteringsKenmerk=second)
    assert 2 == len(kept(doel, done))


def test_fetching_from_a_notification_asks_for_the_same_pupil_and_closes_it(
    doel: Doel, number: str
) -> None:
    replies = [NOTHING, NOTHING, delivers(sent(number))]
    bron = doel.stage.bron(lambda _: replies.pop(0))
    done = asked_in_vain(doel, number, bron)
    notify(doel, done)
    [(notification, _)] = kept(doel, done)
    owner = doel.stage.school.administration(doel.adapter)
    for expected, stays_open in (("LeerlinginfoNietBeschikbaar", True), (DELIVERED, False)):
        [order] = notified.orders(doel.adapter, owner, [notification.id])
        assert order_of(doel.adapter, done) == order
        again = doel.run(doel.place_order(order))
        assert (expected, stays_open) == (again.result, kept(doel, done)[0][1])
    notify(doel, done)
    assert kept(doel, done)[0][1], "said again after that: there is something newer"


def test_what_came_before_the_notification_does_not_close_it(doel: Doel, number: str) -> None:
    done = doel.fetch(number, doel.stage.bron(delivers(sent(number))))
    doel.clock.forward(days=3)
    notify(doel, done)
    assert [True] == [is_open for _, is_open in kept(doel, done)]


def test_a_notification_of_another_administration_is_not_fetched_from(
    doel: Doel, number: str
) -> None:
    owner = doel.stage.school.administration(doel.adapter)
    with pytest.raises(NotFound, match="niets besteld"):
        notified.orders(doel.adapter, owner, [str(uuid4())])


class Listener:
    """A plugin that takes note, unless it is told to fail."""

    def __init__(self) -> None:
        self.told: list[ReceivedNotification] = []
        self.for_whom: list[str] = []
        self.fails = 0

    @hookimpl
    def oso_notification_received(
        self, context: HookContext, notification: ReceivedNotification
    ) -> None:
        assert context.administration is not None
        self.told.append(notification)
        self.for_whom.append(context.administration.brin)
        if self.fails:
            self.fails -= 1
            raise ValueError(notification.reference)


def told(listener: Listener, done: Exchange) -> list[ReceivedNotification]:
    """What it was told of this order."""
    return [notification for notification in listener.told if notification.order_id == done.id]


def test_every_plugin_is_told_once_and_one_that_fails_again_later_with_the_same_id(
    doel: Doel, number: str
) -> None:
    good, failing = Listener(), Listener()
    doel.adapter.plugins.register(good, "good")
    doel.adapter.plugins.register(failing, "failing")
    done = asked_in_vain(doel, number)
    notify(doel, done)
    notified.offer(doel.adapter)  # of what other tests left open too
    listeners = (good, failing)
    [(notification, _)] = kept(doel, done)
    assert [[notification.id]] * 2 == [[n.id for n in told(x, done)] for x in listeners]
    first = told(good, done)[0]
    assert ("P-1", done.bron_brin, "99BB") == (first.reference, first.bron_brin, good.for_whom[0])

    another = asked_in_vain(doel, next(NUMBERS))
    notify(doel, another)
    failing.fails = 1
    for _ in range(2):
        notified.offer(doel.adapter)
    assert (1, 1) == (len(told(good, another)), len(told(failing, another)))
    doel.clock.forward(seconds=31)
    for _ in range(2):
        notified.offer(doel.adapter)
    first, again = told(failing, another)
    assert first.id == again.id
    assert (1, 1, 1) == (*(len(told(x, done)) for x in listeners), len(told(good, another)))
    assert ["notification.received", *["notification.told"] * 2] == doel.events(first.id)


def test_a_notification_that_was_fetched_from_is_told_no_more(doel: Doel, number: str) -> None:
    replies = [NOTHING, delivers(sent(number))]
    done = asked_in_vain(doel, number, doel.stage.bron(lambda _: replies.pop(0)))
    notify(doel, done)
    assert DELIVERED == doel.run(doel.place_order(order_of(doel.adapter, done))).result
    listener = Listener()
    doel.adapter.plugins.register(listener, "late")
    notified.offer(doel.adapter)
    assert [] == told(listener, done)
