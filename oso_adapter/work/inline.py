"""The embedded engine: takes due exchanges from the store and carries them out in threads.

The runner of ``serve`` looks at every tick; the command line works on the orders that it placed.
Both may run at once: the lease in the row decides who has an exchange.
"""

from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from threading import Event
from uuid import uuid4

from sqlalchemy import func, select

from oso_adapter.errors import NotAllowed, PluginFailed
from oso_adapter.exchange import candidates, extra_rules, notified, notify
from oso_adapter.exchange.adapter import Adapter, reference
from oso_adapter.exchange.fetch import Job, advance, postpone
from oso_adapter.exchange.ready import lapse
from oso_adapter.hookspecs import AdministrationRef, AuditEvent
from oso_adapter.logs import event as log_event
from oso_adapter.store import events, exchanges, notices
from oso_adapter.store.models import Administration, Exchange, ExchangeState
from oso_adapter.store.models import Event as EventRow
from oso_adapter.work.daily import Daily

Progress = Callable[[int], None]
"""Called with the number of exchanges that are done, each time that changes."""


class Runner:
    """Carries out due exchanges, a few at the same time."""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter
        self._parallel = adapter.settings.fetching.parallel

    def run_due(self, only: Collection[str] | None = None, progress: Progress | None = None) -> int:
        """Carry out everything that is due now; gives how many exchanges were taken up.

        only: ids to look at, or None for all.
        """
        with self._adapter.store.writing() as session:
            exchanges.free_dead_leases(session)
        taken, running = 0, set[Future[None]]()
        with ThreadPoolExecutor(self._parallel, thread_name_prefix="exchange") as pool:
            while True:
                while len(running) < self._parallel and (job := self._claim(only)):
                    running.add(pool.submit(self._carry_out, job))
                    taken += 1
                if not running:
                    return taken
                finished, running = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    future.result()
                if progress is not None and only is not None:
                    progress(len(only) - self.unfinished(only))

    def run_until_done(
        self, only: Collection[str], progress: Progress | None = None, look_again: float = 0.2
    ) -> None:
        """Carry out these exchanges until each is done or waits for a later attempt.

        look_again: seconds between looks at exchanges that another process has in hand.
        """
        idle = Event()
        while True:
            self.run_due(only, progress)
            if not self._in_other_hands(only):
                break
            idle.wait(look_again)
            if progress is not None:
                progress(len(only) - self.unfinished(only))

    def run_forever(self, stop: Event) -> None:
        """Take up due work at start and at every tick, let versions lapse, tell plugins of events,
        and keep house once a day.

        Nothing that goes wrong ends it: with the runner the public endpoint would end too.
        """
        daily = Daily(self._adapter)
        while not stop.is_set():
            try:
                self.offer_again()
                self.run_due()
                lapse(self._adapter)
                self.send_notices()
                notified.offer(self._adapter)
                self.tell_events()
                candidates.look_up(self._adapter)
                extra_rules.refresh_all(self._adapter)
                daily.run_due()
            except Exception as error:
                log_event("runner.failed", reason=type(error).__name__)
            stop.wait(self._adapter.settings.fetching.tick)

    def send_notices(self) -> None:
        """Carry out the orders to notify that were left to this runner, each once."""
        notify.give_up_left_behind(self._adapter)
        with self._adapter.store.reading() as session:
            waiting = notices.ordered(session)
        if waiting:
            with ThreadPoolExecutor(self._parallel, thread_name_prefix="notice") as pool:
                list(pool.map(self._notify, waiting))

    def offer_again(self) -> None:
        """Take up what was received and may be offered to a plugin now, if there is one."""
        if self._adapter.plugins.takes_over:
            with self._adapter.store.writing() as session:
                exchanges.offer_again(session, self._adapter.clock())

    def tell_events(self) -> None:
        """Tell each plugin of the events that it was not told of yet, in order."""
        for plugin in self._adapter.plugins.listeners():
            with self._adapter.store.reading() as session:
                waiting = events.untold(session, plugin)
            for row in waiting:
                if not self._told(plugin, row):
                    break

    def unfinished(self, only: Collection[str]) -> int:
        """How many of these exchanges are not done."""
        query = (
            select(func.count())
            .select_from(Exchange)
            .where(Exchange.id.in_(only), Exchange.state != ExchangeState.DONE)
        )
        with self._adapter.store.reading() as session:
            return session.scalar(query) or 0

    def _claim(self, only: Collection[str] | None) -> Job | None:
        adapter, owner, now = self._adapter, exchanges.lease_owner(), self._adapter.clock()
        with adapter.store.writing() as session:
            exchange_id = exchanges.claim(session, owner, now, now + adapter.longest_step, only)
        return Job(adapter, exchange_id, owner) if exchange_id else None

    def _carry_out(self, job: Job) -> None:
        try:
            advance(job)
        except Exception as error:
            fault_id, reason = str(uuid4()), type(error).__name__
            log_event("exchange.failed", exchange=job.id, reason=reason, fault_id=fault_id)
            with suppress(NotAllowed):  # another process has taken it over
                postpone(job, fault_id)
        finally:
            with self._adapter.store.writing() as session:
                exchanges.release(session, job.id, job.owner)

    def _notify(self, notice_id: str) -> None:
        with suppress(NotAllowed):  # another process has taken it up
            notify.carry_out(self._adapter, notice_id)

    def _in_other_hands(self, only: Collection[str]) -> bool:
        """Whether one of these is due, or being carried out, somewhere else."""
        query = (
            select(func.count())
            .select_from(Exchange)
            .where(
                Exchange.id.in_(only),
                Exchange.state != ExchangeState.DONE,
                (Exchange.lease_owner.is_not(None)) | (Exchange.due_at <= self._adapter.clock()),
            )
        )
        with self._adapter.store.reading() as session:
            return (session.scalar(query) or 0) > 0

    def _told(self, plugin: str, row: EventRow) -> bool:
        told = AuditEvent(
            id=row.id,
            moment=row.moment,
            name=row.name,
            account=row.account,
            subject=row.subject,
            session_id=row.session_id,
            counterpart=row.counterpart,
            result=row.result,
            fault_id=row.fault_id,
            reason=row.reason,
        )
        try:
            self._adapter.plugins.event(plugin, self._concerned(row), told)
        except PluginFailed as failure:
            log_event("plugin.failed", plugin=plugin, hook="oso_event", reason=failure.reason)
            return False
        with self._adapter.store.writing() as session:
            events.told(session, plugin, row.id)
        return True

    def _concerned(self, row: EventRow) -> AdministrationRef | None:
        """The administration for which something happened."""
        if row.administration_id is None:
            return None
        with self._adapter.store.reading() as session:
            return reference(session.get_one(Administration, row.administration_id))
