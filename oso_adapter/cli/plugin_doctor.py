"""``oso-adapter plugins doctor``: what is wrong with plugins, what it means, how it is mended."""

import sys
from typing import Any

import click

from oso_adapter.cli.common import NO, format_option, local, print_json
from oso_adapter.cli.opened import settings_of
from oso_adapter.clock import utc_now
from oso_adapter.exchange.plugin_doctor import Diagnosis, examine
from oso_adapter.logs import configure_logs

UNKNOWN = "note: the database cannot be read, so it is not known which calls went wrong lately"


@click.command()
@format_option
@click.pass_context
def doctor(ctx: click.Context, form: str) -> None:
    """Tell what is wrong with the plugins, what it means for the school, and how to mend it.

    Each plugin is loaded in a process of its own; calls that went wrong in the last seven days
    count too. Works also when the adapter does not start. Exit code 1: something is an error.
    """
    configure_logs(sys.stderr)
    settings = settings_of(ctx)
    examined = examine(settings, utc_now)
    if form == "json":
        print_json([_row(each) for each in examined.found])
    else:
        for each in examined.found:
            _print(each)
        if not settings.plugins.enabled:
            click.echo("no plugin is enabled ([plugins] enabled)")
        elif not examined.found:
            click.echo("nothing is wrong with the plugins")
    if not examined.failures_known:
        click.echo(UNKNOWN, err=True)
    if not examined.is_healthy:
        ctx.exit(NO)


def _row(found: Diagnosis) -> dict[str, Any]:
    problem = found.problem
    return {
        "plugin": problem.plugin,
        "code": problem.code,
        "severity": problem.severity,
        "hook": found.hook,
        "times": found.times or None,
        "last": found.last_at,
        "reason": problem.reason,
        "school": problem.school,
        "remedy": problem.remedy,
    }


def _print(found: Diagnosis) -> None:
    problem = found.problem
    where = f" in {found.hook}" if found.hook else ""
    times = f" ({found.times} times, last {local(found.last_at)})" if found.times else ""
    click.echo(f"{problem.severity} {problem.code}: plugin {problem.plugin} {problem.reason}"
               f"{where}{times}")  # fmt: skip
    click.echo(f"    Voor de school: {problem.school}")
    click.echo(f"    Herstel: {problem.remedy}")
