"""Six years of a school's own house: tokens, holds, questions, a restore, and what goes in time."""

from dataclasses import replace
from pathlib import Path

import pytest

from oso_adapter.errors import NotAllowed
from oso_adapter.exchange import candidates, find, former, purge, trusted_clock
from oso_adapter.exchange.plugin_trace import COLLECT, Asked, trace
from oso_adapter.hookspecs import Candidate, FoundPupil, PupilQuery, hookimpl
from oso_adapter.identifiers import Pgn
from oso_adapter.standard.active import ActiveRelease, Releases
from oso_adapter.store.models import Prepared
from support.chain import ACCOUNT, School
from support.dossiers import NUMBERS
from support.keeping import Keeping
from support.plugins import bare
from support.pupils import Pupils
from support.requester import event_counts

ONE, TWO, THREE, FOUR = NUMBERS


def keep_house(kept: Keeping, backup: Path) -> set[str]:
    """Do all of it; gives the names of the events, also of those that were destroyed since."""
    prepared = begin(kept)
    administer(kept.school, prepared)
    try_a_plugin(kept)
    put_back(kept, backup)
    recorded = {*event_counts(kept.adapter)}
    let_terms_end(kept)
    recorded |= {*event_counts(kept.adapter)}
    let_the_audit_end(kept)
    return recorded | {*event_counts(kept.adapter)}


def begin(kept: Keeping) -> Prepared:
    """One of everything that has a term; gives the dossier that was withdrawn."""
    prepared = kept.put(ONE, "P-1")
    kept.withdraw("P-1")
    kept.put(TWO, "P-2")
    former.add(kept.adapter, kept.owner, ACCOUNT, "P-2", [Pgn(THREE)])
    kept.received(ONE)
    kept.ordered(TWO)
    kept.requested(FOUR)
    ask_the_las(kept)
    return prepared


class Las:
    """A school's own system in which one pupil is."""

    @hookimpl
    def oso_candidates(self) -> list[Candidate]:
        return [Candidate("P-4", FOUR)]

    @hookimpl
    def oso_find_pupils(self) -> list[FoundPupil]:
        return [FoundPupil("P-4", "Tess")]


def ask_the_las(kept: Keeping) -> None:
    """Who is there, and whom a request means."""
    kept.adapter.plugins.register(Las(), "las")
    find.find_pupils(kept.adapter, kept.owner, ACCOUNT, PupilQuery())
    assert 1 == candidates.look_up(kept.adapter)


def administer(school: School, prepared: Prepared) -> None:
    by = ("--account", ACCOUNT)
    scope = ("--scope", "events:read")
    command(school, "token", "create", "las", "--administration", school.routing_id, *scope, *by)
    command(school, "token", "revoke", "las", *by)
    what = ("--dossier", prepared.id, *by)
    hold = command(school, "audit", "hold", "add", *what, "--reason", "klacht").strip()
    command(school, "audit", "hold", "release", hold, *by)
    command(school, "audit", "show", *what)


def try_a_plugin(kept: Keeping) -> None:
    asked = Asked(kept.owner, ACCOUNT, "P-1", "POVO")
    trace(kept.adapter, bare(Pupils()), "p0", COLLECT, asked, lambda: 0.0)


def put_back(kept: Keeping, backup: Path) -> None:
    command(kept.school, "db", "backup", str(backup), "--account", ACCOUNT)
    kept.adapter.close()
    command(kept.school, "db", "restore", str(backup), "--replace", "--account", ACCOUNT)


def let_terms_end(kept: Keeping) -> None:
    """Look every month for longer than the longest term but that of the audit.

    The release of the dossiers is no longer in use by then.
    """
    later = replace(kept.adapter, releases=Releases((ActiveRelease("2031.1"),)))
    for _ in range(14):
        kept.clock.forward(days=30)
        purge.purge(later)


def let_the_audit_end(kept: Keeping) -> None:
    """The machine stands still for five years, and a person says that its clock is right."""
    kept.clock.forward(days=1900)
    with pytest.raises(NotAllowed):
        purge.purge(kept.adapter)
    trusted_clock.remember(kept.adapter, kept.clock(), confirmed_by=ACCOUNT)
    purge.purge(kept.adapter)


def command(school: School, *arguments: str) -> str:
    """Run a command that succeeds; gives what it printed."""
    done = school.cli(*arguments)
    assert 0 == done.exit_code, done.output
    return done.stdout
