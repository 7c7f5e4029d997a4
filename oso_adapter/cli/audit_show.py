"""``oso-adapter audit show``: what was done, when, between whom and by whose order."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from oso_adapter.cli.common import account_option, format_option, print_rows
from oso_adapter.cli.event_texts import TEXTS
from oso_adapter.cli.numbers import asked_number
from oso_adapter.cli.opened import administration, opened_adapter
from oso_adapter.cli.texts import NAME
from oso_adapter.cli.wrong_use import WrongUse
from oso_adapter.clock import AMSTERDAM
from oso_adapter.exchange import audit, heads
from oso_adapter.identifiers import Oin, SessionId
from oso_adapter.store.models import Event

MOMENTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S%z"]


@click.command()
@click.option(
    "--dossier", type=NAME, metavar="ID", help="A dossier, or an order: also who read it."
)
@click.option("--session", type=NAME, metavar="ID", help="A session of the Traffic Center.")
@click.option("--fault", type=NAME, metavar="ID", help="A fault id that somebody reports.")
@click.option("--pupil", is_flag=True, help="A pupil: the number is asked, or read from stdin.")
@click.option("--to-oin", type=NAME, metavar="OIN", help="What went to the systems of a supplier.")
@click.option(
    "--between",
    nargs=2,
    type=click.DateTime(MOMENTS),
    help="Only from the first moment and up to the second, in Dutch time.",
)
@click.option(
    "--administration",
    "administration_name",
    type=NAME,
    metavar="KENMERK",
    help="Only of this administration.",
)
@account_option
@format_option
@click.pass_context
def show(ctx: click.Context, /, account: str, form: str, **given: Any) -> None:
    """Answer a question about what was done; that you asked becomes part of the audit.

    Everything about a pupil is found by present and former numbers, also after the dossiers are
    destroyed.
    """
    asked = [name for name in ("dossier", "session", "fault", "pupil", "to_oin") if given[name]]
    if len(asked) != 1:
        raise WrongUse("give one of --dossier, --session, --fault, --pupil and --to-oin")
    between = given["between"]
    pupil = asked_number() if given["pupil"] else None
    with opened_adapter(ctx) as adapter:
        name = given["administration_name"]
        question = audit.Question(
            dossier=given["dossier"],
            session=SessionId(given["session"]) if given["session"] else None,
            fault=given["fault"],
            pupil=pupil,
            to_oin=Oin(given["to_oin"]) if given["to_oin"] else None,
            between=(_moment(between[0]), _moment(between[1])) if between else None,
            administration=administration(adapter, name) if name else None,
        )
        found = audit.ask(adapter, question, account=account)
        names = heads.names_of(adapter)
    print_rows([_row(event, names) for event in found], form, "Hierover staat niets in de audit.")


def _moment(given: datetime) -> datetime:
    return given if given.tzinfo is not None else given.replace(tzinfo=AMSTERDAM)


def _row(event: Event, names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "moment": event.moment,
        "wat": TEXTS.get(event.name, event.name),
        "door": event.account,
        "administratie": names[event.administration_id or 0],
        "andere partij": event.counterpart,
        "resultaat": event.result,
        "uitleg": audit.meaning(event),
        "reden": event.reason,
        "dossier": event.subject,
        "sessie": event.session_id,
        "foutnummer": event.fault_id,
        "gebeurtenis": event.name,
        "regel": event.number,
    }
