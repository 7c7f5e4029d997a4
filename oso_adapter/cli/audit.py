"""``oso-adapter audit``: what was done, when, by whose order; and whether that is still whole."""

from typing import Any, Final, TextIO

import click

from oso_adapter.cli.audit_show import show
from oso_adapter.cli.common import NO, format_option, local, print_json
from oso_adapter.cli.holds import hold
from oso_adapter.cli.opened import opened_adapter
from oso_adapter.cli.wrong_use import WrongUse
from oso_adapter.exchange import heads
from oso_adapter.store.event_chain import Break

_BREAKS: Final = {
    "changed": "regel {number} is gewijzigd, verplaatst of ertussen gezet",
    "missing": "vanaf regel {number} ontbreken regels",
    "loose": "regel {number} hoort niet bij de keten",
    "cut-off": "vanaf regel {number} ontbreekt het einde, of er is een oudere database teruggezet",
    "other-head": "regel {number} is een andere dan toen; er is een oudere database teruggezet, of"
    " de keten is opnieuw gemaakt",
    "beginning": "de regels voor regel {number} zijn niet door de adapter vernietigd",
    "too-early": "de regels voor regel {number} zijn vernietigd voor het einde van hun termijn",
    "no-chain": "de keten met toen {number} regels is er niet",
}
"""What is wrong, in Dutch; `toen` is the moment of a head that was kept."""


@click.group()
def audit() -> None:
    """What was done with dossiers, when, between whom and by whose order."""


audit.add_command(show)
audit.add_command(hold)


@audit.command()
@click.option(
    "--head",
    "file",
    type=click.File(encoding="utf-8"),
    help="A log of the adapter (or its lines audit.head) to compare with; - is standard input."
    " Without it a whole database that was put back is not noticed.",
)
@format_option
@click.pass_context
def verify(ctx: click.Context, file: TextIO | None, form: str) -> None:
    """Look whether no line of the audit was changed, left out, moved or cut off.

    Exit code 1 when something is wrong; it is said which administration and which line.
    """
    with opened_adapter(ctx) as adapter:
        kept = heads.read_heads(adapter, _lines(file)) if file is not None else []
        found, wrong = heads.verify(adapter, kept)
        names = heads.names_of(adapter)
    told = [_told(each, names.get(each.chain, "?")) for each in wrong]
    if form == "json":
        chains = [
            {"administratie": names.get(h.chain, "?"), "regels": h.count, "hash": h.hash}
            for h in found
        ]
        print_json({"in_orde": not told, "ketens": chains, "vergeleken": len(kept), "fouten": told})
    else:
        for each in told:
            when = f" (vergeleken met {local(each['toen'])})" if each["toen"] else ""
            click.echo(f"{each['administratie']}: {each['fout']}{when}")
        if not told:
            lines = sum(head.count for head in found)
            click.echo(
                f"In orde: {lines} regels in {len(found)} ketens,"
                f" vergeleken met {len(kept)} bewaarde regels audit.head."
            )
    ctx.exit(NO if told else 0)


def _told(found: Break, name: str) -> dict[str, Any]:
    return {
        "administratie": name,
        "soort": found.kind,
        "regel": found.number,
        "toen": found.moment,
        "fout": _BREAKS[found.kind].format(number=found.number),
    }


def _lines(file: TextIO) -> list[str]:
    try:
        return file.readlines()
    except UnicodeDecodeError:
        raise WrongUse("the log is not UTF-8") from None
