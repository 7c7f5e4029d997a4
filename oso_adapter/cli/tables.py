"""Lists that come as CSV: out of a spreadsheet, with whatever separator that used."""

import csv
from collections.abc import Collection, Sequence
from io import StringIO
from typing import Final, TextIO

from oso_adapter.cli.wrong_use import WrongUse

_SEPARATORS: Final = (",", ";")


def read_table(
    file: TextIO, columns: Sequence[str], required: Collection[str]
) -> list[tuple[int, dict[str, str]]]:
    """Read all rows, each with the number of its line in the file (the first line is 1).

    columns: those that are known; every row has them all, stripped, empty when absent. required:
    those that the first line must name and every row must fill. Raises :class:`WrongUse`
    with the line and the column, never a value.
    """
    try:
        text = file.read()
    except UnicodeDecodeError:
        raise WrongUse("the file is not UTF-8; save it as CSV UTF-8") from None
    separator = max(_SEPARATORS, key=text.partition("\n")[0].count)
    rows = csv.reader(StringIO(text), delimiter=separator, strict=True)
    try:
        names = [name.strip() for name in next(rows, [])]
        if missing := [name for name in required if name not in names]:
            raise WrongUse(
                f"line 1 must name the columns {', '.join(columns)}; missing: {', '.join(missing)}"
            )
        found = [(rows.line_num, row) for row in rows if any(cell.strip() for cell in row)]
    except csv.Error:
        raise WrongUse(f"line {rows.line_num}: this is not CSV") from None
    return [(line, _row(line, names, cells, columns, required)) for line, cells in found]


def _row(
    line: int,
    names: Sequence[str],
    cells: Sequence[str],
    columns: Sequence[str],
    required: Collection[str],
) -> dict[str, str]:
    if len(cells) > len(names):
        raise WrongUse(f"line {line}: there are more values than columns")
    given = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
    row = {name: given.get(name, "") for name in columns}
    for name in required:
        if not row[name]:
            raise WrongUse(f"line {line}: {name} is missing")
    return row
