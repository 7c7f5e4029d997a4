"""schemathesis asks every operation what its description allows, and what it forbids.

The application runs in this process with a token that may do everything for one school. All checks
of schemathesis are on: no 500, answers as described, what is forbidden refused, no way without a
token.
"""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from support.api import PREFIX, LasClient, furnish, las
from support.chain import Chain, School
from support.fetching import TestClock

from oso_adapter.web import api

KEEPS_RULES = ["2xx", "400", "404", "409", "422", "501"]
"""What may be answered to what the description allows: it does not hold every rule.

501 where a description has it: a PDF on a machine without Pango."""
NO_FAILURE = ["2xx", "3xx", "4xx", "501"]


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    chain = Chain.create(tmp_path_factory.mktemp("fuzz"))
    yield chain.add_school("99AA", "PO", registered=False)
    chain.stop()


@pytest.fixture(scope="module")
def client(school: School) -> LasClient:
    return las(school.adapter(), tenant="99aa")


@pytest.fixture(scope="module")
def schema(school: School, client: LasClient) -> Any:
    """The description, with what there is in this store as the values of its paths."""
    there = furnish(client, school, TestClock())
    document = deepcopy(api.document())
    for item in document["paths"].values():
        for parameter in item.get("parameters", []):
            value = there[parameter["name"]]
            kind = "integer" if isinstance(value, int) else "string"
            parameter["schema"] = {"type": kind, "enum": [value]}
    config = SchemathesisConfig.from_dict(
        {
            "checks": {
                "positive_data_acceptance": {"expected-statuses": KEEPS_RULES},
                "not_a_server_error": {"expected-statuses": NO_FAILURE},
            },
            "generation": {"with-security-parameters": False},
        }
    )
    loaded = schemathesis.openapi.from_dict(document, config=config)
    loaded.app, loaded.location = client.app, f"{PREFIX}/openapi.json"
    return loaded


OPERATIONS = sorted(
    operation["operationId"]
    for item in api.document()["paths"].values()
    for method, operation in item.items()
    if method != "parameters"
)
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


def judge(operation: Any, client: LasClient, examples: int) -> None:
    """Try what is allowed and what is forbidden, and judge each answer."""
    headers = {"Authorization": f"Bearer {client.token}"}  # an account it makes, or leaves out
    by_hand = settings(
        max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck)
    )

    for mode in MODES:

        @by_hand
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            case.call_and_validate(headers=headers)

        ask()


def test_the_description_is_an_openapi_document(schema: Any) -> None:
    schema.validate()


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_does_what_its_description_says(
    schema: Any, client: LasClient, name: str
) -> None:
    judge(schema.find_operation_by_id(name), client, examples=8)


@pytest.mark.soak
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_does_what_its_description_says_at_length(
    schema: Any, client: LasClient, name: str
) -> None:
    judge(schema.find_operation_by_id(name), client, examples=200)
