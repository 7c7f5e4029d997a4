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
_DATED: Final = re.compile(
    r"(?<![0-9])(?:19|20)[0-9]{2}(?:[-_. ]?[0-9]{2,4}){0,2}(?![0-9])"
    r"|(?<![a-z])v(?:ersie)?[-_. ]?[0-9][0-9.]*"
)
"""Years, days and versions in the name of a file, which are no number of a list."""


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


def of_source(
    files: Mapping[str, bytes], known: CodeLists, named: Collection[str] = ()
) -> dict[str, str]:
    """By key the CSV files of a release that are told by their names: a number, or tests.

    named: keys that the user gave a file for. Raises OfficialFilesRefused where two files may be
    the list of another key; links to one file are one.
    """
    found: dict[str, list[str]] = {}
    for path in csv_files(files):
        if (key := _key(PurePosixPath(path).stem.lower(), known)) and key not in named:
            found.setdefault(key, []).append(path)
    for key, paths in found.items():
        if len({files[path] for path in paths}) > 1:
            names = ", ".join(paths)
            raise OfficialFilesRefused(
                f"which file is code list {key} is not clear ({names}); name it (--codes)"
            )
    return {key: paths[0] for key, paths in found.items()}


def csv_files(files: Mapping[str, bytes]) -> list[str]:
    """The CSV files among those of a release."""
    return sorted(path for path in files if PurePosixPath(path).suffix.lower() == ".csv")


def _key(stem: str, known: CodeLists) -> str | None:
    """What a file is the list of: a number of ours before all else, since a name may say more."""
    numbers = {str(int(number)) for number in _NUMBER.findall(_DATED.sub(" ", stem))}
    if numbers:
        ours = numbers & known.lists.keys()
        return ours.pop() if len(ours) == 1 else None
    return TESTS if "toets" in stem and "eindtoets" not in stem else None


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
