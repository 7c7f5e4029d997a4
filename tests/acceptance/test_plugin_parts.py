"""A plugin that gives the zoeksleutel algorithm and the keys: the adapter works with those."""

import base64
import hashlib
from pathlib import Path

import pytest
from sqlalchemy import select
from support.chain import ACCOUNT, Chain, School, an_order
from support.dossiers import NUMBERS
from support.requester import DELIVERED, Preparer

from oso_adapter.bounded_xml import parse
from oso_adapter.demo.comparison import canonical
from oso_adapter.exchange import receive
from oso_adapter.exchange.orders import place
from oso_adapter.store import dossiers, exchanges
from oso_adapter.store.keys import new_keys
from oso_adapter.store.models import Request
from oso_adapter.store.sealing import Purpose
from oso_adapter.work.inline import Runner

PARTS = '''
import base64, hashlib
from oso_adapter.hookspecs import hookimpl
from oso_adapter.store.keys import read_keys
from oso_adapter.wire.search_key import SearchKey

class Other:
    name = "other"

    def make(self, pgn):
        digits = pgn.reveal()
        octets = hashlib.sha512(b"other" + digits.encode()).digest()
        return SearchKey(base64.b64encode(octets).decode(), digits[-4:])

    def matches(self, pgn, key):
        return self.make(pgn) == key

@hookimpl
def oso_search_key(context):
    return Other()

@hookimpl
def oso_key_provider(context):
    return read_keys("""{keys}""")
'''


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which a plugin with both parts is installed."""
    folder = tmp_path / "site"
    package = folder / "parts-1.0.dist-info"
    package.mkdir(parents=True)
    (folder / "parts.py").write_text(PARTS.format(keys=new_keys()), encoding="utf-8")
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: parts\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[oso_adapter]\nparts = parts\n")
    monkeypatch.syspath_prepend(folder)
    return folder


def with_parts(school: School) -> School:
    """The school without a key file, and with that plugin."""
    (school.folder / "keys.toml").unlink()
    text = school.config.read_text(encoding="utf-8").replace('[keys]\nfile = "keys.toml"\n', "")
    assert "keys.toml" not in text
    school.config.write_text(text + '[plugins]\nenabled = ["parts"]\n', encoding="utf-8")
    return school


def test_a_dossier_is_found_by_the_algorithm_and_sealed_by_the_keys_of_a_plugin(
    chain: Chain, installed: Path
) -> None:
    chain.start("tc")
    bron, doel = with_parts(chain.add_school("99AA", "PO")), with_parts(chain.add_school("99BB"))
    asked, asking = bron.adapter(), doel.adapter()
    preparer = Preparer(asked, bron.administration(asked))
    sent = preparer.all(NUMBERS[0], "P-1", "99BB", name="POPO")
    bron.start("public", env={"PYTHONPATH": str(installed)})

    [order] = place(asking, doel.administration(asking), ACCOUNT, [an_order(NUMBERS[0])])
    Runner(asking).run_due([order])

    with asking.store.reading() as session:
        assert DELIVERED == exchanges.found(session, order).result
        received = dossiers.received_of(session, order)
    assert canonical(parse(sent)) == canonical(parse(receive.opened(asking, received)))
    with asked.store.reading() as session:
        request = session.scalars(select(Request)).one()
    octets = hashlib.sha512(b"other" + NUMBERS[0].encode()).digest()
    expected = f"{NUMBERS[0][-4:]} {base64.b64encode(octets).decode()}"
    assert expected == asked.sealer.open_field(request.key_sealed, Purpose.SEARCH_KEY).decode()
