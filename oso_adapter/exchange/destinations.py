"""Whether the schools that a dossier is made ready for can fetch it, as the OSR has it.

It is a warning and never an obstacle: the register can be late, it limits reading and it is not the
delivery path. So it gets two seconds for each school beside the pace at which it may be read; what
it said is remembered for a while, and when it is silent it is left alone for a while.

Rules: OSR.school (no such school, or no more), OSR.endpoint (no connection, or no more),
OSR.later (it begins later), OSR.onbereikbaar (it could not be checked).
"""

import time
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final

from oso_adapter.chain.osr import Osr
from oso_adapter.clock import Clock, school_date
from oso_adapter.errors import OsoError
from oso_adapter.identifiers import Brin
from oso_adapter.standard.findings import Finding, Owner

LIMIT: Final = 2.0
"""Seconds that the OSR gets to answer about one school."""

LONGEST: Final = 12.0
"""Seconds that whoever makes a dossier ready waits at most, for all its schools together."""

THREAD: Final = "osr-destinations"

READS: Final = 2
"""How often the register is read about one school."""

KEPT: Final = timedelta(minutes=15)
"""How long what the OSR said of a school is believed."""

LEFT_ALONE: Final = timedelta(minutes=1)
"""How long an OSR that did not answer is not asked again."""


class Destinations:
    """Asks the OSR about schools, and remembers what it said; threads may share it.

    pace: least seconds between two reads of the register, by whichever process; longest: how many
    are waited at most.
    """

    def __init__(self, osr: Osr, clock: Clock, *, pace: float, longest: float = LONGEST) -> None:
        self._osr = osr
        self._clock = clock
        self._limit = LIMIT + READS * pace
        self._longest = longest
        self._told: dict[Brin, tuple[datetime, Finding | None]] = {}
        self._silent_until = datetime.min.replace(tzinfo=UTC)

    def findings(self, brins: Collection[Brin]) -> list[Finding]:
        """What stands in the way of each of these schools; one finding for all unchecked ones."""
        now, asked = self._clock(), sorted(set(brins))
        unknown = [brin for brin in asked if self._is_stale(brin, now)]
        if unknown and now >= self._silent_until and not self._answers(unknown, now):
            self._silent_until = now + LEFT_ALONE
        unchecked = [brin for brin in asked if self._is_stale(brin, now)]
        found = [self._told[brin][1] for brin in asked if brin not in unchecked]
        if unchecked:
            found.append(_unchecked(unchecked))
        return [finding for finding in found if finding is not None]

    def _answers(self, brins: Collection[Brin], now: datetime) -> bool:
        """Ask about schools, as long as there is time; False when the OSR does not answer.

        It is done in a thread, since no time-out of a client bounds looking a name up; what comes
        later than is waited for is remembered too.
        """
        answers: SimpleQueue[bool] = SimpleQueue()
        Thread(target=self._ask, args=(brins, now, answers), name=THREAD, daemon=True).start()
        end = time.monotonic() + self._longest
        for _ in brins:
            left = max(0.0, end - time.monotonic())
            try:
                if not answers.get(timeout=min(left, self._limit)):
                    return False
            except Empty:
                return left < self._limit  # it was our time that ran out, not that of the OSR
        return True

    def _is_stale(self, brin: Brin, now: datetime) -> bool:
        return brin not in self._told or self._told[brin][0] < now

    def _ask(self, brins: Collection[Brin], now: datetime, answers: SimpleQueue[bool]) -> None:
        for brin in brins:
            try:
                finding = self._judged(brin, school_date(now))
            except OsoError:
                answers.put(False)
                return
            self._told[brin] = now + KEPT, finding
            answers.put(True)

    def _judged(self, brin: Brin, today: date) -> Finding | None:
        if self._osr.school(brin) is None:
            return _finding(
                "OSR.school",
                f"Het OSR kent geen school met BRIN {brin} (meer).",
                "verzendende school",
                "Controleer de BRIN. Is de school opgeheven of gefuseerd, zet het dossier dan "
                "klaar voor de school die haar opvolgt.",
            )
        endpoints = self._osr.endpoints_of_school(brin)
        present = [e for e in endpoints if e.end_date is None or today <= e.end_date]
        if any(e.start_date is None or e.start_date <= today for e in present):
            return None
        if present:
            first = min(e.start_date for e in present if e.start_date)
            return _finding(
                "OSR.later",
                f"School {brin} kan het dossier pas ophalen vanaf {first:%d-%m-%Y}.",
                "ontvangende school",
                "Er is niets te doen als dat op tijd is.",
            )
        return _finding(
            "OSR.endpoint",
            f"School {brin} is niet (meer) aangesloten op OSO en kan het dossier zo niet ophalen.",
            "ontvangende school",
            "Vraag de school of zij haar systeem in het OSR heeft gemachtigd (hulp: Kennisnet "
            "Support, 0800 321 22 33), of geef het dossier op papier of als PDF.",
        )


def _unchecked(brins: Collection[Brin]) -> Finding:
    return _finding(
        "OSR.onbereikbaar",
        "Het OSR kon nu niet worden geraadpleegd. Niet gecontroleerd is of het dossier kan worden "
        f"opgehaald door {', '.join(brins)}.",
        "leverancier",
        "Er is niets te doen: het dossier staat klaar. Controleren kan later, met: "
        "oso-adapter osr show BRIN.",
    )


def _finding(rule: str, message: str, owner: Owner, next_step: str) -> Finding:
    return Finding(rule, "warning", "/dossier", None, message, owner, next_step)
