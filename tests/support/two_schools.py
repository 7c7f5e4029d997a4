"""Two schools whose adapters run, as far as a transfer needs, with a simulated chain between."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.chain import Chain, School, wait_for_port


@contextmanager
def two_schools(folder: Path) -> Iterator[tuple[School, School]]:
    """Po school 99AA that delivers and vo school 99BB that fetches, each with its JSON API."""
    chain = Chain.create(folder)
    try:
        chain.start("tc", "osr")
        po, vo = chain.add_school("99AA", "PO"), chain.add_school("99BB", "VO")
        for school, part in ((po, "public"), (vo, "runner")):
            school.spawn(part)
            wait_for_port(school.internal, school.spawn("internal"), school.log)
        wait_for_port(po.port, po.processes[0], po.log)
        yield po, vo
    finally:
        chain.stop()
