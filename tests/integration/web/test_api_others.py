"""No operation gives anything of an administration that the token is not for.

All operations of the OpenAPI document are walked, so that one which is added is tried as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from support.api import PREFIX, LasClient, furnish, las
from support.chain import School
from support.dossiers import NUMBERS, SURNAME, dossier
from support.fetching import TestClock

from oso_adapter.exchange.adapter import Adapter
from oso_adapter.web import api

DOCUMENT = api.document()
OPERATIONS = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method != "parameters"
}


LISTS = {
    name
    for name, (_, path, operation) in OPERATIONS.items()
    if name.startswith("list") and "{" not in path
    if not any(p["required"] for p in operation["parameters"])
}
"""They give what is of the token's own administrations; the others name one in so many words."""


OF_NOBODY = {"validateDossier"}
"""They are about what is in the request and nothing else."""


@dataclass(frozen=True)
class Theirs:
    """What there is of the other administration: how it is asked for, and what must not be seen."""

    school: str
    values: dict[str, Any]
    secrets: tuple[str, ...]

    def path(self, name: str) -> str:
        _, path, operation = OPERATIONS[name]
        return asked_of(self.school, path.format(**self.values), operation)

    def body(self, name: str) -> Any:
        order = {
            "pgn": NUMBERS[1],
            "surname": SURNAME,
            "birth_date": "2013-05-31",
            "bron_brin": "99CC",
            "reference": "Q",
        }
        return {
            "addAdministration": {"routing_id": self.school, "brin": "99AA", "name": "Van mij"},
            "changeAdministration": {"name": "Van mij"},
            "collectDossiers": {
                "administration": self.school,
                "profile": "POVO",
                "pupils": ["P-1"],
            },
            "findPupils": {"administration": self.school},
            "recordInzage": {"on": "2025-03-02", "akkoord": "Ja"},
            "addFormerNumbers": {"numbers": [NUMBERS[1]]},
            "makeDossierReady": {"schools": ["99BB"]},
            "placeOrders": {"administration": self.school, "orders": [order]},
            "askAudit": {"administration": self.school, "pgn": NUMBERS[0]},
            "addHold": {"subject": self.values["received"], "reason": "Van mij."},
            "rejectReceived": {"reason": "Niet van ons."},
            "fetchNotified": {
                "administration": self.school,
                "notifications": [self.values["notice"]],
            },
        }.get(name)


def parameters(operation: Any) -> dict[str, bool]:
    """The parameters of an operation, each with whether it has to be given."""
    return {p["name"]: p["required"] for p in operation["parameters"] if "name" in p}


def asked_of(school: str, path: str, operation: Any) -> str:
    """The path of an operation, with the administration where that has to be named."""
    query = f"?administration={school}" if parameters(operation).get("administration") else ""
    return path.removeprefix(PREFIX) + query


@pytest.fixture
def theirs(school: School, adapter: Adapter, clock: TestClock) -> Theirs:
    owner = las(adapter, "eigenaar", named=[school.routing_id])
    values = furnish(owner, school, clock)
    for name, (method, where, operation) in OPERATIONS.items():
        if method == "GET":  # there is something to see, for whoever may
            done = owner.call("GET", asked_of(school.routing_id, where.format(**values), operation))
            assert (name, 200) == (name, done.status_code)
    ids = [
        values[name] for name in ("order", "received", "job", "notice", "hold", "administration")
    ]
    texts = ("School 99AA", "Merkteken7Qx", "Merkteken8Qx", NUMBERS[0])
    return Theirs(str(school.routing_id), values, (*ids, *texts))


@pytest.fixture(params=["administration", "tenant"])
def stranger(request: pytest.FixtureRequest, school: School, adapter: Adapter) -> LasClient:
    """A token of another administration of the same tenant, or of another tenant."""
    tenant = "99aa" if request.param == "administration" else "anders"
    given = ("--brin", "99AB", "--routing-id", "0000000700099AB00001", "--name", "Ander")
    added = school.cli("administration", "add", *given, "--tenant", tenant)
    assert 0 == added.exit_code, added.output
    if request.param == "tenant":
        return las(adapter, "vreemde", tenant="anders")
    return las(adapter, "vreemde", named=["99AB"])


def state(adapter: Adapter) -> list[Any]:
    """Every row that anybody could have changed, but for when a token was used."""
    tables = (
        "administrations",
        "prepared",
        "received",
        "exchanges",
        "jobs",
        "notices",
        "holds",
        "events",
    )
    with adapter.store.reading() as session:
        connection = session.connection()
        return [connection.exec_driver_sql(f"SELECT * FROM {table}").all() for table in tables]


def asked(stranger: LasClient, theirs: Theirs, names: Iterator[str]) -> dict[str, Any]:
    answers = {}
    for name in names:
        method, _, _ = OPERATIONS[name]
        given = {"json": theirs.body(name)} if theirs.body(name) is not None else {}
        if name in ("putDossier", "validateDossier"):
            given = {"data": dossier(NUMBERS[0]), "headers": {"Content-Type": "application/xml"}}
        answers[name] = stranger.call(method, theirs.path(name), **given)
    return answers


def test_every_operation_refuses_what_is_another_administrations(
    stranger: LasClient, theirs: Theirs, adapter: Adapter
) -> None:
    before = state(adapter)
    answers = asked(stranger, theirs, iter(OPERATIONS.keys() - LISTS - OF_NOBODY))

    refused = {name: answer.status_code for name, answer in answers.items()}
    adding = refused.pop("addAdministration")  # that it is there already is public, in the OSR
    assert dict.fromkeys(refused, 404) == refused
    assert adding in (403, 409)
    for name, answer in answers.items():
        text = answer.get_data(as_text=True)
        secrets = [s for s in theirs.secrets if s != theirs.school or name != "addAdministration"]
        assert (name, []) == (name, [secret for secret in secrets if secret in text])
    assert before == state(adapter)


def test_every_list_is_empty_of_what_is_another_administrations(
    stranger: LasClient, theirs: Theirs
) -> None:
    assert {"listDossiers", "listOrders", "listReceived", "listEvents"} < LISTS
    for name in sorted(LISTS):
        _, _, operation = OPERATIONS[name]
        answer = stranger.call("GET", theirs.path(name))
        text = answer.get_data(as_text=True)
        assert (name, 200, []) == (
            *(name, answer.status_code),
            [secret for secret in theirs.secrets if secret in text],
        )
        if "administration" in parameters(operation):
            narrowed = f"{theirs.path(name)}?administration={theirs.school}"
            assert (name, 404) == (name, stranger.call("GET", narrowed).status_code)


def test_every_operation_needs_a_token_and_its_scope(theirs: Theirs, adapter: Adapter) -> None:
    nothing = las(adapter, "niets", scopes=[], named=[theirs.school])
    nobody = LasClient(nothing.app, adapter, "oso_nee")
    before = state(adapter)

    without = asked(nobody, theirs, iter(OPERATIONS))
    unscoped = asked(nothing, theirs, iter(OPERATIONS))

    assert dict.fromkeys(OPERATIONS, 401) == {n: a.status_code for n, a in without.items()}
    assert dict.fromkeys(OPERATIONS, 403) == {n: a.status_code for n, a in unscoped.items()}
    assert before == state(adapter)
