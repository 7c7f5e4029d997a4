"""Trouble half way: a dossier is taken over whole, or not at all, and then once."""

import threading
from contextlib import suppress
from itertools import count

from oso_adapter.errors import PluginFailed
from oso_adapter.hookspecs import ReceivedDossier
from oso_adapter.testing.attacks import Breaking, Countdown
from oso_adapter.testing.contract.case import IMPORTS, Case, Told
from oso_adapter.testing.dossiers import received

_PATIENCE = 0.3
"""Seconds that the host waits for the slow store."""
_LATE = 60.0
_HALF = "half a pupil was left behind; store everything of one dossier in one transaction"


class Failing(Told):
    """What may not happen when something else fails."""

    def test_an_exception_half_way_leaves_nothing_behind(self, case: Case) -> None:
        """When your own code raises somewhere in a dossier, nothing of it may be there; offered
        again, it is one pupil. It is tried at more and more places in the dossier.
        """
        case.needs(IMPORTS)
        came = received(case.dossier(size="full"))
        before = case.references()
        reads = 1
        while self._breaks(case, came, reads):
            assert before == case.references(), _HALF
            reads *= 2
        self._take_again(case, came, before)

    def test_a_store_that_fails_half_way_leaves_nothing_behind(self, case: Case) -> None:
        """When the store fails somewhere, nothing of the dossier may be there; offered again, it is
        one pupil. Each table in turn takes no rows; other stores override ``failures``.
        """
        case.needs(IMPORTS)
        seeds = count(1)
        came = self._another(case, next(seeds))
        broke = []
        for name, failure in self.failures(case.section).items():
            before = case.references()
            with failure:
                try:
                    case.offer(came)
                except PluginFailed:
                    broke.append(name)
                    assert before == case.references(), f"{name}: {_HALF}"
                    continue
            came = self._another(case, next(seeds))  # it had no need of this table
        assert broke, "no failure of the store was told; is the answer given before it is stored?"
        self._take_again(case, came, case.references())

    def test_a_slow_store_costs_one_attempt(self, case: Case) -> None:
        """When the store answers too late, the adapter goes on and offers the dossier again, while
        the first attempt may still be stored: that has to be one pupil, whole.

        Look whether you have ``received.id`` in the transaction that stores the pupil, and let one
        such transaction wait for the other.
        """
        case.needs(IMPORTS)
        came = received(case.dossier(size="full"))
        before = case.references()
        running = set(threading.enumerate())
        with self.slow(case.section):
            for _ in range(2):  # each a host of its own, as after a stop of the adapter
                with suppress(PluginFailed):
                    case.offer(came, case.with_budget(_PATIENCE))
        for thread in set(threading.enumerate()) - running:
            thread.join(_LATE)
            assert not thread.is_alive(), "the plugin still waits for a store that is there again"
        self._take_again(case, came, before)

    def test_the_next_dossier_is_taken_over_after_a_failure(self, case: Case) -> None:
        """A failure is over when it is over: the next dossier has to be taken over.

        Close what you open (a connection, a transaction, a lock), also when something raises.
        """
        case.needs(IMPORTS)
        for reads in (1, 7, 40):
            self._breaks(case, received(case.dossier(seed=5), f"r-{reads}"), reads)

        case.take(received(case.dossier(seed=6), "r-after"))

    def _another(self, case: Case, seed: int) -> ReceivedDossier:
        return received(case.dossier(size="full", seed=seed), f"r-{seed}")

    def _breaks(self, case: Case, came: ReceivedDossier, reads: int) -> bool:
        """Offer a dossier that can be read so often; whether the plugin told that it broke off."""
        countdown = Countdown(reads)
        broken = ReceivedDossier(
            came.id,
            Breaking(came.dossier, countdown),
            came.xml,
            came.release,
            came.profile,
            came.bron_brin,
        )
        try:
            answer = case.offer(broken)
        except PluginFailed:
            return True
        accepted = answer is not None and answer.outcome == "accepted"
        assert not (countdown.broke and accepted), (
            "an exception half way was swallowed, and the dossier accepted: part of it is lost"
        )
        return countdown.broke

    def _take_again(self, case: Case, came: ReceivedDossier, before: set[str]) -> None:
        answer = case.offer(came)
        assert answer is not None
        assert "accepted" == answer.outcome, f"offered again it was {answer.outcome}"
        found = case.references() - before
        assert 1 == len(found), f"after a failure there are {len(found)} new pupils"
        case.require_kept(found.pop(), answer, came)
