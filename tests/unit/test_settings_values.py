import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.settings import BASE, KEYS, SECRET, judged, reason

from oso_adapter.errors import ConfigurationError


@pytest.mark.parametrize(
    ("section", "key", "value", "words"),
    [
        ("transport", "port", SECRET, "a whole number of 0 or more"),
        ("transport", "port", 1.5, "a whole number of 0 or more"),
        ("transport", "port", -1, "a whole number of 0 or more"),
        ("transport", "port", True, "a whole number of 0 or more"),
        ("transport", "port", [1], "a whole number of 0 or more"),
        ("fetching", "retry_after", {}, "a number of 0 or more"),
        ("fetching", "retry_after", "nan", "a number of 0 or more"),
        ("fetching", "retry_after", float("inf"), "a number of 0 or more"),
        ("transport", "read_timeout", 0, "a number of 0.1 or more"),
        ("transport", "connect_timeout", 0.0, "a number of 0.1 or more"),
        ("transport", "threads", 0, "a whole number of 1 or more"),
        ("fetching", "parallel", 0, "a whole number of 1 or more"),
        ("fetching", "attempts", 0, "a whole number of 1 or more"),
        ("fetching", "tick", 0, "a number of 0.1 or more"),
        ("limits", "message_size", 0, "a whole number of 1 or more"),
        ("transport", "certificate", 1, "the name of a file"),
        ("transport", "host", 1, "a text"),
        ("transport", "crl", 1, "a list"),
        ("transport", "crl", [1], "the name of a file"),
        ("plugins", "strict", "yes", "true or false"),
        ("plugins", "strict", 2, "true or false"),
        ("plugins", "enabled", [1], "a text"),
    ],
)
def test_a_value_of_another_type_is_refused_without_being_told(
    section: str, key: str, value: object, words: str
) -> None:
    assert f"[{section}] {key} must be {words}" == reason(**{section: {key: value}})


@given(
    st.sampled_from([(name, field.name) for name, field in KEYS]),
    st.one_of(
        st.integers(),
        st.floats(),
        st.booleans(),
        st.text(),
        st.dates(),
        st.lists(st.integers()),
        st.dictionaries(st.text(), st.text()),
    ),
)
def test_any_value_is_taken_or_refused_with_its_place(key: tuple[str, str], value: object) -> None:
    section, name = key
    try:
        judged(**{section: {name: value}})
    except ConfigurationError as refused:
        told = str(refused)
    else:
        return
    assert told.startswith(f"[{section}] {name} must ")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///relative.sqlite", f"sqlite:///{BASE}/relative.sqlite"),
        ("sqlite:///data/oso.sqlite", f"sqlite:///{BASE}/data/oso.sqlite"),
        ("sqlite:////var/oso.sqlite", "sqlite:////var/oso.sqlite"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("sqlite://", "sqlite://"),
        ("postgresql://db/oso", "postgresql://db/oso"),
    ],
)
def test_a_relative_database_file_starts_from_the_configuration_file(
    url: str, expected: str
) -> None:
    assert expected == judged(store={"url": url}).store.url
    assert expected == judged({"OSO_STORE__URL": url}).store.url


def test_the_default_database_lies_beside_the_configuration_file() -> None:
    assert f"sqlite:///{BASE}/oso-adapter.sqlite" == judged().store.url


def test_relative_files_start_from_the_configuration_file() -> None:
    settings = judged(keys={"file": "keys.toml"}, transport={"crl": ["sub/crl.pem"]})

    assert BASE / "keys.toml" == settings.keys.file
    assert (BASE / "sub/crl.pem",) == settings.transport.crl
    assert BASE / "me.pem" == settings.transport.certificate


def test_secrets_do_not_stand_in_a_representation() -> None:
    settings = judged(
        {"OSO_CHAIN__OSR_API_KEY": SECRET},
        store={"url": f"postgresql://oso:{SECRET}@db/oso"},
        transport={"proxy_url": f"http://oso:{SECRET}@proxy"},
        plugins={"one": {"password": SECRET}},
    )

    assert SECRET not in repr(settings)
    assert SECRET not in str(settings)


def test_settings_do_not_change() -> None:
    settings = judged(plugins={"one": {"a": 1}})

    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.environment = "production"  # type: ignore[misc]
    with pytest.raises(TypeError):
        settings.plugins.sections["one"]["a"] = 2  # type: ignore[index]
