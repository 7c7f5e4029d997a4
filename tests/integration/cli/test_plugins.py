"""``oso-adapter plugins``: what there is, what is wrong with it, and what it does."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from support.chain import ACCOUNT, Chain, School
from support.dossiers import NUMBERS, SURNAME
from support.requester import event_counts

from oso_adapter.clock import utc_now
from oso_adapter.store import plugin_failures

SECRET = "Merkteken7Qx"

LAS = """
from marshmallow import Schema, fields

from support.pupils import Pupils

OSO_API = (1, 2)


class OSO_SETTINGS(Schema):
    database = fields.String(required=True, metadata={"help": "where the pupils are"})
    password = fields.String(metadata={"help": "of the reader", "secret": True})
    limit = fields.Integer(load_default=10)


oso_collect_dossier = Pupils().oso_collect_dossier
"""

FILES = {
    "las": LAS,
    "broken": "raise ValueError('Proefleerling')",
    "empty": "OSO_API = (1, 1)",
    "other": "raise SystemExit('it is not enabled, so it must not run')",
}

CONFIGURATION = f"""
[plugins]
enabled = ["las", "broken", "empty", "absent"]
directory = "plugins"
[plugins.las]
database = "postgresql://lezer:{SECRET}@localhost/las"
password = "{SECRET}"
[plugins.other]
database = "x"
"""


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A school of which one plugin works; another ran into an error yesterday, and long ago."""
    chain = Chain.create(tmp_path_factory.mktemp("plugins"))
    school = chain.add_school("99AA", "PO", registered=False, extra=CONFIGURATION)
    folder = school.folder / "plugins"
    folder.mkdir(mode=0o700)
    for name, text in FILES.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
        (folder / f"{name}.py").chmod(0o600)
    with school.adapter().store.writing() as session:
        now = utc_now()
        for code, days in (("raised", 1), ("time", 8)):
            at = now - timedelta(days=days)
            plugin_failures.remember(session, "empty", "oso_event", code, at)
    yield school
    chain.stop()


def ask(school: School, *arguments: str) -> tuple[int, Any]:
    """The exit code and the JSON of a command."""
    done = school.cli("plugins", *arguments, "--format", "json")
    assert SECRET not in done.output
    return done.exit_code, json.loads(done.stdout)


def test_the_list_has_what_is_enabled_and_what_could_be(school: School) -> None:
    code, rows = ask(school, "list")

    assert 0 == code
    ours = {row["name"]: row for row in rows if not row["package"]}
    assert ["las", "broken", "empty", "absent", "other"] == list(ours)
    assert ["works", "left out", "works", "left out", "not enabled"] == [
        row["state"] for row in ours.values()
    ]
    assert ["oso_collect_dossier"] == ours["las"]["hooks"]
    assert str(school.folder / "plugins" / "las.py") == ours["las"]["origin"]
    installed = {row["name"]: row for row in rows if row["package"]}
    assert ("magister-like", "not enabled", []) == tuple(
        installed["magister_like"][name] for name in ("package", "state", "hooks")
    )


def test_a_plugin_is_shown_with_its_hooks_and_settings_and_without_a_secret(school: School) -> None:
    done = school.cli("plugins", "show", "las")

    assert 0 == done.exit_code, done.output
    for text in (
        "hook API  1 to 2",
        "oso_collect_dossier(context, pupil, profile)",
        "60.0",
        "in a process of its own",
        "where the pupils are",
        "postgresql://***@localhost/las",
        "10 (default)",
    ):
        assert text in done.stdout
    assert SECRET not in done.output


def test_one_that_cannot_be_used_is_shown_with_the_remedy(school: School) -> None:
    code, facts = ask(school, "show", "broken")

    assert (1, "left out", None) == (code, facts["state"], facts["hook API"])
    [problem] = facts["problems"]
    assert ("import", "cannot be imported (ValueError at broken.py:1)") == (
        problem["code"],
        problem["reason"],
    )
    assert problem["remedy"]

    code, facts = ask(school, "show", "other")
    assert (1, "not enabled") == (code, facts["state"])
    assert [("database", "***")] == [(each["name"], each["value"]) for each in facts["settings"]]

    assert 1 == school.cli("plugins", "show", "nowhere").exit_code


def test_the_doctor_tells_what_each_finding_means_and_how_it_is_mended(school: School) -> None:
    code, rows = ask(school, "doctor")

    assert 1 == code
    assert {
        ("broken", "import", "error", None),
        ("empty", "no-hooks", "warning", None),
        ("absent", "not-found", "error", None),
        ("other", "not-enabled", "warning", None),
        ("empty", "raised", "error", "oso_event"),
    } == {(row["plugin"], row["code"], row["severity"], row["hook"]) for row in rows}
    assert all(row["school"] and row["remedy"] for row in rows)
    [raised] = [row for row in rows if row["code"] == "raised"]
    assert 1 == raised["times"]
    assert "Proefleerling" not in json.dumps(rows)


def test_a_trace_tells_where_how_long_and_what_kind_and_no_value(school: School) -> None:
    who = ("--administration", "99AA", "--account", ACCOUNT)
    code, [row] = ask(school, "trace", "las", *who, "--pupil", "onjuist")

    assert (1, "oso_collect_dossier", "its own", "CollectedDossier") == (
        code,
        *(row[name] for name in ("hook", "process", "answer")),
    )
    paths = {each["path"] for each in row["findings"] if each["severity"] == "error"}
    assert {"/dossier/huidigeschool/leerling/geslacht"} == paths
    assert row["values"] > 20
    text = json.dumps(row)
    assert [] == [value for value in (SURNAME, NUMBERS[0], "Proefleerling") if value in text]
    assert 1 == event_counts(school.adapter())["plugin.traced"]

    refused = school.cli("plugins", "trace", "other", *who, "--pupil", "P-1")
    assert (1, True) == (refused.exit_code, "is not enabled" in refused.stderr)
