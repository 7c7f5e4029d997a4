"""A school of three pupils whose database has habits of its own, and a mapping for it."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from oso_sql import plugin, reading
from oso_sql.mapping import SqlMapping

from oso_adapter.hookspecs import AdministrationRef, CollectedDossier, HookContext

NOW = datetime(2027, 5, 12, 9, 0, tzinfo=UTC)
TABLES = """
CREATE TABLE pupils (
  id INTEGER PRIMARY KEY, code TEXT UNIQUE, bsn TEXT, surname TEXT, first TEXT, sex TEXT,
  born TEXT, enrolled TEXT, secret TEXT, liable TEXT, state TEXT DEFAULT 'own'
);
CREATE TABLE carers (pupil INTEGER, no INTEGER, surname TEXT, initials TEXT, weight REAL);
CREATE TABLE years (pupil INTEGER, no INTEGER, year TEXT, form TEXT);
CREATE TABLE papers (pupil INTEGER, no INTEGER, name TEXT, path TEXT, content BLOB);
CREATE TABLE taken (id TEXT PRIMARY KEY, outcome TEXT, reason TEXT);
INSERT INTO pupils VALUES
  (1, 'A1', '999000011', 'Vos', 'Ada;Bea', 'v', '31-01-2015', '20190801', 'N', 'J', 'own'),
  (2, 'A2', '999000023', 'Das', 'Cor', 'm', '01-02-2015', '20190801', 'J', 'J', 'own'),
  (3, 'A3', '999000035', 'Uil', 'Dirk', '?', '31-02-2015', '20190801', 'x', 'J', 'own');
INSERT INTO carers VALUES (1, 2, 'Vos', 'B.', 1.5), (1, 1, 'Beer', 'A.', 0.1),
  (2, 1, 'Das', 'C.', 2);
INSERT INTO years VALUES (1, 1, '2025-2026', '7'), (1, 2, '2026-2027', '8');
INSERT INTO papers VALUES (1, 1, 'plan.pdf', 'one/plan.pdf', x'255044462d31');
"""
MAPPING = """
[pupil]
query = "SELECT * FROM pupils WHERE code = :pupil"
list = "SELECT code FROM pupils ORDER BY code"

[queries]
carers = "SELECT * FROM carers WHERE pupil = :id ORDER BY no"
years = "SELECT * FROM years WHERE pupil = :id ORDER BY no"
papers = "SELECT * FROM papers WHERE pupil = :id ORDER BY no"

[codes.sex]
m = "1"
v = "2"

[import]
find = "SELECT * FROM pupils WHERE bsn = :pgn"
key = "id"
owner = "pupil"
replace = { state = "oso" }
update = { state = "oso" }
new = \"\"\"
SELECT id, 'N' || id AS code
FROM (SELECT coalesce(:key, (SELECT 1 + max(id) FROM pupils)) AS id)
\"\"\"
done = { table = "taken", id = "id", outcome = "outcome", reason = "reason" }

[[blocks]]
path = "huidigeschool"
rows = "pupil"
fields = { naam = { value = "De Eik" }, brincode = { value = "99AA" } }

[[blocks]]
path = "huidigeschool/leerling"
rows = "pupil"
table = "pupils"

[blocks.fields]
voornaam = { column = "first", many = ";" }
achternaam = "surname"
geslacht = { column = "sex", codes = "sex" }
geboortedatum = { column = "born", date = "%d-%m-%Y" }
datuminschrijving = { column = "enrolled", date = "%Y%m%d" }
adresgeheim = { column = "secret", true = "J", false = "N" }
verzorgersaansprakelijk = { column = "liable", true = "J", false = "N" }
bsn = "bsn"
leerlingid = "code"

[[blocks]]
path = "huidigeschool/leerling/verzorger"
rows = "carers"
table = "carers"
number = "no"
fields = { achternaam = "surname", voorletters-1 = "initials", adresgeheim = { value = false } }

[[blocks]]
path = "huidigeschool/leerling/schoolloopbaanlijst/schoolloopbaan"
rows = "years"
table = "years"
number = "no"
fields = { schooljaar = "year", jaargroep = "form" }

[[blocks]]
path = "huidigeschool/leerling/overigdocumentlijst/document"
rows = "papers"
table = "papers"
number = "no"
fields = { bestandsnaam = "name", bestandsinhoud = "content" }
"""

Write = Callable[..., Path]
Collect = Callable[..., dict[str, Any]]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """The database file; a test may change it."""
    path = tmp_path / "las.sqlite"
    connection = sqlite3.connect(path)
    with connection:
        connection.executescript(TABLES)
    connection.close()
    return path


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the mapping, with texts replaced by others."""

    def call(*changes: tuple[str, str]) -> Path:
        text = MAPPING
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "oso-sql.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return call


@pytest.fixture
def mapping(write: Write) -> SqlMapping:
    """The mapping as it is."""
    return reading.read(write())


@pytest.fixture
def told(database: Path, tmp_path: Path) -> HookContext:
    """What the host tells the plugin."""
    return HookContext(
        administration=AdministrationRef("99AA", "0000000700099AA00001", "LAS", "school", "t"),
        account="j.admin",
        release="2019.1",
        contract="20200910",
        clock=lambda: NOW,
        deadline=NOW,
        reason="test",
        sections={
            "oso-sql": {
                "mapping": str(tmp_path / "oso-sql.toml"),
                "database": f"sqlite:///{database}",
            }
        },
    )


@pytest.fixture
def collect(write: Write, told: HookContext) -> Collect:
    """The ``leerling`` that is collected, with changes to the mapping."""

    def call(*changes: tuple[str, str], pupil: str = "A1", profile: str = "POVO") -> dict[str, Any]:
        write(*changes)
        found = plugin.oso_collect_dossier(told, pupil, profile)
        assert isinstance(found, CollectedDossier)
        leerling: dict[str, Any] = found.dossier["huidigeschool"]["leerling"]
        return leerling

    return call
