"""The runner's other hand: long work that was ordered through the JSON API."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Final

from oso_adapter.exchange import jobs as use_case
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.logs import event as log_event
from oso_adapter.store import answers, exchanges, jobs
from oso_adapter.store.models import Job

TURN: Final = 20
"""So many items of a job are done before it is another's turn: a school that collects a whole year
keeps no other waiting, nor its own search for a pupil.
"""


class JobRunner:
    """Carries out jobs, by turns, a few of the items at the same time."""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter
        self._served: dict[int | str, int] = {}
        self._turn = 0

    def run_forever(self, stop: Event) -> None:
        """Take up what is due at start and at every tick; nothing that goes wrong ends it."""
        while not stop.is_set():
            try:
                self.run_due(stop)
            except Exception as error:
                log_event("runner.failed", reason=type(error).__name__)
            stop.wait(self._adapter.settings.fetching.tick)

    def run_due(self, stop: Event | None = None) -> int:
        """Carry out every job that is due now, by turns; gives how many turns that took.

        stop: once it is set no item is begun any more; the job goes on where it was, later.
        """
        stop = stop or Event()
        adapter, taken = self._adapter, 0
        with adapter.store.writing() as session:
            exchanges.free_dead_leases(session)
            answers.forget_old(session, adapter.clock() - use_case.ANSWERS_KEPT)
        while not stop.is_set():
            owner, now = exchanges.lease_owner(), adapter.clock()
            with adapter.store.writing() as session:
                jobs.forget_found(
                    session, now - use_case.FOUND_KEPT
                )  # at every turn: many are long
                job = jobs.claim(session, owner, now, now + adapter.longest_step, self._served)
            if job is None:
                self._served.clear()
                break
            taken += 1
            self._turn += 1
            self._served |= dict.fromkeys((job.administration_id, job.id), self._turn)
            try:
                self._carry_out(job, owner, stop)
            finally:
                with adapter.store.writing() as session:
                    jobs.release(session, job.id, owner)
        return taken

    def _carry_out(self, job: Job, owner: str, stop: Event) -> None:
        adapter = self._adapter
        with adapter.store.reading() as session:
            waiting = jobs.waiting(session, job.id, TURN + 1)
        items = waiting[:TURN]
        parallel = adapter.settings.fetching.parallel
        with ThreadPoolExecutor(parallel, thread_name_prefix="job") as pool:
            for start in range(0, len(items), parallel):
                if stop.is_set():
                    return
                group = items[start : start + parallel]
                list(pool.map(lambda item: use_case.carry_out(adapter, job, owner, item), group))
        if len(waiting) <= TURN:
            use_case.finish(adapter, job, owner)
