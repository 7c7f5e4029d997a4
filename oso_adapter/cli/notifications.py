"""``oso-adapter notifications``: who asked in vain, and telling them; who told us."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import click

from oso_adapter import results
from oso_adapter.cli.asked import row
from oso_adapter.cli.common import (
    NO,
    UNREACHABLE,
    account_option,
    administration_option,
    complain,
    each,
    format_option,
    print_rows,
)
from oso_adapter.cli.fetch import placed
from oso_adapter.cli.opened import administration, opened_adapter
from oso_adapter.cli.texts import NAME
from oso_adapter.exchange import asked, notified, notify
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.asked import RECEIVED
from oso_adapter.exchange.fetch import NO_ANSWER
from oso_adapter.exchange.orders import order_of
from oso_adapter.results import View
from oso_adapter.store import notices
from oso_adapter.store import notifications as stored
from oso_adapter.store.models import Notice, NoticeState


@click.group()
def notifications() -> None:
    """Notifications: who asked in vain, telling them, and who told us.

    A request that got no dossier is remembered. Once the dossier is ready for that school, the
    system that asked can be told so, by a conscious order (send); nothing is ever sent by itself.
    """


@notifications.command()
@administration_option
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Also those for whom nothing is ready yet, and those that were told.",
)
@format_option
@click.pass_context
def waiting(ctx: click.Context, administration_name: str, everything: bool, form: str) -> None:
    """List the systems that asked in vain, and can be told that the dossier is ready now.

    Each is the last request of one system for one pupil; the id is what `send` takes. A pupil who
    was not collected here has no name in the list.
    """
    with opened_adapter(ctx) as adapter:
        school = administration(adapter, administration_name)
        found = asked.of_administration(adapter, school)
        rows = [row(adapter, item) for item in found if everything or item.waits]
    print_rows(rows, form, "Er is niemand die tevergeefs vroeg en nu kan worden ingelicht.")


@notifications.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...", type=int)
@administration_option
@account_option
@click.option("--no-wait", is_flag=True, help="Leave the work to the runner of `serve`.")
@format_option
@click.pass_context
def send(ctx: click.Context, /, ids: Sequence[int], no_wait: bool, form: str, **given: Any) -> None:
    """Tell systems that asked in vain that the dossier is ready for them now.

    ID is a request of `notifications waiting`. The effect: the other school's system gets one
    message that the dossier it asked for can be fetched, and shows it to its user, who may then
    ask again. It goes to the one system that asked, and to no other of that school, and it holds
    nothing of the pupil or the dossier. Your school is responsible for it. Each message is sent
    once; when it does not arrive you decide whether to give the order again. Without it the
    dossier can be fetched all the same.
    """

    def one(given_id: str) -> str:
        notice_id = notify.order(adapter, school, given["account"], int(given_id))
        return notice_id if no_wait else notify.carry_out(adapter, notice_id).id

    with opened_adapter(ctx) as adapter:
        school = administration(adapter, given["administration_name"])
        done, failed = each([str(given_id) for given_id in ids], one, "inlichten")
        with adapter.store.reading() as session:
            rows = notices.of_ids(session, [notice_id for _, notice_id in done])
        told = [rows[notice_id] for _, notice_id in done]
        print_rows([notice_row(adapter, notice) for notice in told], form, "")
    for given_id, error in failed:
        complain(given_id, error)
    ctx.exit(_code(told, no_wait=no_wait, failed=bool(failed)))


@notifications.command()
@administration_option
@format_option
@click.pass_context
def sent(ctx: click.Context, administration_name: str, form: str) -> None:
    """List the notifications that were ordered, and what came of each."""
    with opened_adapter(ctx) as adapter:
        school = administration(adapter, administration_name)
        rows = [notice_row(adapter, notice) for notice in notify.listed(adapter, school)]
    print_rows(rows, form, "Er is nog geen systeem ingelicht.")


@notifications.command()
@administration_option
@click.option("--open", "only_open", is_flag=True, help="Only those that were not fetched since.")
@format_option
@click.pass_context
def received(ctx: click.Context, administration_name: str, only_open: bool, form: str) -> None:
    """List the notifications of schools that you asked: their dossier can be fetched now.

    Each carries the reference of your order. It stays open until a dossier of that school for that
    pupil has come.
    """
    with opened_adapter(ctx) as adapter:
        school = administration(adapter, administration_name)
        with adapter.store.reading() as session:
            found = stored.listed(session, school.id, only_open=only_open)
        rows = [
            {
                "id": notification.id,
                "verwijzing": order_of(adapter, notification.exchange).reference,
                "bron": notification.bron_brin,
                "kenmerk": notification.bron_routing_id,
                "gemeld": notification.last_at,
                "stand": "open" if is_open else "opgehaald",
                "bestelling": notification.exchange_id,
            }
            for notification, is_open in found
        ]
    print_rows(rows, form, "Er zijn geen meldingen van scholen waar u een dossier vroeg.")


@notifications.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...", type=NAME)
@administration_option
@account_option
@click.option("--no-wait", is_flag=True, help="Leave the work to the runner of `serve`.")
@format_option
@click.pass_context
def fetch(
    ctx: click.Context, /, ids: Sequence[str], no_wait: bool, form: str, **given: Any
) -> None:
    """Order the dossiers that notifications tell of, and fetch them.

    ID is one of `notifications received`. The same pupils are asked for as in the orders of then,
    so nothing has to be typed again.
    """
    with opened_adapter(ctx) as adapter:
        school = administration(adapter, given["administration_name"])
        orders = notified.orders(adapter, school, ids)
        code = placed(adapter, school, given["account"], orders, no_wait=no_wait, form=form)
    ctx.exit(code)


def notice_row(adapter: Adapter, notice: Notice) -> dict[str, Any]:
    """An order to notify, as it is listed."""
    view = (
        results.result(notice.result).view("sending", adapter.settings.service_desk.reached)
        if notice.result
        else _UNFINISHED[NoticeState(notice.state)]
    )
    return {
        "id": notice.id,
        "aanvraag": notice.request_id,
        "brin": notice.request.doel_brin,
        "kenmerk": notice.request.doel_routing_id,
        "besteld": notice.ordered_at,
        "account": notice.account,
        "stand": notice.state,
        "resultaat": notice.result,
        "uitleg": view.text,
        "wie": view.owner,
        "wat nu": view.next_step,
        "foutnummer": notice.fault_id,
    }


_BUSY: Final = View(
    "De melding wordt nu verstuurd.", "verzendende school", "U hoeft niets te doen."
)
_UNFINISHED: Final = {
    NoticeState.ORDERED: replace(_BUSY, text="De melding wacht op de verwerking."),
    NoticeState.ANNOUNCING: _BUSY,
    NoticeState.SENDING: _BUSY,
    NoticeState.BROKEN_OFF: View(
        "Het versturen is afgebroken; het is niet bekend of de melding is aangekomen.",
        "verzendende school",
        "Geef zo nodig opnieuw opdracht (notifications send); dubbel melden kan geen kwaad.",
    ),
}


def _code(told: Sequence[Notice], *, no_wait: bool, failed: bool) -> int:
    """The exit code: whether all were told, and if not, whether somebody gave no answer."""
    results_of = {notice.result for notice in told}
    if NO_ANSWER in results_of:
        return UNREACHABLE
    return NO if failed or (not no_wait and results_of - {RECEIVED}) else 0
