"""Endpoints in the simulated OSR: found by anybody, written by their owner."""

from oso_adapter.simulator import registrations
from oso_adapter.simulator.osr_forms import OsrError, endpoint_uuid
from oso_adapter.simulator.osr_registers import Answer
from oso_adapter.simulator.osr_visit import Visit
from oso_adapter.simulator.register import Endpoint, brin_of, endpoints, mandates

NOT_FOR_ENDPOINTS = "The given service version does not allow endpoint registrations"


def list_endpoints(visit: Visit, _: str) -> Answer:
    """Of a routing id or a school; a service with mandates of boards has none."""
    query = visit.request.query
    namespace, day = visit.parameter("service_version_namespace"), visit.day()
    routing_id, school_oin = query.get("routing_id"), query.get("school_oin")
    if not (routing_id or school_oin):
        raise OsrError(400, "Validation error(s)")
    with_future = query.get("include_future_endpoints", "").lower() == "true"

    def fits(endpoint: Endpoint) -> bool:
        return (
            not visit.is_for_boards(endpoint.service)
            and query.get("attributes") in (None, endpoint.attributes)
            and (endpoint.holds_on(day) or (with_future and endpoint.start_date > day.isoformat()))
        )

    of_school = brin_of(school_oin) if school_oin else None
    found = endpoints(visit.db, namespace=namespace, routing_id=routing_id, brin=of_school)
    return 200, [
        visit.forms.endpoint(endpoint, is_owner=visit.owns(endpoint))
        for endpoint in found
        if fits(endpoint)
    ]


def get_endpoint(visit: Visit, place: str) -> Answer:
    """One endpoint, with whether the caller owns it."""
    endpoint = registrations.the_endpoint(visit.db, _number(visit, place))
    return 200, visit.forms.endpoint(endpoint, is_owner=visit.owns(endpoint))


def post_endpoint(visit: Visit, _: str) -> Answer:
    """Register one."""
    visit.require_key()
    body, peer = visit.request.body, visit.request.peer
    token = body.get("mandate_token") if isinstance(body, dict) else None
    if isinstance(token, str):
        for mandate in mandates(visit.db, token=token):
            if visit.is_for_boards(mandate.service):
                raise OsrError(400, NOT_FOR_ENDPOINTS)
    made = registrations.register(visit.db, peer, body, visit.today)
    return 201, visit.forms.endpoint(made, is_owner=True)


def put_endpoint(visit: Visit, place: str) -> Answer:
    """Change an own one; 201 indeed."""
    visit.require_key()
    number = _number(visit, place)
    registrations.change(visit.db, visit.request.peer, number, visit.request.body)
    return 201, {"message": "Endpoint is updated."}


def delete_endpoint(visit: Visit, place: str) -> Answer:
    """Remove an own one."""
    visit.require_key()
    registrations.remove(visit.db, visit.request.peer, _number(visit, place))
    return 200, {"message": "Endpoint is deleted."}


def free_routing_id(visit: Visit, _: str) -> Answer:
    """Parameters and form of the answer are assumed."""
    visit.require_key()
    namespace, school_oin = (
        visit.parameter("service_version_namespace"),
        visit.parameter("school_oin"),
    )
    free = registrations.free_routing_id(visit.db, namespace, school_oin)
    return 200, {"routing_id": free}


def _number(visit: Visit, place: str) -> int:
    """The number behind what version 2 calls id and version 3 uuid."""
    if visit.request.version == 2:
        return visit.number(place)
    for endpoint in endpoints(visit.db):
        if endpoint_uuid(endpoint.id) == place:
            return endpoint.id
    raise OsrError(404, f"Endpoint with uuid {place} does not exist.")
