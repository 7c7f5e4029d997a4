"""The command: what it finds of a server that is right, of one that believes all, and of none."""

import csv
import json
import os
import re
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from oso_webhook.cli import SAMPLE, main
from oso_webhook.configuration import NAME
from oso_webhook.forms import HOOKS
from oso_webhook.signature import Secrets
from support.chain import free_ports
from support.webhook import OTHER_SECRET, SECRET, Asked, Las, Said, signed

OPENAPI = Path(__file__).parents[1] / "openapi.json"
README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
ADAPTER = """
environment = "simulation"
[chain]
traffic_center_url = "https://localhost/tc"
osr_url = "https://localhost/osr"
[transport]
certificate = "c"
key = "k"
roots = ["r"]
"""
PUPILS = json.loads((SAMPLE / "pupils.json").read_text("utf-8"))

Check = Callable[..., Result]


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^   ```{language}\n(.*?)^   ```$", README, re.MULTILINE | re.DOTALL)
    return [re.sub(r"^   ", "", block, flags=re.MULTILINE) for block in found]


@pytest.fixture
def check(section: Callable[..., dict[str, Any]], tmp_path: Path) -> Check:
    """``oso-webhook check`` with the configuration of the README, but for where things are."""

    def call(url: str, *arguments: str, **more: Any) -> Result:
        [given] = blocks("toml")
        hooks = tomllib.loads(given)["plugins"][NAME]["hooks"]
        values = section(url, **({"hooks": hooks} | more))
        lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
        text = ADAPTER + given.split("url =")[0] + "\n".join(lines)
        (tmp_path / "oso-adapter.toml").write_text(text, encoding="utf-8")
        config = ["--config", str(tmp_path / "oso-adapter.toml")]
        return CliRunner().invoke(main, ["check", *config, *arguments])

    return call


def test_the_sample_server_passes_as_the_readme_says(check: Check, sample: Any) -> None:
    [expected] = blocks("text")
    done = check(sample.url)
    assert 0 == done.exit_code
    lines = [line for line in done.output.splitlines() if not line.startswith(("note", "   "))]
    assert expected.splitlines() == lines


def test_a_pupil_is_judged_by_path_and_rule(check: Check, sample: Any) -> None:
    done = check(sample.url, "--pupil", "LL-1")
    assert 0 == done.exit_code
    assert "ok    the dossier can be collected for POVO" in done.output
    assert "Proefvos" not in done.output
    done = check(sample.url, "--pupil", "nobody", "--format", "json")
    assert 1 == done.exit_code
    last = json.loads(done.output)[-1]
    assert ("error", "it does not know this pupil, or the school") == (
        last["outcome"],
        last["text"],
    )


def test_a_pupil_whose_dossier_is_wrong_is_told_by_path(check: Check, bad_las: Las) -> None:
    def reply(asked: Asked) -> Said:
        told = json.loads(asked.body)
        if asked.headers.get("webhook-signature") != _right(asked):
            return Said(401)
        if told["hook"] == "ping":
            return signed(asked, b'{"hooks": ["collect_dossier"]}')
        if told["pupil"] != "LL-1":
            return signed(asked, b"", 404)
        dossier = json.loads(json.dumps(PUPILS[0]["dossier"]))
        dossier["huidigeschool"]["leerling"]["geboortedatum"] = "Proefvos"
        return signed(asked, json.dumps({"dossier": dossier}).encode())

    bad_las.replying(reply)
    done = check(bad_las.url, "--pupil", "LL-1", hooks=["collect_dossier"])
    assert 1 == done.exit_code, done.output
    assert "error /dossier/huidigeschool/leerling/geboortedatum: " in done.output
    assert "Proefvos" not in done.output


def _right(asked: Asked) -> str:
    """The signature that a request must have; empty for one of long ago."""
    moment = datetime.fromtimestamp(int(asked.headers["webhook-timestamp"]), UTC)
    if abs((datetime.now(UTC) - moment).total_seconds()) > 300:
        return ""
    return Secrets(SECRET).signed(asked.id, moment, asked.body)["webhook-signature"]


def test_a_server_that_believes_everything_is_found(check: Check, bad_las: Las) -> None:
    def reply(asked: Asked) -> Said:
        if asked.path.endswith("/ping"):
            return signed(asked, json.dumps({"hooks": [*HOOKS, "more"]}).encode())
        return signed(asked, json.dumps({"dossier": PUPILS[0]["dossier"]}).encode())

    bad_las.replying(reply)
    done = check(bad_las.url, hooks=["collect_dossier"])
    assert 1 == done.exit_code
    for what in ("without a signature", "with the signature of another body", "of 10 minutes ago"):
        assert f"error it does not answer a request {what} with 401" in done.output
    assert "error collect_dossier finds a pupil where there is none" in done.output
    assert "note  it also answers " in done.output
    assert "note  it names hooks that are not known here" in done.output


def test_a_hook_that_is_named_and_not_answered_is_found(check: Check, bad_las: Las) -> None:
    bad_las.replying(lambda asked: signed(asked, b'{"hooks": []}'))
    done = check(bad_las.url, hooks=["event"])
    assert "error it does not answer event, which [plugins.oso-webhook] hooks names" in done.output


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"secret": OTHER_SECRET}, "(SignatureRefused)\n      -> Give both sides the same secret"),
        ({"roots": None}, "(ServerNotTrusted)\n      -> Give the server a certificate"),
    ],
)
def test_what_stops_everything_is_told_with_what_to_do(
    check: Check, sample: Any, more: dict[str, Any], words: str
) -> None:
    done = check(sample.url, **more)
    assert 1 == done.exit_code
    assert words in done.output


def test_a_server_that_is_not_there_and_a_section_that_is_not_right(check: Check) -> None:
    [port] = free_ports(1)
    done = check(f"https://localhost:{port}/oso")
    assert (1, True) == (done.exit_code, "(ServerDown)\n      -> Start the server" in done.output)
    done = check("http://localhost/oso")
    assert 2 == done.exit_code
    assert "[plugins.oso-webhook]: url has to be an address" in done.output
    done = check("https://localhost/oso", "--pupil", "999990019")
    assert (2, False) == (done.exit_code, "999990019" in done.output)


def test_a_secret_is_new_each_time_and_fits(check: Check) -> None:
    made = {CliRunner().invoke(main, ["secret"]).output.strip() for _ in range(2)}
    assert 2 == len(made)
    assert all(Secrets(secret) for secret in made)


def test_the_sample_and_the_document_come_with_the_package(tmp_path: Path) -> None:
    folder = tmp_path / "my-server"
    made = CliRunner().invoke(main, ["sample", str(folder)])
    assert 0 == made.exit_code
    assert ["orders.csv", "pupils.json", "server.mjs"] == sorted(os.listdir(folder))
    again = CliRunner().invoke(main, ["sample", str(folder)])
    assert (2, True) == (again.exit_code, "File exists" in again.stderr)

    [order] = csv.DictReader((folder / "orders.csv").read_text("utf-8").splitlines())
    pupil = PUPILS[0]["dossier"]["huidigeschool"]["leerling"]
    assert [pupil["bsn"], pupil["achternaam"], pupil["geboortedatum"], PUPILS[0]["brin"]] == [
        order[key] for key in ("pgn", "achternaam", "geboortedatum", "bron_brin")
    ]

    printed = CliRunner().invoke(main, ["openapi"]).stdout
    assert json.loads(OPENAPI.read_text("utf-8")) == json.loads(printed)
