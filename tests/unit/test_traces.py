"""The search for what may be written nowhere finds it, in whichever form it stands."""

import base64
import os
from pathlib import Path
from typing import Any

import pytest
from magister_like.generator import MARKER_PREFIX
from support.traces import Secrets, files_below

MARKER = f"{MARKER_PREFIX}9999999"
NUMBER = "123456782"
BORN = "1913-02-29"


@pytest.mark.parametrize(
    "written",
    [
        b"%s",
        b"prefix%ssuffix",
        *(b"x" * n + b"%s" for n in range(1, 4)),
    ],
)
@pytest.mark.parametrize(
    "form",
    [
        lambda text: text,
        base64.b64encode,
        lambda text: base64.b64encode(base64.b64encode(text)),
        base64.urlsafe_b64encode,
        bytes.hex,
        lambda text: "".join(f"%{octet:02x}" for octet in text),
        lambda text: text.decode().encode("utf-16-le"),
        lambda text: text.decode().encode("utf-16-be"),
    ],
    ids=["plain", "base64", "twice", "urlsafe", "hex", "percent", "utf-16-le", "utf-16-be"],
)
def test_the_search_finds_what_was_planted(tmp_path: Path, form: Any, written: bytes) -> None:
    secrets = Secrets((MARKER_PREFIX,), frozenset({NUMBER}), frozenset({BORN}))
    for planted in (MARKER.encode(), NUMBER.encode(), BORN.encode()):
        coded = form(written % planted)
        octets = coded.encode() if isinstance(coded, str) else coded
        file = tmp_path / "planted"
        for before, after in [(b"", b""), (os.urandom(100) + b"\n", b"\n" + os.urandom(100))]:
            file.write_bytes(before + octets + after)
            assert secrets.found_in_files(files_below(tmp_path))


@pytest.mark.parametrize("name", [MARKER, f"{NUMBER}.xml", f"geboren-{BORN}.txt"])
def test_the_search_finds_what_stands_in_the_name_of_a_file(tmp_path: Path, name: str) -> None:
    secrets = Secrets((MARKER_PREFIX,), frozenset({NUMBER}), frozenset({BORN}))
    (tmp_path / name).touch()
    assert 1 == len(secrets.found_in_files(files_below(tmp_path)))
