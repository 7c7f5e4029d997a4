"""What the demonstration tells when one of its processes does not do what it should."""

import sys
from pathlib import Path

import pytest

from oso_adapter.demo.processes import DidNotStart, Processes, must, wait_until

SAYS = "print('earlier'); print('why it went wrong'); raise SystemExit(1)"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "adapter.log"


def test_a_command_that_fails_is_told_with_the_end_of_its_log(log: Path) -> None:
    with pytest.raises(DidNotStart) as failed:
        must("db", "upgrade", config=log.parent / "none.toml", log=log)

    first, *rest = str(failed.value).splitlines()
    assert "`oso-adapter db upgrade` failed; the end of adapter.log:" == first
    assert log.read_text().splitlines() == rest
    assert "none.toml" in rest[-1]


def test_a_process_that_ends_is_told_with_the_end_of_its_log(log: Path) -> None:
    log.write_text("line\n" * 100)
    with Processes() as processes:
        process = processes.start([sys.executable, "-c", SAYS], log)
        process.wait()
        with pytest.raises(DidNotStart) as failed:
            wait_until(lambda: False, process, log)

    assert str(failed.value).endswith("line\nearlier\nwhy it went wrong")
    assert 16 == len(str(failed.value).splitlines())


def test_a_simulator_that_says_nothing_is_told_with_the_end_of_its_log(log: Path) -> None:
    said = "import sys; sys.exit('the port is taken')"
    with Processes() as processes, pytest.raises(DidNotStart, match="the port is taken"):
        processes.start_and_read([sys.executable, "-c", said], log)
