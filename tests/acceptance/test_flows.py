"""Flows (a) and (b) of wire 1: overstap and overdracht binnen BRIN, each with its timeline.

Schools with a real product do every step by its command; endpoints are processes, over mutual TLS.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from magister_like import database, schema
from magister_like.generator import Generated, generate
from sqlalchemy import delete, select, update
from support.chain import ACCOUNT, Chain, School
from support.requester import add_administration
from support.timeline import timeline

from oso_adapter.bounded_xml import parse
from oso_adapter.demo.comparison import canonical
from oso_adapter.exchange.contents import content_digest
from oso_adapter.store.models import Exchange

HEAD = "pgn,achternaam,geboortedatum,bron_brin,verwijzing"
DELIVERED = "OverdrachtGeslaagd"


@dataclass(frozen=True)
class Two:
    """A po school with two administrations and a vo school, each with its product."""

    chain: Chain
    made: Generated
    po: School
    vo: School


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    folder = tmp_path_factory.mktemp("flows")
    made = generate(folder)
    chain = Chain.create(folder)
    try:
        chain.start("tc", "osr")
        po, vo = (
            chain.add_school(brin, sector, extra=product(path))
            for brin, sector, path in (("99AA", "PO", made.po), ("99BB", "VO", made.vo))
        )
        add_administration(po, "99AA", 2)
        po.start("public")
        yield Two(chain, made, po, vo)
    finally:
        chain.stop()


def product(path: Path) -> str:
    return f'[plugins]\nenabled = ["magister_like"]\n[plugins.magister_like]\ndatabase = "{path}"\n'


def run(school: School, *command: str, serial: int = 1, **more: Any) -> Any:
    by = ("--administration", f"{school.routing_id[:-5]}{serial:05d}", "--account", ACCOUNT)
    done = school.cli(*command, *by, **more)
    assert 0 == done.exit_code, done.output
    return done


def order(school: School, made: Generated, code: str, *more: str, serial: int = 1) -> Exchange:
    """Order the dossier of a pupil of the po school, and fetch it; gives the order."""
    with database.opened(made.po) as connection:
        pupil = database.load(connection, database.number_of_code(connection, code) or 0).main
    number = pupil["bsn"] or pupil["onderwijsnr"]
    row = f"{number},{pupil['achternaam']},{pupil['geboren'].isoformat()},99AA,{code}"
    run(
        *(school, "fetch", "order", "--from", "-", *more, "--format", "json"),
        text=f"{HEAD}\n{row}\n",
        serial=serial,
    )
    with school.adapter().store.reading() as session:
        return session.scalars(select(Exchange).order_by(Exchange.ordered_at.desc())).first()


def exported(school: School, folder: Path, code: str, serial: int = 1) -> bytes:
    """What the school received for a pupil, whatever its product made of it."""
    for state in ("overgenomen", "uitgesteld"):
        command = ("received", "export", "--state", state, "--to", str(folder))
        run(school, *command, serial=serial)
    return (folder / f"{code}.xml").read_bytes()


def without_inzage(xml: bytes) -> list[bytes]:
    """The canonical form of every block but inzage."""
    root = parse(xml)
    return [canonical(child) for child in root if not str(child.tag).endswith("}inzage")]


def test_what_parents_saw_is_what_was_sent(two: Two, tmp_path: Path) -> None:
    """Flow (a), with the supplier's tables changed after the view was exported."""
    code = database.leavers(two.made.po)[0]
    run(two.po, "dossier", "collect", code, "--profile", "POVO")
    run(two.po, "dossier", "show", code, "--format", "html", "--to", str(tmp_path))
    shown = run(two.po, "dossier", "show", code).stdout_bytes
    view = (tmp_path / f"{code}.html").read_text(encoding="utf-8")
    [digest] = set(re.findall(r">([0-9a-f]{64})<", view))

    change_everything(two.made.po, code)

    saw = ("--on", "2025-03-02", "--akkoord", "Ja", "--controlegetal", digest)
    run(two.po, "dossier", "inzage", code, *saw)
    ready = run(two.po, "dossier", "ready", code, "--for", "99BB")
    assert "OSR." not in ready.stderr
    done = order(two.vo, two.made, code)

    came = exported(two.vo, tmp_path / "received", code)
    assert without_inzage(shown) == without_inzage(came)
    assert digest == content_digest(parse(came))
    run(two.po, "dossier", "collect", code, "--profile", "POVO")
    again = run(two.po, "dossier", "show", code).stdout_bytes
    assert digest != content_digest(parse(again)), "the tables did change"

    assert [
        ("tc", "overdrachtRequest", "2 aanleverpunt"),
        ("99BB", "fetch.session", ""),
        ("tc", "sessiecontroleRequest", "VO"),
        ("99AA", "request.delivered", DELIVERED),
        ("99BB", "fetch.answered", DELIVERED),
        ("99BB", "fetch.received", DELIVERED),
        ("tc", "afmeldingRequest", DELIVERED),
        ("99BB", "fetch.signed_off", DELIVERED),
    ] == timeline(two.chain, done.session_id or "", two.po, two.vo)


def change_everything(path: Path, code: str) -> None:
    """In the supplier's tables: another first name, no absence, no tests, no reports."""
    with database.opened(path, writes=True) as connection:
        number = database.number_of_code(connection, code)
        pupil = schema.leerling
        connection.execute(
            update(pupil).where(pupil.c.nr == number).values(voornamen=["Heel", "Anders"])
        )
        for table in schema.PARTS:
            if table.name.startswith(("verzuim", "toets", "rapport")):
                connection.execute(delete(table).where(table.c.leerling_nr == number))


def test_a_dossier_within_one_brin_needs_no_inzage(two: Two, tmp_path: Path) -> None:
    """Flow (b): from one administration of a school to another one of it."""
    code = database.leavers(two.made.po)[1]
    run(two.po, "dossier", "collect", code, "--profile", "BB")
    run(two.po, "dossier", "ready", code, "--for", "99AA")
    sent = run(two.po, "dossier", "show", code).stdout_bytes

    done = order(two.po, two.made, code, "--binnen-brin", serial=2)

    came = exported(two.po, tmp_path, code, serial=2)
    assert canonical(parse(sent)) == canonical(parse(came))
    assert [
        ("tc", "overdrachtRequest", "1 aanleverpunt"),
        ("99AA", "fetch.session", ""),
        ("tc", "sessiecontroleRequest", "PO"),
        ("99AA", "request.delivered", DELIVERED),
        ("99AA", "fetch.answered", DELIVERED),
        ("99AA", "fetch.received", DELIVERED),
        ("tc", "afmeldingRequest", DELIVERED),
        ("99AA", "fetch.signed_off", DELIVERED),
    ] == timeline(two.chain, done.session_id or "", two.po)
