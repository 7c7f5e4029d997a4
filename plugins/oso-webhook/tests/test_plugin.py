"""oso-webhook as the host sees it, and its settings."""

import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pluggy
import pytest
from oso_webhook import configuration, openapi, plugin, trouble
from oso_webhook.cli import SAMPLE
from oso_webhook.configuration import NAME, configured
from oso_webhook.forms import CALLS, HOOKS
from oso_webhook.trouble import AnswerNotUnderstood, NotConfigured
from support.plugins import SCHOOL, settings
from support.webhook import SECRET, Las, Said, signed

from oso_adapter import hookspecs
from oso_adapter.clock import utc_now
from oso_adapter.errors import PluginFailed
from oso_adapter.hookspecs import (
    AdministrationRef,
    AuditEvent,
    Candidate,
    ExtraRule,
    FoundPupil,
    HookContext,
    KnownPupil,
    PupilMatch,
    PupilQuery,
    ReceivedDossier,
    ReceivedNotification,
)
from oso_adapter.plugins import PluginHost
from oso_adapter.plugins.host import Role

ROOT = Path(__file__).parents[1]
PACKAGE = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PUPILS = json.loads((SAMPLE / "pupils.json").read_text(encoding="utf-8"))
GOOD = json.dumps({"dossier": PUPILS[0]["dossier"]}).encode()

NOW = datetime(2027, 5, 12, 9, 0, tzinfo=UTC)

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


PART = {"huidigeschool": {"leerling": {"geboortedatum": "2027-05-12"}}}
RULE = {"id": "a", "context": "//od:leerling", "assertion": "od:roepnaam", "message": "Fout."}
ANSWERS = {
    "/oso/collect_dossier": {"dossier": PUPILS[0]["dossier"]},
    "/oso/find_pupils": {
        "pupils": [{"pupil": "LL-1", "name": "Test Proefvos", "leaving_on": "2027-05-12"}]
    },
    "/oso/candidates": {"candidates": [{"pupil": "LL-1", "pgn": "999990011"}]},
    "/oso/enrich_dossier": {"dossier": PART},
    "/oso/known_pupil": {"pupil": "LL-1", "dossier": PART},
    "/oso/extra_rules": {"rules": [RULE]},
}
ASKED: dict[str, Callable[[HookContext], object]] = {
    "collect_dossier": lambda c: plugin.oso_collect_dossier(c, "LL-1", "POVO"),
    "import_dossier": lambda c: plugin.oso_import_dossier(
        c, ReceivedDossier("r-1", {}, b"", "2019.1", None, "99AA", ("999910200",))
    ),
    "find_pupils": lambda c: plugin.oso_find_pupils(c, PupilQuery(leaving_before=NOW.date())),
    "candidates": lambda c: plugin.oso_candidates(c, "1234"),
    "enrich_dossier": lambda c: plugin.oso_enrich_dossier(c, {}, "LL-1", "POVO"),
    "known_pupil": lambda c: plugin.oso_known_pupil(c, PupilMatch(date_of_birth=NOW.date())),
    "extra_rules": lambda c: plugin.oso_extra_rules(c, "2019.1", "POVO"),
    "notification_received": lambda c: plugin.oso_notification_received(
        c, ReceivedNotification("n-1", "P-1", "o-1", "99AA", "0000000700099AA00001", NOW)
    ),
    "event": lambda c: plugin.oso_event(
        c, AuditEvent(7, NOW, "dossier.delivered", None, None, None, None, None)
    ),
}


@pytest.mark.parametrize("administration", [SCHOOL, None])
def test_every_request_is_what_the_openapi_document_says(
    told: Callable[..., HookContext], bad_las: Las, administration: AdministrationRef | None
) -> None:
    bad_las.replying(lambda asked: signed(asked, b"", 404))
    assert set(HOOKS) == set(ASKED)
    for hook, ask in ASKED.items():
        assert ask(replace(told(bad_las.url), administration=administration)) is None
        asked = bad_las.asked[-1]
        assert f"/oso/{hook}" == asked.path
        read = CALLS[hook].request().load(json.loads(asked.body))
        assert hook == read["hook"]
        assert read["context"]["deadline"] > datetime.now(UTC)


WRONG: dict[str, list[tuple[object, str]]] = {
    "find_pupils": [
        ({"pupils": [{"pupil": "LL-1"}]}, r"pupils\[0\]\.name: is required"),
        (
            {"pupils": [{"pupil": "LL-1", "name": "x", "leaving_on": "20270731"}]},
            r"pupils\[0\]\.leaving_on: has to be a date",
        ),
        (
            {"pupils": [{"pupil": "LL-1", "name": "x", "Geheim": 1}]},
            r"pupils\[0\]\.\*: a key that is not known here",
        ),
    ],
    "candidates": [({"candidates": [{"pupil": "P", "pgn": "12"}]}, r"candidates\[0\]\.pgn: ")],
    "enrich_dossier": [
        ({"dossier": {"huidigeschool": {"naam": 7}}}, "/dossier/huidigeschool/naam: ")
    ],
    "known_pupil": [({"dossier": {}}, "pupil: is required")],
    "extra_rules": [
        (
            {
                "rules": [
                    {"id": "a", "context": "/", "assertion": "b", "message": "", "severity": 1}
                ]
            },
            r"rules\[0\]\.(message|severity): ",
        )
    ],
}


@pytest.mark.parametrize("hook", WRONG)
def test_an_answer_of_another_form_is_told_by_its_place(
    told: Callable[..., HookContext], bad_las: Las, hook: str
) -> None:
    for answer, words in WRONG[hook]:
        body = json.dumps(answer).encode()
        bad_las.replying(lambda asked, body=body: signed(asked, body))
        with pytest.raises(AnswerNotUnderstood, match=words) as caught:
            ASKED[hook](told(bad_las.url))
        assert "Geheim" not in str(caught.value)


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
    bad_las.replying(lambda asked: signed(asked, json.dumps(ANSWERS[asked.path]).encode()))
    part = {"huidigeschool": {"leerling": {"geboortedatum": NOW.date()}}}
    whole = host.collected(SCHOOL, "j.admin", "LL-1", "POVO")
    assert whole is not None
    got = (
        host.find_pupils(SCHOOL, "j.admin", PupilQuery(group="8A")),
        host.candidates(SCHOOL, "0011"),
        host.enrich_dossier(SCHOOL, "j.admin", whole[1].dossier, "LL-1", "POVO"),
        host.known_pupil(SCHOOL, "j.admin", PupilMatch(leerlingid="LL-1")),
        host.extra_rules("2019.1", "POVO"),
    )
    assert (
        (NAME, [FoundPupil("LL-1", "Test Proefvos", leaving_on=NOW.date())]),
        (NAME, [Candidate("LL-1", "999990011")]),
        [(NAME, part)],
        (NAME, KnownPupil("LL-1", part)),
        [(NAME, [ExtraRule("a", "//od:leerling", "od:roepnaam", "Fout.")])],
    ) == got
    host.close()


def test_a_hook_that_the_las_does_not_answer_is_not_asked(
    told: Callable[..., HookContext], bad_las: Las
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
        ({"url": "https://las.example/oso?"}, "url has to be an address"),
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


def test_the_readme_tells_every_hook_setting_and_trouble() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    def first_column(title: str) -> set[str]:
        section = readme.split(f"## {title}\n")[1].split("\n## ")[0]
        return set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))

    raised = {name for name, kind in vars(trouble).items() if _is_trouble(kind)}
    assert set(HOOKS) == first_column("The hooks")
    assert raised == first_column("What goes wrong, and what you see")
    assert set(configuration.SettingsSchema().fields) == first_column("Settings")


def _is_trouble(kind: object) -> bool:
    return (
        isinstance(kind, type)
        and kind.__module__ == trouble.__name__
        and kind is not trouble.WebhookTrouble
    )
