"""The log: typed events from a catalogue, one JSON object a line.

Personal data cannot get in by construction. A field is a simple scalar, anything else becomes
``***``, and so does a run of nine digits. Of what others say (a log record, a warning, an error
that nobody caught) the text is never taken over, because it may hold a value already: it is told by
whom and where, with the name of its type.
"""

import json
import logging
import re
import sys
import threading
import warnings
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Any, Final, TextIO
from uuid import UUID

EVENTS: Final[dict[str, str]] = {
    "answer.item_left_out": "an item of a list in another party's answer could not be used",
    "api.failed": "the JSON API met something unforeseen; its answer has the same fault_id",
    "audit.head": "how many lines the audit of an administration has, and the hash of the last",
    "endpoint.fault": "the public endpoint answered with a SOAP fault",
    "error.uncaught": "an error ended a thread or a program, or came up where nothing can catch it",
    "exchange.failed": "carrying out an exchange failed here; it is tried again some times",
    "exchange.no_answer": "a party gave no answer, or one that is no use; the reason is a word",
    "http.refused": "what came over HTTP could not be read, or the application failed on it",
    "http.stalled": "a peer was too slow with its request or in taking the answer",
    "job.failed": "one item of a job met something unforeseen; the rest goes on",
    "library.message": "a warning or error that another library, without its text",
    "notice.failed": "notifying failed here, and is not tried again by itself",
    "notice.no_answer": "a party gave no answer to a notification; the reason is a word",
    "osr.synced": "the nightly comparison with the OSR was made; its numbers tell what came of it",
    "osr.unavailable": "the OSR did not say whether a system is mandated; the reason is a word",
    "peer.refused": "a peer with a valid certificate has no OIN in it",
    "plugin.failed": "a plugin raised, hung or gave something unusable",
    "plugin.problem": "a plugin was left out at start-up, or a part of it is not usable",
    "purge.done": "what was past its term is destroyed: how many of each kind",
    "purge.traces_left": "a copy of what was destroyed may stand in the files until the next purge",
    "purge.waits": "nothing is destroyed: the clock jumped; see `oso-adapter db purge`",
    "runner.failed": "the runner of background work met an error and goes on at the next tick",
    "serve.child_ended": "one of the processes of serve ended, so all of them are stopped",
    "server.failed": "the application of a listener could not be made",
    "server.listening": "a listener accepts connections",
    "tls.handshake_refused": "a TLS handshake ended without a connection; the reason is a word",
    "tls.reload_failed": "changed TLS files are not usable; the former ones stay in force",
    "tls.reloaded": "changed TLS files are in force for new connections",
}
"""Every event that may be logged, with what it means; a test compares it with the code."""

HIDDEN: Final = "***"
_NINE_DIGITS: Final = re.compile(r"(?<![0-9A-Za-z])[0-9]{9}(?![0-9A-Za-z])")


def event(name: str, **fields: object) -> None:
    """Log one event.

    name: from :data:`EVENTS`. fields: text, numbers, booleans, moments, dates, UUIDs or members
    of an Enum; ``fault_id`` and ``session`` are the fields that tie lines together.
    """
    _logger.write(name, fields)


def configure_logs(stream: TextIO | None = None) -> None:
    """Write events to ``stream``, standard output unless given, and bring in other libraries.

    Until this is called events go to standard error, so that a program that uses a part of the
    adapter keeps its own output clean.
    """
    global _logger  # noqa: PLW0603 - one log per process
    _logger = _Logger(sys.stdout if stream is None else stream)
    root = logging.getLogger()
    for handler in [h for h in root.handlers if isinstance(h, LibraryFilter)]:
        root.removeHandler(handler)
    root.addHandler(LibraryFilter())
    root.setLevel(logging.WARNING)
    _take_over_standard_error()


def library_message(library: str, level: str, place: str, error: str | None = None) -> None:
    """Log what another library had to say, here or in the process of a plugin: all but its text.

    place: file and line; error: the name of a type.
    """
    event("library.message", library=library, level=level, place=place, error=error)


class LibraryFilter(logging.Handler):
    """Takes what other libraries log and keeps what cannot hold a value: who, where, what type."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        """Log the record as ``library.message``."""
        error = record.exc_info[0] if record.exc_info else None
        library_message(
            library=record.name,
            level=record.levelname.lower(),
            place=f"{record.filename}:{record.lineno}",
            error=error.__name__ if error else None,
        )


def _take_over_standard_error() -> None:
    """Python prints warnings, uncaught errors and failing log handlers with their values.

    A hook that somebody else has set stays.
    """
    warnings.showwarning = _warned
    logging.raiseExceptions = False
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = lambda kind, _, traceback: _uncaught(kind, traceback)
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = lambda seen: _uncaught(seen.exc_type, seen.exc_traceback)
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = lambda seen: _uncaught(seen.exc_type, seen.exc_traceback)


def _warned(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    place = f"{Path(filename).name}:{lineno}"
    library_message("warnings", "warning", place, category.__name__)


def _uncaught(kind: type[BaseException], traceback: TracebackType | None) -> None:
    frames = extract_tb(traceback)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else None
    event("error.uncaught", error=kind.__name__, place=place)


def _shown(value: Any) -> str | int | float | bool:
    """The value in a form that cannot hold personal data."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool | int | float):
        return value if abs(value) < 10**8 else _shown(str(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, str | UUID):
        return _NINE_DIGITS.sub(HIDDEN, str(value))
    return HIDDEN


class _Logger:
    """Writes events as lines of JSON to a stream; threads share it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def write(self, name: str, fields: Mapping[str, object]) -> None:
        line = {key: _shown(value) for key, value in fields.items() if value is not None}
        line |= {"event": name, "moment": datetime.now(UTC).isoformat()[: -len("+00:00")] + "Z"}
        text = json.dumps(line, ensure_ascii=False) + "\n"
        with self._lock:  # no more than this: what is destroyed meanwhile may have to be logged
            self._stream.write(text)
            self._stream.flush()


_logger = _Logger(sys.stderr)
