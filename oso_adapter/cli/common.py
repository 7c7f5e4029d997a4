"""What every command shares: reading lists, printing, exit codes.

Exit codes: 0 done; 1 the answer is no (invalid, refused, findings); 2 wrong use or configuration;
3 the other side could not be reached.
"""

import json
import os
import sys
import tomllib
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from oso_adapter.cli.texts import NAME
from oso_adapter.cli.wrong_use import WrongUse, in_own_words, without_numbers
from oso_adapter.clock import AMSTERDAM
from oso_adapter.errors import (
    ConfigurationError,
    InvalidIdentifier,
    NotFound,
    OsoError,
    Refused,
)
from oso_adapter.identifiers import Pgn
from oso_adapter.results import result

if TYPE_CHECKING:
    from oso_adapter.standard import Finding

T = TypeVar("T")
Command = TypeVar("Command", bound=Callable[..., Any])

FIRST_DAY: Final = date(2000, 1, 1)

NO: Final = 1
WRONG_USE: Final = 2
UNREACHABLE: Final = 3


def day(ctx: click.Context, option: click.Parameter, value: str | None) -> date | None:
    """A date as YYYY-MM-DD, of this century: an earlier one is a mistake."""
    try:
        found = date.fromisoformat(value) if value else None
    except ValueError:
        raise click.BadParameter("a date is written as 2026-07-31") from None
    if found is not None and found < FIRST_DAY:
        raise click.BadParameter(f"a date is not before {FIRST_DAY}")
    return found


account_option = click.option(
    "--account",
    required=True,
    type=NAME,
    metavar="NAAM",
    help="The school employee by whose order it is done.",
)
administration_option = click.option(
    "--administration",
    "administration_name",
    required=True,
    type=NAME,
    metavar="KENMERK",
    help="Routeringskenmerk, or the BRIN when it has one administration.",
)
before_option = click.option(
    "--before", callback=day, help="Only what has stood still since before this day (2026-07-01)."
)
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the answer is printed.",
)


def _use_packs(ctx: click.Context, option: click.Parameter, given: Path | None) -> None:
    """The releases in this folder are known from now on, in processes that are started too."""
    folder = given.absolute() if given is not None else _configured_packs(ctx)
    if folder is not None:
        from oso_adapter.standard.pack import VARIABLE, use_folder  # noqa: PLC0415 - not for all

        os.environ[VARIABLE] = str(folder.resolve())
        use_folder(folder)


def _configured_packs(ctx: click.Context) -> Path | None:
    """The folder that the variable names, else ``[standard] packs``; beside the configuration file.

    Nothing else of the file is read or judged: these commands work without a configuration.
    """
    config: Path = ctx.find_root().params["config"]
    base = config.parent.absolute()
    from oso_adapter.standard.pack import VARIABLE  # noqa: PLC0415 - not for all

    if named := os.environ.get(VARIABLE):
        return base / named
    try:
        read = tomllib.loads(config.read_text(encoding="utf-8"))
        folder: Path = base / read["standard"]["packs"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not folder.is_dir():  # `standard import` may be about to make it
        click.echo(f"Note: the folder of [standard] packs does not exist: {folder}", err=True)
        return None
    return folder


packs_option = click.option(
    "--packs",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    expose_value=False,
    callback=_use_packs,
    help="A folder with releases of your own, as made by `standard import`; otherwise that of"
    " OSO_STANDARD__PACKS, or [standard] packs in the configuration file.",
)


class OsoGroup(click.Group):
    """A group whose commands end with a clear sentence and the right exit code, never a traceback.

    A traceback can show values; of what was not foreseen the type and the place are told.
    """

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command and turn errors into a sentence and an exit code."""
        try:
            with in_own_words():
                return super().invoke(ctx)
        except OsoError as error:
            click.echo(f"Error: {_told(error)}", err=True)
            ctx.exit(error.exit_code)
        except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception as error:
            click.echo(f"Error: {_unforeseen(error)}", err=True)
            ctx.exit(NO)


def _told(error: OsoError) -> str:
    """What a person reads of it: of a refusal the code and what it means (PvE-3)."""
    if not isinstance(error, Refused):
        return str(error)
    view = result(error.code).view("asking")
    return f"{error.code}: {view.text} {view.next_step}"


def _unforeseen(error: Exception) -> OsoError:
    """What can be told of an error that was not foreseen: its type and its place."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return OsoError(f"unexpected {type(error).__name__} at {place}; please report")


def references(given: Sequence[str], file: Any) -> list[str]:
    """Pupil references from the arguments and from a file or standard input, one a line."""
    try:
        lines = [line.strip() for line in file] if file is not None else []
    except UnicodeDecodeError:
        raise WrongUse("the list of pupils is not UTF-8; save it as UTF-8") from None
    found = [*given, *(line for line in lines if line and not line.startswith("#"))]
    if not found:
        raise WrongUse("name at least one pupil, or give a list with --from FILE")
    return without_numbers(found, "pupil")


def personal_numbers(file: Any) -> list[Pgn]:
    """Personal numbers, one a line; a line that is none is named, never what stands in it."""
    found = []
    for line, text in enumerate(file, 1):
        if digits := text.strip():
            try:
                found.append(Pgn.checked(digits))
            except InvalidIdentifier as error:
                raise WrongUse(f"line {line}: {error}") from None
    return found


def each(
    items: Sequence[str], work: Callable[[str], T], doing: str
) -> tuple[list[tuple[str, T]], list[tuple[str, OsoError]]]:
    """Do something for each item, with a progress bar; one that fails does not stop the rest.

    Gives what was done, and what failed with its error.
    """
    done: list[tuple[str, T]] = []
    failed: list[tuple[str, OsoError]] = []
    with progress_bar(doing, len(items)) as update:
        for number, item in enumerate(items, 1):
            try:
                done.append((item, work(item)))
            except (ConfigurationError, click.ClickException):
                raise
            except OsoError as error:
                failed.append((item, error))
            except Exception as error:
                failed.append((item, _unforeseen(error)))
            update(number)
    return done, failed


def complain(item: str, error: OsoError) -> None:
    """Say why something was not done for an item."""
    click.echo(f"{item}: {_told(error)}", err=True)


@contextmanager
def progress_bar(doing: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, when that is a terminal and there is more than one thing to do."""
    if total < 2 or not sys.stderr.isatty():
        yield lambda done: None
        return
    from oso_adapter.cli.terminal import bar  # noqa: PLC0415 - see there

    with bar(doing, total) as update:
        yield update


def print_rows(rows: Sequence[Mapping[str, Any]], form: str, empty: str) -> None:
    """Print rows as a table or as JSON."""
    if form == "json":
        print_json(list(rows))
    elif not rows:
        click.echo(empty)
    else:
        from oso_adapter.cli.terminal import print_table  # noqa: PLC0415 - see there

        print_table(list(rows[0]), [[_cell(value) for value in row.values()] for row in rows])


def print_json(value: Any) -> None:
    """Print as JSON; moments and dates in ISO 8601."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=_plain))


def print_findings(findings: "Iterable[Finding]") -> None:
    """Findings in Dutch, with who can mend them and the next step."""
    for finding in findings:
        line = f" (regel {finding.line})" if finding.line else ""
        click.echo(f"  {finding.severity} {finding.rule} {finding.path}{line}", err=True)
        click.echo(f"    {finding.message} [{finding.owner}] {finding.next_step}", err=True)


def local(moment: datetime | None) -> str:
    """A moment as a school reads it."""
    return moment.astimezone(AMSTERDAM).strftime("%Y-%m-%d %H:%M") if moment else ""


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return local(value) if isinstance(value, datetime) else str(value)


def _plain(value: Any) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise NotFound("a value that cannot be printed as JSON")
