"""A plugin with a store in memory, in order but for one fault of which it is told."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from oso_adapter.hookspecs import (
    CollectedDossier,
    HookContext,
    ImportAnswer,
    ReceivedDossier,
    hookimpl,
)
from oso_adapter.testing.attacks import Breaking
from oso_adapter.testing.dossiers import number_of, pupil_of
from support.dossiers import content

PUPIL = "L-1"


class StoreFails(Exception):
    """A part of the store takes nothing."""


class FaultyLas:
    """fault: in a word, what is wrong with it; an empty word is nothing.

    pupils: dossiers by reference; numbers: every number that a pupil has or had; done: the ids that
    were taken over. broken: the part of the store that fails.
    """

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.pupils: dict[str, Any] = {PUPIL: content("123456782", reference=PUPIL)}
        self.numbers: dict[str, str] = {"123456782": PUPIL}
        self.done: set[str] = set()
        self.broken = ""
        self.asked = 0
        self.lock = threading.RLock()

    @contextmanager
    def slow(self) -> Iterator[None]:
        """Somebody else writes."""
        with self.lock:
            yield

    @contextmanager
    def failing(self, part: str) -> Iterator[None]:
        self.broken = part
        try:
            yield
        finally:
            self.broken = ""

    @hookimpl
    def oso_collect_dossier(
        self, context: HookContext, pupil: str, profile: str
    ) -> CollectedDossier | None:
        self.asked += 1
        assert context.administration is not None
        if context.administration.brin != "99AA" and self.fault != "any school":
            return None
        if self.fault == "numbered":
            int(pupil.removeprefix("L-").removeprefix("N-"))
        found = self.pupils.get(pupil.strip() if self.fault == "trims" else pupil)
        return None if found is None else CollectedDossier(self._given(found))

    def _given(self, found: Any) -> Any:
        given = {"huidigeschool": deepcopy(found["huidigeschool"])}
        pupil = pupil_of(given)
        if self.fault == "dates are text":
            pupil["geboortedatum"] = str(pupil["geboortedatum"])
        if self.fault == "nameless":
            del pupil["leerlingid"]
        if self.fault == "by chance":
            pupil["roepnaam"] = f"Roep{self.asked}"
        if self.fault == "incomplete":
            pupil.pop("verzorger", None)
        return {**given, "overdrachtsoort": "x"} if self.fault == "gives ours" else given

    @hookimpl
    def oso_import_dossier(
        self, context: HookContext, received: ReceivedDossier
    ) -> ImportAnswer | None:
        assert context.administration is not None
        if context.administration.brin != "99AA" and self.fault != "for any school":
            return None
        if self.fault in ("rejects", "postpones"):
            return ImportAnswer("rejected" if self.fault == "rejects" else "postponed")
        if self.fault == "changes":
            pupil_of(received.dossier)["roepnaam"] = "Anders"
        if self.fault == "half" and not self.done:
            self.pupils["N-half"] = {"huidigeschool": {"leerling": {}}}
        if self.fault == "stays locked" and isinstance(received.dossier, Breaking):
            self.broken = "pupils"
        if self.fault == "small" and len(received.xml) > 1_000_000:
            raise ValueError
        dossier = self._read(received.dossier)
        self.pupils.pop("N-half", None)
        known = self._known(received, dossier) if self.fault == "checks too early" else None
        with self.lock:
            return self._store(received, dossier, known)

    def _read(self, came: Mapping[str, Any]) -> Any:
        dossier = deepcopy(dict(came))
        pupil = pupil_of(dossier)
        if self.fault == "loses":
            pupil.pop("toetslijst", None)
        if self.fault == "one alphabet":
            pupil["achternaam"] = pupil["achternaam"].encode("latin-1", "replace").decode("latin-1")
        if self.fault == "numbers are numbers" and "bsn" in pupil:
            pupil["bsn"] = str(int(pupil["bsn"]))
        return dossier

    def _known(self, received: ReceivedDossier, dossier: Any) -> tuple[bool, str | None]:
        """Whether this id was taken over, and who the pupil is."""
        if self.fault == "by name":
            name = pupil_of(dossier)["achternaam"]
            same = (r for r, d in self.pupils.items() if pupil_of(d)["achternaam"] == name)
            return received.id in self.done, next(same, None)
        numbers = [number_of(dossier), *received.former_numbers]
        if self.fault == "one number":
            numbers = numbers[:1]
        found = [self.numbers[number] for number in numbers if number in self.numbers]
        if self.fault in ("by id", "always new"):
            found = []
        done = received.id in self.done and self.fault != "always new"
        return done, next(iter(found), None)

    def _store(
        self, received: ReceivedDossier, dossier: Any, known: tuple[bool, str | None] | None
    ) -> ImportAnswer:
        done, reference = known or self._known(received, dossier)
        reason = pupil_of(dossier)["achternaam"] if self.fault == "talks" else None
        answer = ImportAnswer("accepted", reason=reason)
        if reference == PUPIL and self.fault != "overwrites":
            return ImportAnswer("postponed")
        if done or (self.fault == "keeps the first" and reference):
            return answer
        if self.broken == "pupils":
            raise StoreFails
        if self.broken == "done" and self.fault != "no transaction":
            raise StoreFails
        reference = reference or f"N-{len(self.pupils)}"
        self.pupils[reference] = dossier
        for number in (number_of(dossier), *received.former_numbers):
            self.numbers[number] = reference
        if self.broken == "done":
            raise StoreFails
        self.done.add(received.id)
        return answer
