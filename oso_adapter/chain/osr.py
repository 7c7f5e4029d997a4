"""The OSR, Onderwijs Serviceregister: schools, mandates and endpoints (osr-and-security 1).

All operations of its interface (1.4), in version 2 and version 3 alike: ids are texts, links are
followed, and the address says which version is spoken. Reading needs the client certificate;
writing, and seeing details of a mandate, also the API key of the administration system. It is not
the delivery path: at run time addresses come from the TC.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self, TypeVar

from oso_adapter.chain import osr_forms as forms
from oso_adapter.chain.osr_calls import ABSENT, PATIENT, BackOff, OsrBusy, OsrCaller, OsrRefused
from oso_adapter.chain.osr_forms import (
    Board,
    Mandate,
    RegisteredEndpoint,
    School,
    Service,
    ServiceVersion,
    read_all,
)
from oso_adapter.identifiers import Brin, Oin, RoutingId

__all__ = [
    "Board",
    "Mandate",
    "Osr",
    "OsrBusy",
    "OsrRefused",
    "RegisteredEndpoint",
    "School",
    "Service",
    "ServiceVersion",
]

T = TypeVar("T")


@dataclass(frozen=True)
class Osr:
    """Client of the OSR.

    namespace: key of the service version, for every question that names none. service_code: of the
    OSO service. available_parameters: the names under which the operation that proposes a routing
    id takes the OIN of the school and the namespace (assumed, OSR U7). Every method raises
    Unreachable (OsrBusy when the OSR says so itself), MalformedAnswer or OsrRefused.
    """

    calls: OsrCaller
    namespace: str
    service_code: str = "OSO-OV"
    available_parameters: tuple[str, str] = ("school_oin", "service_version_namespace")

    def patient(self, back_off: BackOff = PATIENT) -> Self:
        """The same client, which comes back later when the OSR is busy."""
        return replace(self, calls=replace(self.calls, back_off=back_off))

    def schools(self, **wanted: str) -> list[School]:
        """The schools that fit all that is given: name, oin, brin, oa_id."""
        return read_all(self.calls.get("/schools", wanted), forms.school)

    def school(self, brin: Brin) -> School | None:
        """The school with that BRIN, or None when the register does not know it."""
        return next((school for school in self.schools(brin=brin) if school.brin == brin), None)

    def school_at(self, place: str) -> School | None:
        """The school with that id, or that a link leads to; None when it is not there."""
        return self._at("schools", place, forms.school)

    def board_at(self, place: str) -> Board | None:
        """A board, by id (version 2), bevoegd-gezagnummer (version 3) or link."""
        return self._at("boards", place, forms.board)

    def services(self, **wanted: str) -> list[Service]:
        """The services that fit: name."""
        return read_all(self.calls.get("/services", wanted), forms.service)

    def service_at(self, place: str) -> Service | None:
        """A service, by id or link."""
        return self._at("services", place, forms.service)

    def service_versions(self) -> list[ServiceVersion]:
        """The versions of the OSO service; the name of the parameter is assumed."""
        query = {"service_code": self.service_code}
        return read_all(self.calls.get("/service-versions", query), forms.service_version)

    def service_version_at(self, place: str) -> ServiceVersion | None:
        """A version of a service, by id or link."""
        return self._at("service-versions", place, forms.service_version)

    def is_mandated(self, supplier: Oin, brin: Brin) -> bool:
        """Whether the school has mandated a system of that supplier.

        A 404 means no, and so does an empty list; what else a yes says is not known.
        """
        query = {
            "supplier_oin": supplier,
            "school_oin": Oin.of_school(brin),
            "service_version_namespace": self.namespace,
        }
        return self.calls.get("/mandates", query, absent=404) not in (ABSENT, [])

    def own_mandates(self) -> list[Mandate]:
        """All our mandates for OSO, in one answer."""
        query = {"service_code": self.service_code}
        return read_all(self.calls.get("/school-mandates", query), forms.mandate)

    def endpoint(
        self, routing_id: RoutingId, namespace: str | None = None
    ) -> RegisteredEndpoint | None:
        """The endpoint of that routing id, also one that starts later, with its owner."""
        query = self._endpoints_query(namespace, {"routing_id": routing_id})
        found = read_all(self.calls.get("/endpoints", query), forms.endpoint)
        listed = next((endpoint for endpoint in found if endpoint.routing_id == routing_id), None)
        return None if listed is None else self.endpoint_at(listed.id)

    def endpoints_of_school(
        self, brin: Brin, namespace: str | None = None
    ) -> list[RegisteredEndpoint]:
        """All endpoints of a school, also those that start later."""
        query = self._endpoints_query(namespace, {"school_oin": Oin.of_school(brin)})
        return read_all(self.calls.get("/endpoints", query), forms.endpoint)

    def endpoint_at(self, place: str) -> RegisteredEndpoint | None:
        """An endpoint, by id or link; only here its owner is told for certain."""
        return self._at("endpoints", place, forms.endpoint)

    def create_endpoint(
        self, mandate: Mandate, routing_id: str, namespace: str, **values: Any
    ) -> None:
        """Register an endpoint; values: url, attributes, start_date, end_date."""
        named = {"routing_id": routing_id, "service_version_namespace": namespace}
        body = {"mandate_token": mandate.token, **named, **_plain(values)}
        self.calls.write("POST", "/endpoints", body)

    def update_endpoint(self, place: str, mandate: Mandate | None = None, **values: Any) -> None:
        """Change an endpoint of ours; an end_date of None takes the end away (assumed, OSR U2)."""
        token = {"mandate_token": mandate.token} if mandate is not None else {}
        self.calls.write("PUT", f"/endpoints/{place}", {**token, **_plain(values)})

    def delete_endpoint(self, place: str) -> None:
        """Remove an endpoint of ours."""
        self.calls.write("DELETE", f"/endpoints/{place}", None)

    def available_routing_id(self, brin: Brin) -> RoutingId:
        """A routing id of the school that no endpoint has."""
        values = (str(Oin.of_school(brin)), self.namespace)
        query = dict(zip(self.available_parameters, values, strict=True))
        return RoutingId(forms.routing_id(self.calls.get("/endpoints/available-routing-id", query)))

    def _at(self, kind: str, place: str, form: Callable[[Mapping[str, Any]], T]) -> T | None:
        answer = self.calls.at(kind, place)
        if answer is ABSENT:
            return None
        (found,) = read_all([answer], form)
        return found

    def _endpoints_query(self, namespace: str | None, of: Mapping[str, str]) -> dict[str, str]:
        return {
            **of,
            "service_version_namespace": namespace or self.namespace,
            "include_future_endpoints": "true",
        }


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {n: v.isoformat() if isinstance(v, date) else v for n, v in values.items()}
