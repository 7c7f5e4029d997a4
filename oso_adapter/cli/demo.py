"""``oso-adapter demo``: the whole chain on this machine, in one command."""

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import click
from rich.console import Console

from oso_adapter.cli.common import NO
from oso_adapter.cli.files import made_folder
from oso_adapter.demo import timeline
from oso_adapter.demo.scenario import FETCHED
from oso_adapter.demo.story import Told, stage, tell


@click.command()
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Leave the dossiers (prepared/, received/, both empty before) and timeline.json here.",
)
@click.pass_context
def demo(ctx: click.Context, keep: Path | None) -> None:
    """Let 25 pupils move from a primary to a secondary school, over real mutual TLS.

    Starts a simulated Traffic Center, OSR and PKI and two adapters, each with its own certificate,
    database and school; ends them all again. The pupils are synthetic.
    """
    console = Console(soft_wrap=True, highlight=False)
    if keep is not None:
        _require_room(keep)
    begun = time.monotonic()

    def say(what: str) -> None:
        console.print(f"[dim]{time.monotonic() - begun:4.0f} s[/]  {what}")

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="oso-demo-")))
        files = keep or folder / "kept"
        with stage(folder, say) as running:
            told = tell(running, files, say)
            names = {s.brin: s.name for s in (running.po, running.vo)}
            say("alles wat gestart is stopt weer")
        console.print("\n[bold]Tijdlijn[/]: wie stuurde wat aan wie, en het antwoord")
        console.print(", ".join(f"{brin} = {name}" for brin, name in names.items()))
        console.print("✓ = toegekend, of afgemeld met het resultaat van het document\n")
        timeline.show(told.lines, _sizes(files), console)
        _summarise(console, told)
    if keep is not None:
        console.print(f"  de dossiers staan in {keep}")
    console.print(f"  klaar in {time.monotonic() - begun:.0f} seconden")
    if not told.as_expected:
        ctx.exit(NO)


def _require_room(keep: Path) -> None:
    """What an earlier run left would be compared with what this one leaves, as if it were one."""
    for name in ("prepared", "received"):
        folder = made_folder(keep / name)
        if any(folder.iterdir()):
            why = f"{folder} holds dossiers already; name another"
            raise click.BadParameter(why, param_hint="--keep")


def _sizes(files: Path) -> dict[str, int]:
    return {file.stem: file.stat().st_size for file in (files / "received").glob("*.xml")}


def _summarise(console: Console, told: Told) -> None:
    same = told.comparison
    arrived = list(told.results.values()).count(FETCHED)
    asked = len(told.expected)
    console.print("\n[bold]Samenvatting[/]")
    console.print(
        f"  {arrived} van {asked} gevraagde dossiers zijn opgehaald, "
        f"{len(told.taken_over)} overgenomen"
    )
    console.print(
        f"  {same.dossiers} dossiers en {same.attachments} bijlagen kwamen ongewijzigd aan, "
        f"tot {same.largest / 2**20:.1f} MB"
    )
    console.print("  niet geleverd, zoals het hoort:")
    for case in told.expected:
        if case.result != FETCHED:
            result = told.results.get(case.pupil)
            console.print(f"    {case.pupil}  {case.why:<32} {result}")
    console.print(f"    {'-':<5}  {'vreemd certificaat':<32} geweigerd ({told.stranger})")
    for pupil in told.surprises:
        taken = "wel" if pupil in told.taken_over else "niet"
        result = told.results.get(pupil)
        console.print(f"  [red]ONVERWACHT[/]: {pupil} kreeg {result}, {taken} overgenomen")
