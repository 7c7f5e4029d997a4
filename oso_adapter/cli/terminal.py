"""What rich draws: tables, and how far long work is.

Imported only where something is drawn: a short command would wait for it longer than it works.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

_WIDE: Final = 1000
"""Columns of a table that goes to a file or a pipe: nothing is folded there."""


@contextmanager
def bar(doing: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error; gives what is called with how many are done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task(doing, total=total)
        yield lambda done: progress.update(task, completed=done)


def print_table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table on standard output; names: of the columns."""
    table = Table(*(Column(name, overflow="fold") for name in names))
    for row in rows:
        table.add_row(*map(Text, row))
    width = None if sys.stdout.isatty() else _WIDE
    Console(soft_wrap=True, width=width).print(table)
