"""The story of the demonstration: a primary school's leavers go to secondary school."""

import csv
import io
import json
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from oso_adapter.clock import school_date, utc_now
from oso_adapter.demo.processes import DidNotStart, Processes, command, free_ports, run
from oso_adapter.demo.supplier import Supplier
from oso_adapter.errors import Unreachable
from oso_adapter.identifiers import Brin, Oin
from oso_adapter.simulator import seed
from oso_adapter.simulator.pki import Pki
from oso_adapter.simulator.state import State
from oso_adapter.store.models import ReceivedState
from oso_adapter.transport.client import HttpsClient
from oso_adapter.transport.tls import TlsFiles
from oso_adapter.wire.contract import load
from oso_adapter.wire.envelope import wrap
from oso_adapter.wire.messages import Message, write

PO: Final = Brin("99AA")
VO: Final = Brin("99BB")
ELSEWHERE: Final = Brin("99DD")
BULK: Final = 25
FETCHED: Final = "OverdrachtGeslaagd"
SPECIAL: Final = ("not ready", "ready for another school", "not seen by the parents")


@dataclass(frozen=True)
class Expected:
    """One pupil of the story: the reference, and the result that the vo school has to get."""

    pupil: str
    result: str
    why: str


def suppliers(folder: Path, po: Path, vo: Path) -> tuple[Supplier, Supplier]:
    """The two suppliers: each with an OIN, a certificate, a database and a school of its own."""
    return (
        Supplier(
            "Basisschool De Regenboog",
            PO,
            "PO",
            Oin("00000099000000011000"),
            "sleutel-van-het-po-systeem",
            folder / "po",
            po,
        ),
        Supplier(
            "Scholengemeenschap De Horizon",
            VO,
            "VO",
            Oin("00000099000000012000"),
            "sleutel-van-het-vo-systeem",
            folder / "vo",
            vo,
        ),
    )


def start_chain(processes: Processes, folder: Path, log: Path) -> dict[str, Any]:
    """Start Traffic Center, OSR and test school; gives their addresses and files."""
    ports = ",".join(str(port) for port in free_ports(3))
    return processes.start_and_read(command("simulator", "run", str(folder), "--ports", ports), log)


def mandate(chain: dict[str, Any], schools: Sequence[Supplier]) -> None:
    """The schools come into the OSR, and mandate their systems, as their boards would do."""
    state = State(Path(chain["state"]))
    for school in schools:
        seed.add_school(state, school.brin, school.name, school.sector)
        seed.add_supplier(state, school.oin, school.name, school.api_key)
        seed.add_mandate(state, school.brin, school.oin)


def start(
    processes: Processes, chain: dict[str, Any], pki: Pki, schools: Sequence[Supplier]
) -> None:
    """Install the adapters, and start them side by side."""
    ports = [school.install(chain, pki) for school in schools]
    with ThreadPoolExecutor(len(schools)) as pool:
        list(pool.map(lambda school, port: school.serve(processes, port), schools, ports))


def prepare(po: Supplier, pupils: Sequence[str]) -> list[Expected]:
    """The po school prepares: 25 for the vo school, and three that cannot be fetched yet."""
    bulk, (not_ready, elsewhere, not_seen) = pupils[:BULK], pupils[BULK:]
    po.collect(pupils)
    po.record_inzage([*bulk, not_ready, elsewhere], school_date(utc_now()))
    po.make_ready(bulk, VO)
    po.make_ready([elsewhere], ELSEWHERE)
    return [
        *(Expected(pupil, FETCHED, "klaargezet") for pupil in bulk),
        Expected(not_ready, "LeerlinginfoNietBeschikbaar", "ingezien, niet klaargezet"),
        Expected(elsewhere, "LeerlinginfoNietVoorDoel", f"klaargezet voor {ELSEWHERE}"),
        Expected(not_seen, "LeerlinginfoNietOpvraagbaar", "ouders zagen het nog niet"),
    ]


def fetch(vo: Supplier, orders: Sequence[Sequence[str]]) -> list[dict[str, str]]:
    """The vo school fetches its intake in one go; gives the row of each order."""
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(["pgn", "achternaam", "geboortedatum", "bron_brin", "verwijzing"])
    rows.writerows(orders)
    account = f"administratie@{vo.brin.lower()}.example"
    who = ["--administration", vo.routing_id, "--account", account]
    done = run(
        "fetch",
        "order",
        "--from",
        "-",
        *who,
        "--format",
        "json",
        config=vo.config,
        log=vo.log,
        text=table.getvalue(),
    )
    if not done.stdout:
        raise DidNotStart("`oso-adapter fetch order` failed", vo.log)
    rows_done: list[dict[str, str]] = json.loads(done.stdout)
    return rows_done


def export(po: Supplier, vo: Supplier, pupils: Sequence[str], files: Path) -> set[str]:
    """Both schools write what they have, each dossier under the reference of its pupil.

    Gives the references of those that the vo school's own system has accepted: these are written.
    """
    sent, came = str(files / "prepared"), str(files / "received")
    with ThreadPoolExecutor(2) as pool:
        shown = pool.submit(
            po.order, "dossier", "show", "--from", "-", "--to", sent, text="\n".join(pupils)
        )
        accepted = ("--state", ReceivedState.ACCEPTED, "--format", "json")
        exported = pool.submit(vo.order, "received", "export", *accepted, "--to", came)
    shown.result()
    return {row["verwijzing"] for row in json.loads(exported.result())}


def knock_as_stranger(school: Supplier, folder: Path, trusted: Path) -> str:
    """Ask with a certificate of another PKI; gives the word for how it was refused."""
    url = tomllib.loads(school.config.read_text(encoding="utf-8"))["transport"]["public_url"]
    leaf = Pki.create(folder).leaf("vreemd", oin=Oin("00000099000000019000"))
    client = HttpsClient(TlsFiles(leaf.certificate, leaf.key, (trusted,)))
    try:
        client.post_xml(url, wrap(write(Message("pingRequest", {}), load())), party=school.brin)
    except Unreachable as refused:
        return refused.reason
    finally:
        client.close()
    return "answered"
