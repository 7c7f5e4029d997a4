"""Writes the reference pages from the code, so that they cannot differ from it: ``make docs``.

Each page is a function without arguments that gives Markdown; a test compares the pages with what
is in this folder.
"""

import inspect
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, Final, get_args, get_type_hints

from oso_adapter import hookdata, hookspecs, logs, plugins, results, settings
from oso_adapter.standard import attachment_checks, checks, findings, pack, typed_dicts
from oso_adapter.store import events
from oso_adapter.web import api
from oso_adapter.wire import contract

FOLDER: Final = Path(__file__).parent
ORIGIN: Final = "<!-- made by docs/generate.py from the code; change that and run: make docs -->"


def configuration() -> str:
    """Every setting with its type, default and meaning."""
    parts = [
        "# Configuration",
        "One TOML file, `oso-adapter.toml` in the working folder unless `--config` or `OSO_CONFIG` "
        "names another. Each key can also be given as an environment variable "
        "`OSO_<SECTION>__<KEY>` (lists with commas), or as `OSO_<SECTION>__<KEY>_FILE`, the name "
        "of a file that holds the value, which is how secrets reach a container. Relative paths "
        "start at the folder of the configuration file, except the file in `store.url`, which "
        "starts at the working folder. A section or key that nobody knows is an error.",
        "Everything is judged at the start; `oso-adapter config check` does the same and says what "
        "is worth knowing.",
        "## environment",
        f"Required: one of {_code(get_args(settings.EnvironmentName))}. It decides which roots, "
        "addresses, OINs, BRINs and algorithms fit together; a mixture does not start. "
        "Variable: `OSO_ENVIRONMENT`.",
    ]
    for name, section in get_type_hints(settings.Settings).items():
        if name == "environment":
            continue
        rows = [_setting(section, spec) for spec in fields(section) if spec.metadata]
        parts += [f"## [{name}]", _doc(section), _table(("key", "type", "default", ""), rows)]
        if section is settings.Plugins:
            parts.append(
                "A plugin's own settings stand in `[plugins.<name>]` and reach it as they are, "
                "through `context.settings(name)`."
            )
    return _page(parts)


def hooks() -> str:
    """Every hook with its signature, docstring and time budget, and what it gets and gives."""
    specs = _members(lambda value: hasattr(value, "oso_adapter_spec"))
    types = [
        v for v in vars(hookdata).values() if getattr(v, "__module__", "") == hookdata.__name__
    ]
    parts = [
        "# Hooks",
        _doc(hookspecs),
        f"This is hook API {hookspecs.HOOK_API}. How the host treats a plugin, where its code runs "
        "and what it may take is told in [plugins.md](plugins.md). The [README](../README.md) has "
        "a complete small plugin.",
        "## What will be gone",
        _ending(),
    ]
    for name, hook in specs.items():
        kind = "first result" if hook.oso_adapter_spec["firstresult"] else "all"
        parts += [
            f"## {name}",
            f"```python\n{name}{_signature(hook)}\n```",
            _doc(hook),
            f"Kind: {kind}. The host waits {plugins.BUDGETS[name]:g} seconds."
            + (" It runs in every process." if name in plugins.IN_ENDPOINT else ""),
        ]
    parts.append("# What hooks get and give")
    for cls in types:
        lines = [f"{f.name}: {_type(f.type)}" for f in fields(cls)]
        parts += [f"## {cls.__name__}", _doc(cls), "```python\n" + "\n".join(lines) + "\n```"]
    return _page(parts)


def plugin_problems() -> str:
    """What can be wrong with a plugin, for those who have to mend it."""
    tables = {}
    for severity in ("error", "warning"):
        rows = [
            (_code([code]), kind.reason.format(detail="..."), kind.remedy, kind.school)
            for code, kind in plugins.PROBLEMS.items()
            if kind.severity == severity
        ]
        tables[severity] = _table(("code", "the plugin ...", "remedy", "for a school"), rows)
    return _page(
        [
            "# What can be wrong with a plugin",
            "`serve` logs each as `plugin.problem`; `config check` names what is wrong when a "
            "plugin is loaded. What went wrong in calls is remembered for thirty days. None of it "
            "holds a value: in the place of the dots stand names of hooks, arguments, settings and "
            "types, places in the code, and numbers.",
            "## Errors",
            "The plugin is left out, or gave no answer to this one call.",
            tables["error"],
            "## Warnings",
            "The plugin works. With `[plugins] strict` these are errors too.",
            tables["warning"],
        ]
    )


def event_lists() -> str:
    """The events of the log, and those of the store."""
    return _page(
        [
            "# Events",
            "There are two kinds. The **log** (one JSON object a line on standard output, with "
            "`event` and `moment`) is for whoever keeps the adapter running. The **events in the "
            "store** say what was done, by whose order and with which result; plugins get them "
            "through `oso_event`. Neither holds a number, a name or content of a dossier. A SOAP "
            "fault carries a `fault_id` that is in the log too.",
            "## In the log",
            _table(("event", "meaning"), [(_code([n]), m) for n, m in sorted(logs.EVENTS.items())]),
            "## In the store",
            "Fields: moment, administration, account (the employee by whose order it was done), "
            "subject (id of the dossier or order), session, counterpart, result, fault id.",
            _table(("event", "meaning"), [(_code([n]), m) for n, m in events.NAMES.items()]),
        ]
    )


def result_list() -> str:
    """Every result code, for those who have to explain one."""
    rows = [
        (
            _code([r.code]),
            r.meaning,
            r.sent_by,
            "" if r.rank is None else f"{r.rank:g}",
            r.evidence,
        )
        for r in results.CATALOGUE.values()
    ]
    readers = {
        "asking": "the asking school reads",
        "sending": "the sending school reads",
        "helpdesk": "the help desk reads",
    }
    parts = [
        "# Results",
        "What an exchange can end in. The rank orders results for the sign-off of a session, "
        "1 is best; one without a rank is never signed off. The official table is not public: "
        "the column *evidence* says how sure a code is, ranks and Dutch texts are ours. A code "
        "that is not in this table is shown as it came, and ranks between 6 and 7.",
        _table(("code", "meaning", "sent by", "rank", "evidence"), rows),
        "`oso-adapter results --format html` (or `markdown`) makes a chapter for your manual of "
        "what follows, with your own service desk of `[service_desk]` in it; `--for` takes one of "
        "the three.",
    ]
    for viewer in results.VIEWERS:
        views = [(r.code, r.view(viewer)) for r in results.CATALOGUE.values()]
        told = [(_code([code]), v.text, v.owner, v.next_step) for code, v in views]
        head = ("code", "what happened", "who can mend it", "what now")
        parts += [f"## What {readers[viewer]}", _table(head, told)]
    return _page(parts)


def contract_facts() -> str:
    """The facts of the wire contract and how sure each is."""
    loaded = contract.load()
    assumed = [(_code([a.item]), _value(a.value), a.source, a.why) for a in loaded.assumed()]
    parts = [
        f"# The OSO messages, contract {loaded.name}",
        "The official WSDL and XSD are not public. *attested*: read in a public source; *derived*: "
        'follows from several; *assumed*: found nowhere. In the sources, "wire" is our summary of '
        "the public pages, S and U are its numbered sources and unknowns.",
        "To replace a fact, name a TOML file in `[chain] contract_override` with the same tables, "
        "only what differs, and in each table a `source`; its evidence is then attested. `order` "
        "replaces the order of a message, and a field that it leaves out is gone. The README has "
        "an example.",
        "## What is assumed",
        _table(("item", "assumed", "source", "why"), assumed),
        "## Options",
        _table(
            ("option", "value", "evidence", "source"),
            [
                (_code([n]), _value(o.value), o.fact.evidence, o.fact.source)
                for n, o in loaded.options.items()
            ],
        ),
        "## Messages",
        f"Namespace: `{loaded.namespace}` ({loaded.namespace_fact.evidence}).",
    ]
    groups = [(n, "an element in messages", g.fields, g.fact) for n, g in loaded.groups.items()]
    messages = [(n, f"to: {m.to}", m.fields, m.fact) for n, m in loaded.messages.items()]
    for name, note, content, fact in [*groups, *messages]:
        rows = [
            (_code([f.element]), f.kind, _occurs(f), f.fact.evidence, f.fact.source)
            for f in content
        ]
        head = ("element", "kind", "occurs", "evidence", "source")
        parts += [f"### {name}", f"{note}; name, order and number of elements: {fact.evidence}."]
        parts += [_table(head, rows)] if rows else []
    return _page(parts)


def rules_of_the_standard() -> str:
    """Every business rule of the newest release, code lists and our own checks."""
    release = pack.load_pack(pack.built_in_releases()[-1])
    rules = [
        (
            _code([rule.id]),
            ", ".join(rule.profiles)
            if len(rule.profiles) < len(release.profiles.profiles)
            else "all",
            f"{rule.severity} ({rule.evidence})",
            rule.meaning,
            rule.message,
        )
        for rule in release.rules.rules
    ]
    lists = [
        (found.number, found.name, _code(found.elements), str(len(found.codes)))
        for found in release.codelists.lists.values()
    ]
    return _page(
        [
            f"# Rules of Gegevensset {release.release}",
            "What `validate` judges beside the schema. An *error* is what the published validator "
            "enforces. *unreached*: in it, but never evaluated, so that a dossier that breaks the "
            "rule is accepted by the chain: a warning, and an error with `--strict`. *own*: ours, "
            "the same. [standard.md](standard.md) tells how to use it.",
            "## Business rules",
            _table(("rule", "profiles", "severity", "meaning", "what a school reads"), rules),
            "## Code lists",
            "A code that is not on its list is an error with the rule `CL.` and the number.",
            _table(("list", "name", "elements", "codes"), lists),
            "## Our own checks",
            _doc_block(checks),
            _doc_block(attachment_checks),
            _doc_block(findings),
        ]
    )


def api_description() -> str:
    """The OpenAPI document of the JSON API."""
    return json.dumps(api.document(), indent=2, ensure_ascii=False) + "\n"


PAGES: Final[dict[str, Callable[[], str]]] = {
    "configuration.md": configuration,
    "hooks.md": hooks,
    "plugin-problems.md": plugin_problems,
    "events.md": event_lists,
    "results.md": result_list,
    "contract.md": contract_facts,
    "rules.md": rules_of_the_standard,
    "openapi.json": api_description,
}


def types_of_releases() -> dict[str, str]:
    """The types for the dict form of the releases that we ship: the path of each module from the
    root of the project, and its text.
    """
    return {
        f"oso_adapter/standard/typed/{typed_dicts.package_name(release)}/{name}": text
        for release in pack.built_in_releases()
        for name, text in typed_dicts.modules(pack.load_pack(release)).items()
    }


def _setting(section: Any, spec: Field[Any]) -> tuple[str, ...]:
    required = spec.default is MISSING and spec.default_factory is MISSING
    default = "required" if required else _default(spec.default)
    kind = _type(get_type_hints(section)[spec.name]).replace(" | None", "")
    kind = re.sub(r"tuple\[(\w+), \.\.\.\]", r"list of \1", kind).replace("Path", "file")
    return _code([spec.name]), kind, default, spec.metadata["help"]


def _default(value: Any) -> str:
    if value is None or value == ():
        return ""
    return _code([str(value).lower() if isinstance(value, bool) else str(value)])


def _members(wanted: Callable[[Any], bool]) -> dict[str, Any]:
    """In the sequence of the module."""
    return {name: value for name, value in vars(hookspecs).items() if wanted(value)}


def _signature(hook: Any) -> str:
    signature = inspect.signature(hook)
    given = ", ".join(f"{p.name}: {_type(p.annotation)}" for p in signature.parameters.values())
    return f"({given}) -> {_type(signature.return_annotation)}"


def _type(annotation: Any) -> str:
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    if hasattr(annotation, "__args__"):
        text = str(annotation)
    text = re.sub(r"\b(?:\w+\.)+(\w)", r"\1", text)
    return "None" if annotation is None else text.replace("'", '"')


def _ending() -> str:
    rows = [
        (_code([used]), end.until.isoformat(), end.instead)
        for used, end in plugins.DEPRECATED.items()
    ]
    if not rows:
        return "Nothing: no hook and no argument is to go."
    return _table(("hook or argument", "there until", "use instead"), rows)


def _occurs(field: contract.Field) -> str:
    most = "n" if field.max is None else str(field.max)
    return most if str(field.min) == most else f"{field.min}..{most}"


def _value(text: str) -> str:
    return _code([text]) if text else "(empty)"


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(c.replace("|", "\\|") for c in r) + " |" for r in lines)


def _doc(documented: Any) -> str:
    """A docstring as Markdown: double back-quotes become single, references plain names."""
    text = inspect.getdoc(documented) or ""
    return re.sub(r":\w+:`([^`]+)`", r"`\1`", text.replace("``", "`"))


def _doc_block(module: Any) -> str:
    """A module's docstring as it stands, which holds a table in plain text."""
    return f"```text\n{inspect.getdoc(module)}\n```"


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join([ORIGIN, *parts]) + "\n"


if __name__ == "__main__":
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
    for path, text in types_of_releases().items():
        module = FOLDER.parent / path
        module.parent.mkdir(exist_ok=True)
        module.write_text(text, encoding="utf-8")
