import dataclasses
from pathlib import Path
from typing import Any

import pytest
from support.settings import BASE, KEYS, MINIMAL, SECRET, SECTIONS, judged, reason

from oso_adapter.errors import ConfigurationError
from oso_adapter.settings import read_settings, settings_from


def test_what_is_left_out_has_a_default() -> None:
    settings = judged()

    assert (8443, 16, 10.0) == (
        settings.transport.port,
        settings.transport.threads,
        settings.transport.connect_timeout,
    )
    assert ("127.0.0.1", (), None) == (
        settings.internal.host,
        settings.plugins.enabled,
        settings.keys.file,
    )


def test_every_section_and_key_can_be_given_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "oso-adapter.toml"
    file.write_text(
        """\
environment = "production"
service_desk = { name = "d", phone = "1", email = "e", url = "u" }
[chain]
traffic_center_url = "https://tc.example"
osr_url = "https://osr.example"
osr_api_key = "k"
osr_api_key_header = "h"
osr_namespace = "n"
osr_next_namespace = "m"
osr_sync_hour = 4
osr_error_fields = ["reden"]
osr_service_code = "DIENST01"
osr_available_parameters = ["oin", "namespace"]
osr_read_interval = 2
osr_unavailable = "allow_and_flag"
contract = "20200910"
contract_override = "own.toml"
[transport]
certificate = "me.pem"
key = "me.key"
roots = ["a.pem", "/b.pem"]
client_certificate = "out.pem"
client_key = "out.key"
crl = ["crl.pem"]
proxy_url = "http://proxy:1"
host = "::"
port = 1
public_url = "https://school.example"
threads = 2
connect_timeout = 3
read_timeout = 4.5
[internal]
host = "::1"
port = 5
[store]
url = "sqlite:////var/oso.sqlite"
timeout = 6
[keys]
file = "keys.toml"
[limits]
message_size = 7
[fetching]
parallel = 8
attempts = 9
retry_after = 10
tick = 0.5
[policy]
consent_between_vo = false
[package]
name = "las"
version = "2"
[standard]
release = "2019.1"
next_release = "2020.1"
cut_over = 2026-08-01
accepted_until = 2026-09-30
packs = "packs"
[plugins]
enabled = ["one", "two"]
directory = "plugins"
strict = true
memory = 512
seconds = 2.5
loading = 3.5
[retention]
received = 1
unprocessed = 2
warning = 1
requests = 3
orders = 4
withdrawn = 5
prepared = 6
audit = 7
clock_jump = 8
jobs = 9
[plugins.one]
database = "x"
""",
        encoding="utf-8",
    )

    settings = read_settings(file, {})

    given_here = {
        (name, field.name)
        for name, field in KEYS
        if getattr(getattr(settings, name), field.name) != field.default
    }
    same_as_default = {("chain", "contract"), ("standard", "release")}
    assert {(name, field.name) for name, field in KEYS} == given_here | same_as_default
    assert (tmp_path / "a.pem", Path("/b.pem")) == settings.transport.roots
    assert {"database": "x"} == settings.plugins.sections["one"]


@pytest.mark.parametrize(("section", "field"), KEYS)
def test_every_key_says_what_it_is_for(section: str, field: dataclasses.Field[Any]) -> None:
    assert field.metadata["help"]


@pytest.mark.parametrize(
    ("variable", "text", "found"),
    [
        ("OSO_STORE__URL", "sqlite:////elsewhere.sqlite", lambda s: s.store.url),
        ("OSO_TRANSPORT__HOST", "::", lambda s: s.transport.host),
        ("OSO_CHAIN__OSR_API_KEY", "k", lambda s: s.chain.osr_api_key),
    ],
)
def test_a_variable_goes_before_the_file(variable: str, text: str, found: Any) -> None:
    given_too = {"store": {"url": "sqlite://"}, "chain": {"osr_api_key": "other"}}

    assert text == found(judged({variable: text}, **given_too))


def test_a_setting_with_fixed_words_takes_no_other() -> None:
    told = reason(chain={"osr_unavailable": "misschien"})

    assert "[chain] osr_unavailable must be one of refuse, allow_and_flag" == told


def test_a_variable_is_read_as_the_type_of_its_key() -> None:
    settings = judged(
        {
            "OSO_TRANSPORT__PORT": "99",
            "OSO_TRANSPORT__ROOTS": "a.pem, /b.pem",
            "OSO_FETCHING__TICK": "0.25",
            "OSO_PLUGINS__STRICT": "true",
            "OSO_PLUGINS__ENABLED": "",
        }
    )

    assert (99, 0.25) == (settings.transport.port, settings.fetching.tick)
    assert (BASE / "a.pem", Path("/b.pem")) == settings.transport.roots
    assert (True, ()) == (settings.plugins.strict, settings.plugins.enabled)


def test_the_environment_itself_can_be_a_variable() -> None:
    assert "sandbox" == judged({"OSO_ENVIRONMENT": "sandbox"}).environment


def test_a_secret_can_be_in_a_file_that_a_variable_names(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(SECRET + "\n", encoding="utf-8")

    settings = judged({"OSO_CHAIN__OSR_API_KEY_FILE": str(tmp_path / "key")})

    assert SECRET == settings.chain.osr_api_key


def test_a_key_that_is_called_file_can_be_in_a_file_too(tmp_path: Path) -> None:
    (tmp_path / "where").write_text("keys.toml", encoding="utf-8")

    assert BASE / "other.toml" == judged({"OSO_KEYS__FILE": "other.toml"}).keys.file
    assert BASE / "keys.toml" == judged({"OSO_KEYS__FILE_FILE": str(tmp_path / "where")}).keys.file


def test_a_secret_file_that_is_not_there_or_not_text_is_named_by_its_variable(
    tmp_path: Path,
) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")

    for name in ("missing", "binary"):
        told = reason({"OSO_CHAIN__OSR_API_KEY_FILE": str(tmp_path / name)})
        assert "OSO_CHAIN__OSR_API_KEY_FILE" in told


@pytest.mark.parametrize(
    "variable",
    [
        *("OSO_TRANSPORT__CLR", "OSO_TLS__ROOTS", "OSO_STORE__URL_FLIE"),
        *("OSO_ENVIROMENT", "OSO_TRANSPORT_CRL", "OSO_TRANSPORT_PORT", "OSO_CONFIG_FILE_", "OSO_"),
    ],
)
def test_a_variable_that_sets_nothing_is_refused(variable: str) -> None:
    assert f"the variable {variable} sets nothing that is known" == reason({variable: SECRET})


def test_variables_of_others_are_left_alone() -> None:
    assert judged() == judged({"OSO_CONFIG": "x", "PATH": "y", "MY__OSO_": "z"})


@pytest.mark.parametrize(
    "variable",
    ["OSO_ADAPTER_SERVICE_HOST", "OSO_SERVICE_PORT_HTTPS", "OSO_ADAPTER_PORT", "OSO_PORT_8443_TCP"],
)
def test_what_kubernetes_says_of_a_service_with_our_name_is_left_alone(variable: str) -> None:
    assert judged() == judged({variable: "tcp://10.0.0.1:8443"})


@pytest.mark.parametrize(
    ("plugins", "variable"),
    [
        ({"enabled": ["oso-sql"]}, "OSO_SQL_DATABASE"),
        ({"enabled": ["my-las"]}, "OSO_MY_LAS_PASSWORD_FILE"),
        ({"my_las": {}}, "OSO_MY_LAS_PASSWORD"),
    ],
)
def test_a_variable_of_a_plugin_is_left_to_it(plugins: dict[str, Any], variable: str) -> None:
    assert judged(plugins=plugins) == judged({variable: SECRET}, plugins=plugins)
    assert f"the variable {variable} sets nothing that is known" == reason({variable: SECRET})


@pytest.mark.parametrize("variable", ["OSO_STORE_URL", "OSO_SQL__DATABASE", "OSO_SQLITE"])
def test_a_plugin_lets_no_typing_error_in_a_setting_pass(variable: str) -> None:
    told = reason({variable: SECRET}, plugins={"enabled": ["oso-sql", "store"]})
    assert f"the variable {variable} sets nothing that is known" == told


def test_an_unknown_section_is_refused() -> None:
    assert "unknown section [tls] in the configuration" == reason(tls={"verify": False})


@pytest.mark.parametrize("section", sorted(set(SECTIONS) - {"plugins"}))
def test_an_unknown_key_is_refused(section: str) -> None:
    assert f"unknown key `verify` in [{section}]" == reason(**{section: {"verify": False}})


def test_an_unknown_key_of_plugins_is_refused_and_a_section_is_not() -> None:
    assert "unknown key `enable` in [plugins]" == reason(plugins={"enable": ["x"]})
    assert {"verify": False} == judged(plugins={"x": {"verify": False}}).plugins.sections["x"]


@pytest.mark.parametrize("name", ["", "test", "Production", None, ["production"]])
def test_the_environment_is_one_of_four(name: Any) -> None:
    told = reason_for({**MINIMAL, "environment": name})

    assert "`environment` must be one of simulation, sandbox, qualification, production" == told


@pytest.mark.parametrize(
    ("section", "key"),
    [("chain", "traffic_center_url"), ("transport", "certificate"), ("transport", "roots")],
)
def test_a_missing_key_is_named_with_what_it_is(section: str, key: str) -> None:
    left = {name: value for name, value in MINIMAL[section].items() if name != key}

    told = reason_for({**MINIMAL, section: left})

    assert told.startswith(f"[{section}] {key} is missing: ")


def test_a_section_must_be_a_section() -> None:
    assert "[store] must be a section of the configuration" == reason_for({**MINIMAL, "store": 1})


def test_no_root_at_all_is_refused() -> None:
    assert "[transport] roots must name at least one file" == reason(transport={"roots": []})


def test_a_file_that_is_not_there_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="name one with --config"):
        read_settings(tmp_path / "none.toml", {})


@pytest.mark.parametrize("content", [b"a = " + SECRET.encode(), b"\xff" + SECRET.encode()])
def test_a_file_that_is_not_toml_is_refused_without_its_content(
    tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "oso-adapter.toml"
    file.write_bytes(content)

    with pytest.raises(ConfigurationError, match="is not valid TOML") as refused:
        read_settings(file, {})
    assert SECRET not in str(refused.value)


def test_a_folder_is_no_configuration_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_settings(tmp_path, {})


def reason_for(data: dict[str, Any]) -> str:
    with pytest.raises(ConfigurationError) as refused:
        settings_from(data, {}, BASE)
    return str(refused.value)
