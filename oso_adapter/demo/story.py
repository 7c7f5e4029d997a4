"""The demonstration from beginning to end: set the stage, tell the story, judge what came of it."""

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oso_adapter.demo import scenario, timeline
from oso_adapter.demo.comparison import Comparison, compare
from oso_adapter.demo.processes import Processes
from oso_adapter.demo.supplier import Supplier
from oso_adapter.errors import ConfigurationError
from oso_adapter.simulator.pki import Pki

Say = Callable[[str], None]
"""Told, in Dutch, what begins now."""


@dataclass(frozen=True)
class Stage:
    """Everything that runs: the chain, two suppliers with their adapters, and their pupils.

    chain: what ``simulator run`` printed; las: the example product, whose databases these are;
    made: what its generator made, with everything that may be found nowhere else.
    """

    folder: Path
    chain: dict[str, Any]
    pki: Pki
    po: Supplier
    vo: Supplier
    las: Any
    made: Any

    def pupils(self) -> list[str]:
        """The references of the pupils of the story, in the system of the po school."""
        leavers: list[str] = self.las.database.leavers(self.po.database)
        return leavers[: scenario.BULK + len(scenario.SPECIAL)]

    def orders(self) -> list[list[str]]:
        """The rows that the vo school fetches, each with the pupil's reference."""
        intake = self.las.database.intake(self.vo.database)
        return [
            [row["pgn"], row["achternaam"], row["geboortedatum"].isoformat(), row["bron_brin"], ref]
            for row, ref in zip(intake, self.pupils(), strict=False)
        ]


@dataclass(frozen=True)
class Told:
    """What came of it.

    taken_over: the pupils that the receiving product has accepted; stranger: the word for how a
    strange certificate was refused.
    """

    expected: list[scenario.Expected]
    results: dict[str, str]
    taken_over: set[str]
    stranger: str
    lines: list[timeline.Line]
    comparison: Comparison

    @property
    def surprises(self) -> list[str]:
        """The pupils whose result is not what the story expects, or who did not come all the way.

        Fetched is half of it: the receiving product has what was fetched, and nobody else.
        """
        return [
            e.pupil
            for e in self.expected
            if self.results.get(e.pupil) != e.result
            or (e.pupil in self.taken_over) != (e.result == scenario.FETCHED)
        ]

    @property
    def as_expected(self) -> bool:
        """Whether everything went as the story says, and arrived unchanged."""
        return self.comparison.same and not self.surprises and self.stranger == "tls"


@contextmanager
def stage(folder: Path, say: Say, *, markers: bool = False) -> Iterator[Stage]:
    """Make the pupils and start everything; all of it has ended when the block is left.

    markers: every personal text of the pupils holds a word that can be searched for. Raises
    :class:`ConfigurationError` when the example product is not installed.
    """
    las = _example()
    with Processes() as processes:
        say("500 synthetische leerlingen, een PKI, het Traffic Center en het OSR")
        made = las.generator.generate(folder, markers=markers)
        chain = scenario.start_chain(processes, folder / "chain", folder / "chain.log")
        po, vo = scenario.suppliers(folder, made.po, made.vo)
        scenario.mandate(chain, [po, vo])
        pki = Pki.open(Path(chain["pki"]))
        say("twee adapters, elk met eigen certificaat, database en school")
        scenario.start(processes, chain, pki, (po, vo))
        yield Stage(folder, chain, pki, po, vo, las, made)


def tell(stage: Stage, files: Path, say: Say) -> Told:
    """The story itself; leaves ``prepared/``, ``received/`` and ``timeline.json`` in files."""
    pupils = stage.pupils()
    say(f"{stage.po.name} verzamelt, legt de inzage vast en zet klaar")
    expected = scenario.prepare(stage.po, pupils)
    say(f"{stage.vo.name} haalt {len(pupils)} dossiers op")
    fetched = scenario.fetch(stage.vo, stage.orders())
    say("een vreemde klopt aan, en beide scholen schrijven hun dossiers weg")
    stranger = scenario.knock_as_stranger(stage.po, stage.folder / "stranger", stage.pki.roots)
    taken_over = scenario.export(stage.po, stage.vo, pupils[: scenario.BULK], files)
    lines = timeline.gather(stage.chain, stage.po, stage.vo)
    references = {row["id"]: row["verwijzing"] for row in fetched}
    lines = timeline.with_pupils(lines, stage.vo.store, references)
    timeline.write(lines, files / "timeline.json")
    results = {row["verwijzing"]: row["resultaat"] for row in fetched}
    return Told(expected, results, taken_over, stranger, lines, compare(files))


def _example() -> Any:
    """The example product; its database and generator are not part of the adapter."""
    try:
        las = importlib.import_module("magister_like")
        for part in ("database", "generator"):
            importlib.import_module(f"magister_like.{part}")
    except ModuleNotFoundError:
        raise ConfigurationError(
            "the demonstration needs the example product: pip install ./examples/magister_like"
        ) from None
    return las
