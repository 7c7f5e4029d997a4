"""Plugins that do what no plugin should, as files of a plugins directory, beside a good one.

Each misbehaves when it is loaded, or for the pupil that has its name; for any other pupil it has
no answer. The number of a pupil is in everything that might be told.
"""

from pathlib import Path
from typing import Any, Final

from support.dossiers import NUMBERS, content

NUMBER: Final = NUMBERS[3]
GOOD: Final = "GOOD"

HEAD: Final = f"""
import os
import re
import threading
from oso_adapter.hookspecs import CollectedDossier, hookimpl

NUMBER = {NUMBER!r}
OSO_API = (1, 1)
"""

AT_START: Final[dict[str, tuple[str, str]]] = {
    "import_fails": ("import", "raise ValueError(NUMBER)"),
    "registration_fails": (
        "registration",
        "def __dir__():\n    return ['oso_event']\ndef __getattr__(name):\n"
        "    if name == 'oso_event':\n        raise RuntimeError(NUMBER)\n"
        "    raise AttributeError(name)",
    ),
    "wrong_signature": ("signature", "@hookimpl\ndef oso_event(context, evenement): ..."),
    "unknown_hook": ("unknown-hook", "@hookimpl\ndef oso_collect_dosier(context): ..."),
    "newer_api": ("api-version", "OSO_API = (2, 3)"),
}
"""What is wrong when they are loaded: the code of the problem, and the source."""

WHEN_CALLED: Final[dict[str, tuple[str, str]]] = {
    "raises": ("raised", "raise ValueError(f'pupil {NUMBER}')"),
    "hangs": ("time", "threading.Event().wait()"),
    "regular_expression": ("time", "re.match('(a+)+$', 'a' * 64 + 'b')"),
    "garbage": ("no-use", "return NUMBER"),
    "someone_else": ("other-pupil", "return CollectedDossier(CONTENT)"),
    "memory": ("memory", "held = [b'x' * 10**6 for _ in range(10**5)]"),
    "prints": ("printed", "print(NUMBER); os.system('echo $PPID'); print(NUMBER)"),
    "exits": ("exit", "os._exit(7)"),
}
"""What is wrong when they are asked for the pupil of their name: the code, and the statement."""

CALLED: Final = """
CONTENT = {content}

@hookimpl
def oso_collect_dossier(context, pupil, profile):
    if pupil == {name!r}:
        {statement}
"""

ANSWERS: Final = """
from oso_adapter.hookspecs import Candidate, ExtraRule, FoundPupil

CONTENTS = {contents}

def note(*what):
    with open({imported!r}, "a") as file:
        print(os.getpid(), *what, file=file)

note("imported")

@hookimpl
def oso_collect_dossier(context, pupil, profile):
    return CollectedDossier(CONTENTS[pupil]) if pupil in CONTENTS else None

@hookimpl
def oso_enrich_dossier(dossier, pupil):
    note("oso_enrich_dossier", dossier["huidigeschool"]["leerling"]["leerlingid"])
    return {{"huidigeschool": {{"leerling": {{"leerlingid": pupil}}}}}}

@hookimpl
def oso_find_pupils(query):
    note("oso_find_pupils", query.group)
    return [FoundPupil("{good}-1", "Een naam", group=query.group)]

@hookimpl
def oso_candidates(pgnfrag):
    note("oso_candidates", len(pgnfrag))
    return [Candidate("{good}-9", {asked!r})]

@hookimpl
def oso_extra_rules(pack, profile):
    note("oso_extra_rules", pack, profile)
    return [ExtraRule("altijd", "//od:leerling", "false()", "Dit staat er altijd.", "warning")]

@hookimpl
def oso_notification_received(context, notification):
    note("oso_notification_received", notification.bron_brin, context.administration.brin)
"""

ASKED: Final = NUMBERS[2]
"""The number of a pupil of whom nothing is prepared."""


def write(folder: Path, imported: Path) -> tuple[str, ...]:
    """Write all of them, and a good one; gives their names, the good one last.

    imported: the file in which the good one writes which process imported it or ran a hook of it.
    """
    folder.mkdir(mode=0o700)
    sources = {name: HEAD + source for name, (_, source) in AT_START.items()}
    for name, (_, statement) in WHEN_CALLED.items():
        said = CALLED.format(name=name, statement=statement, content=_python(content(NUMBER)))
        sources[name] = HEAD + said
    contents = {
        f"{GOOD}-{n}": content(number, reference=f"{GOOD}-{n}")
        for n, number in enumerate(NUMBERS[:2], 1)
    }
    sources["good"] = HEAD + ANSWERS.format(
        contents=_python(contents), imported=str(imported), good=GOOD, asked=ASKED
    )
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(source, encoding="utf-8")
        (folder / f"{name}.py").chmod(0o600)
    return tuple(sources)


def _python(value: Any) -> str:
    return repr(value).replace("datetime.date", "__import__('datetime').date")
