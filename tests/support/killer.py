"""A process that kills itself at the step that a test chose.

A step is a boundary that a real crash can fall on: before and after every commit of the store,
every call to another party and every call of import_dossier. The test writes a number in a file;
each step counts it down, and at zero the process is gone, as by ``kill -9``.

As a program: ``killer FILE serve CONFIG`` serves the public endpoint; ``killer FILE fetch CONFIG
FOLDER`` carries out orders: for each line of JSON on standard input (ids of orders) it forks a
process that does the work and prints how that ended, but does the first itself; ``killer FILE
command`` does so with whole commands (their arguments, and what they read).
"""

import gc
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

from click.testing import CliRunner
from sqlalchemy import event
from sqlalchemy.orm import Session

from oso_adapter.cli.main import main
from oso_adapter.exchange.adapter import build
from oso_adapter.hookspecs import HookContext, ImportAnswer, ReceivedDossier, hookimpl
from oso_adapter.plugins import PluginHost
from oso_adapter.settings import read_settings
from oso_adapter.transport.client import HttpsClient
from oso_adapter.work.inline import Runner
from support.compiled import compile_once


@dataclass
class Countdown:
    """Counts steps down in a file; without the file nothing happens."""

    file: Path
    lock: Lock = field(default_factory=Lock)

    def set(self, steps: int) -> None:
        self.file.write_text(f"{steps}\n", encoding="ascii")

    def stop(self) -> None:
        self.file.unlink(missing_ok=True)

    @property
    def steps(self) -> list[str]:
        """The steps that were taken since it was set."""
        return self.file.read_text(encoding="ascii").split()[1:]

    def step(self, name: str) -> None:
        with self.lock:
            if not self.file.exists():
                return
            left, *taken = self.file.read_text(encoding="ascii").split()
            if int(left) <= 1:
                self.file.unlink()
                os.kill(os.getpid(), signal.SIGKILL)
            self.file.write_text(" ".join([str(int(left) - 1), *taken, name]), encoding="ascii")

    def around(self, owner: type, method: str) -> None:
        """Make a step before and after every call of a method."""
        original: Callable[..., Any] = getattr(owner, method)

        def stepping(*arguments: Any, **named: Any) -> Any:
            self.step(f"before-{method}")
            answer = original(*arguments, **named)
            self.step(f"after-{method}")
            return answer

        setattr(owner, method, stepping)

    def watch(self) -> None:
        """Make a step of everything in this process that a crash can fall on."""
        event.listen(Session, "before_commit", lambda _: self.step("before-commit"))
        event.listen(Session, "after_commit", lambda _: self.step("after-commit"))
        self.around(HttpsClient, "post_xml")
        self.around(PluginHost, "import_dossier")


@dataclass(frozen=True)
class Importer:
    """A plugin that takes dossiers over in a folder, once for each id; it counts the calls."""

    folder: Path

    @hookimpl
    def oso_import_dossier(self, context: HookContext, received: ReceivedDossier) -> ImportAnswer:
        with (self.folder / "calls").open("a", encoding="ascii") as calls:
            calls.write(f"{received.id}\n")
        try:
            (self.folder / f"{received.id}.xml").open("xb").close()
        except FileExistsError:
            return ImportAnswer("accepted")
        with (self.folder / "applied").open("a", encoding="ascii") as applied:
            applied.write(f"{received.id}\n")
        return ImportAnswer("accepted")


def fetch(config: Path, folder: Path, order_ids: list[str]) -> int:
    """Carry out orders."""
    adapter = build(read_settings(config, {}))
    adapter.plugins.register(Importer(folder), "importer")
    Runner(adapter).run_until_done(order_ids)
    adapter.close()
    return 0


def command(arguments: list[str], text: str) -> int:
    """Run a whole command."""
    return CliRunner().invoke(main, arguments, input=text).exit_code


def in_processes(work: Callable[..., int]) -> None:
    """Do the work for each line of standard input, each time in a process of its own.

    The first is done here: what all of them need is loaded then, and not by each again.
    """
    compile_once()
    print(work(*json.loads(sys.stdin.readline())), flush=True)
    gc.freeze()
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            os._exit(work(*json.loads(line)))
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    Countdown(Path(sys.argv[1])).watch()
    if sys.argv[2] == "fetch":
        in_processes(partial(fetch, Path(sys.argv[3]), Path(sys.argv[4])))
    elif sys.argv[2] == "command":
        in_processes(command)
    else:
        main(["--config", sys.argv[3], "serve", "--only", "public"])
