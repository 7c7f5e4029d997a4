"""oso-webhook as the host sees it, and its settings."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pluggy
import pytest
from oso_webhook import configuration, openapi, plugin
from oso_webhook.configuration import NAME, configured
from oso_webhook.forms import HOOKS
from oso_webhook.trouble import NotConfigured
from support.plugins import SCHOOL, settings
from support.webhook import SECRET, Las, Said, signed

from oso_adapter import hookspecs
from oso_adapter.clock import utc_now
from oso_adapter.errors import PluginFailed
from oso_adapter.plugins import PluginHost
from oso_adapter.plugins.host import Role

ROOT = Path(__file__).parents[1]
PACKAGE = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PUPILS = json.loads((ROOT / "sample" / "pupils.json").read_text(encoding="utf-8"))
GOOD = json.dumps({"dossier": PUPILS[0]["dossier"]}).encode()

Section = dict[str, Any]


def test_the_hooks_have_the_signatures_that_the_host_expects() -> None:
    manager = pluggy.PluginManager(hookspecs.GROUP)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin)
    manager.check_pending()
    callers = manager.get_hookcallers(plugin) or []
    assert {f"oso_{name}" for name in HOOKS} == {caller.name for caller in callers}


def test_the_host_finds_it_under_the_name_of_its_section() -> None:
    assert {NAME: plugin.__name__} == PACKAGE["project"]["entry-points"][hookspecs.GROUP]
    assert (1, 1) == plugin.OSO_API
    assert plugin.OSO_SETTINGS is configuration.SettingsSchema


def test_the_openapi_document_is_what_the_code_says() -> None:
    written = json.loads((ROOT / "openapi.json").read_text(encoding="utf-8"))
    assert openapi.document() == written, "run: make docs"


@pytest.mark.parametrize("role", ["command", "runner"])
def test_a_school_is_not_hurt_by_a_server_that_fails(
    section: Callable[..., Section], bad_las: Las, role: Role
) -> None:
    host = PluginHost(settings(NAME, **{NAME: section(bad_las.url)}), clock=utc_now, role=role)
    assert ([], [], [NAME]) == (host.problems, host.warnings, host.names)
    ways = {
        "ServerFailed": lambda _: Said(500),
        "AnswerNotSigned": lambda _: Said(200, GOOD),
        "AnswerNotUnderstood": lambda asked: signed(asked, b"{}"),
        "ConnectionLost": lambda asked: signed(asked, GOOD, promised=10**6),
    }
    for word, reply in ways.items():
        bad_las.replying(reply)
        with pytest.raises(PluginFailed, match=f"raised {word}"):
            host.collect_dossier(SCHOOL, "j.admin", "LL-1", "POVO")
        bad_las.replying(lambda asked: signed(asked, GOOD))
        assert host.collect_dossier(SCHOOL, "j.admin", "LL-1", "POVO") is not None
    host.close()


def test_a_hook_that_the_las_does_not_answer_is_not_asked(
    told: Callable[..., hookspecs.HookContext], bad_las: Las
) -> None:
    bad_las.replying(lambda asked: signed(asked, GOOD))
    context = told(bad_las.url, hooks=["import_dossier"])
    assert plugin.oso_collect_dossier(context, "LL-1", "POVO") is None
    assert [] == bad_las.asked


def test_the_address_may_end_with_a_slash_and_the_secret_be_in_a_file(
    section: Callable[..., Section], tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n", encoding="ascii")
    given = section("https://las.example/oso/", secret=None, secret_file=str(tmp_path / "secret"))
    read = configured(given)
    assert ("https://las.example/oso", frozenset(HOOKS)) == (read.url, read.hooks)
    assert SECRET not in repr(read)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"url": None}, "url is required"),
        ({"url": "http://las.example/oso"}, "url has to be an address that begins with https://"),
        ({"url": "https://me:word@las.example"}, "url has to be an address"),
        ({"url": "https://las.example/?key=1"}, "url has to be an address"),
        ({"url": "https://[las"}, "url has to be an address"),
        ({"hooks": []}, "hooks may not be empty"),
        ({"hooks": ["search_key"]}, r"hooks\[0\] must be one of: "),
        ({"secret": None}, "secret has to be given, or secret_file, and not both"),
        ({"secret_file": "secret"}, "secret has to be given, or secret_file, and not both"),
        ({"secret": "whsec_geheim"}, "secret has to be whsec_ and the Base64 of 24 to 64"),
        ({"secret": None, "secret_file": "/nowhere/secret"}, "secret_file cannot be read"),
        ({"geheim": "x"}, r"\* a key that is not known here"),
        ({"verify": False}, r"\* a key that is not known here"),
    ],
)
def test_a_section_that_is_not_right_is_named_without_what_stands_in_it(
    section: Callable[..., Section], change: Section, words: str
) -> None:
    with pytest.raises(NotConfigured, match=words) as caught:
        configured(section(**{"url": "https://las.example/oso", **change}))
    assert "geheim" not in str(caught.value)
