"""The results as a chapter of a supplier's manual, in Dutch: as HTML, or as Markdown."""

import html as markup
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from oso_adapter import results
from oso_adapter.results import KENNISNET, Viewer

HEAD: Final = ("Code", "Wat is er gebeurd", "Wie kan het verhelpen", "Wat nu")

NAMES: Final[dict[Viewer, str]] = {
    "asking": "ontvangende school",
    "sending": "verzendende school",
    "helpdesk": "servicedesk",
}
_TITLES: Final[dict[Viewer, tuple[str, str]]] = {
    "asking": (
        "Als u een dossier opvraagt",
        "Dit ziet de ontvangende school bij een aanvraag.",
    ),
    "sending": (
        "Als een andere school bij u een dossier opvraagt",
        "Dit ziet de verzendende school bij aanvragen van andere scholen en bij haar meldingen.",
    ),
    "helpdesk": (
        "Voor de servicedesk",
        "Dit helpt een medewerker van de servicedesk om te bepalen waar de oorzaak ligt.",
    ),
}
_SPECIAL: Final = re.compile(r"([\\`*_\[\]|])")


@dataclass(frozen=True)
class Line:
    """One code as one viewer reads it."""

    code: str
    viewer: Viewer
    text: str
    owner: str
    next_step: str


@dataclass(frozen=True)
class Part:
    """A heading, a sentence, and the codes under it."""

    title: str
    introduction: str
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Chapter:
    """The whole chapter."""

    introduction: tuple[str, ...]
    parts: tuple[Part, ...]
    other: Part
    title: str = "Resultaten van OSO: wat ze betekenen en wat u kunt doen"
    head: tuple[str, ...] = HEAD


def lines(viewers: Sequence[Viewer], desk: str) -> list[Line]:
    """Every code, as each of these viewers reads it."""
    return [
        Line(known.code, viewer, view.text, view.owner, view.next_step)
        for viewer in viewers
        for known in results.CATALOGUE.values()
        for view in [known.view(viewer, desk)]
    ]


def chapter(viewers: Sequence[Viewer], desk: str) -> Chapter:
    """The chapter for these viewers; desk: the service desk as it stands in a sentence."""
    told = lines(viewers, desk)
    introduction = (
        "Elke uitwisseling via de Overstapservice Onderwijs (OSO) eindigt met een resultaat. "
        "U ziet altijd de code en een zin die zegt wat er is gebeurd. Noem de code als u om hulp "
        "vraagt, en ook het foutnummer als dat erbij staat.",
        f"Hulp bij het gebruik krijgt u van {desk}. Voor het mandaat in het Onderwijs "
        f"Serviceregister (OSR) en voor aansluiting op OSO is er {KENNISNET}.",
        "Meedoen aan OSO is vrijwillig. Doet een school niet mee, vraag haar dan om het "
        "onderwijskundig rapport op papier of als PDF.",
    )
    unknown = results.result("Code").view("asking", desk)
    return Chapter(
        introduction,
        tuple(
            Part(*_TITLES[viewer], tuple(line for line in told if line.viewer == viewer))
            for viewer in viewers
        ),
        Part(
            "Een code die hier niet staat",
            "Er kunnen codes bij komen. Een code die uw systeem niet kent, ziet u letterlijk zoals "
            f"de andere partij haar gaf. {unknown.next_step}",
        ),
    )


def html(written: Chapter) -> str:
    """The chapter as one HTML document that needs nothing else; all of it is escaped."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("results.html").render(chapter=written)


def markdown(written: Chapter) -> str:
    """The chapter as Markdown with tables."""
    parts = [f"# {written.title}", *(_escaped(text) for text in written.introduction)]
    for part in written.parts:
        rows = [written.head, ["---"] * len(written.head)]
        rows += [
            (f"`{line.code}`", *map(_escaped, (line.text, line.owner, line.next_step)))
            for line in part.lines
        ]
        table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        parts += [f"## {part.title}", _escaped(part.introduction), table]
    parts += [f"## {written.other.title}", _escaped(written.other.introduction)]
    return "\n\n".join(parts) + "\n"


def _escaped(text: str) -> str:
    """A text in which nothing is markup."""
    return _SPECIAL.sub(r"\\\1", markup.escape(" ".join(text.split()), quote=False))
