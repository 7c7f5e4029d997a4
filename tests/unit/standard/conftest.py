"""Dossiers for the tests: a small readable one, complete ones, and random ones by hypothesis."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import strategies as st

from oso_adapter.standard import attachment_checks
from oso_adapter.standard.attachments import Attachment, Budget
from oso_adapter.standard.pack import Pack, load_pack
from oso_adapter.standard.structure import Element

TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn")) | st.sampled_from("\t\n\r<&>'\""),
    min_size=1,
    max_size=40,
)
DIGIT = re.compile(r"(?:\[0-9\]|\\d|\\p\{Nd\})(?:\{(\d)\})?")
LETTER = re.compile(r"\[A-Z\](?:\{(\d)\})?")
SAMPLES: dict[str, Any] = {
    "boolean": True,
    "date": date(2019, 7, 31),
    "decimal": Decimal("6.50"),
    "int": 7,
    "integer": 7,
    "string": "tekst",
}
PATTERNS = {
    "[0-9][0-9][A-Z][A-Z]": "00YY",
    "[0-9][0-9]": "00",
    "[0-9][0-9][0-9][0-9]": "0090",
    "[0-9][0-9][0-9][0-9]-[0-9][0-9][0-9][0-9]": "2018-2019",
    r"\d{2}-\d{2}-\d{4}": "00-00-2009",
    r"\p{Nd}{4}-\p{Nd}{2}": "2009-05",
}


def full(spec: Element, alternative: int) -> Any:
    """Everything that a block can hold, twice where it repeats; of choices the Nth alternative."""
    if not spec.is_block:
        text = PATTERNS.get(spec.facets.get("pattern", ""), SAMPLES[spec.type])
        if not spec.attributes:
            return text
        return {"waarde": text} | {attribute.name: "naam" for attribute in spec.attributes}
    run: dict[str, Any] = {}
    for group in spec.groups:
        child = group[alternative % len(group)]
        value = full(child, alternative)
        run[child.name] = [value, value] if child.repeats else value
    return [run, run] if spec.sequence_repeats else run


@dataclass(frozen=True)
class Contents:
    """Random content that the schema allows, small where elements repeat; texts are given."""

    dice: random.Random
    texts: list[str]

    def block(self, spec: Element) -> Any:
        if not spec.is_block:
            text = self.value(spec)
            if not spec.attributes:
                return text
            named = {"omschrijving": self.dice.choice(self.texts)}
            return {"waarde": text} | (named if self.dice.random() < 0.5 else {})
        if spec.sequence_repeats:
            return [self.run(spec) for _ in range(self.dice.randint(1, 3))]
        return self.run(spec)

    def run(self, spec: Element) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for group in spec.groups:
            needed = group[0].choice_required if group[0].choice else group[0].min
            if not needed and self.dice.random() < 0.6:
                continue
            child = self.dice.choice(group)
            times = self.dice.randint(1, 2) if child.repeats else 1
            values = [self.block(child) for _ in range(times)]
            made[child.name] = values if child.repeats else values[0]
        return made

    def value(self, spec: Element) -> Any:
        dice, facets = self.dice, spec.facets
        match spec.type:
            case "boolean":
                return dice.random() < 0.5
            case "date":
                if "pattern" in facets:
                    return date(dice.randint(1, 9999), 7, 31)
                return date.fromordinal(dice.randint(1, date.max.toordinal()))
            case "decimal":
                return Decimal(dice.randint(-(10**6), 10**6)).scaleb(-dice.randint(0, 4))
            case "int":
                return dice.randint(-(2**31), 2**31 - 1)
            case "integer":
                low, high = (
                    facets.get("minInclusive", -(10**20)),
                    facets.get("maxInclusive", 10**20),
                )
                return dice.randint(int(low), int(high))
        if "pattern" in facets:
            digits = DIGIT.sub(lambda m: self.some("0123456789", m[1]), facets["pattern"])
            return LETTER.sub(lambda m: self.some("AMZ", m[1]), digits)
        if "minLength" not in facets and dice.random() < 0.2:
            return ""
        return dice.choice(self.texts)[: int(facets.get("maxLength", 1000))]

    def some(self, letters: str, times: str | None) -> str:
        return "".join(self.dice.choices(letters, k=int(times or 1)))


@st.composite
def random_content(draw: st.DrawFn, spec: Element) -> Any:
    """Any content that the schema allows; hypothesis draws the texts and seeds the rest."""
    texts = draw(st.lists(TEXT, min_size=1, max_size=8))
    dice = random.Random(draw(st.integers(0)))
    return Contents(dice, texts).block(spec)


@pytest.fixture(scope="module")
def each_attachment_is_opened_once() -> Iterator[None]:
    """What is in an attachment is remembered: in the next copy of a dossier nearly all of them are
    the same again, and opening them is half of the work.
    """
    opened: dict[str, Attachment] = {}
    examine = attachment_checks.examine

    def remembered(content: str, limit: int, budget: Budget) -> Attachment:
        found = opened.get(content)
        if found is None:
            found = opened[content] = examine(content, limit, budget)
        else:
            budget.left -= found.size
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attachment_checks, "examine", remembered)
        yield


@pytest.fixture(scope="session")
def pack() -> Pack:
    return load_pack("2019.1")


@pytest.fixture(scope="session")
def any_dossier(pack: Pack) -> st.SearchStrategy[Any]:
    return random_content(pack.structure.roots["dossier"])


@pytest.fixture(scope="session")
def full_contents(pack: Pack) -> list[tuple[str, Any]]:
    """Root and content of documents that together hold every element of the standard."""
    widest = max(len(group) for _, e in pack.structure.walk() for group in e.groups)
    roots = pack.structure.roots
    return [(name, full(root, n)) for name, root in roots.items() for n in range(widest)]


@pytest.fixture
def collected() -> dict[str, Any]:
    """What a plugin gives: small, with each shape of the dict form."""
    return {
        "huidigeschool": {
            "naam": "De Linde",
            "brincode": "00YY",
            "vestigingscode": "00",
            "aanleverpunt": "0000000700000YY00000",
            "leerling": {
                "voornaam": ["Sanne", "Maria"],
                "voorletters-1": "S.M.",
                "achternaam": "Voorbeeld",
                "geboortedatum": date(2007, 3, 1),
                "geslacht": 2,
                "nationaliteit": [{"waarde": "0001", "omschrijving": "Nederlandse"}],
                "vanpeuterspeelzaal": True,
                "onderwijsondersteuning": {
                    "medicijngebruik": False,
                    "handelingsplan": [{"startdatum": date(2018, 9, 1), "isgerichtop": "lezen"}],
                },
                "cijferlijstlijst": {
                    "cijferlijst": [
                        {
                            "cijferlijstTypelijst": [
                                {"naam": "Rekenen", "score": [{"waarde": "8"}]},
                                {"naam": "Taal", "score": [{"waarde": "7"}, {"waarde": "6"}]},
                            ],
                            "jaargroep": "8",
                        }
                    ]
                },
                "overigdocumentlijst": {
                    "document": [{"bestandsnaam": "plan.txt", "bestandsinhoud": b"een plan"}]
                },
            },
        }
    }
