"""Settings of a plugin are shown with their help and never with a secret."""

import pytest
from marshmallow import Schema, fields

from oso_adapter.plugins.shown import Setting, settings_shown


class Reader(Schema):
    user = fields.String()
    code = fields.String(metadata={"secret": True})


class Settings(Schema):
    url = fields.String(required=True, metadata={"help": "of the LAS"})
    password = fields.String()
    las_pin = fields.String()
    mapping = fields.String()
    pages = fields.List(fields.Integer(), load_default=lambda: [1])
    reader = fields.Nested(Reader)
    readers = fields.List(fields.Nested(Reader))
    anything = fields.Dict()
    absent = fields.String()
    pages_each = fields.Integer(data_key="pages-each")


SECTION = {
    "url": "https://jan:geheim@las.example/x",
    "password": "geheim",
    "las_pin": "geheim",
    "mapping": "oso-sql.toml",
    "reader": {"user": "jan", "code": "geheim", "other": "geheim"},
    "readers": [{"user": "els", "code": "geheim"}],
    "anything": {"a": "geheim"},
    "pages-each": 5,
    "unknown": "geheim",
}


def test_a_secret_is_shown_nowhere_also_when_only_its_name_or_place_says_so() -> None:
    shown = {each.name: each for each in settings_shown(Settings, SECTION)}

    assert Setting("url", "https://***@las.example/x", "of the LAS", required=True) == shown["url"]
    assert ("***", "***") == (shown["password"].value, shown["las_pin"].value)
    assert "oso-sql.toml" == shown["mapping"].value
    assert Setting("pages", [1], is_default=True) == shown["pages"]
    assert {"user": "jan", "code": "***", "other": "***"} == shown["reader"].value
    assert [{"user": "els", "code": "***"}] == shown["readers"].value
    assert ("***", "***") == (shown["anything"].value, shown["unknown"].value)
    assert Setting("absent", None) == shown["absent"]
    assert Setting("pages-each", 5) == shown["pages-each"]


def test_without_a_schema_no_value_is_shown() -> None:
    assert [Setting(name, "***") for name in SECTION] == settings_shown(None, SECTION)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("postgresql://jan:ge/heim@host/las", "postgresql://***@host/las"),
        ("postgresql://jan:ge@heim@host/las", "postgresql://***@host/las"),
        ("https://host/las?api_key=geheim", "***"),
        ("Driver=x;UID=jan;PWD=geheim", "***"),
        ("host=db password = geheim", "***"),
        ("https://host/las?page=1", "https://host/las?page=1"),
    ],
)
def test_what_is_secret_in_an_address_is_not_shown_whatever_signs_it_has(
    given: str, shown: str
) -> None:
    [url] = [each for each in settings_shown(Settings, {"url": given}) if each.name == "url"]
    assert shown == url.value
