"""The commands of docs/api.md are run as they stand, by one adapter that speaks for two schools."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from shutil import copy
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from support.chain import ACCOUNT, Chain, School, wait_for_port
from support.programs import needs

from oso_adapter.exchange.tokens import SCOPES
from oso_adapter.identifiers import Brin, RoutingId
from oso_adapter.simulator import seed
from oso_adapter.store import administrations
from oso_adapter.store.models import AdministrationKind
from oso_adapter.web.api.problems import TITLES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
OTHER = Brin("99BB")


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """99AA, whose adapter speaks for 99BB too, as in the first steps; all of it runs."""
    chain = Chain.create(tmp_path_factory.mktemp("page"))
    try:
        chain.start("tc", "osr")
        school = chain.add_school("99AA", "PO")
        adapter, routing_id = school.adapter(), RoutingId.of_school(OTHER, 1)
        with adapter.store.writing() as session:
            administrations.add(
                session,
                brin=OTHER,
                routing_id=routing_id,
                kind=AdministrationKind.LAS,
                name="De Horizon",
                tenant="horizon",
                valid_from=date(2020, 8, 1),
                sector="VO",
            )
        seed.add_school(chain.state, OTHER, "De Horizon", "VO")
        token = seed.add_mandate(chain.state, OTHER, school.oin)
        seed.add_endpoint(chain.state, token, routing_id, school.url)
        school.spawn("runner")
        internal = school.spawn("internal")
        school.start("public")
        wait_for_port(school.internal, internal, school.log)
        yield school
    finally:
        chain.stop()


def test_the_commands_of_the_page_work_in_their_order(school: School) -> None:
    needs("curl")
    blocks = re.findall(r"^```shell\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    script = "".join(blocks).replace("8080", str(school.internal))
    copy(ROOT / "examples" / "first-steps" / "dossier.xml", school.folder)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=school.folder,
        env={**os.environ, "PATH": path, "no_proxy": "*"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert 0 == done.returncode, done.stdout + done.stderr
    assert len(blocks) > 5
    assert '"result":"OverdrachtGeslaagd"' in done.stdout
    assert '"state":"overgenomen"' in done.stdout
    assert b"<dossier" in (school.folder / "received.xml").read_bytes()


def test_a_job_is_carried_out_by_the_runner(school: School) -> None:
    made = school.cli(
        *("token", "create", "las", "--administration", "99AA", "--account", ACCOUNT),
        *("--scope", "dossiers:read", "--scope", "dossiers:write"),
    )
    headers = {
        "Authorization": f"Bearer {made.stdout.strip()}",
        "X-OSO-Account": ACCOUNT,
        "Content-Type": "application/json",
    }

    def ask(path: str, content: Any = None) -> Any:
        url = f"http://127.0.0.1:{school.internal}/api/v1{path}"
        body = json.dumps(content).encode() if content else None
        with urlopen(Request(url, body, headers)) as answer:
            return json.load(answer)

    pupils = ["P-1", "P-2"]
    job = ask(
        "/dossiers/collect",
        {"administration": school.routing_id, "profile": "POVO", "pupils": pupils},
    )
    runner = school.processes[0]
    for _ in range(600):
        if ask(f"/jobs/{job['id']}")["state"] == "klaar":
            break
        with suppress(subprocess.TimeoutExpired):
            runner.wait(0.05)

    told = {item["pupil"]: item["error"] for item in ask(f"/jobs/{job['id']}/items")["items"]}
    unknown = "geen plugin kent deze leerling; controleer de verwijzing (leerlingid)"
    assert dict.fromkeys(pupils, unknown) == told


def test_a_body_that_comes_in_chunks_is_read_and_bounded(school: School) -> None:
    made = school.cli(
        *("token", "create", "las2", "--administration", "99AA", "--account", ACCOUNT),
        *("--scope", "orders:write"),
    )
    headers = {
        "Authorization": f"Bearer {made.stdout.strip()}",
        "X-OSO-Account": ACCOUNT,
        "Content-Type": "application/json",
    }
    url = f"http://127.0.0.1:{school.internal}/api/v1/orders"

    def status(*chunks: bytes) -> int:
        with pytest.raises(HTTPError) as refused:  # a body without a length is sent in chunks
            urlopen(Request(url, iter(chunks), headers))
        with refused.value as answer:
            return int(answer.code)

    assert 422 == status(b'{"orders"', b": []}")
    assert 413 == status(*[b" " * 2**20] * 3)


def test_the_page_names_every_scope_and_every_status() -> None:
    names = {scope.partition(":")[0] for scope in SCOPES}
    assert names == {name for name in names if f"`{name}:read`" in PAGE}
    rows = re.findall(r"^\| ([0-9, ]+) \|", PAGE, re.MULTILINE)
    assert set(TITLES) == {int(status) for row in rows for status in row.split(",")}
