"""``oso-adapter plugins list`` and ``show``: which plugins there are, and what each can do."""

import inspect
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

import click

from oso_adapter import hookspecs
from oso_adapter.cli.common import NO, format_option, print_json, print_rows
from oso_adapter.cli.opened import settings_of
from oso_adapter.cli.texts import NAME
from oso_adapter.errors import NotFound
from oso_adapter.logs import configure_logs
from oso_adapter.plugins import BUDGETS, IN_ENDPOINT, Description, inspected
from oso_adapter.plugins.inventory import Available, available
from oso_adapter.plugins.loading import Loaded, load
from oso_adapter.plugins.output import move_standard_output
from oso_adapter.plugins.section import schema_of
from oso_adapter.plugins.shown import Setting, settings_shown
from oso_adapter.settings import Settings

OFF: Final = "not enabled"


@click.command("list")
@format_option
@click.pass_context
def list_(ctx: click.Context, form: str) -> None:
    """List the plugins: those that are enabled, in their order, and the others that could be.

    Each that is enabled is loaded in a process of its own, to see whether it works. One that is not
    enabled is not touched.
    """
    configure_logs(sys.stderr)
    settings = settings_of(ctx)
    known = {each.name: each for each in inspected(settings)}
    rows: list[dict[str, Any]] = [
        {
            "name": each.name,
            "version": each.version,
            "package": each.package,
            "origin": each.origin or None,
            "enabled": each.enabled,
            "state": state(known.get(each.name)),
            "hooks": sorted(hooks_of(known.get(each.name))),
        }
        for each in available(settings)
    ]
    if form == "text":
        rows = [
            {**row, "enabled": _yes(row["enabled"]), "hooks": " ".join(row["hooks"])}
            for row in rows
        ]
    print_rows(rows, form, "there is no plugin: none is installed, and none is in the directory")


@click.command()
@click.argument("name", type=NAME)
@format_option
@click.pass_context
def show(ctx: click.Context, name: str, form: str) -> None:
    """Show one plugin: its hooks, with arguments, time and where each runs, and its settings.

    No secret is shown, and of a plugin without a schema (OSO_SETTINGS) no value. Exit code 1: it
    cannot be used.
    """
    configure_logs(sys.stderr)
    settings = settings_of(ctx)
    found = [each for each in available(settings) if each.name == name]
    if not found:
        raise NotFound(f"there is no plugin {name}; see: oso-adapter plugins list")
    facts = _facts(settings, found[0])
    if form == "json":
        print_json(facts)
    else:
        _print(facts)
    if facts["state"] not in ("works", "warned"):
        ctx.exit(NO)


def state(description: Description | None) -> str:
    """How a plugin is, in a word or two; None for one that is not enabled."""
    if description is None:
        return OFF
    if description.hooks is None:
        return "left out"
    return "warned" if description.problems else "works"


def hooks_of(description: Description | None) -> Iterable[str]:
    """The hooks that it has, as far as it could be loaded."""
    return (description.hooks or ()) if description is not None else ()


def _facts(settings: Settings, plugin: Available) -> dict[str, Any]:
    alone = replace(settings, plugins=replace(settings.plugins, enabled=(plugin.name,)))
    described = inspected(alone)[0] if plugin.enabled else None
    loaded = _loaded(settings, described)
    seconds = settings.plugins.seconds
    return {
        "name": plugin.name,
        "version": plugin.version,
        "package": plugin.package,
        "origin": plugin.origin,
        "enabled": plugin.enabled,
        "state": state(described),
        "hook API": _api(loaded),
        "hooks": [_hook(hook, seconds) for hook in sorted(hooks_of(described))],
        "settings": [asdict(each) for each in _settings(settings, plugin.name, loaded)],
        "problems": [
            {"code": p.code, "severity": p.severity, "reason": p.reason, "remedy": p.remedy}
            for p in (described.problems if described else ())
        ],
    }


def _loaded(settings: Settings, described: Description | None) -> Loaded | None:
    """The plugin in this process, once it was seen that another survives loading it."""
    if described is None or described.hooks is None or described.found is None:
        return None
    move_standard_output()
    section = settings.plugins.sections.get(described.name, {})
    loaded = load(described.found, section, settings.plugins.loading)
    return loaded if isinstance(loaded, Loaded) else None


def _api(loaded: Loaded | None) -> list[int] | None:
    plugin = loaded.manager.get_plugin(loaded.name) if loaded else None
    declared: Sequence[int] | None = getattr(plugin, "OSO_API", None)
    return None if declared is None else list(declared)


def _hook(hook: str, seconds: float) -> dict[str, Any]:
    arguments = inspect.signature(getattr(hookspecs, hook)).parameters
    return {
        "hook": f"{hook}({', '.join(arguments)})",
        "seconds": min(BUDGETS[hook], seconds) if hook in BUDGETS else None,
        "under serve": "in the endpoint" if hook in IN_ENDPOINT else "in a process of its own",
    }


def _settings(settings: Settings, name: str, loaded: Loaded | None) -> list[Setting]:
    plugin = loaded.manager.get_plugin(name) if loaded else None
    return settings_shown(schema_of(plugin), settings.plugins.sections.get(name, {}))


def _print(facts: Mapping[str, Any]) -> None:
    for name in ("name", "version", "package", "origin", "enabled", "state", "hook API"):
        value = facts[name]
        if name == "hook API" and value is not None:
            value = f"{value[0]} to {value[1]}"
        click.echo(f"{name:<10}{_yes(value) if name == 'enabled' else _text(value)}")
    click.echo("\nhooks:")
    print_rows(facts["hooks"], "text", "  none")
    click.echo(f"\nsettings, [plugins.{facts['name']}]:")
    rows = [
        {
            "name": each["name"],
            "value": f"{_text(each['value'])}{' (default)' if each['is_default'] else ''}",
            "required": _yes(each["required"]),
            "help": each["help"],
        }
        for each in facts["settings"]
    ]
    print_rows(rows, "text", "  none")
    for each in facts["problems"]:
        click.echo(f"\n{each['severity']} {each['code']}: it {each['reason']}")
        click.echo(f"    {each['remedy']}")


def _text(value: object) -> str:
    return "-" if value is None else str(value)


def _yes(value: object) -> str:
    return "yes" if value else "no"
