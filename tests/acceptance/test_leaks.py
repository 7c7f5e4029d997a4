"""No personal number, name or content in anything written, also when something goes wrong.

The demonstration runs with a marker in every personal text; then everything goes wrong that can
quote a value: a plugin, libxml2, marshmallow, SQLAlchemy, a bad list, a bad message. After that
all that was written and said is searched, but for the supplier's own databases and what the
command was asked to write.
"""

import json
import os
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from shutil import copy

import pytest
from sqlalchemy import select
from support.chain import program
from support.demonstration import Demonstration
from support.leaky import LEAKY, MARKER, NUMBER
from support.started import Started
from support.traces import files_below

from oso_adapter.chain.traffic_center import Parties, subject
from oso_adapter.demo.supplier import Supplier
from oso_adapter.exchange.adapter import Adapter, build
from oso_adapter.identifiers import Pgn
from oso_adapter.settings import read_settings
from oso_adapter.store.models import Received, ReceivedState
from oso_adapter.transport.client import HttpsClient
from oso_adapter.wire.contract import load
from oso_adapter.wire.envelope import wrap
from oso_adapter.wire.messages import Message, write


@dataclass
class Scene:
    """The demonstration that was told, and a folder for everything that commands say after it."""

    demo: Demonstration
    said: Path
    apart: Path

    @property
    def po(self) -> Supplier:
        return self.demo.stage.po

    @property
    def vo(self) -> Supplier:
        return self.demo.stage.vo

    @property
    def orders(self) -> list[list[str]]:
        return self.demo.stage.orders()

    def run(self, *arguments: str, config: Path, text: str = "", **env: str) -> int:
        """Run a command; what it says is kept, to be searched.

        env: of one that cannot be forked from what was loaded before, with the leaky plugin.
        """
        words = ["--config", str(config), *arguments]
        environment = {**os.environ, "TMPDIR": str(self.demo.temporary), **env}
        said = self.new("command")
        if not env:
            return Started(words, said, environment, heard=False, given=text).wait()
        with said.open("wb") as output:
            return subprocess.run(
                program(*words),
                input=text.encode(),
                stdout=output,
                stderr=output,
                check=False,
                env=environment,
            ).returncode

    def new(self, name: str) -> Path:
        """A file for what is said now."""
        return self.said / f"{name}-{len(list(self.said.iterdir()))}"

    def keep(self, name: str, data: bytes) -> None:
        self.new(name).write_bytes(data)

    def sabotaged(self, school: Supplier, name: str, *changes: tuple[str, str]) -> Path:
        """A second configuration of a school, with changes in its text."""
        text = school.config.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        file = school.folder / f"{name}.toml"
        file.write_text(text, encoding="utf-8")
        return file

    @staticmethod
    def copied(store: Path, file: Path) -> Path:
        """A copy of a database that is in use."""
        with closing(sqlite3.connect(store)) as source, closing(sqlite3.connect(file)) as target:
            source.backup(target)
        return file

    def searched(self) -> list[Path]:
        own = (self.po.database, self.vo.database)
        return [*files_below(self.demo.temporary, *own), self.demo.output, *files_below(self.said)]


@pytest.fixture(scope="module")
def scene(shown: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    assert shown.process.poll() is None  # else nothing of it runs any more
    return Scene(shown, tmp_path_factory.mktemp("said"), tmp_path_factory.mktemp("apart"))


@pytest.fixture
def leaky(scene: Scene) -> dict[str, str]:
    """The environment in which the leaky plugin is installed."""
    package = scene.apart / "leaky-1.0.dist-info"
    package.mkdir(exist_ok=True)
    (scene.apart / "leaky.py").write_text(LEAKY, encoding="utf-8")
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: leaky\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[oso_adapter]\nleaky = leaky\n")
    return {"PYTHONPATH": str(scene.apart)}


@pytest.fixture
def doel(scene: Scene) -> Iterator[Adapter]:
    adapter = build(read_settings(scene.vo.config, {}))
    yield adapter
    adapter.close()


def who(school: Supplier) -> list[str]:
    return ["--administration", str(school.routing_id), "--account", "test@school.example"]


def assert_nothing_said(scene: Scene) -> None:
    """Not in what was said or logged until now; the databases are searched at the end."""
    logs = [file for file in scene.searched() if ".sqlite" not in file.name]
    assert [] == scene.demo.secrets.found_in_files(logs)


def test_the_search_finds_pupils_where_they_may_be(scene: Scene) -> None:
    secrets = scene.demo.secrets
    received = sorted(files_below(scene.demo.files / "received"), key=lambda f: f.stat().st_size)
    allowed = [scene.vo.database, *received[:2]]
    for file in allowed:
        found = " ".join(secrets.found_in_files([file]))
        assert "a word" in found
        assert "a number" in found
        assert "a day" in found


def test_the_demonstration_leaks_nothing(scene: Scene) -> None:
    assert scene.demo.told.as_expected
    timeline = (scene.demo.files / "timeline.json").read_bytes()
    scene.keep("timeline", timeline)
    assert_nothing_said(scene)


def test_a_plugin_that_raises_with_a_value_leaks_nothing(
    scene: Scene, leaky: dict[str, str]
) -> None:
    plugin = ('["magister_like"]', '["leaky"]')
    po = scene.sabotaged(scene.po, "leaky", plugin)
    # a store of its own, so that the runner of `serve` does not take the order
    store = scene.copied(scene.vo.store, scene.vo.folder / "leaky.sqlite")
    vo = scene.sabotaged(scene.vo, "leaky", plugin, (str(scene.vo.store), str(store)))
    collect = ["dossier", "collect", "raises", "exits", "--profile", "POVO", *who(scene.po)]
    assert 1 == scene.run(*collect, config=po, **leaky)
    row = scene.orders[0]
    table = "pgn,achternaam,geboortedatum,bron_brin,verwijzing\n" + ",".join(row)
    by = ["--administration", str(scene.vo.routing_id), "--account", "raises@school.example"]
    scene.run("fetch", "order", "--from", "-", *by, config=vo, text=table, **leaky)
    said = b"".join(file.read_bytes() for file in scene.said.iterdir())
    assert 1 == said.count(b"plugin.failed")
    assert all(error in said for error in (b"ValueError", b"SystemExit", b"RuntimeError"))
    assert_nothing_said(scene)


def test_what_a_plugin_says_beside_its_answers_is_told_without_its_text(
    scene: Scene, leaky: dict[str, str]
) -> None:
    config = scene.sabotaged(scene.po, "leaky", ('["magister_like"]', '["leaky"]'))
    collect = ["dossier", "collect", "speaks", "--profile", "POVO", *who(scene.po)]
    assert 1 == scene.run(*collect, config=config, **leaky)
    said = max(scene.said.iterdir(), key=lambda file: int(file.name.split("-")[1])).read_text()
    events = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert [
        ("warnings", "UserWarning"),
        ("leaky", None),
        (None, "LookupError"),
        (None, "KeyError"),
    ] == [(line.get("library"), line.get("error")) for line in events]
    assert all(line["place"].startswith("leaky.py:") for line in events)
    assert "Traceback" not in said
    assert_nothing_said(scene)


def test_what_is_said_of_a_dossier_is_written_nowhere_in_the_clear(
    scene: Scene, leaky: dict[str, str]
) -> None:
    store = scene.copied(scene.vo.store, scene.vo.folder / "said.sqlite")
    changes = ('["magister_like"]', '["leaky"]'), (str(scene.vo.store), str(store))
    adapter = build(read_settings(scene.sabotaged(scene.vo, "said", *changes), {}))
    with closing(adapter), adapter.store.writing() as session:
        rows = session.scalars(select(Received).limit(2)).all()
        for row in rows:
            row.state = ReceivedState.PENDING
        ids = [row.id for row in rows]
    by = ["--account", "test@school.example"]
    config = scene.vo.folder / "said.toml"
    assert 0 == scene.run("received", "accept", ids[0], *by, config=config, **leaky)
    reject = ["received", "reject", ids[1], "--reason", MARKER]
    assert 0 == scene.run(*reject, *by, config=config)
    with closing(sqlite3.connect(store)) as db:
        query = f"SELECT state FROM received WHERE id IN ('{ids[0]}', '{ids[1]}')"
        assert {("uitgesteld",), ("geweigerd",)} == set(db.execute(query))
    written = [store, store.with_name("said.sqlite-wal")]
    assert [] == scene.demo.secrets.found_in_files(file for file in written if file.exists())
    assert_nothing_said(scene)


@pytest.mark.parametrize("form", ["text", "json"])
def test_findings_of_marshmallow_name_no_value(
    scene: Scene, leaky: dict[str, str], form: str
) -> None:
    config = scene.sabotaged(scene.po, "leaky", ('["magister_like"]', '["leaky"]'))
    collect = ["dossier", "collect", "wrong", "--profile", "POVO", "--format", form]
    assert 1 == scene.run(*collect, *who(scene.po), config=config, **leaky)
    assert_nothing_said(scene)


BROKEN = {
    "cut off": lambda xml: xml[: len(xml) // 2],
    "not well-formed": lambda xml: xml.replace(b"</achternaam>", b"</%s>" % MARKER.encode(), 1),
    "entity": lambda xml: xml.replace(b"<achternaam>", b"<achternaam>&%s;" % MARKER.encode(), 1),
    "doctype": lambda xml: xml.replace(b"<dossier", b"<!DOCTYPE %s><dossier" % MARKER.encode(), 1),
    "prefix": lambda xml: xml.replace(b"<achternaam>", b"<%s:x>" % MARKER.encode(), 1),
    "element": lambda xml: xml.replace(b"<leerling>", b"<leerling><%s/>" % MARKER.encode(), 1),
    "attribute": lambda xml: xml.replace(
        b"<leerling>", b'<leerling %s="%s">' % (MARKER.encode(), NUMBER.encode()), 1
    ),
    "date": lambda xml: xml.replace(b"<geboortedatum>", b"<geboortedatum>" + MARKER.encode(), 1),
    "namespace": lambda xml: xml.replace(b"edustandaard", MARKER.encode()),
    "encoding": lambda xml: xml.replace(b"<achternaam>", b"<achternaam>\xff" + MARKER.encode(), 1),
    "overdrachtsoort": lambda xml: xml.replace(
        b"<overdrachtsoort>", b"<overdrachtsoort>" + MARKER.encode(), 1
    ),
}


def test_a_broken_dossier_is_refused_without_a_value(scene: Scene) -> None:
    whole = next(iter(sorted((scene.demo.files / "prepared").iterdir()))).read_bytes()
    files = []
    for name, spoil in BROKEN.items():
        file = scene.apart / f"{name}.xml"
        file.write_bytes(spoil(whole))
        assert whole != file.read_bytes(), name
        files.append(str(file))
    assert 1 == scene.run("dossier", "put", *files, *who(scene.po), config=scene.po.config)
    for form in ("text", "json"):
        assert 1 == scene.run("validate", *files, "--format", form, config=scene.po.config)
    assert_nothing_said(scene)


ROWS = [
    f"{MARKER},{MARKER},2014-05-31,99AA,r",
    f"{NUMBER}1,{MARKER},2014-05-31,99AA,r",
    f"{NUMBER[:-1]}3,{MARKER},2014-05-31,99AA,r",
    f"{NUMBER},{MARKER},{MARKER},99AA,r",
    f"{NUMBER},{MARKER},2014-05-31,{MARKER},r",
    f"{NUMBER},,2014-05-31,99AA,r",
    f"{NUMBER}",
    f"{NUMBER},{MARKER},2014-05-31,99AA,r,{MARKER}",
    f'"{NUMBER},{MARKER}',
]


def test_bad_rows_in_a_list_are_named_by_their_place(scene: Scene) -> None:
    heading = "pgn,achternaam,geboortedatum,bron_brin,verwijzing"
    order = ["fetch", "order", "--from", "-", "--no-wait", *who(scene.vo)]
    for rows in (ROWS, ROWS[-1:]):
        table = "\n".join([heading, *rows, ""])
        assert scene.run(*order, config=scene.vo.config, text=table) in (1, 2)
    assert_nothing_said(scene)


def test_a_list_without_a_heading_is_refused_without_a_value(scene: Scene) -> None:
    order = ["fetch", "order", "--from", "-", *who(scene.vo)]
    text = f"{NUMBER},{MARKER}\n"
    assert 2 == scene.run(*order, config=scene.vo.config, text=text)
    assert_nothing_said(scene)


@pytest.mark.parametrize(
    ("event", "command"),
    [
        ("INSERT", ["dossier", "collect", "--profile", "POVO"]),
        ("UPDATE", ["dossier", "inzage", "--on", "2026-01-01", "--akkoord", "Ja"]),
    ],
)
def test_an_error_of_the_database_is_told_without_its_text(
    scene: Scene, event: str, command: list[str]
) -> None:
    file = scene.copied(scene.po.store, scene.apart / f"{event}.sqlite")
    with closing(sqlite3.connect(file)) as db:
        db.execute(
            f"CREATE TRIGGER no BEFORE {event} ON prepared "
            f"BEGIN SELECT RAISE(ABORT, '{MARKER} {NUMBER}'); END"
        )
    name = f"trigger-{event}"
    config = scene.sabotaged(scene.po, name, (str(scene.po.store), str(file)))
    pupil = scene.demo.stage.pupils()[0]
    assert 1 == scene.run(*command, pupil, *who(scene.po), config=config)
    assert_nothing_said(scene)


def test_a_broken_database_of_the_supplier_is_told_without_a_value(scene: Scene) -> None:
    file = scene.apart / "las.sqlite"
    copy(scene.po.database, file)
    with closing(sqlite3.connect(file)) as db:
        db.execute(f"ALTER TABLE leerling RENAME COLUMN achternaam TO {MARKER}")
    config = scene.sabotaged(scene.po, "las", (str(scene.po.database), str(file)))
    pupil = scene.demo.stage.pupils()[0]
    collect = ["dossier", "collect", pupil, "--profile", "POVO", *who(scene.po)]
    assert 1 == scene.run(*collect, config=config)
    assert_nothing_said(scene)


def spoiled(request: bytes) -> Iterator[bytes]:
    """A documentRequest with a marker, a number and both in every field in turn."""
    texts = re.compile(rb">([^<]+)</")
    for field in texts.finditer(request):
        for wrong in (MARKER, NUMBER, f"{MARKER} {NUMBER}"):
            yield request[: field.start(1)] + wrong.encode() + request[field.end(1) :]


def test_a_bad_documentrequest_is_answered_and_recorded_without_a_value(
    scene: Scene, doel: Adapter
) -> None:
    parties = Parties(scene.po.brin, scene.vo.brin, scene.vo.routing_id, scene.po.routing_id)
    key = doel.search_key.make(Pgn(scene.orders[0][0]))
    grant = doel.traffic_center.open_session(parties, key, "overstapdossier")
    good = {
        **parties.values(),
        **subject(key),
        "overdrachtsoort": "overstapdossier",
        "sessieId": str(grant.session_id),
    }
    whole = wrap(write(Message("documentRequest", good), load()))
    marker = MARKER.encode()
    bodies = [
        *spoiled(whole),
        whole.replace(b"documentRequest", marker),
        whole.replace(b"doelBrin", marker),
        whole.replace(b"20200910", marker),
        whole[: len(whole) // 2] + marker,
        b"<!DOCTYPE %s>" % marker + whole,
        marker + NUMBER.encode(),
        b"\xff" + marker,
    ]
    url = grant.endpoints[0].url
    paths = ["", f"/{MARKER}", f"/%51{MARKER}", f"?bsn={NUMBER}&naam={MARKER}"]
    answers = [posted(doel.soap.client, url, body) for body in bodies]
    answers += [posted(doel.soap.client, url + path, whole) for path in paths]
    refusals = [answer for answer in answers if b"leerling>" not in answer]
    assert len(bodies) <= len(refusals) < len(answers)
    for refusal in refusals:
        scene.keep("answer", refusal)
    assert_nothing_said(scene)
    events = [json.loads(line) for line in scene.po.log.read_text().splitlines() if line[:1] == "{"]
    assert {"endpoint.fault"} <= {event["event"] for event in events}


def test_after_all_this_nothing_is_in_anything_written(scene: Scene) -> None:
    assert scene.demo.stage.folder.is_relative_to(scene.demo.temporary)
    names = {file.name for file in scene.searched()}
    assert {"adapter.log", "adapter.sqlite", "adapter.sqlite-wal", "simulator.sqlite"} <= names
    assert [] == scene.demo.secrets.found_in_files(scene.searched())


def posted(client: HttpsClient, url: str, body: bytes) -> bytes:
    """The whole answer, whatever it is."""
    response = client._send("POST", url, headers={"Content-Type": "text/xml"}, body=body, party="p")
    with response:
        return repr(dict(response.headers)).encode() + response.read()
