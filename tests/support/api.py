"""The JSON API as a LAS sees it, in this process: a token, an account, and nothing else."""

from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from flask import Flask
from werkzeug.test import TestResponse

from oso_adapter.exchange import receive, tokens
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.fetch import DELIVERED
from oso_adapter.exchange.orders import place
from oso_adapter.exchange.tokens import SCOPES
from oso_adapter.store import exchanges
from oso_adapter.store.models import ExchangeState
from oso_adapter.web.api.calls import EXTENSION
from oso_adapter.web.internal import create_app
from support.chain import ACCOUNT, School, an_order
from support.dossiers import NUMBERS, sent
from support.fetching import TestClock
from support.keeping import Keeping

PREFIX = "/api/v1"


@dataclass(frozen=True)
class LasClient:
    """Calls the API with one token."""

    app: Flask
    adapter: Adapter
    token: str

    def call(self, method: str, path: str, **given: Any) -> TestResponse:
        """Call an operation; headers are added to those of the token and the account."""
        headers = {
            "Authorization": f"Bearer {self.token}",
            "X-OSO-Account": ACCOUNT,
            **given.pop("headers", {}),
        }
        self.app.extensions[EXTENSION] = self.adapter
        kept = {name: value for name, value in headers.items() if value is not None}
        return self.app.test_client().open(PREFIX + path, method=method, headers=kept, **given)

    def get(self, path: str, **given: Any) -> Any:
        """The JSON of an answer that has to be a success."""
        done = self.call("GET", path, **given)
        assert 200 == done.status_code, done.get_data(as_text=True)
        return done.get_json()

    def post(self, path: str, json: Any = None, **given: Any) -> Any:
        done = self.call("POST", path, json=json, **given)
        assert 200 <= done.status_code < 300, done.get_data(as_text=True)
        return done.get_json()


def las(adapter: Adapter, name: str = "las", **given: Any) -> LasClient:
    """A client with a new token, by default of the administrations that are named."""
    scopes = given.pop("scopes", SCOPES)
    token = tokens.create(adapter, ACCOUNT, name, scopes, **given)
    app = _application()
    app.extensions[EXTENSION] = adapter
    return LasClient(app, adapter, token)


@cache
def _application() -> Flask:
    """That of the internal listener, for one adapter after the other: most tests take less time
    than describing all operations.
    """
    return create_app(cast(Adapter, None))


def came(school: School, adapter: Adapter, number: str, xml: bytes, reference: str = "P-1") -> str:
    """A dossier that came for an order, as fetching leaves it; gives its id."""
    owner = school.administration(adapter)
    order = an_order(number, reference=reference)
    [exchange_id] = place(adapter, owner, ACCOUNT, [order])
    with adapter.store.reading() as session:
        arrival = receive.arrived(adapter, exchanges.found(session, exchange_id), xml)
    with adapter.store.writing() as session:
        receive.keep(session, arrival)
        row = exchanges.found(session, exchange_id)
        row.state, row.result = ExchangeState.DONE, DELIVERED
        row.finished_at = adapter.clock()
    return arrival.received.id


def furnish(owner: LasClient, school: School, clock: TestClock) -> dict[str, Any]:
    """One of everything that the API can show; gives the values that paths need."""
    path, xml = f"/dossiers/{school.routing_id}/P-1", {"Content-Type": "application/xml"}
    Keeping(school, clock, owner.adapter).requested(NUMBERS[0])
    assert 200 == owner.call("PUT", path, data=sent(NUMBERS[0]), headers=xml).status_code
    owner.post(f"{path}/ready", {"schools": ["99BB"]})
    asked = f"/notifications/requests?administration={school.routing_id}"
    request = owner.get(asked)["items"][0]["id"]
    notice = owner.post(f"/notifications/requests/{request}/send")["id"]
    received = came(school, owner.adapter, NUMBERS[0], sent(NUMBERS[0]), "Merkteken7Qx")
    collecting = {"administration": school.routing_id, "profile": "POVO", "pupils": ["P-9"]}
    hold = owner.post("/holds", {"subject": received, "reason": "Merkteken8Qx"})["id"]
    return {
        "hold": hold,
        "administration": str(school.routing_id),
        "pupil": "P-1",
        "order": owner.get(f"/received/{received}")["order"],
        "received": received,
        "job": owner.post("/dossiers/collect", collecting)["id"],
        "request": request,
        "notice": notice,
    }
