"""The command line on a disk that is full for as long as a certain file exists.

SQLite itself gives the error: with ``max_page_count`` at its lowest the database cannot grow.
"""

import sys
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.pool import Pool

NO_LIMIT = 2**32 - 2


def fill(full: Path, pool: Any = Pool) -> None:
    """From now on the connections of this pool (of all pools) look at the file each time."""

    def limit(connection: Any, *_: Any) -> None:
        # the lowest that SQLite takes is the size that the database has
        connection.execute(f"PRAGMA max_page_count = {1 if full.exists() else NO_LIMIT}")

    event.listen(pool, "checkout", limit)


if __name__ == "__main__":
    from oso_adapter.cli.main import main

    fill(Path(sys.argv.pop(1)))
    main()
