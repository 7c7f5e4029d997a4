"""``oso-adapter serve``: a small supervisor with three children.

public: the SOAP endpoint, mutual TLS. internal: the JSON API and health checks, loopback. runner:
background work. When one ends, all end: whatever watches the adapter sees one process that
stopped, and starts it again. The children die with the supervisor, so that a killed one leaves no
port taken.

They are forked: what they have in common is loaded once and stands in memory once. The supervisor
itself looks at no plugin and makes no adapter, so that no thread or connection of one is copied
into them; a first child judges the configuration, and the others start when it is right.
"""

import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from typing import TYPE_CHECKING, Final, Literal

import click

from oso_adapter.cli.opened import settings_of
from oso_adapter.exchange.adapter import Adapter, build, incoming_files
from oso_adapter.logs import configure_logs
from oso_adapter.logs import event as log_event
from oso_adapter.plugins import Description, PluginHost, described, inspected, written
from oso_adapter.settings import Settings
from oso_adapter.transport.parent import die_with_parent, name_process
from oso_adapter.transport.server import ServerSettings, run_http, run_https

if TYPE_CHECKING:
    from flask import Flask

ROLES: Final = ("public", "internal", "runner")
GRACE: Final = 15.0
"""Seconds that the children get to finish what they are doing."""

_STOP: Final = frozenset({signal.SIGTERM, signal.SIGINT})
_AWAITED: Final = _STOP | {signal.SIGCHLD}


@click.command()
@click.option(
    "--only",
    type=click.Choice(ROLES),
    help="Run one part in this process, where something else watches over the parts.",
)
@click.option("--parent", type=int, hidden=True, help="Process id of the supervisor.")
@click.option("--judge", type=int, hidden=True, help="Where to write what plugins there are.")
@click.option("--plugins", hidden=True, help="What the judge found out of the plugins.")
@click.pass_context
def serve(
    ctx: click.Context,
    only: str | None,
    parent: int | None,
    judge: int | None,
    plugins: str | None,
) -> None:
    """Run the adapter: endpoint, health checks and background work, until it is stopped."""
    if only is not None:
        name_process(f"oso-{only}")
    configure_logs()
    settings = settings_of(ctx)
    if only is None and judge is None:
        ctx.exit(_supervise(ctx.find_root()))
    die_with_parent(parent)
    known = _judged(settings) if plugins is None else described(plugins)
    if judge is not None:
        with os.fdopen(judge, "w", encoding="utf-8") as file:
            file.write(written(known))
    if only is not None:
        RUN[only](settings, known)


def _judged(settings: Settings) -> Sequence[Description]:
    """See whether an adapter can be made and log what is wrong with plugins; gives the plugins."""
    known = inspected(settings)
    adapter = _built(settings, known)
    adapter.close()
    for problem in (*adapter.plugins.problems, *adapter.plugins.warnings):
        log_event("plugin.problem", **problem.logged)
    return known


def _supervise(root: click.Context) -> int:
    """Start the children and wait; gives the exit code of the first that ended.

    root: the context of ``oso-adapter``. One that a signal ended counts as a shell counts it, 128
    and the signal's number.
    """
    # before there are children: what comes while they start waits here until it is asked for
    signal.pthread_sigmask(signal.SIG_BLOCK, _AWAITED)
    answer = os.memfd_create("plugins")
    judge = {"judge": _started(root, "--judge", str(answer))}
    if _watched(judge) is None:
        return 0
    if code := judge["judge"].exitcode:
        return _as_a_shell(code)
    with os.fdopen(answer, encoding="utf-8") as file:
        file.seek(0)
        plugins = file.read()
    children = {role: _started(root, "--only", role, "--plugins", plugins) for role in ROLES}
    first = _watched(children)
    if first is None:
        return 0
    code = children[first].exitcode or 0
    log_event("serve.child_ended", role=first, code=code)
    return _as_a_shell(code) or 1


def _started(root: click.Context, *part: str) -> ForkProcess:
    """This command again, for one part, in a process that is forked from this one."""
    arguments = ["--config", str(root.params["config"])]
    if (folder := root.params["plugins_dir"]) is not None:
        arguments += ["--plugins-dir", str(folder)]
    arguments += ["serve", "--parent", str(os.getpid()), *part]
    process = get_context("fork").Process(target=_go_on, args=(root.command, arguments))
    process.start()
    return process


def _go_on(command: click.Command, arguments: list[str]) -> None:
    """What a child does: the same command, which ends with its exit code."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _AWAITED)
    command.main(arguments)


def _watched(children: Mapping[str, ForkProcess]) -> str | None:
    """Wait until one ends, or until told to stop, and end them all; gives the one, or None."""
    first = None
    while first is None and signal.sigwait(_AWAITED) not in _STOP:
        first = next((role for role, child in children.items() if not _runs(child)), None)
    for child in children.values():
        child.terminate()
    for child in children.values():
        child.join(GRACE)
        if _runs(child):
            child.kill()
    return first


def _runs(child: ForkProcess) -> bool:
    return child.exitcode is None


def _as_a_shell(code: int) -> int:
    return 128 - code if code < 0 else code


# Each child imports what it alone needs: no process waits for, or holds, the parts of the others.


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
