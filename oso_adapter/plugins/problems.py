"""What can be wrong with a plugin: each with a code, a reason, what it means, and the remedy.

Nothing here holds a value: names of plugins, hooks, arguments, settings and types, and places in
the code of the plugin.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from traceback import extract_tb
from typing import Final, Literal

Severity = Literal["error", "warning"]

_DIGITS: Final = re.compile(r"[0-9]{4,}")


@dataclass(frozen=True)
class Kind:
    """One line of the catalogue.

    reason: English, for the developer, goes on after the name of the plugin; school: Dutch, what
    it means for a school; remedy: English. Both English texts have places for details.
    """

    reason: str
    school: str
    remedy: str
    severity: Severity = "error"


LEFT_OUT: Final = (
    "Deze koppeling doet niet mee. De rest van de adapter werkt door; vraag uw leverancier."
)
FAILED: Final = "De koppeling gaf geen antwoord op deze vraag. Probeer het later opnieuw."
GOES_ON: Final = "De koppeling werkt; dit is iets voor uw leverancier."

PROBLEMS: Final[Mapping[str, Kind]] = {
    # finding and loading
    "not-found": Kind(
        "is not installed{detail}",
        LEFT_OUT,
        "install its package in this environment, or correct the name in [plugins] enabled",
    ),
    "ambiguous": Kind(
        "is there twice: {detail}",
        LEFT_OUT,
        "leave one: name it once in [plugins] enabled, and keep it installed or in the directory",
    ),
    "writable": Kind(
        "can be changed by others: {detail}",
        LEFT_OUT,
        "let nobody but the owner write there (chmod go-w), as user of the adapter or as root",
    ),
    "import": Kind(
        "cannot be imported ({detail})",
        LEFT_OUT,
        "mend what its module does when it is imported; open files and connections in the hooks",
    ),
    "registration": Kind(
        "cannot be registered ({detail})",
        LEFT_OUT,
        "let the entry point name a module, or an object of which every attribute can be read",
    ),
    "start-time": Kind(
        "was not loaded within {detail} seconds",
        LEFT_OUT,
        "let its module do no work when it is imported; open connections in the hooks",
    ),
    "start-exit": Kind(
        "ended its process while it was loaded ({detail})",
        LEFT_OUT,
        "see what in its module, or in a library that it imports, ends the process",
    ),
    "api-version": Kind(
        "works with hook API {detail}",
        LEFT_OUT,
        "install a version of the plugin that was made for this adapter, or another adapter",
    ),
    "api-range": Kind(
        "has an OSO_API that is no pair of whole numbers, lowest and highest",
        LEFT_OUT,
        "write OSO_API = (1, 1) in the plugin",
    ),
    "api-missing": Kind(
        "does not say with which hook API it works",
        GOES_ON,
        "write OSO_API = (1, 1) in the plugin, so that a later adapter knows",
        "warning",
    ),
    "unknown-hook": Kind(
        "has a hook that does not exist: {detail}",
        LEFT_OUT,
        "compare the name with docs/hooks.md",
    ),
    "signature": Kind(
        "has a hook that does not fit: {detail}",
        LEFT_OUT,
        "compare its arguments with docs/hooks.md; leave out those that you do not use",
    ),
    "not-marked": Kind(
        "has a function that is named like a hook and is never called: {detail}",
        GOES_ON,
        "put @hookimpl (oso_adapter.hookspecs) above it, or give it another name",
        "warning",
    ),
    "deprecated": Kind(
        "uses {detail}",
        GOES_ON,
        "use what is named instead before that date",
        "warning",
    ),
    "settings": Kind(
        "has settings that are not right: {detail}",
        LEFT_OUT,
        "correct its section of the configuration; its documentation says what belongs there",
    ),
    "settings-schema": Kind(
        "has an OSO_SETTINGS that cannot judge its section ({detail})",
        LEFT_OUT,
        "let OSO_SETTINGS be a class of marshmallow.Schema that can be made without arguments",
    ),
    # what it is for
    "no-hooks": Kind(
        "has no hook",
        "Deze koppeling doet niets. De rest van de adapter werkt; vraag uw leverancier.",
        "put @hookimpl (oso_adapter.hookspecs) above its functions, or take it out of "
        "[plugins] enabled",
        "warning",
    ),
    "not-used": Kind(
        "has a hook that is not used: {detail}",
        GOES_ON,
        "take one of the two out of [plugins] enabled, or put the one that counts first",
        "warning",
    ),
    "not-enabled": Kind(
        "has a section in the configuration and is not enabled",
        "Deze koppeling staat uit. Hoort zij aan te staan, vraag dat uw leverancier.",
        "name it in [plugins] enabled, or take its section away",
        "warning",
    ),
    "no-search-key": Kind(
        "is missing that knows the zoeksleutel, which environment {detail} asks for",
        "De adapter start niet: zonder zoeksleutel wordt geen enkel dossier gevonden. Vraag uw "
        "leverancier.",
        "enable a plugin with the hook oso_search_key; who has an agreement on OSO is given the "
        "algorithm",
    ),
    # calling
    "raised": Kind(
        "raised {detail}",
        FAILED,
        "look at that line; the text of the error stays in the plugin, since it may hold a name",
    ),
    "time": Kind(
        "gave no answer within {detail} seconds",
        FAILED,
        "make it faster, with a limit on every wait and every regular expression; "
        "context.deadline says until when",
    ),
    "hanging": Kind(
        "still hangs in an earlier call",
        FAILED,
        "see the call that gave no answer before; `serve` ends such a process by itself",
    ),
    "busy": Kind(
        "is busy with other calls",
        FAILED,
        "make its hooks faster: under `serve` a plugin gets one call at a time",
    ),
    "no-use": Kind(
        "gave {detail}",
        FAILED,
        "give what docs/hooks.md says of this hook, with values of the dict form",
    ),
    "other-pupil": Kind(
        "gave the dossier of another pupil",
        "De koppeling gaf het dossier van een andere leerling. Er is niets klaargezet; meld dit "
        "uw leverancier.",
        "select on the reference that was asked; the dossier's leerlingid has to be the same",
    ),
    "memory": Kind(
        "took more than {detail} MiB of memory",
        FAILED,
        "read less at a time; [plugins] memory says how much it may take",
    ),
    "exit": Kind(
        "ended its process ({detail})",
        FAILED,
        "see what in its code, or in a library that it uses, ends the process",
    ),
    "resting": Kind(
        "ended its process time after time and is left alone for a while",
        FAILED,
        "see why its process ends; it is tried again by itself, each time later",
    ),
    "printed": Kind(
        "printed {detail} characters, which were dropped",
        GOES_ON,
        "do not print: what is printed may hold names; use the logging module",
        "warning",
    ),
}
"""Every code, with what is told."""


@dataclass(frozen=True)
class PluginProblem:
    """Something that is wrong with a plugin.

    code: from :data:`PROBLEMS`; reason: goes on after the name of the plugin; school: in Dutch,
    what it means. error: the plugin is left out, or failed; warning: it works.
    """

    plugin: str
    code: str
    reason: str
    remedy: str
    severity: Severity = "error"
    school: str = ""

    @property
    def logged(self) -> dict[str, str]:
        """The fields of a line in the log."""
        return {
            "plugin": self.plugin,
            "code": self.code,
            "reason": self.reason,
            "remedy": self.remedy,
        }

    def __str__(self) -> str:
        """One sentence with the remedy."""
        return f"plugin {self.plugin} {self.reason}; {self.remedy}"


@dataclass(frozen=True)
class Trouble:
    """A call that went wrong: by which plugin, in which hook, and the code of the problem."""

    plugin: str
    hook: str
    code: str


def problem(plugin: str, code: str, detail: object = "") -> PluginProblem:
    """The problem of a plugin in words; detail: what stands in the place that the reason has."""
    kind = PROBLEMS[code]
    return PluginProblem(
        plugin, code, kind.reason.format(detail=detail), kind.remedy, kind.severity, kind.school
    )


def of_error(error: BaseException) -> str:
    """The type of an error and where it came up, file and line; never its text."""
    name = _DIGITS.sub("***", type(error).__name__)
    if isinstance(error, SyntaxError):  # it is raised by whoever reads the file
        place = (error.filename, error.lineno)
    else:
        frames = extract_tb(error.__traceback__)
        place = (frames[-1].filename, frames[-1].lineno) if frames else (None, None)
    if place[0] is None or place[0].startswith("<"):
        return name
    return f"{name} at {_DIGITS.sub('***', Path(place[0]).name)}:{place[1]}"
