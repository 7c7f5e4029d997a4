"""Two schools whose whole adapters run, with a simulated chain between them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.chain import Chain, School, wait_for_port


@contextmanager
def two_schools(folder: Path) -> Iterator[tuple[School, School]]:
    """Po school 99AA and vo school 99BB, each with ``serve`` and an internal listener."""
    chain = Chain.create(folder)
    try:
        chain.start("tc", "osr")
        schools = chain.add_school("99AA", "PO"), chain.add_school("99BB", "VO")
        for school in schools:
            process = school.start()
            wait_for_port(school.internal, process, school.log)
        yield schools
    finally:
        chain.stop()
