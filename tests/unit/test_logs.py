import io
import json
import logging
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from oso_adapter.identifiers import Oin, Pgn
from oso_adapter.logs import configure_logs, event


@pytest.fixture
def stream() -> io.StringIO:
    stream = io.StringIO()
    configure_logs(stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_line_of_json_with_its_moment(stream: io.StringIO) -> None:
    event("server.listening", host="127.0.0.1", port=8443, tls=True)

    (line,) = lines(stream)
    assert datetime.fromisoformat(line.pop("moment")).tzinfo is not None
    assert {"event": "server.listening", "host": "127.0.0.1", "port": 8443, "tls": True} == line


def test_simple_values_are_shown_and_absent_ones_left_out(stream: io.StringIO) -> None:
    session = UUID("6e2a3d4c-1111-4222-8333-944455566677")
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    oin = Oin("00000099000000004000")

    event("peer.refused", session=session, at=moment, oin=oin, seconds=1.5, code=None)

    (line,) = lines(stream)
    assert str(session) == line["session"]
    assert "2026-01-02T03:04:05+00:00" == line["at"]
    assert oin == line["oin"]
    assert 1.5 == line["seconds"]
    assert "code" not in line


@pytest.mark.parametrize(
    "value",
    [
        Pgn("123456782"),
        "123456782",
        "number 123456782 is unknown",
        123456782,
        b"123456782",
        ["123456782"],
        {"pgn": "123456782"},
        ValueError("123456782"),
    ],
)
def test_a_personal_number_does_not_get_into_the_log(stream: io.StringIO, value: object) -> None:
    event("peer.refused", reason=value)

    assert "123456782" not in stream.getvalue()
    assert "***" in stream.getvalue()


def test_other_libraries_are_logged_without_their_values(stream: io.StringIO) -> None:
    library = logging.getLogger("somelibrary")

    library.warning("the value %s is wrong, Jansen", "Jansen")
    try:
        raise ValueError("Jansen")
    except ValueError:
        library.exception("it failed")

    first, second = lines(stream)
    assert {"event": "library.message", "library": "somelibrary", "level": "warning"}.items() <= (
        first.items()
    )
    assert first["place"].startswith("test_logs.py:")
    assert "ValueError" == second["error"]
    assert "Jansen" not in stream.getvalue()


def test_what_other_libraries_find_less_than_a_warning_is_left_out(stream: io.StringIO) -> None:
    logging.getLogger("somelibrary").info("hello")

    assert [] == lines(stream)


def test_configuring_again_does_not_log_twice(stream: io.StringIO) -> None:
    configure_logs(stream)

    logging.getLogger("somelibrary").warning("once")

    assert 1 == len(lines(stream))
