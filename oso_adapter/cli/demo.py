"""``oso-adapter demo``: the whole chain on this machine, in one command."""

import importlib
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from oso_adapter.cli.common import NO
from oso_adapter.demo import scenario, timeline
from oso_adapter.demo.comparison import compare
from oso_adapter.demo.processes import Processes
from oso_adapter.demo.supplier import Supplier
from oso_adapter.errors import ConfigurationError
from oso_adapter.simulator.pki import Pki


@click.command()
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Leave the dossiers (prepared/, received/) and timeline.json in this folder.",
)
@click.pass_context
def demo(ctx: click.Context, keep: Path | None) -> None:
    """Let 25 pupils move from a primary to a secondary school, over real mutual TLS.

    Starts a simulated Traffic Center, OSR and PKI and two adapters, each with its own certificate,
    database and school; ends them all again. The pupils are synthetic.
    """
    console = Console(soft_wrap=True)
    begun = time.monotonic()
    las = _example()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="oso-demo-")))
        processes = stack.enter_context(Processes())
        console.print("Leerlingen, PKI, Traffic Center en OSR…")
        made = las.generator.generate(folder)
        chain = scenario.start_chain(processes, folder / "chain", folder / "chain.log")
        po, vo = scenario.suppliers(folder, made.po, made.vo)
        scenario.mandate(chain, [po, vo])
        console.print("Twee adapters, elk met eigen certificaat, database en school…")
        pki = Pki.open(Path(chain["pki"]))
        scenario.start(processes, chain, pki, (po, vo))
        console.print("Verzamelen, inzage en klaarzetten bij de basisschool…")
        pupils = las.database.leavers(made.po)[: scenario.BULK + 3]
        expected = scenario.prepare(po, pupils)
        console.print("Ophalen door de scholengemeenschap…")
        intake = zip(las.database.intake(made.vo), pupils, strict=False)
        results = scenario.fetch(vo, [[*_order(row), pupil] for row, pupil in intake])
        stranger = scenario.knock_as_stranger(po, folder / "stranger", pki.roots)
        outcome = scenario.Outcome(expected, results, stranger)
        files = keep or folder / "kept"
        _export(po, vo, pupils[: scenario.BULK], files)
        lines = _timeline(chain, po, vo, files)
        _report(console, outcome, lines, files, time.monotonic() - begun)
        proved = compare(files).same and not outcome.surprises and stranger == "tls"
    if not proved:
        ctx.exit(NO)


def _example() -> Any:
    """The example product; its database and generator are not part of the adapter."""
    try:
        las = importlib.import_module("magister_like")
        for part in ("database", "generator"):
            importlib.import_module(f"magister_like.{part}")
    except ModuleNotFoundError:
        raise ConfigurationError(
            "the demonstration needs the example product: pip install ./examples/magister_like"
        ) from None
    return las


def _order(row: dict[str, Any]) -> list[str]:
    born = row["geboortedatum"].isoformat()
    return [row["pgn"], row["achternaam"], born, row["bron_brin"]]


def _export(po: Supplier, vo: Supplier, pupils: list[str], files: Path) -> None:
    """Both sides write what they have, each under the reference of the pupil."""
    lines = "\n".join(pupils) + "\n"
    po.order("dossier", "show", "--from", "-", "--to", str(files / "prepared"), text=lines)
    vo.order("received", "export", "--to", str(files / "received"))


def _timeline(
    chain: dict[str, Any], po: Supplier, vo: Supplier, files: Path
) -> list[timeline.Line]:
    names = {str(po.oin): str(po.brin), str(vo.oin): str(vo.brin)}
    lines = [
        *timeline.of_simulator(Path(chain["state"]), names),
        *timeline.of_bron(po.folder / "adapter.sqlite", po.brin),
    ]
    lines.sort(key=lambda line: line.moment)
    timeline.write(lines, files / "timeline.json")
    return lines


def _report(
    console: Console,
    outcome: scenario.Outcome,
    lines: list[timeline.Line],
    files: Path,
    seconds: float,
) -> None:
    timeline.show(lines, console)
    special = [e for e in outcome.expected if e.result != "OverdrachtGeslaagd"]
    arrived = list(outcome.results.values()).count("OverdrachtGeslaagd")
    same = compare(files)
    console.print("\nSamenvatting")
    console.print(f"  opgehaald              {arrived} van {len(outcome.expected)}")
    console.print(f"  ongewijzigd            {same.dossiers} dossiers, {same.attachments} bijlagen")
    console.print(f"  grootste dossier       {same.largest / 2**20:.1f} MB")
    for case in special:
        console.print(f"  {case.why:<30} {outcome.results.get(case.pupil)}")
    console.print(f"  {'vreemd certificaat':<30} geweigerd ({outcome.stranger})")
    for pupil in outcome.surprises:
        console.print(f"  ONVERWACHT: {pupil} kreeg {outcome.results.get(pupil)}")
    console.print(f"  in {seconds:.0f} seconden")
