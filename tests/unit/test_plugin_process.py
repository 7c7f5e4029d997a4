"""A plugin in a process of its own: what it does to that process is done to nothing else."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from support.plugins import NOW, NUMBER, SCHOOL, settings

from oso_adapter import logs
from oso_adapter.errors import ConfigurationError, PluginFailed
from oso_adapter.hookspecs import AuditEvent, DeliveryRequest, HookContext, PreparedRef
from oso_adapter.plugins import (
    Description,
    PluginHost,
    PluginProblem,
    described,
    inspected,
    written,
)
from oso_adapter.plugins.found import Found
from oso_adapter.plugins.host import NotHere
from oso_adapter.plugins.near import CallFailed
from oso_adapter.plugins.process import Bounds, Far, PluginProcess
from oso_adapter.settings import Settings

SOURCE = f'''
import logging, os, signal, subprocess, sys
from oso_adapter.hookspecs import CollectedDossier, hookimpl

OSO_API = (1, 1)

def fill():
    held = []
    while True:
        held.append(object())

def says(message):
    os.write(int(sys.argv[1]), len(message).to_bytes(8, "big") + message)

def forks():
    child = os.fork()
    if child:
        os.waitpid(child, 0)
    return CollectedDossier({{"child": child}})

DO = {{
    "exit": lambda: os._exit(3),
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "raise": lambda: 1 / 0,
    "memory": lambda: b"x" * 10**9,
    "fill": fill,
    "encode": lambda: CollectedDossier({{"a": ["x" * 10**7] * 40}}),
    "nothing": lambda: says(b"{{}}"),
    "other": lambda: says(b'{{"call": 0, "answer": null}}'),
    "wrong": lambda: says(b'{{"call": 2, "problem": {{"plugin": 1}}}}'),
    "forks": forks,
    "closes": lambda: (os.closerange(3, 100), signal.pause()),
    "large": lambda: CollectedDossier({{"a": "x" * 10**6}}),
    "print": lambda: os.write(2, b"12345") and None,
    "log": lambda: logging.getLogger("las").warning("{NUMBER}"),
    "child": lambda: CollectedDossier({{"pid": subprocess.Popen(["sleep", "600"]).pid}}),
}}

@hookimpl
def oso_collect_dossier(context, pupil, profile):
    if pupil in DO:
        return DO[pupil]()
    return CollectedDossier({{
        "pid": os.getpid(),
        "own": dict(context.settings("las")),
        "other": dict(context.settings("other")),
        "clock": context.clock(),
        "deadline": context.deadline,
        "variables": sorted(name for name in os.environ if name.startswith("OSO_")),
    }})

@hookimpl
def oso_import_dossier(received): ...
'''
PATIENCE = 30_000
BOUNDS = Bounds(memory=256, answer=10**5, loading=60, waiting=60)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plugins")
    for name, source in {
        "las": SOURCE,
        "hangs": "import threading\nthreading.Event().wait()",
        "exits": "import os\nos._exit(4)",
        "keys": "from oso_adapter.hookspecs import hookimpl\nOSO_API = (1, 1)\n"
        "@hookimpl\ndef oso_key_provider(): ...\n@hookimpl\ndef oso_event(event): ...",
    }.items():
        (folder / f"{name}.py").write_text(source, encoding="utf-8")
        (folder / f"{name}.py").chmod(0o600)
    return folder


class Called:
    """A plugin in a process, with seconds that go by when they are told to."""

    def __init__(self, folder: Path) -> None:
        self.seconds = 0.0
        self.told: list[PluginProblem] = []
        self.far = Far(
            Found("las", str(folder / "las.py"), is_file=True),
            {"a": 1},
            BOUNDS,
            lambda _, problem: self.told.append(problem),
            lambda: self.seconds,
        )

    def __call__(self, pupil: str = "P-1") -> Any:
        arguments = {"pupil": pupil, "profile": "POVO"}
        answer = self.far.call("oso_collect_dossier", context, arguments, 60)
        return None if answer is None else answer.dossier

    def problem(self, pupil: str) -> str:
        with pytest.raises(CallFailed) as failed:
            self(pupil)
        assert NUMBER not in str(failed.value.problem)
        return f"{failed.value.problem.code}: {failed.value.problem.reason}"


def context() -> HookContext:
    deadline = NOW + timedelta(seconds=5)
    sections = {"other": {"password": NUMBER}}
    return HookContext(
        SCHOOL, "a", "2019.1", "20200910", lambda: NOW, deadline, "verzamelen", sections
    )


@pytest.fixture
def called(folder: Path) -> Iterator[Called]:
    called = Called(folder)
    yield called
    called.far.close()


def ended(process: int) -> bool:
    """Whether a process ends; it may have done so already."""
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    try:
        return bool(poll.poll(PATIENCE))
    finally:
        os.close(descriptor)


def test_it_is_called_there_with_its_own_settings_and_the_time_of_the_adapter(
    called: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSO_STORE__URL", NUMBER)
    monkeypatch.setenv("OSO_LAS_DATABASE", "x")

    first, second = called(), called()

    assert os.getpid() != first["pid"] == second["pid"]
    assert ({"a": 1}, {}) == (first["own"], first["other"])
    assert timedelta() <= first["clock"] - NOW < timedelta(minutes=1)
    assert NOW + timedelta(seconds=5) == first["deadline"]
    assert "OSO_LAS_DATABASE" in first["variables"]
    assert "OSO_STORE__URL" not in first["variables"]


def test_a_raise_costs_that_call_alone(called: Called) -> None:
    before = called()["pid"]

    assert "raised: raised ZeroDivisionError at las.py:24" == called.problem("raise")
    assert before == called()["pid"]


@pytest.mark.parametrize(
    ("does", "told"),
    [
        ("exit", "exit: ended its process (exit code 3)"),
        ("kill", "exit: ended its process (SIGKILL)"),
        ("closes", "exit: ended its process (SIGKILL)"),
        ("memory", "memory: took more than 256 MiB of memory"),
        ("fill", "memory: took more than 256 MiB of memory"),
        ("encode", "memory: took more than 256 MiB of memory"),
        ("nothing", "no-use: gave something that is no answer"),
        ("other", "no-use: gave something that is no answer"),
        ("wrong", "no-use: gave something that is no answer"),
        ("large", "no-use: gave more than a dossier can be"),
    ],
)
def test_what_a_process_does_not_survive_costs_that_call_and_the_next_has_another(
    called: Called, does: str, told: str
) -> None:
    before = called()["pid"]

    assert told == called.problem(does)
    assert ended(before)
    assert before != called()["pid"]


def test_where_a_plugin_forks_only_the_process_that_was_asked_answers(called: Called) -> None:
    before = called()["pid"]

    assert 0 != called("forks")["child"]
    assert before == called()["pid"]


def test_one_that_ends_time_after_time_is_left_alone_longer_each_time(called: Called) -> None:
    exits = "exit: ended its process (exit code 3)"
    rests = "resting: ended its process time after time and is left alone for a while"

    assert [exits, exits, exits, rests] == [called.problem("exit") for _ in range(4)]
    called.seconds += 2
    assert [exits, rests] == [called.problem("exit") for _ in range(2)]
    called.seconds += 3.9
    assert rests == called.problem("P-1")
    called.seconds += 0.1
    assert called()["own"]
    assert [exits, exits] == [called.problem("exit") for _ in range(2)]


def test_what_it_prints_is_counted_and_what_it_logs_is_passed_on_without_its_text(
    called: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = StringIO()
    monkeypatch.setattr(logs, "_logger", logs._Logger(log))

    assert [None, None] == [called("print"), called("log")]

    assert ["printed 5 characters, which were dropped"] == [p.reason for p in called.told]
    assert '"library": "las", "level": "warning", "place": "las.py:35"' in log.getvalue()
    assert NUMBER not in log.getvalue()


def test_what_it_started_itself_ends_with_it(called: Called) -> None:
    child = called("child")["pid"]
    called.far.close()

    assert ended(child)
    assert "resting" in called.problem("P-1")


def test_it_ends_when_whoever_started_it_is_killed(folder: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path; from unit.test_plugin_process import Called\n"
        "print(Called(Path(sys.argv[2]))()['pid'], flush=True); sys.stdin.read()"
    )
    tests = str(Path(__file__).parents[1])
    starter = subprocess.Popen(
        [sys.executable, "-c", code, tests, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with starter:
        assert starter.stdout is not None
        process = int(starter.stdout.readline())
        starter.kill()
        assert ended(process)
    assert -signal.SIGKILL == starter.returncode


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("hangs", "start-time: was not loaded within 0.5 seconds"),
        ("exits", "start-exit: ended its process while it was loaded (exit code 4)"),
    ],
)
def test_one_that_does_not_survive_being_loaded_is_told(folder: Path, name: str, told: str) -> None:
    with pytest.raises(CallFailed) as failed:
        PluginProcess(
            Found(name, str(folder / f"{name}.py"), is_file=True), {}, Bounds(256, 10**6, 0.5, 1)
        )

    assert told == f"{failed.value.problem.code}: {failed.value.problem.reason}"


# the hosts of serve


@pytest.fixture(scope="module")
def enabled(folder: Path) -> Settings:
    return settings("las", "keys", "absent", directory=folder)


def test_an_endpoint_knows_every_plugin_and_imports_those_it_cannot_do_without(
    enabled: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("las", "keys"):  # of the same names, by a test before this one
        monkeypatch.delitem(sys.modules, f"oso_adapter_plugin_{name}", raising=False)
    known = described(written(inspected(enabled)))
    for name in ("las", "keys"):
        assert f"oso_adapter_plugin_{name}" not in sys.modules

    with PluginHost(enabled, role="endpoint", known=known) as host:
        assert ["las", "keys"] == host.names
        assert ["absent"] == [problem.plugin for problem in host.problems]
        assert (True, ["keys"]) == (host.takes_over, host.listeners())
        assert "oso_adapter_plugin_las" not in sys.modules
        assert "oso_adapter_plugin_keys" in sys.modules
        assert host.key_provider() is None
        with pytest.raises(NotHere):
            host.collect_dossier(SCHOOL, "a", "P-1", "POVO")
        with pytest.raises(NotHere):
            host.event("keys", SCHOOL, AuditEvent(1, NOW, "x", None, None, None, None, None))

    with PluginHost(enabled, role="runner", known=known) as host:
        collected = host.collect_dossier(SCHOOL, "a", "P-1", "POVO")
        assert collected is not None
        assert os.getpid() != collected.dossier["pid"]


def test_a_check_that_an_endpoint_cannot_load_refuses_and_is_not_passed_over(
    tmp_path: Path,
) -> None:
    file = tmp_path / "check.py"
    file.write_text("raise OSError", encoding="utf-8")
    file.chmod(0o600)
    hooks = frozenset({"oso_refuse_delivery", "oso_key_provider"})
    known = [Description("check", Found("check", str(file), is_file=True), hooks)]
    asked = DeliveryRequest("s", "99BB", "r", "o", "VO", "x", None)
    prepared = PreparedRef("1", 1, "POVO", "2019.1", NOW, None, "P-1")

    with PluginHost(settings("check", directory=tmp_path), role="endpoint", known=known) as host:
        assert ["import"] == [problem.code for problem in host.problems]
        with pytest.raises(PluginFailed):
            host.refuse_delivery(SCHOOL, asked, prepared)
        with pytest.raises(ConfigurationError, match="it cannot be imported"):
            host.key_provider()
