"""``serve`` is one thing to whoever watches it: its processes live and end together."""

import os
import select
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Event

import pytest
from support.chain import Chain, School, end, until_nothing_listens, wait_for_port
from support.processes import below
from support.started import Running

from oso_adapter.cli.serve import GRACE

PATIENCE = 30_000
LONGEST = GRACE + 15
"""Seconds: the supervisor itself waits for its children for as long as the grace."""


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    chain = Chain.create(tmp_path_factory.mktemp("supervisor"))
    try:
        yield chain.add_school("99AA")
    finally:
        chain.stop()


@pytest.fixture(autouse=True)
def nothing_is_left(school: School) -> Iterator[None]:
    """A test that fails leaves nothing for the next to stumble over."""
    yield
    for process in school.processes:
        end(process)


def started(school: School, *, afresh: bool = False) -> tuple[Running, list[int]]:
    """``serve`` with all its ports listening, and every process under it; afresh: as a program.

    A process of the test before this may still be ending: its listener is not that of this one.
    """
    for port in (school.port, school.internal):
        until_nothing_listens(port)
    process = school.start(afresh=afresh)
    wait_for_port(school.internal, process, school.log)
    return process, below(process.pid)


def role(process: int) -> str:
    """What a process does, by the name that an operator sees, which it takes when it begins."""
    for _ in range(600):
        name = Path(f"/proc/{process}/comm").read_text(encoding="utf-8").strip()
        if name.startswith("oso-"):
            return name.removeprefix("oso-")
        Event().wait(0.05)
    raise AssertionError(f"a process of serve is still called {name}")


class Ending:
    """Processes whose end is awaited; taken before the deed, so that no id is used again."""

    def __init__(self, processes: list[int]) -> None:
        self._stack = ExitStack()
        self._open = [os.pidfd_open(process) for process in processes]
        for descriptor in self._open:
            self._stack.callback(os.close, descriptor)

    def await_all(self) -> None:
        with self._stack:
            for descriptor in self._open:
                poll = select.poll()
                poll.register(descriptor, select.POLLIN)
                assert poll.poll(PATIENCE), "a process of serve did not end"


def assert_starts_again(school: School) -> None:
    """On the same ports."""
    process, _ = started(school, afresh=True)
    process.terminate()
    assert 0 == process.wait(LONGEST)


def test_a_killed_supervisor_takes_its_children_with_it(school: School) -> None:
    process, children = started(school, afresh=True)
    roles = [role(child) for child in children]
    assert {"public", "internal", "runner"} == set(roles)
    ending = Ending(children)
    process.kill()
    process.wait()
    ending.await_all()
    assert_starts_again(school)


def test_a_supervisor_killed_before_its_children_are_ready_takes_them_with_it(
    school: School,
) -> None:
    process = school.spawn()
    children: list[int] = []
    while len(children) < 3:
        assert process.poll() is None
        children = below(process.pid)
    ending = Ending(children)
    process.kill()
    process.wait()
    ending.await_all()


@pytest.mark.parametrize("killed", ["public", "internal", "runner"])
def test_when_one_child_ends_all_end_with_its_exit_code(school: School, killed: str) -> None:
    process, children = started(school)
    ending = Ending(children)
    os.kill(next(child for child in children if role(child) == killed), signal.SIGKILL)
    assert 128 + signal.SIGKILL == process.wait(LONGEST)
    ending.await_all()
    assert {"role": killed, "code": -signal.SIGKILL}.items() <= school.logged()[-1].items()


def test_a_port_in_use_ends_all_with_the_code_of_wrong_configuration(school: School) -> None:
    process, _ = started(school)
    second = school.spawn()
    assert 2 == second.wait(LONGEST)
    assert process.poll() is None
    process.terminate()
    assert 0 == process.wait(LONGEST)


def test_a_wrong_configuration_is_told_once_and_nothing_starts(school: School) -> None:
    right = school.config.read_text(encoding="utf-8")
    school.config.write_text(right.replace("keys.toml", "other.toml"), encoding="utf-8")
    written = school.log.stat().st_size if school.log.exists() else 0
    try:
        process = school.spawn()
        assert 2 == process.wait(LONGEST)
    finally:
        school.config.write_text(right, encoding="utf-8")

    with school.log.open("rb") as log:
        log.seek(written)
        (line,) = log.read().decode().splitlines()
    assert line.startswith("Error: the key file cannot be read")


def test_told_to_stop_while_its_children_start_it_stops_them(school: School) -> None:
    process = school.spawn()
    children: list[int] = []
    while not children:
        assert process.poll() is None
        children = below(process.pid)
    process.terminate()
    assert 0 == process.wait(LONGEST)


def test_told_to_stop_all_end_within_the_grace(school: School) -> None:
    process, children = started(school)
    ending = Ending(children)
    process.terminate()
    assert 0 == process.wait(LONGEST)
    ending.await_all()
