"""What goes between the adapter and the process of a plugin comes over whole, and does nothing."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from support.plugins import NOW, NUMBER, SCHOOL

from oso_adapter.hookspecs import (
    AuditEvent,
    CollectedDossier,
    HookContext,
    ImportAnswer,
    ReceivedDossier,
)
from oso_adapter.plugins.coding import NotCodable, decoded, encoded

VALUES: dict[str, Any] = {
    "text": "Zoë \ud83d \x00",
    "number": 2**70,
    "fraction": 0.1,
    "yes": True,
    "nothing": None,
    "day": date(2017, 8, 1),
    "moment": datetime(2026, 3, 12, 9, tzinfo=UTC),
    "hour": time(9, 30),
    "decimal": Decimal("7.50"),
    "octets": b"\x00\xff",
    "path": Path("map/bestand.pdf"),
    "pair": (1, [2, (3,)]),
    "keys that are no text": {1: "a", None: "b"},
    "a key of ours": {"#": "date", "v": "2017-08-01"},
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_of_the_dict_form_comes_over_as_it_is(name: str) -> None:
    came = decoded(encoded({"value": VALUES[name]}))

    assert {"value": VALUES[name]} == came
    assert type(VALUES[name]) is type(came["value"])


@pytest.mark.parametrize(
    "given",
    [
        CollectedDossier({"a": [date(2017, 8, 1)]}, (NUMBER,), "P-1"),
        ReceivedDossier("r-1", {"a": b"x"}, b"<x/>", "2019.1", None, "99BB", (NUMBER,)),
        ImportAnswer("accepted", ("cat_verzuim",), "waarom"),
        AuditEvent(1, NOW, "dossier.ready", None, "s", None, "99BB", None),
        SCHOOL,
    ],
    ids=lambda given: type(given).__name__,
)
def test_a_data_class_of_the_hooks_comes_over_as_it_is(given: Any) -> None:
    assert given == decoded(encoded(given))


def test_the_clock_of_a_context_goes_on_from_the_moment_at_which_it_was_sent() -> None:
    context = HookContext(SCHOOL, "a", "2019.1", "20200910", lambda: NOW, NOW, "verzamelen")

    came = decoded(encoded(context))

    first, second = came.clock(), came.clock()
    assert NOW <= first <= second
    assert (SCHOOL, NOW, "verzamelen") == (came.administration, came.deadline, came.reason)


def test_what_a_plugin_cannot_mean_is_refused_by_its_type_alone() -> None:
    class Own:
        text = NUMBER

    for value in (Own(), {"a": {1, 2}}, [object]):
        with pytest.raises(NotCodable, match="a value of the type") as refused:
            encoded(value)
        assert NUMBER not in str(refused.value)


def test_a_value_that_goes_round_in_itself_is_refused() -> None:
    round_and_round: list[Any] = []
    round_and_round.append(round_and_round)

    with pytest.raises(NotCodable):
        encoded(round_and_round)


@pytest.mark.parametrize(
    "came",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"#": "Own", "v": {}}',
        b'{"#": "date", "v": "' + NUMBER.encode() + b'"}',
        b'{"#": "date"}',
        b'{"#": ["date"], "v": 1}',
        b'{"#": "Decimal", "v": "x"}',
        b'{"#": "bytes", "v": "?"}',
        b'{"#": "CollectedDossier", "v": {"other": 1}}',
        b'{"#": "ImportAnswer", "v": {"outcome": "accepted", "categories": ["Jansen"]}}',
    ],
)
def test_what_is_no_answer_is_refused_without_a_word_of_it(came: bytes) -> None:
    with pytest.raises(NotCodable) as refused:
        decoded(came)

    assert "something that is no answer" == str(refused.value)


@pytest.mark.parametrize("value", [b"[]", b"{}", b"1"])
def test_small_values_that_would_fill_the_memory_are_refused_before_they_are_made(
    value: bytes,
) -> None:
    with pytest.raises(NotCodable, match="more values than a dossier can have"):
        decoded(b"[" + (value + b",") * 10**6 + b"]")


def test_a_mapping_that_cannot_be_changed_comes_over_as_one_that_can() -> None:
    assert {"a": {"b": 1}} == decoded(encoded({"a": MappingProxyType({"b": 1})}))


def test_it_is_json_that_anybody_can_read() -> None:
    assert {"#": "date", "v": "2017-08-01"} == json.loads(encoded(date(2017, 8, 1)))
