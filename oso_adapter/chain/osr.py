"""The OSR, Onderwijs Serviceregister: schools, mandates and endpoints (osr-and-security 1).

Reading needs the client certificate; writing, and seeing details of a mandate, also the API key of
the administration system. It is not the delivery path: at run time addresses come from the TC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from oso_adapter.errors import (
    ConfigurationError,
    MalformedAnswer,
    NotAllowed,
    OsoError,
    Unreachable,
)
from oso_adapter.identifiers import Brin, Oin, RoutingId
from oso_adapter.transport.client import HttpsClient

PARTY: Final = "OSR"


class OsrRefused(OsoError):
    """The OSR refused the request."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the OSR refused the request (HTTP {status})")
        self.status = status


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
    Unreachable or :class:`OsrRefused`.
    """

    client: HttpsClient
    url: str
    namespace: str
    api_key: str | None
    api_key_header: str

    def school(self, brin: Brin) -> School | None:
        """The school with that BRIN, or None when the register does not know it."""
        found = self._get("/schools", {"brin": brin})
        for item in _list(found):
            return School(item["name"], item["oin"], item["brin"])
        return None

    def is_mandated(self, supplier: Oin, brin: Brin) -> bool:
        """Whether the school has mandated a system of that supplier; a 404 means no."""
        return self._mandates(supplier, brin) is not None

    def own_mandate(self, supplier: Oin, brin: Brin) -> Mandate | None:
        """Our mandate with its token, or None when the school gave none."""
        found = self._mandates(supplier, brin)
        for item in _list(found) if found is not None else []:
            if item.get("token"):
                return Mandate(item["token"], _day(item, "start_date"), _day(item, "end_date"))
        return None

    def endpoint(self, routing_id: RoutingId) -> RegisteredEndpoint | None:
        """The endpoint of that routing id for our service version, also one that starts later."""
        query = {
            "routing_id": routing_id,
            "service_version_namespace": self.namespace,
            "include_future_endpoints": "true",
        }
        for item in _list(self._get("/endpoints", query)):
            detail = self._get(f"/endpoints/{item['id']}", {})
            return _endpoint(detail if isinstance(detail, Mapping) else item)
        return None

    def endpoints_of_school(self, brin: Brin) -> list[RegisteredEndpoint]:
        """All endpoints of a school for our service version."""
        query = {
            "school_oin": Oin.of_school(brin),
            "service_version_namespace": self.namespace,
            "include_future_endpoints": "true",
        }
        return [_endpoint(item) for item in _list(self._get("/endpoints", query))]

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
            return None
        if status == 429 or status >= 500:
            raise Unreachable(PARTY, f"it answers HTTP {status}; try again later")
        if not 200 <= status < 300:
            raise OsrRefused(status)
        return answer


def _list(answer: Any) -> list[Any]:
    if isinstance(answer, Mapping):
        return [answer]
    if not isinstance(answer, list):
        raise MalformedAnswer("the OSR gave something else than a list")
    return answer


def _day(item: Mapping[str, Any], name: str) -> date | None:
    value = item.get(name)
    return date.fromisoformat(value) if value else None


def _endpoint(item: Mapping[str, Any]) -> RegisteredEndpoint:
    return RegisteredEndpoint(
        id=str(item["id"]),
        routing_id=item["routing_id"],
        url=item["url"],
        attributes=item.get("attributes"),
        start_date=_day(item, "start_date"),
        end_date=_day(item, "end_date"),
        is_ours=item.get("user_is_owner", False) is True,
    )
