"""Making a dossier ready (klaarzetten) and the ways in which that ends: withdrawn, or lapsed.

A version that is ready stays so while a newer one is collected and seen, so that no school finds
nothing in between. When the newer one is made ready the older lapses, whatever schools it was for.
"""

from collections.abc import Collection
from datetime import date
from typing import Final

from oso_adapter.clock import school_date
from oso_adapter.errors import NotAllowed
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.snapshot import Outcome, judge, record, require_same, supersede
from oso_adapter.exchange.versions import current, meant, opened, require_state, require_unchanged
from oso_adapter.identifiers import Brin
from oso_adapter.standard.findings import Finding
from oso_adapter.store import dossiers
from oso_adapter.store.models import Administration, Prepared, PreparedSchool, PreparedState

OPEN: Final = (*dossiers.UNFINISHED, *dossiers.DELIVERABLE)
"""States of a version that can still be fetched, now or after a next step."""


def make_ready(
    adapter: Adapter,
    administration: Administration,
    account: str,
    pupil: str,
    brins: Collection[Brin],
    until: date | None = None,
    *,
    profile: str | None = None,
) -> Outcome:
    """Make ready (klaarzetten) for one or more schools; from now on they can fetch it.

    brins: all of them; a school that could fetch it before and is not named no longer can. until:
    the last day on which they can. profile: of which dossier, where dossiers of more than one wait.
    What the OSR has against a school is a warning among the findings, and so is that a school lost
    it. Raises :class:`NotAllowed` with the step that is missing, NotPrepared when the whole is not
    valid. Older versions that were ready lapse; a version that lapsed itself because its last day
    passed can be made ready again, since it is what the parents saw.
    """
    if not brins:
        raise NotAllowed("noem ten minste een school (BRIN) die het dossier mag ophalen")
    if until is not None and until < school_date(adapter.clock()):
        raise NotAllowed("de laatste dag waarop het kan worden opgehaald is al voorbij")
    prepared = meant(adapter, administration, pupil, profile)
    if prepared.profile == "BB" and {*brins} != {administration.brin}:
        raise NotAllowed(
            "een dossier binnen BRIN kan alleen door een ander systeem van uw eigen school worden "
            f"opgehaald; zet het klaar voor {administration.brin}, of kies een ander profiel"
        )
    require_state(prepared, (*OPEN, PreparedState.SUPERSEDED))
    if not adapter.accepts(prepared.release):
        raise NotAllowed(
            f"het dossier is van versie {prepared.release}, die niet meer in gebruik is; "
            "verzamel opnieuw"
        )
    if missing := adapter.what_is_missing(prepared):
        raise NotAllowed(f"het dossier kan nog niet klaar: {missing}")
    xml = opened(adapter, prepared)
    findings = judge(adapter, xml)
    require_same(adapter, xml, prepared)
    findings += adapter.destinations.findings(brins)
    moment = adapter.clock()
    with adapter.store.writing() as session:
        row = session.get_one(Prepared, prepared.id)
        require_unchanged(row, prepared)
        older = dossiers.others(session, row, dossiers.DELIVERABLE)
        lost = {school.brin for version in older for school in version.schools} - {*brins}
        no_more = _can_fetch(row) - {*brins}
        row.schools = [PreparedSchool(brin=str(brin)) for brin in sorted(set(brins))]
        row.ready_until = until
        row.state, row.changed_at, row.account = PreparedState.READY, moment, account
        supersede(session, row, OPEN, moment, account)
        for brin in sorted(set(brins)):
            record(session, "dossier.ready", row, moment, account, counterpart=str(brin))
        for school in sorted(no_more):
            record(session, "dossier.withdrawn", row, moment, account, counterpart=school)
    findings += [_no_longer_for(brin, "Een eerdere versie") for brin in sorted(lost - no_more)]
    findings += [_no_longer_for(brin, "Het dossier") for brin in sorted(no_more)]
    return Outcome(row.id, row.version, PreparedState.READY, tuple(findings))


def withdraw(adapter: Adapter, administration: Administration, account: str, pupil: str) -> Outcome:
    """Withdraw (intrekken) every version of the pupil's dossier that could still be fetched.

    Those of another profile too: who withdraws means the pupil, not one of several overstappen. And
    the newest when its last day passed, for it could be made ready again.
    """
    prepared = current(adapter, administration, pupil)
    moment = adapter.clock()
    with adapter.store.writing() as session:
        rows = dossiers.versions(session, administration.id, prepared.pupil_hmac, OPEN)
        newest = session.get_one(Prepared, prepared.id)
        if newest.state == PreparedState.SUPERSEDED:
            rows = [newest, *rows]
        if not rows:  # also when somebody else was just before
            require_state(newest, OPEN)
        for row in rows:
            row.state, row.changed_at, row.account = PreparedState.WITHDRAWN, moment, account
            record(session, "dossier.withdrawn", row, moment, account)
    return Outcome(rows[0].id, rows[0].version, PreparedState.WITHDRAWN, ())


def lapse(adapter: Adapter) -> None:
    """Mark (vervallen) the versions whose last day has passed without anybody fetching them.

    Delivery looks at the date itself, so nothing depends on when this is done.
    """
    moment = adapter.clock()
    today = school_date(moment)
    with adapter.store.reading() as session:
        if not dossiers.past_last_day(session, today):
            return
    with adapter.store.writing() as session:
        for row in dossiers.past_last_day(session, today):
            row.state, row.changed_at = PreparedState.SUPERSEDED, moment
            record(session, "dossier.lapsed", row, moment, None, reason="past-last-day")


def _can_fetch(version: Prepared) -> set[str]:
    """The schools that can fetch a version now."""
    ready = version.state in dossiers.DELIVERABLE
    return {school.brin for school in version.schools} if ready else set()


def _no_longer_for(brin: str, what: str) -> Finding:
    return Finding(
        rule="KLAAR.vervallen",
        severity="warning",
        path="/dossier",
        line=None,
        message=f"{what} stond klaar voor {brin}; dat is nu voorbij.",
        owner="verzendende school",
        next_step=f"Zet het dossier klaar voor alle scholen tegelijk, ook voor {brin}, als die "
        "school het nog moet ophalen.",
    )
