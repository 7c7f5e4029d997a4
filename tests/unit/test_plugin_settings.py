"""The settings of a plugin, judged by its own schema; the value is never told."""

from typing import Any

import pytest
from marshmallow import Schema, ValidationError, fields, validate
from support.plugins import NUMBER

from oso_adapter.plugins.section import judged


class Inner(Schema):
    port = fields.Integer(required=True)


class Settings(Schema):
    database = fields.String(required=True)
    tries = fields.Integer(load_default=3, validate=validate.Range(1, 5))
    password = fields.String(metadata={"secret": True}, validate=validate.Length(min=12))
    server = fields.Nested(Inner)


class Plugin:
    OSO_SETTINGS: Any = Settings


def reason(section: dict[str, Any], plugin: type = Plugin) -> str:
    _, [problem] = judged("las", plugin, section)
    assert NUMBER not in str(problem)
    return problem.reason


def test_settings_are_what_the_schema_makes_of_them() -> None:
    made, problems = judged("las", Plugin, {"database": "x"})

    assert ({"database": "x", "tries": 3}, []) == (dict(made), problems)


def test_without_a_schema_they_are_as_they_stand() -> None:
    assert ({"a": 1}, []) == judged("las", object(), {"a": 1})


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"database": None}, "database has a value that it cannot have"),
        ({"database": "x", "tries": int(NUMBER)}, "tries has a value that it cannot have"),
        ({"database": "x", "password": NUMBER}, "password has a value that it cannot have"),
        ({"database": "x", "server": {"port": NUMBER + "x"}}, "server.port has a value"),
        ({"database": "x", "databse": NUMBER}, "databse does not belong there"),
        ({}, "database is missing"),
    ],
)
def test_what_is_wrong_is_told_by_its_path_and_without_the_value(
    wrong: dict[str, Any], told: str
) -> None:
    assert told in reason(wrong)


def test_a_schema_that_quotes_the_value_itself_is_not_quoted() -> None:
    def refuse(value: str) -> None:
        raise ValidationError({value: [value]})

    class Quoting(Schema):
        database = fields.String(validate=refuse)

    class Other:
        OSO_SETTINGS = Quoting

    assert "settings that are not right: database" in reason({"database": NUMBER}, Other)


@pytest.mark.parametrize("schema", [1, "Schema", Settings(), dict])
def test_what_is_no_schema_is_told(schema: Any) -> None:
    class Other:
        OSO_SETTINGS = schema

    assert "cannot judge its section (TypeError at " in reason({"database": NUMBER}, Other)


def test_a_schema_that_fails_is_told_by_the_type_of_its_error() -> None:
    class Failing(Schema):
        def load(self, *_: Any, **__: Any) -> Any:
            raise RuntimeError(NUMBER)

    class Other:
        OSO_SETTINGS = Failing

    assert "cannot judge its section (RuntimeError at " in reason({}, Other)
