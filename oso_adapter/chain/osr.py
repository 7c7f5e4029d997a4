"""The OSR, Onderwijs Serviceregister: schools, mandates and endpoints (osr-and-security 1).

Reading needs the client certificate; writing, and seeing details of a mandate, also the API key of
the administration system. It is not the delivery path: at run time addresses come from the TC.
Full schemas are not public (OSR U2), so what is read is judged here and unknown fields are passed
over; reading is limited (OSR U5), so there is a brake on it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, TypeVar

from oso_adapter.chain.brake import Brake
from oso_adapter.clock import school_date
from oso_adapter.errors import (
    ConfigurationError,
    MalformedAnswer,
    NotAllowed,
    OsoError,
    Unreachable,
)
from oso_adapter.identifiers import Brin, Oin, RoutingId
from oso_adapter.transport.client import HttpsClient

T = TypeVar("T")

PARTY: Final = "OSR"

_ABSENT: Final = object()
_LATER: Final = (429, 502, 503, 504)
_DIGITS: Final = re.compile("[0-9]{5,}")
_LONGEST: Final = 200


class OsrRefused(OsoError):
    """The OSR refused the request; ``said`` is its reason, without numbers."""

    def __init__(self, status: int, said: str = "") -> None:
        super().__init__(f"the OSR refused the request (HTTP {status})" + (said and f": {said}"))
        self.status = status

    @property
    def concerns_us(self) -> bool:
        """Whether our key or certificate is refused, so that asking on is of no use."""
        return self.status in (401, 403)


@dataclass(frozen=True)
class School:
    """A school as the register knows it (OSR: Opvragen informatie over onderwijsinstelling)."""

    name: str
    oin: str
    brin: str


@dataclass(frozen=True)
class Mandate:
    """Our own mandate for a school: the token opens registration of its endpoints."""

    token: str
    start_date: date | None
    end_date: date | None


@dataclass(frozen=True)
class RegisteredEndpoint:
    """An endpoint in the register: at most one per routing id and service version on a day."""

    id: str
    routing_id: str
    url: str
    attributes: str | None
    start_date: date | None
    end_date: date | None
    is_ours: bool


@dataclass(frozen=True)
class Osr:
    """Client of the OSR, version 2.

    url: up to and with ``/api/v2``; namespace: key of the service version. Every method raises
    Unreachable, MalformedAnswer or :class:`OsrRefused`.
    """

    client: HttpsClient
    url: str
    namespace: str
    api_key: str | None
    api_key_header: str
    brake: Brake = field(default_factory=Brake)

    def school(self, brin: Brin) -> School | None:
        """The school with that BRIN, or None when the register does not know it."""
        found = _read(self._get("/schools", {"brin": brin}), _school)
        return next((school for school in found if school.brin == brin), None)

    def is_mandated(self, supplier: Oin, brin: Brin) -> bool:
        """Whether the school has mandated a system of that supplier.

        A 404 means no, and so does an empty list; what else a yes says is not known.
        """
        return self._mandates(supplier, brin) not in (_ABSENT, [])

    def own_mandate(self, supplier: Oin, brin: Brin) -> Mandate | None:
        """Our mandate with its token, or None when the school gave none."""
        found = self._mandates(supplier, brin)
        mandates = _read([] if found is _ABSENT or found is None else found, _mandate)
        return next((mandate for mandate in mandates if mandate.token), None)

    def endpoint(self, routing_id: RoutingId) -> RegisteredEndpoint | None:
        """The endpoint of that routing id for our service version, also one that starts later."""
        query = {
            "routing_id": routing_id,
            "service_version_namespace": self.namespace,
            "include_future_endpoints": "true",
        }
        found = _read(self._get("/endpoints", query), _endpoint)
        listed = next((endpoint for endpoint in found if endpoint.routing_id == routing_id), None)
        if listed is None:
            return None
        (detail,) = _read([self._get(f"/endpoints/{listed.id}", {})], _endpoint)
        return detail

    def endpoints_of_school(self, brin: Brin) -> list[RegisteredEndpoint]:
        """All endpoints of a school for our service version."""
        query = {
            "school_oin": Oin.of_school(brin),
            "service_version_namespace": self.namespace,
            "include_future_endpoints": "true",
        }
        return _read(self._get("/endpoints", query), _endpoint)

    def register(self, mandate: Mandate, routing_id: RoutingId, url: str, attributes: str) -> str:
        """Register our endpoint, or bring it up to date; gives what was done.

        The algorithm of osr-and-security 1.7: none is a POST, ours and different a PUT, ours and
        the same nothing. Raises :class:`NotAllowed` when another system uses the kenmerk.
        """
        present = self.endpoint(routing_id)
        if present is None:
            self._write("POST", "/endpoints", mandate, routing_id, url, attributes)
            return "registered"
        if not present.is_ours:
            raise NotAllowed(
                "this routeringskenmerk is in use by another system; agree another with the school"
            )
        if (present.url, present.attributes) == (url, attributes):
            return "unchanged"
        self._write("PUT", f"/endpoints/{present.id}", mandate, routing_id, url, attributes)
        return "changed"

    def _mandates(self, supplier: Oin, brin: Brin) -> Any:
        query = {
            "supplier_oin": supplier,
            "school_oin": Oin.of_school(brin),
            "service_version_namespace": self.namespace,
        }
        return self._get("/mandates", query, absent=404)

    def _write(
        self,
        method: str,
        path: str,
        mandate: Mandate,
        routing_id: RoutingId,
        url: str,
        attributes: str,
    ) -> None:
        if self.api_key is None:
            raise ConfigurationError("[chain] osr_api_key is missing: registering needs it")
        body = {
            "mandate_token": mandate.token,
            "routing_id": routing_id,
            "service_version_namespace": self.namespace,
            "url": url,
            "attributes": attributes,
        }
        self._request(method, path, body=body)

    def _get(self, path: str, query: Mapping[str, str], absent: int | None = None) -> Any:
        self.brake.wait()
        return self._request("GET", path, query=query, absent=absent)

    def _request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, str] | None = None,
        absent: int | None = None,
    ) -> Any:
        headers = {self.api_key_header: self.api_key} if self.api_key else {}
        status, answer = self.client.request_json(
            method, self.url + path, headers=headers, params=query, body=body, party=PARTY
        )
        if status == absent:
            return _ABSENT
        if status in _LATER:
            raise Unreachable(PARTY, f"it answers HTTP {status}; try again later")
        if not 200 <= status < 300:
            raise OsrRefused(status, _said(answer))
        return answer


def _said(answer: Any) -> str:
    """The reason in an error of the OSR, in which no number can stand (OSR U3)."""
    message = answer.get("message") if isinstance(answer, Mapping) else None
    text = message if isinstance(message, str) and message.isprintable() else ""
    return _DIGITS.sub("***", text)[:_LONGEST]


def _read(answer: Any, form: Callable[[Mapping[str, Any]], T]) -> list[T]:
    """What the OSR gave, a list or one object, each item in the form that is expected."""
    items = [answer] if isinstance(answer, Mapping) else answer
    try:
        if not isinstance(items, list):
            raise TypeError
        return [form(item) for item in items]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise MalformedAnswer("the OSR gave something else than was asked for") from None


def _text(item: Mapping[str, Any], name: str) -> str:
    value = item[name]
    if not isinstance(value, str):
        raise TypeError
    return value


def _day(item: Mapping[str, Any], name: str) -> date | None:
    """A date; of a moment the day that it is in the Netherlands."""
    if not item.get(name):
        return None
    moment = datetime.fromisoformat(_text(item, name))
    return school_date(moment) if moment.tzinfo else moment.date()


def _school(item: Mapping[str, Any]) -> School:
    return School(_text(item, "name"), _text(item, "oin"), _text(item, "brin"))


def _mandate(item: Mapping[str, Any]) -> Mandate:
    token = _text(item, "token") if item.get("token") else ""
    return Mandate(token, _day(item, "start_date"), _day(item, "end_date"))


def _endpoint(item: Mapping[str, Any]) -> RegisteredEndpoint:
    return RegisteredEndpoint(
        id=str(item["id"]),
        routing_id=_text(item, "routing_id"),
        url=_text(item, "url"),
        attributes=item.get("attributes"),
        start_date=_day(item, "start_date"),
        end_date=_day(item, "end_date"),
        is_ours=item.get("user_is_owner", False) is True,
    )
