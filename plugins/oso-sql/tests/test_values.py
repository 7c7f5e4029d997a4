"""One value from a column and back: every local form, and no guess."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from oso_sql.mapping import Field, Local, WrongValue
from oso_sql.values import from_column, to_column

PATH = "/dossier/huidigeschool/leerling/x"


def field(kind: str, *, repeats: bool = False, **local: Any) -> Field:
    return Field(("x",), PATH, kind, repeats=repeats, column="x", local=Local(**local))


@pytest.mark.parametrize(
    ("value", "raw", "spec"),
    [
        (date(2015, 1, 31), date(2015, 1, 31), field("date")),
        (date(2015, 1, 31), datetime(2015, 1, 31, 12), field("date")),
        (date(2015, 1, 31), "2015-01-31", field("date")),
        (date(2015, 1, 31), "2015-01-31 00:00:00", field("date")),
        (date(2015, 1, 31), 20150131, field("date", date="%Y%m%d")),
        (date(2015, 5, 2), datetime(2015, 5, 1, 22, tzinfo=UTC), field("date")),
        (date(2015, 5, 2), "2015-05-01T22:00:00Z", field("date")),
        (date(2015, 2, 1), "1-2-2015", field("date", date="%d-%m-%Y")),
        (False, " ", field("boolean", true="X", false="")),
        (None, None, field("boolean", true="X", false="")),
        (True, 1, field("boolean")),
        (False, 0, field("boolean")),
        (True, "true", field("boolean")),
        (True, -1, field("boolean", true=-1, false=0)),
        (False, "Nee ", field("boolean", true="Ja", false="Nee")),
        (True, "J", field("boolean", codes={"J": "true"})),
        (7, "7", field("int")),
        (7, 7.0, field("integer")),
        (7, Decimal("7.00"), field("integer")),
        (Decimal("0.1"), 0.1, field("decimal")),
        (Decimal("6.50"), "6.50", field("decimal")),
        ("8", 8, field("string")),
        ("8 A", "8 A   ", field("string")),
        ("1", "M", field("string", codes={"M": "1"})),
        ("1", 30, field("string", codes={"30": "1"})),
        ("J", True, field("string", codes={"1": "J"})),
        (["a"], "a", field("string", repeats=True)),
        (["a", "b"], "a; b", field("string", repeats=True, many=";")),
        (["a", "b"], '["a", "b"]', field("string", repeats=True, many="json")),
        ([Decimal("6.5")], '["6.5"]', field("decimal", repeats=True, many="json")),
        (["a"], ["a"], field("string", repeats=True, many="json")),
        ("a", '["a"]', field("string", many="json")),
        (None, "", field("string")),
        (None, "  ", field("date")),
        (None, "[]", field("string", repeats=True, many="json")),
        (None, "null", field("string", repeats=True, many="json")),
        (b"%PDF-", memoryview(b"%PDF-"), field("file")),
        ("UEsDBA==", "UEsDBA==", field("file")),
    ],
)
def test_a_column_becomes_a_value(value: Any, raw: Any, spec: Field) -> None:
    found = from_column(raw, spec)
    assert (type(value), value) == (type(found), found)


@pytest.mark.parametrize(
    ("raw", "spec"),
    [
        ("31-01-2015", field("date")),
        (20150131, field("date")),
        (1022015, field("date", date="%d%m%Y")),
        ("1_000", field("int")),
        ("\u0667", field("int")),
        (Decimal("1e999999"), field("int")),
        ("1e9999", field("int")),
        ("2015-02-30", field("date")),
        ("on", field("boolean")),
        (2, field("boolean")),
        ("j", field("boolean", true="J", false="N")),
        ("7.5", field("int")),
        (True, field("int")),
        ("NaN", field("decimal")),
        ("1,5", field("decimal")),
        (b"a", field("string")),
        (True, field("string")),
        ("Z", field("string", codes={"M": "1"})),
        ('{"a": 1}', field("string", repeats=True, many="json")),
        ("geheim", field("string", repeats=True, many="json")),
        ('["a", "b"]', field("string", many="json")),
    ],
)
def test_what_is_no_such_value_is_refused_and_not_quoted(raw: Any, spec: Field) -> None:
    with pytest.raises(WrongValue) as caught:
        from_column(raw, spec)
    assert PATH == caught.value.path
    assert str(raw) not in str(caught.value).removeprefix(PATH)


@pytest.mark.parametrize(
    ("raw", "value", "spec"),
    [
        ("20150131", date(2015, 1, 31), field("date", date="%Y%m%d")),
        (date(2015, 1, 31), date(2015, 1, 31), field("date")),
        ("Ja", True, field("boolean", true="Ja", false="Nee")),
        ("J", True, field("boolean", codes={"J": "true"})),
        ("M", "1", field("string", codes={"M": "1"})),
        ("a;b", ["a", "b"], field("string", repeats=True, many=";")),
        (["6.50"], [Decimal("6.50")], field("decimal", repeats=True, many="json")),
        (["a"], "a", field("string", many="json")),
        ("a", ["a"], field("string", repeats=True)),
        (Decimal("6.50"), Decimal("6.50"), field("decimal")),
    ],
)
def test_a_value_becomes_what_the_column_has(raw: Any, value: Any, spec: Field) -> None:
    assert raw == to_column(value, spec)


@pytest.mark.parametrize(
    ("value", "spec"),
    [
        ("9", field("string", codes={"M": "1"})),
        (["a", "b"], field("string", repeats=True)),
        (["a;b"], field("string", repeats=True, many=";")),
        (False, field("boolean", true="J")),
    ],
)
def test_a_value_without_a_place_is_refused_and_not_quoted(value: Any, spec: Field) -> None:
    with pytest.raises(WrongValue) as caught:
        to_column(value, spec)
    assert str(value) not in str(caught.value).removeprefix(PATH)
