"""The runner's other hand: long work that was ordered through the JSON API."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from oso_adapter.exchange import jobs as use_case
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.logs import event as log_event
from oso_adapter.store import answers, exchanges, jobs
from oso_adapter.store.models import Job


class JobRunner:
    """Carries out jobs, one after another, a few of its items at the same time."""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter

    def run_forever(self, stop: Event) -> None:
        """Take up what is due at start and at every tick; nothing that goes wrong ends it."""
        while not stop.is_set():
            try:
                self.run_due(stop)
            except Exception as error:
                log_event("runner.failed", reason=type(error).__name__)
            stop.wait(self._adapter.settings.fetching.tick)

    def run_due(self, stop: Event | None = None) -> int:
        """Carry out every job that is due now; gives how many were taken up.

        stop: once it is set no item is begun any more; the job goes on where it was, later.
        """
        stop = stop or Event()
        adapter, taken = self._adapter, 0
        with adapter.store.writing() as session:
            exchanges.free_dead_leases(session)
            answers.forget_old(session, adapter.clock() - use_case.ANSWERS_KEPT)
            jobs.forget_found(session, adapter.clock() - use_case.FOUND_KEPT)
        while not stop.is_set():
            owner, now = exchanges.lease_owner(), adapter.clock()
            with adapter.store.writing() as session:
                job = jobs.claim(session, owner, now, now + adapter.longest_step)
            if job is None:
                break
            taken += 1
            try:
                self._carry_out(job, owner, stop)
            finally:
                with adapter.store.writing() as session:
                    jobs.release(session, job.id, owner)
        return taken

    def _carry_out(self, job: Job, owner: str, stop: Event) -> None:
        adapter = self._adapter
        with adapter.store.reading() as session:
            items = jobs.waiting(session, job.id)
        parallel = adapter.settings.fetching.parallel
        with ThreadPoolExecutor(parallel, thread_name_prefix="job") as pool:
            for start in range(0, len(items), parallel):
                if stop.is_set():
                    return
                group = items[start : start + parallel]
                list(pool.map(lambda item: use_case.carry_out(adapter, job, owner, item), group))
        use_case.finish(adapter, job, owner)
