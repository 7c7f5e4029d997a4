"""Speed and memory as ratios within one run, so that machines can be compared: ``make bench``.

Judging a dossier is compared with parsing it and XSD alone; collecting through a mapping of oso-sql
with the plugin that was written by hand; delivering one over mutual TLS with a ping over the same
kept-alive connection; the memory to deliver a large dossier with its size.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random
from timeit import repeat

import magister_like.plugin
import oso_sql.plugin
from lxml.etree import fromstring
from magister_like import database
from magister_like.generator import generate
from magister_like.schema import leerling
from sqlalchemy import select
from support.chain import ACCOUNT, Chain, School
from support.dossiers import NUMBERS, dossier

from oso_adapter.bounded_xml import parse
from oso_adapter.chain.traffic_center import Parties, subject
from oso_adapter.clock import school_date, utc_now
from oso_adapter.exchange import prepare
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.hookspecs import AdministrationRef, HookContext
from oso_adapter.identifiers import Brin, Pgn
from oso_adapter.standard import codec, profiles, validate
from oso_adapter.standard.pack import load_pack
from oso_adapter.standard.samples import sample_xml
from oso_adapter.wire.messages import Message

LARGE = 12 * 2**20
TIMES = 50
MANY = 2000
PUPILS = 500
MAPPING = Path(__file__).parents[1] / "examples" / "magister_like" / "oso-sql.toml"
KIND = "overstapdossier"
GROWTH = """
import sys
from pathlib import Path
from oso_adapter.standard import validate
from oso_adapter.standard.samples import sample_xml

def memory(kind):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(kind))

validate(sample_xml("POVO"))  # what is loaded once does not count
before = memory("VmRSS")
Path("/proc/self/clear_refs").write_text("5")  # the high-water mark begins anew
xml = Path(sys.argv[1]).read_bytes()
assert validate(xml).valid
print((memory("VmHWM") - before) / len(xml))
"""


def main() -> None:
    judging()
    collecting()
    with tempfile.TemporaryDirectory(prefix="oso-bench-") as name:
        chain = Chain.create(Path(name))
        try:
            delivering(chain)
        finally:
            chain.stop()


def judging() -> None:
    """Validate a full dossier, against parsing it and XSD alone; a large one, against its size."""
    xml = sample_xml("POVO", size="full")
    schema = load_pack().schema
    print(f"a full dossier of {len(xml) / 1000:.0f} kB, {len(list(parse(xml).iter('*')))} elements")
    whole = best(lambda: validate(xml))
    show("validate : lxml parse and XSD", whole / best(lambda: schema.validate(fromstring(xml))))
    show("validate, milliseconds", 1000 * whole)
    rules = load_pack().rules
    root = parse(xml)
    show("rules alone, milliseconds", 1000 * best(lambda: list(rules.broken(root, KIND, "POVO"))))
    with tempfile.TemporaryDirectory(prefix="oso-bench-") as name:
        large = Path(name) / "huge.xml"
        large.write_bytes(sample_xml("POVO", size="huge"))
        done = subprocess.run(
            [sys.executable, "-c", GROWTH, str(large)], capture_output=True, text=True, check=True
        )
        print(f"a dossier of {large.stat().st_size / 1e6:.0f} MB")
        show("memory to validate it : its size", float(done.stdout))
        many(Path(name), xml)


def many(folder: Path, xml: bytes) -> None:
    """Many files on the command line, by one process and by as many as there are cores."""
    for n in range(MANY):
        (folder / f"{n}.xml").write_bytes(xml)
    command = [sys.executable, "-m", "oso_adapter.cli", "validate", str(folder), "--jobs"]

    def judge(jobs: int) -> float:
        begin = time.perf_counter()
        subprocess.run([*command, str(jobs)], check=True, capture_output=True)
        return time.perf_counter() - begin

    cores = os.cpu_count() or 1
    print(f"{MANY} files on the command line, {cores} cores")
    show("one process : all cores", judge(1) / judge(cores))


def collecting() -> None:
    """Collect and judge the pupils of two schools, through a mapping and through code."""
    pack, kind, today = load_pack(), profiles.profile("BB"), school_date(utc_now())
    plugins = (magister_like.plugin, oso_sql.plugin)
    spent = [0.0 for _ in plugins]
    with tempfile.TemporaryDirectory(prefix="oso-bench-") as name:
        made = generate(Path(name))
        pupils = [
            (told(path, brin), code)
            for path, brin in ((made.po, "99AA"), (made.vo, "99BB"))
            for code in codes(path)
        ][:PUPILS]
        # One after the other for each pupil, so that the rest of the machine disturbs both alike.
        for context, code in pupils:
            for which, plugin in enumerate(plugins):
                begin = time.perf_counter()
                found = plugin.oso_collect_dossier(context, code, "BB")
                whole, _ = profiles.complete(
                    found.dossier, pack, kind, package="-", package_version="-", on=today
                )
                validate(codec.to_xml(whole, pack), profile="BB", inzage=False)
                spent[which] += time.perf_counter() - begin
    print(f"{len(pupils)} pupils collected from a database and judged")
    show("by a mapping : by code", spent[1] / spent[0])
    show("by a mapping, milliseconds each", 1000 * spent[1] / len(pupils))


def codes(path: Path) -> list[str]:
    """The references of all pupils of a school."""
    with database.opened(path) as connection:
        return list(connection.execute(select(leerling.c.leerlingcode)).scalars())


def told(path: Path, brin: str) -> HookContext:
    """What the host tells a plugin; each has its own section of the configuration."""
    return HookContext(
        administration=AdministrationRef(brin, f"00000007000{brin}00001", "LAS", "school", "t"),
        account=ACCOUNT,
        release=load_pack().release,
        contract="20200910",
        clock=utc_now,
        deadline=utc_now(),
        reason="bench",
        sections={
            "magister_like": {"database": str(path)},
            "oso-sql": {"mapping": str(MAPPING), "database": f"sqlite:///{path}"},
        },
    )


def delivering(chain: Chain) -> None:
    """Deliver dossiers, against a ping; and a large one, against its size in memory."""
    chain.start("tc")
    po, vo = chain.add_school("99AA", "PO"), chain.add_school("99BB", "VO")
    doel = vo.adapter()
    ready(po, NUMBERS[0], "klein", {})
    large = ready(po, NUMBERS[1], "groot", {"groot.bin": Random(1).randbytes(LARGE)})
    server = po.start("public")
    ping = Message("pingRequest", {})
    small, big = (request(doel, po, vo, number) for number in NUMBERS[:2])

    def ask(message: Message) -> Message:
        return doel.soap.call(po.url, message, party="bron")

    pinged, delivered = best(lambda: ask(ping)), best(lambda: ask(small))
    print("over mutual TLS, one connection")
    show("delivery : ping", delivered / pinged)
    show("deliveries a second", 1 / delivered)

    before = memory(server.pid, "VmRSS")
    for process in family(server.pid):
        (process / "clear_refs").write_text("5")  # the high-water mark begins anew
    ask(big)
    growth = memory(server.pid, "VmHWM") - before
    print(f"a dossier of {large / 2**20:.0f} MB")
    show("memory to deliver it : its size", growth / large)


def ready(school: School, number: str, reference: str, attachments: dict[str, bytes]) -> int:
    """Make a dossier ready for the vo school; gives its size."""
    adapter = school.adapter()
    sending = school.administration(adapter)
    xml = dossier(number, reference=reference, attachments=attachments)
    prepare.put(adapter, sending, ACCOUNT, xml)
    seen = prepare.Inzage(date(2025, 3, 2), "Ja")
    prepare.record_inzage(adapter, sending, ACCOUNT, reference, seen)
    prepare.make_ready(adapter, sending, ACCOUNT, reference, [Brin("99BB")])
    return len(xml)


def request(doel: Adapter, po: School, vo: School, number: str) -> Message:
    """A documentRequest in a session of its own; repeated it gets the same answer."""
    parties = Parties(po.brin, vo.brin, vo.routing_id, po.routing_id)
    key = doel.search_key.make(Pgn(number))
    grant = doel.traffic_center.open_session(parties, key, "overstapdossier")
    session = {"overdrachtsoort": "overstapdossier", "sessieId": str(grant.session_id)}
    return Message("documentRequest", {**parties.values(), **subject(key), **session})


def best(work: Callable[[], object]) -> float:
    """Seconds of the quickest run, which the rest of the machine disturbed least."""
    return min(repeat(work, number=1, repeat=TIMES))


def family(pid: int) -> list[Path]:
    """The folders in /proc of a process and its descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [Path(f"/proc/{pid}"), *(folder for child in children for folder in family(int(child)))]


def memory(pid: int, kind: str) -> int:
    """Octets of memory of a process and its descendants; kind: VmRSS now, VmHWM at most."""
    lines = [
        line
        for folder in family(pid)
        for line in (folder / "status").read_text().splitlines()
        if line.startswith(f"{kind}:")
    ]
    return sum(int(line.split()[1]) * 1024 for line in lines)


def show(what: str, figure: float) -> None:
    print(f"  {what:<32} {figure:8.1f}")


if __name__ == "__main__":
    main()
