"""``oso-adapter plugins trace``: call hooks of a plugin once, and tell what they do."""

import time
from dataclasses import replace
from typing import Any

import click

from oso_adapter.cli.common import (
    NO,
    account_option,
    administration_option,
    format_option,
    print_json,
)
from oso_adapter.cli.opened import administration, opened_adapter
from oso_adapter.cli.texts import NAME
from oso_adapter.errors import NotFound
from oso_adapter.exchange.plugin_trace import HOOKS, Asked, Traced
from oso_adapter.exchange.plugin_trace import trace as trace_hook
from oso_adapter.plugins import PluginHost


@click.command()
@click.argument("plugin", type=NAME, metavar="NAME")
@click.argument("hooks", nargs=-1, type=click.Choice(HOOKS), metavar="[HOOK...]")
@click.option("--pupil", type=NAME, required=True, help="Your own reference of a pupil.")
@click.option(
    "--profile", type=NAME, default="POVO", show_default=True, help="POPO, POVO, VOVO, BB."
)
@administration_option
@account_option
@format_option
@click.pass_context
def trace(
    ctx: click.Context,
    plugin: str,
    hooks: tuple[str, ...],
    pupil: str,
    profile: str,
    administration_name: str,
    account: str,
    form: str,
) -> None:
    """Call hooks of a plugin once for a pupil, as the runner of `serve` does.

    All that only read, or those named. Tells of each how long it took, where it ran, the kind and
    size of the answer, and what is wrong with it by place; no value of a pupil. Nothing is stored
    but that it was read, by whose order. Exit code 1: a call failed, or there is an error.
    """
    with opened_adapter(ctx) as adapter:
        owner = administration(adapter, administration_name)
        asked = Asked(owner, account, pupil, profile)
        settings = adapter.settings
        alone = replace(settings.plugins, enabled=(plugin,), strict=False)
        if plugin not in settings.plugins.enabled:
            raise NotFound(f"plugin {plugin} is not enabled; see: oso-adapter plugins list")
        with PluginHost(replace(settings, plugins=alone), role="runner") as host:
            if plugin not in host.names:
                raise NotFound(f"plugin {plugin} cannot be used; see: oso-adapter plugins doctor")
            having = [hook for hook in HOOKS if plugin in host.listeners(hook)]
            chosen = hooks or having
            rows = [
                _row(trace_hook(adapter, host, plugin, hook, asked, time.monotonic))
                for hook in chosen
            ]
    if form == "json":
        print_json(rows)
    else:
        for row in rows:
            _print(row)
        if not rows:
            click.echo(f"plugin {plugin} has no hook that is traced: {', '.join(HOOKS)}")
    errors = [f for row in rows for f in row["findings"] if f["severity"] == "error"]
    if errors or any(row["failure"] for row in rows):
        ctx.exit(NO)


def _row(traced: Traced) -> dict[str, Any]:
    return {
        "hook": traced.hook,
        "seconds": round(traced.seconds, 3),
        "process": "its own" if traced.apart else "this one",
        "answer": traced.answer,
        "values": traced.size,
        "failure": traced.failure,
        "findings": [
            {"severity": each.severity, "rule": each.rule, "path": each.path}
            for each in traced.findings
        ],
    }


def _print(row: dict[str, Any]) -> None:
    click.echo(f"{row['hook']}: {row['seconds']:.3f} s, in {row['process']}")
    if row["failure"]:
        click.echo(f"    failed: {row['failure']}")
    elif row["answer"] is None:
        click.echo("    no answer (None)")
    else:
        click.echo(f"    {row['answer']} with {row['values']} values")
    if row["findings"]:
        click.echo(f"    {len(row['findings'])} findings:")
    for each in row["findings"]:
        click.echo(f"    {each['severity']} {each['rule']} {each['path']}")
