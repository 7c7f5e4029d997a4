"""``oso-adapter dossier``: prepare dossiers for other schools (the sending side)."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click

from oso_adapter.cli.asked import for_ready, offer
from oso_adapter.cli.common import (
    NO,
    account_option,
    administration_option,
    before_option,
    complain,
    day,
    each,
    format_option,
    personal_numbers,
    print_findings,
    print_json,
    print_rows,
    progress_bar,
    references,
)
from oso_adapter.cli.dossier_find import find
from oso_adapter.cli.files import safe_name, write_dossier
from oso_adapter.cli.opened import administration, opened_adapter
from oso_adapter.cli.texts import NAME, REASON
from oso_adapter.cli.views import shown_format_option
from oso_adapter.cli.wrong_use import WrongUse, without_numbers
from oso_adapter.clock import school_date, utc_now
from oso_adapter.errors import OsoError
from oso_adapter.exchange import forms, prepare, unfinished
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.policy import BETWEEN_SCHOOLS
from oso_adapter.exchange.snapshot import NotPrepared, Outcome
from oso_adapter.identifiers import Brin
from oso_adapter.store import dossiers
from oso_adapter.store.models import Administration, PreparedState

pupils_argument = click.argument("pupils", nargs=-1, metavar="LEERLING...", type=NAME)
from_option = click.option(
    "--from",
    "file",
    type=click.File(encoding="utf-8-sig"),
    help="A file with one pupil reference a line; - is standard input.",
)
answers = click.Choice(["Ja", "Nee", "Onbekend"])
profile_option = click.option(
    "--profile", type=click.Choice(BETWEEN_SCHOOLS), help="Of this kind of transfer."
)


@click.group()
def dossier() -> None:
    """Prepare dossiers: find pupils, collect or put, show, record inzage, make ready, withdraw.

    LEERLING is the reference of the pupil in your own system (leerlingid), never a BSN.
    """


dossier.add_command(find)


@dossier.command()
@pupils_argument
@from_option
@administration_option
@account_option
@click.option(
    "--profile", required=True, type=click.Choice(BETWEEN_SCHOOLS), help="The kind of transfer."
)
@click.option(
    "--without", "switched_off", multiple=True, help="Optional category to leave out (cat_verzuim)."
)
@format_option
@click.pass_context
def collect(ctx: click.Context, /, **given: Any) -> None:
    """Collect (verzamelen) dossiers from the supplier's data, through the plugin."""

    def one(adapter: Adapter, school: Administration, pupil: str) -> Outcome:
        return prepare.collect(
            adapter, school, given["account"], pupil, given["profile"], given["switched_off"]
        )

    _for_each_pupil(ctx, given, one, "verzamelen")


@dossier.command()
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@administration_option
@account_option
@click.option(
    "--pupil", type=NAME, help="Your reference of the pupil (default: the leerlingid in the file)."
)
@click.option(
    "--former-numbers",
    "former",
    type=click.File(encoding="utf-8-sig"),
    help="A file with the former BSN or onderwijsnummer of the pupil, one a line; - is standard"
    " input. The dossier is found by these too.",
)
@format_option
@click.pass_context
def put(
    ctx: click.Context, /, files: Sequence[Path], pupil: str | None, former: Any, **given: Any
) -> None:
    """Put complete dossiers (XML) that your own software made."""
    if (pupil is not None or former is not None) and len(files) > 1:
        raise WrongUse("--pupil and --former-numbers go with one file")
    without_numbers((file.name for file in files), "file")
    numbers = personal_numbers(former) if former is not None else []

    def one(adapter: Adapter, school: Administration, file: str) -> Outcome:
        xml = Path(file).read_bytes()
        return prepare.put(adapter, school, given["account"], xml, pupil, numbers)

    _run(ctx, given, [str(file) for file in files], one, "aanleveren")


@dossier.command()
@pupils_argument
@from_option
@administration_option
@account_option
@shown_format_option
@click.option("--to", "folder", type=click.Path(path_type=Path), help="Write files in this folder.")
@click.option("--version", type=click.IntRange(1, 10**6), help="An older version, by its number.")
@profile_option
@click.pass_context
def show(ctx: click.Context, /, folder: Path | None, form: str, **given: Any) -> None:
    """Show prepared dossiers: exactly as they will be sent (XML), or for the parents to read.

    Without --version the newest; an older one stays as it was shown, until it is destroyed.
    """
    pupils = references(given["pupils"], given["file"])
    if folder is None and len(pupils) > 1:
        raise WrongUse("with more than one pupil, name a folder with --to")
    with opened_adapter(ctx) as adapter:
        school = administration(adapter, given["administration_name"])
        with progress_bar("wegschrijven", len(pupils)) as update:
            for number, pupil in enumerate(pupils, 1):
                xml = prepare.show(
                    *(adapter, school, given["account"], pupil),
                    version=given["version"],
                    profile=given["profile"],
                )
                shown = forms.shown(xml, form)
                if folder is None:
                    sys.stdout.buffer.write(shown)
                else:
                    write_dossier(folder / f"{safe_name(pupil)}.{form}", shown)
                update(number)


@dossier.command()
@pupils_argument
@from_option
@administration_option
@account_option
@click.option("--on", callback=day, required=True, help="Date of the inzage (2026-03-12).")
@click.option("--akkoord", type=answers, required=True, help="Whether the parents agree.")
@click.option("--reason", type=REASON, help="Why they do not agree; a remark, never a veto.")
@click.option("--toestemming", type=answers, help="Consent; needed from vo to vo.")
@click.option(
    "--controlegetal", "digest", help="Of what they saw; refused when the dossier is another."
)
@profile_option
@format_option
@click.pass_context
def inzage(ctx: click.Context, /, on: date, digest: str | None, **given: Any) -> None:
    """Record that the parents have seen the dossier.

    --profile is needed when a pupil has dossiers of more than one.
    """
    if on > school_date(utc_now()):
        raise click.BadParameter("de inzage kan niet in de toekomst liggen", param_hint="--on")
    recorded = prepare.Inzage(on, given["akkoord"], given["reason"], given["toestemming"])

    pupils = references(given["pupils"], given["file"])
    if digest is not None and len(pupils) > 1:
        raise WrongUse("--controlegetal goes with one pupil")

    def one(adapter: Adapter, school: Administration, pupil: str) -> Outcome:
        return prepare.record_inzage(
            *(adapter, school, given["account"], pupil, recorded, digest), profile=given["profile"]
        )

    _run(ctx, given, pupils, one, "inzage vastleggen")


@dossier.command()
@pupils_argument
@from_option
@administration_option
@account_option
@click.option("--for", "brins", multiple=True, required=True, help="BRIN that may fetch it.")
@click.option("--until", callback=day, help="Last day on which it can be fetched.")
@profile_option
@format_option
@click.pass_context
def ready(ctx: click.Context, /, brins: Sequence[str], until: date | None, **given: Any) -> None:
    """Make ready (klaarzetten) for one or more schools: all that may fetch it.

    A school that it was ready for before and that is not named now can no longer fetch it.
    --profile is needed when a pupil has dossiers of more than one.

    Systems that asked for it in vain before are named; they are not told unless you order it with
    `notifications send`.
    """
    schools = [Brin(brin) for brin in brins]
    if until is not None and until < school_date(utc_now()):
        raise click.BadParameter("de laatste dag is al voorbij", param_hint="--until")

    in_vain: dict[str, list[dict[str, Any]]] = {}

    def one(adapter: Adapter, school: Administration, pupil: str) -> Outcome:
        outcome = prepare.make_ready(
            *(adapter, school, given["account"], pupil, schools, until), profile=given["profile"]
        )
        in_vain[outcome.id] = for_ready(adapter, school, outcome.id)
        return outcome

    _run(ctx, given, references(given["pupils"], given["file"]), one, "klaarzetten", in_vain)


@dossier.command()
@pupils_argument
@from_option
@administration_option
@account_option
@format_option
@click.pass_context
def withdraw(ctx: click.Context, /, **given: Any) -> None:
    """Withdraw (intrekken): nobody can fetch it any more."""

    def one(adapter: Adapter, school: Administration, pupil: str) -> Outcome:
        return prepare.withdraw(adapter, school, given["account"], pupil)

    _for_each_pupil(ctx, given, one, "intrekken")


@dossier.command("list")
@administration_option
@click.option(
    "--state", type=click.Choice([s.value for s in PreparedState]), help="Only in this state."
)
@click.option("--open", "only_open", is_flag=True, help="What still has to happen, and for whom.")
@before_option
@format_option
@click.pass_context
def list_(ctx: click.Context, /, administration_name: str, form: str, **given: Any) -> None:
    """List prepared dossiers, every version of them.

    With --open: what is not collected, not seen by the parents, not ready, or not fetched by one of
    its schools, with that school and its age in days. Not collected are the pupils whom another
    school asked for in vain; a request has no name or number in it, so that the pupil is known only
    where a plugin found out whom it means.
    """
    only_open, before = given["only_open"], given["before"]
    if given["state"] and only_open:
        raise WrongUse("--state and --open do not go together")
    with opened_adapter(ctx) as adapter:
        school = administration(adapter, administration_name)
        rows = (
            _open_rows(adapter, school, before)
            if only_open
            else _rows(adapter, school, given["state"], before)
        )
    print_rows(rows, form, "Er is niets open." if only_open else "Er is nog niets verzameld.")


def _rows(
    adapter: Adapter, school: Administration, state: str | None, before: date | None
) -> list[dict[str, Any]]:
    with adapter.store.reading() as session:
        found = dossiers.listed(session, school.id, PreparedState(state) if state else None)
    return [
        {
            "leerling": prepare.pupil_of(adapter, prepared),
            "profiel": prepared.profile,
            "versie": prepared.version,
            "stand": prepared.state,
            "voor": " ".join(sorted(s.brin for s in prepared.schools)),
            "verzameld": prepared.collected_at,
            "account": prepared.account,
        }
        for prepared in found
        if before is None or school_date(prepared.changed_at) < before
    ]


def _open_rows(
    adapter: Adapter, school: Administration, before: date | None
) -> list[dict[str, Any]]:
    today = school_date(adapter.clock())
    return [
        {
            "leerling": item.pupil,
            "profiel": item.profile,
            "versie": item.version,
            "wat": item.missing,
            "voor": item.destination,
            "sinds": item.since,
            "dagen": (today - school_date(item.since)).days,
            "account": item.account,
        }
        for item in unfinished.listed(adapter, school)
        if before is None or school_date(item.since) < before
    ]


def _for_each_pupil(
    ctx: click.Context,
    given: dict[str, Any],
    one: Callable[[Adapter, Administration, str], Outcome],
    doing: str,
) -> None:
    _run(ctx, given, references(given["pupils"], given["file"]), one, doing)


def _run(
    ctx: click.Context,
    given: dict[str, Any],
    items: Sequence[str],
    one: Callable[[Adapter, Administration, str], Outcome],
    doing: str,
    in_vain: Mapping[str, Sequence[dict[str, Any]]] = MappingProxyType({}),
) -> None:
    """Do it for each item; print what was done and why the rest was not; exit 1 if any failed.

    in_vain: by the id of what was done, the systems that asked for it in vain.
    """
    with opened_adapter(ctx) as adapter:
        school = administration(adapter, given["administration_name"])
        done, failed = each(items, lambda item: one(adapter, school, item), doing)
    if given["form"] == "json":
        print_json(
            [_described(item, outcome, in_vain.get(outcome.id)) for item, outcome in done]
            + [_explained(item, error) for item, error in failed]
        )
    else:
        for item, outcome in done:
            click.echo(f"{item}: {outcome.state} (versie {outcome.version})")
            print_findings(outcome.findings)
            offer(in_vain.get(outcome.id, ()))
    for item, error in failed:
        complain(item, error)
        if isinstance(error, NotPrepared):
            print_findings(error.findings)
    if failed:
        click.echo(f"{len(done)} gelukt, {len(failed)} niet gelukt", err=True)
        ctx.exit(NO)


def _described(
    item: str, outcome: Outcome, in_vain: Sequence[dict[str, Any]] | None
) -> dict[str, Any]:
    asked_before = {} if in_vain is None else {"tevergeefs gevraagd": in_vain}
    return {
        "leerling": item,
        "id": outcome.id,
        "versie": outcome.version,
        "stand": outcome.state,
        "bevindingen": [asdict(finding) for finding in outcome.findings],
        **asked_before,
    }


def _explained(item: str, error: OsoError) -> dict[str, Any]:
    findings = error.findings if isinstance(error, NotPrepared) else ()
    return {
        "leerling": item,
        "error": str(error),
        "bevindingen": [asdict(finding) for finding in findings],
    }
