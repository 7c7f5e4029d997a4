"""A database that takes the place of another: nothing of the other is lost."""

import sqlite3
from contextlib import closing
from pathlib import Path

from oso_adapter.store.backup import put_in_place


def database(file: Path, word: str) -> Path:
    with closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TABLE words AS SELECT ? AS word", (word,))
        db.commit()
    return file


def word(file: Path | None) -> str:
    with closing(sqlite3.connect(str(file))) as db:
        return str(db.execute("SELECT word FROM words").fetchone()[0])


def test_what_was_put_aside_before_stays(tmp_path: Path) -> None:
    file = database(tmp_path / "adapter.sqlite", "first")

    asides = [put_in_place(file, database(tmp_path / "new", w)) for w in ("second", "third")]

    assert ["third", "first", "second"] == [word(each) for each in (file, *asides)]
