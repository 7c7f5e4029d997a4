"""Code lists as CSV, as they are published beside a release or every year: codes and meanings."""

import csv
import io
import re
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from oso_adapter.standard.codelists import CodeLists
from oso_adapter.standard.official_files import LIMITS, OfficialFilesRefused
from oso_adapter.standard.structure import Structure

TESTS: Final = "toetsen"
"""The key of the yearly list of tests that may be sent; a test that is not on it is a warning."""

_OF_TESTS: Final = "toetsidentificatie/eldtoetscode"
_MAX_CODES: Final = 50_000
_DELIMITERS: Final = ";\t,"
_CODES: Final = frozenset({"code", "codes", "waarde", "toetscode", "eldtoetscode", "eldcode"})
_MEANINGS: Final = frozenset({"omschrijving", "betekenis", "naam", "toetsnaam", "description"})
_NUMBER: Final = re.compile(r"[0-9]+")


def read_codes(content: bytes, name: str) -> dict[str, str]:
    """Each code of a CSV with its meaning, empty where there is none.

    UTF-8 or Windows-1252; divided by semicolon, tab or comma. The columns are found by their heads
    (``code``, ``omschrijving``); without heads the first has the code, the second the meaning.
    Raises OfficialFilesRefused, naming the file.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(row)]
    except csv.Error:
        raise OfficialFilesRefused(f"{name} is no CSV that can be read") from None
    heads = [cell.strip().lower() for cell in rows[0]] if rows else []
    code = next((n for n, head in enumerate(heads) if head in _CODES), None)
    meaning = next((n for n, head in enumerate(heads) if head in _MEANINGS), 1)
    found: dict[str, str] = {}
    for row in rows if code is None else rows[1:]:
        key = row[code or 0].strip() if len(row) > (code or 0) else ""
        if key:
            found[key] = row[meaning].strip() if len(row) > meaning else ""
    if not found or len(found) > _MAX_CODES:
        raise OfficialFilesRefused(f"{name} has no codes, or more than {_MAX_CODES}")
    return found


def of_source(files: Mapping[str, bytes], known: CodeLists) -> dict[str, str]:
    """By key the CSV files of a release that are told by their names: a number, or tests."""
    found: dict[str, str] = {}
    for path in sorted(files):
        file = PurePosixPath(path)
        if file.suffix.lower() != ".csv":
            continue
        numbers = {str(int(number)) for number in _NUMBER.findall(file.stem)} & known.lists.keys()
        if "toets" in file.stem.lower() and "eindtoets" not in file.stem.lower():
            found[TESTS] = path
        elif len(numbers) == 1:
            found[numbers.pop()] = path
    return found


def table_of(
    contents: Mapping[str, tuple[str, bytes]],
    known: CodeLists,
    structure: Structure,
    named: Collection[str] = (),
) -> dict[str, Any]:
    """``codelists.toml`` of CSV files: by key the name of a file and what is in it.

    A key is a number that a list of ours has, whose elements it then takes over, the end of a path
    (``leerling/thuistaal``), or ``toetsen``. named: keys that the user gave: where the release has
    no such element they raise OfficialFilesRefused; a list that merely came along is left out.
    """
    suffixes = _suffixes(structure)
    made: dict[str, Any] = {}
    for key, (file, content) in contents.items():
        row: dict[str, Any] = {"name": PurePosixPath(file).stem, "elements": [key]}
        if key == TESTS:
            row = {"name": "Toetsen", "elements": [_OF_TESTS], "severity": "warning"}
        elif key in known.lists:
            ours = known.lists[key]
            row = {"name": ours.name, "elements": list(ours.elements)}
        row["elements"] = [suffix for suffix in row["elements"] if suffix in suffixes]
        if not row["elements"] and key not in named:
            continue
        if not row["elements"]:
            raise OfficialFilesRefused(f"the code list {key} is of no element of this release")
        made[key] = {**row, "codes": read_codes(content, file)}
    return made


def content_of(file: Path) -> tuple[str, bytes]:
    """A CSV that the user names, within the bounds of official files."""
    try:
        with file.open("rb") as opened:
            content = opened.read(LIMITS.size + 1)
    except OSError:
        raise OfficialFilesRefused(f"{file.name} cannot be read") from None
    if len(content) > LIMITS.size:
        raise OfficialFilesRefused(f"{file.name} is larger than {LIMITS.size} bytes")
    return file.name, content


def _suffixes(structure: Structure) -> set[str]:
    found: set[str] = set()
    for root in structure.roots:
        for path, _ in structure.walk(root):
            steps = path.strip("/").split("/")
            found.update("/".join(steps[n:]) for n in range(len(steps)))
    return found
