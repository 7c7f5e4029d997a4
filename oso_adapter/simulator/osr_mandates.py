"""Mandates in the simulated OSR: who sees of which that it is there (osr-and-security 1.6)."""

from typing import Any

from oso_adapter.simulator.osr_forms import OsrError
from oso_adapter.simulator.osr_registers import Answer, board_of
from oso_adapter.simulator.osr_visit import Visit
from oso_adapter.simulator.register import Mandate, brin_of, mandates, schools


def list_mandates(visit: Visit, _: str) -> Answer:
    """Somebody else's mandate is only confirmed; anything that does not match is the same 404."""
    supplier, school_oin = visit.parameter("supplier_oin"), visit.parameter("school_oin")
    row = visit.db.execute(
        "SELECT service FROM service_versions WHERE namespace = ?",
        (visit.parameter("service_version_namespace"),),
    ).fetchone()
    day = visit.day()
    with_oin = {school.id for school in schools(visit.db, brin=brin_of(school_oin))}
    found = [
        mandate
        for mandate in mandates(visit.db)
        if row is not None
        and (mandate.supplier, mandate.service) == (supplier, row["service"])
        and mandate.school in with_oin
        and mandate.holds_on(day)
    ]
    if not found:
        raise OsrError(404, "mandate not found")
    with_details = visit.has_key and supplier == visit.request.peer
    return 200, [_form(visit, mandate, with_details=with_details) for mandate in found]


def get_mandate(visit: Visit, place: str) -> Answer:
    """Only for the mandated party itself."""
    visit.require_key()
    number = visit.number(place)
    for mandate in mandates(visit.db, number=number):
        if mandate.supplier == visit.request.peer:
            return 200, _form(visit, mandate, with_details=True)
    raise OsrError(404, "mandate not found")


def list_school_mandates(visit: Visit, _: str) -> Answer:
    """All own mandates of a service that have not ended, also those that have yet to begin."""
    code = visit.parameter("service_code")
    visit.require_key()
    row = visit.db.execute("SELECT id FROM services WHERE code = ?", (code,)).fetchone()

    def is_own(mandate: Mandate) -> bool:
        return (
            row is not None
            and (mandate.supplier, mandate.service) == (visit.request.peer, row["id"])
            and (mandate.end_date or "9999-12-31") >= visit.today.isoformat()
        )

    own = [mandate for mandate in mandates(visit.db) if is_own(mandate)]
    return 200, [_form(visit, mandate, with_details=True) for mandate in own]


def _form(visit: Visit, mandate: Mandate, *, with_details: bool) -> dict[str, Any]:
    board = board_of(visit.db, mandate.school) if visit.is_for_boards(mandate.service) else None
    return visit.forms.mandate(mandate, with_details=with_details, board=board)
