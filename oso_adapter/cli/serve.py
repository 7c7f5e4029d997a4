"""``oso-adapter serve``: a small supervisor with three children.

public: the SOAP endpoint, mutual TLS. internal: the JSON API and health checks, loopback. runner:
background work. When one ends, all end: whatever watches the adapter sees one process that
stopped, and starts it again. The children die with the supervisor, so that a killed one leaves no
port taken.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from types import FrameType
from typing import TYPE_CHECKING, Final

import click

from oso_adapter.cli.opened import settings_of
from oso_adapter.exchange.adapter import Adapter, build, incoming_files
from oso_adapter.logs import configure_logs
from oso_adapter.logs import event as log_event
from oso_adapter.settings import Settings
from oso_adapter.transport.server import ServerSettings, die_with_parent, run_http, run_https

if TYPE_CHECKING:
    from flask import Flask

ROLES: Final = ("public", "internal", "runner")
GRACE: Final = 15.0
"""Seconds that the children get to finish what they are doing."""


@click.command()
@click.option(
    "--only",
    type=click.Choice(ROLES),
    help="Run one part in this process, where something else watches over the parts.",
)
@click.option("--parent", type=int, hidden=True, help="Process id of the supervisor.")
@click.pass_context
def serve(ctx: click.Context, only: str | None, parent: int | None) -> None:
    """Run the adapter: endpoint, health checks and background work, until it is stopped."""
    configure_logs()
    settings = settings_of(ctx)
    if parent is None:  # for a child the supervisor has judged
        adapter = build(settings)
        adapter.close()
        for problem in adapter.plugins.problems:
            log_event("plugin.problem", plugin=problem.plugin, reason=problem.reason)
    if only is not None:
        die_with_parent(parent)
        RUN[only](settings)
        return
    ctx.exit(_supervise(str(ctx.find_root().params["config"])))


def _supervise(config: str) -> int:
    """Start the children and wait; gives the exit code of the first that ended.

    One that a signal ended counts as a shell counts it, 128 and the signal's number.
    """
    command = [sys.executable, "-m", "oso_adapter.cli", "--config", config, "serve"]
    command += ["--parent", str(os.getpid()), "--only"]
    stopped = threading.Event()
    ended: list[str] = []

    def stop(signum: int, frame: FrameType | None) -> None:
        stopped.set()

    def watch(role: str, child: subprocess.Popen[bytes]) -> None:
        child.wait()
        ended.append(role)
        stopped.set()

    # before there are children: told to stop while they start, it still stops them
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    children = {role: subprocess.Popen([*command, role]) for role in ROLES}
    for role, child in children.items():
        threading.Thread(target=watch, args=(role, child), daemon=True).start()
    stopped.wait()
    first = ended[0] if ended else None
    for child in children.values():
        child.terminate()
    for child in children.values():
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            child.kill()
    if first is None:
        return 0
    code = children[first].returncode
    log_event("serve.child_ended", role=first, code=code)
    return 128 - code if code < 0 else code or 1


# Each child imports its own part, so that no process waits for, or holds, those of the others.


def _public(settings: Settings) -> None:
    from oso_adapter.web import endpoint  # noqa: PLC0415

    transport = settings.transport
    server = ServerSettings(host=transport.host, port=transport.port, threads=transport.threads)
    run_https(_app(settings, endpoint.create_app), incoming_files(settings), server)


def _internal(settings: Settings) -> None:
    from oso_adapter.web import internal  # noqa: PLC0415

    run_http(_app(settings, internal.create_app), settings.internal.host, settings.internal.port)


def _runner(settings: Settings) -> None:
    from oso_adapter.work.inline import Runner  # noqa: PLC0415
    from oso_adapter.work.jobs import JobRunner  # noqa: PLC0415
    from oso_adapter.work.osr_watch import OsrWatch  # noqa: PLC0415

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    adapter = build(settings)
    jobs = threading.Thread(target=JobRunner(adapter).run_forever, args=(stop,))
    jobs.start()
    watch = OsrWatch(adapter, stop)
    try:
        watch.start()
        Runner(adapter).run_forever(stop)
    finally:
        stop.set()
        jobs.join()
        watch.join()
        adapter.close()


def _app(settings: Settings, create: Callable[[Adapter], "Flask"]) -> Callable[[], "Flask"]:
    """Made in the worker, after the fork: connections are not shared between processes."""
    return lambda: create(build(settings))


RUN: Final[Mapping[str, Callable[[Settings], None]]] = {
    "public": _public,
    "internal": _internal,
    "runner": _runner,
}
