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
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from oso_adapter.cli.opened import settings_of
from oso_adapter.exchange.adapter import Adapter, build, incoming_files
from oso_adapter.logs import configure_logs
from oso_adapter.logs import event as log_event
from oso_adapter.plugins import Description, PluginHost, described, inspected, written
from oso_adapter.settings import Settings
from oso_adapter.transport.parent import die_with_parent
from oso_adapter.transport.server import ServerSettings, run_http, run_https

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
@click.option("--plugins", hidden=True, help="What the supervisor found out of the plugins.")
@click.pass_context
def serve(ctx: click.Context, only: str | None, parent: int | None, plugins: str | None) -> None:
    """Run the adapter: endpoint, health checks and background work, until it is stopped."""
    configure_logs()
    settings = settings_of(ctx)
    known = described(plugins) if plugins is not None else inspected(settings)
    if parent is None:  # for a child the supervisor has judged
        adapter = _built(settings, known)
        adapter.close()
        for problem in (*adapter.plugins.problems, *adapter.plugins.warnings):
            log_event("plugin.problem", **problem.logged)
    if only is not None:
        die_with_parent(parent)
        RUN[only](settings, known)
        return
    ctx.exit(_supervise(ctx.find_root().params, written(known)))


def _supervise(given: Mapping[str, Any], plugins: str) -> int:
    """Start the children and wait; gives the exit code of the first that ended.

    given: the options before the command; plugins: what was found out of the plugins. One that a
    signal ended counts as a shell counts it, 128 and the signal's number.
    """
    command = [sys.executable, "-m", "oso_adapter.cli", "--config", str(given["config"])]
    if given["plugins_dir"] is not None:
        command += ["--plugins-dir", str(given["plugins_dir"])]
    command += ["serve", "--parent", str(os.getpid()), "--plugins", plugins, "--only"]
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


def _public(settings: Settings, known: Sequence[Description]) -> None:
    from oso_adapter.web import endpoint  # noqa: PLC0415

    transport = settings.transport
    server = ServerSettings(host=transport.host, port=transport.port, threads=transport.threads)
    run_https(_app(settings, known, endpoint.create_app), incoming_files(settings), server)


def _internal(settings: Settings, known: Sequence[Description]) -> None:
    from oso_adapter.web import internal  # noqa: PLC0415

    app = _app(settings, known, internal.create_app)
    run_http(app, settings.internal.host, settings.internal.port)


def _runner(settings: Settings, known: Sequence[Description]) -> None:
    from oso_adapter.work.inline import Runner  # noqa: PLC0415
    from oso_adapter.work.jobs import JobRunner  # noqa: PLC0415
    from oso_adapter.work.osr_watch import OsrWatch  # noqa: PLC0415

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    adapter = _built(settings, known, "runner")
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


def _app(
    settings: Settings, known: Sequence[Description], create: Callable[[Adapter], "Flask"]
) -> Callable[[], "Flask"]:
    """Made in the worker, after the fork: connections are not shared between processes."""
    return lambda: create(_built(settings, known))


def _built(
    settings: Settings,
    known: Sequence[Description],
    role: Literal["runner", "endpoint"] = "endpoint",
) -> Adapter:
    return build(settings, plugins=PluginHost(settings, role=role, known=known))


RUN: Final[Mapping[str, Callable[[Settings, Sequence[Description]], None]]] = {
    "public": _public,
    "internal": _internal,
    "runner": _runner,
}
