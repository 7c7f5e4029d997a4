"""Long work that is ordered at once and done by the runner: collecting or fetching many pupils.

So is finding pupils, of which one is enough. Collecting and finding call plugins, which no web
process does (design: where supplier code runs). An item that was in hand when a process was killed
is done again: that makes a newer version of the same dossier.
"""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import uuid4

from oso_adapter.errors import NotAllowed, OsoError, StoreUnavailable
from oso_adapter.exchange import orders, prepare
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.fetch import DELIVERED
from oso_adapter.exchange.find import find_pupils
from oso_adapter.exchange.orders import Order
from oso_adapter.exchange.policy import BETWEEN_SCHOOLS
from oso_adapter.exchange.snapshot import NotPrepared
from oso_adapter.hookspecs import PupilQuery
from oso_adapter.identifiers import without_number
from oso_adapter.logs import event as log_event
from oso_adapter.store import jobs
from oso_adapter.store.models import Administration, ItemState, Job, JobItem, JobKind
from oso_adapter.store.sealing import Purpose

_Outcome = tuple[ItemState, str | None, dict[str, Any]]
"""How an item ended, the dossier that was made, and what is told of it."""

ANSWERS_KEPT: Final = timedelta(hours=24)
"""How long the same request with the same key gets the same answer."""

FOUND_KEPT: Final = timedelta(hours=1)
"""How long pupils that were found can be read; their names stand nowhere else in the store."""


@dataclass(frozen=True)
class Progress:
    """How far a job has come."""

    done: int
    failed: int
    waiting: int

    @property
    def total(self) -> int:
        """How many items there are."""
        return self.done + self.failed + self.waiting


def collect(
    adapter: Adapter,
    administration: Administration,
    account: str,
    pupils: Sequence[str],
    profile: str,
    switched_off: Collection[str] = (),
) -> Job:
    """Order that dossiers are collected (verzamelen), each pupil once; see ``prepare.collect``.

    Raises :class:`NotAllowed` for a profile that cannot be, InvalidIdentifier for a reference that
    holds a number.
    """
    if profile not in BETWEEN_SCHOOLS:
        names = ", ".join(BETWEEN_SCHOOLS)
        raise NotAllowed(f"het profiel {profile} kan nog niet; kies uit {names}")
    references = [without_number(pupil) for pupil in dict.fromkeys(pupils)]
    options = {"profile": profile, "switched_off": sorted(switched_off)}
    job = _job(adapter, administration, account, JobKind.COLLECT, options)
    items = [_item(adapter, job, n, name) for n, name in enumerate(references, 1)]
    with adapter.store.writing() as session:
        jobs.add(session, job, items)
    return job


def fetch(
    adapter: Adapter, administration: Administration, account: str, placed: Sequence[Order]
) -> Job:
    """Place orders, all or none, as one job; see ``orders.place``."""
    ids = orders.place(adapter, administration, account, placed)
    job = _job(adapter, administration, account, JobKind.FETCH, {})
    job.finished_at = job.ordered_at  # the orders are the work
    items = [
        _item(adapter, job, n, order.reference, order_id)
        for n, (order, order_id) in enumerate(zip(placed, ids, strict=True), 1)
    ]
    with adapter.store.writing() as session:
        jobs.add(session, job, items)
    return job


def find(adapter: Adapter, administration: Administration, account: str, query: PupilQuery) -> Job:
    """Order that pupils are looked for; see ``find.find_pupils``."""
    job = _job(adapter, administration, account, JobKind.FIND, {})
    item = JobItem(job_id=job.id, position=1, state=ItemState.WAITING, pupil_sealed=b"")
    item.outcome_sealed = _sealed(adapter, {"query": asdict(query)})
    with adapter.store.writing() as session:
        jobs.add(session, job, [item])
    return job


def progress(adapter: Adapter, job: Job) -> Progress:
    """How far it has come."""
    with adapter.store.reading() as session:
        found = jobs.count(session, job, DELIVERED)
    return Progress(*(found[s] for s in (ItemState.DONE, ItemState.FAILED, ItemState.WAITING)))


def carry_out(adapter: Adapter, job: Job, owner: str, item: JobItem) -> None:
    """Collect one pupil of a job, or find those who are looked for, and keep what became of it.

    Raises StoreUnavailable, after which it still waits, and :class:`NotAllowed` when another
    process has taken over the job.
    """
    with adapter.store.reading() as session:
        administration = session.get_one(Administration, job.administration_id)
    work = _found if job.kind == JobKind.FIND else _collected
    state, subject, told = _done(lambda: work(adapter, administration, job, item), job)
    sealed = _sealed(adapter, told)
    with adapter.store.writing() as session:
        jobs.leased(session, job.id, owner, adapter.clock() + adapter.longest_step)
        row = session.get_one(JobItem, (item.job_id, item.position))
        row.state, row.subject, row.outcome_sealed = state, subject, sealed


def finish(adapter: Adapter, job: Job, owner: str) -> None:
    """The job is done, once none of its items waits."""
    moment = adapter.clock()
    with adapter.store.writing() as session:
        row = jobs.leased(session, job.id, owner, moment)
        if not jobs.waiting(session, job.id):
            row.finished_at = moment


def pupil_of(adapter: Adapter, item: JobItem) -> str | None:
    """The supplier's own reference of the pupil, or of the order; None once it was destroyed."""
    if not item.pupil_sealed:
        return None
    return adapter.sealer.open_field(item.pupil_sealed, Purpose.PUPIL).decode()


def outcome_of(adapter: Adapter, item: JobItem) -> dict[str, Any]:
    """What is told of an item: its findings, and the error when it failed."""
    if item.outcome_sealed is None:
        return {}
    told: dict[str, Any] = json.loads(adapter.sealer.open_field(item.outcome_sealed, Purpose.JOB))
    return told


def _collected(
    adapter: Adapter, administration: Administration, job: Job, item: JobItem
) -> _Outcome:
    profile, off = job.options["profile"], job.options["switched_off"]
    pupil = adapter.sealer.open_field(item.pupil_sealed, Purpose.PUPIL).decode()
    made = prepare.collect(adapter, administration, job.account, pupil, profile, off)
    findings = [asdict(finding) for finding in made.findings]
    return ItemState.DONE, made.id, {"version": made.version, "findings": findings}


def _found(adapter: Adapter, administration: Administration, job: Job, item: JobItem) -> _Outcome:
    asked = outcome_of(adapter, item)["query"]
    before = asked["leaving_before"]
    query = PupilQuery(**{**asked, "leaving_before": before and date.fromisoformat(before)})
    found = find_pupils(adapter, administration, job.account, query)
    return ItemState.DONE, None, {"found": [asdict(pupil) for pupil in found]}


def _done(work: Callable[[], _Outcome], job: Job) -> _Outcome:
    """What became of it, also when it went wrong; raises StoreUnavailable alone."""
    try:
        return work()
    except NotPrepared as refused:
        findings = [asdict(finding) for finding in refused.findings]
        return ItemState.FAILED, None, {"error": str(refused), "findings": findings}
    except StoreUnavailable:
        raise
    except OsoError as error:
        return ItemState.FAILED, None, {"error": str(error)}
    except Exception as error:
        fault_id = str(uuid4())
        log_event("job.failed", job=job.id, reason=type(error).__name__, fault_id=fault_id)
        said = "er ging hier iets mis; vraag het na met het foutnummer"
        return ItemState.FAILED, None, {"error": said, "fault_id": fault_id}


def _sealed(adapter: Adapter, told: dict[str, Any]) -> bytes:
    return adapter.sealer.seal_field(json.dumps(told, default=str).encode(), Purpose.JOB)


def _job(
    adapter: Adapter,
    administration: Administration,
    account: str,
    kind: JobKind,
    options: dict[str, Any],
) -> Job:
    return Job(
        id=str(uuid4()),
        administration_id=administration.id,
        kind=kind,
        account=without_number(account),
        options=options,
        ordered_at=adapter.clock(),
    )


def _item(
    adapter: Adapter, job: Job, position: int, pupil: str, subject: str | None = None
) -> JobItem:
    return JobItem(
        job_id=job.id,
        position=position,
        state=ItemState.WAITING,
        pupil_sealed=adapter.sealer.seal_field(pupil.encode(), Purpose.PUPIL),
        subject=subject,
    )
