"""Documents that hold every element of the standard, each with a value of its own."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, Final

from lxml import etree

from oso_adapter.standard.attachments import CONTENT, NAME, pack_file
from oso_adapter.standard.codec import to_element
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.structure import Element

ALTERNATIVES: Final = 7
"""The most alternatives of any choice; so many documents hold all of them."""

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def document(
    pack: Pack,
    root: str = "dossier",
    alternative: int = 0,
    word: Callable[[int], str] = "waarde{}".format,
) -> etree._Element:
    """A document with everything, twice where it repeats; of choices the Nth alternative.

    word: the text of the Nth element that holds text.
    """
    numbers = count(1)

    def value(spec: Element) -> Any:
        number = next(numbers)
        match spec.type:
            case "boolean":
                return number % 2 == 0
            case "date":
                if "pattern" in spec.facets:
                    return date(1000 + number, 7, 31)
                return date(2000, 1, 1) + timedelta(days=number)
            case "decimal":
                return Decimal(number) + Decimal("0.25")
            case "int" | "integer":
                return 100_000 + number
        pattern = spec.facets.get("pattern")
        return _like(pattern, number) if pattern else word(number)

    def content(spec: Element) -> Any:
        if not spec.is_block:
            if not spec.attributes:
                return value(spec)
            return {"waarde": value(spec)} | {a.name: value(spec) for a in spec.attributes}
        if spec.is_document:
            number = next(numbers)
            name = f"{word(number)}.txt"
            return {
                NAME: name,
                "omschrijving": f"over {word(number)}",
                CONTENT: pack_file("bijlage.txt", f"inhoud {number}".encode()),
            }
        groups: dict[str, list[Element]] = {}
        for child in spec.content:
            groups.setdefault(child.choice or child.name, []).append(child)

        def run() -> dict[str, Any]:
            chosen = [group[alternative % len(group)] for group in groups.values()]
            return {
                child.name: [content(child), content(child)] if child.repeats else content(child)
                for child in chosen
            }

        return [run(), run()] if spec.sequence_repeats else run()

    return to_element(content(pack.structure.roots[root]), pack, root)


def leaves(
    root: etree._Element, pack: Pack
) -> Iterator[tuple[tuple[str, ...], Element, etree._Element]]:
    """Path, what the standard says, and node of every element that holds text."""

    def below(
        node: etree._Element, spec: Element, names: tuple[str, ...]
    ) -> Iterator[tuple[tuple[str, ...], Element, etree._Element]]:
        if not spec.is_block:
            yield names, spec, node
        for child in node.iterchildren("*"):
            name = etree.QName(child).localname
            yield from below(child, spec.children[name], (*names, name))

    name = etree.QName(root).localname
    return below(root, pack.structure.roots[name], (name,))


def _like(pattern: str, number: int) -> str:
    """A text for one of the patterns of the standard."""
    match pattern:
        case "[0-9][0-9][A-Z][A-Z]":
            return f"{number // 26 % 100:02}{_LETTERS[number % 26]}Q"
        case "[0-9][0-9]":
            return f"{number % 100:02}"
        case "[0-9][0-9][0-9][0-9]":
            return f"{number:04}"
        case "[0-9][0-9][0-9][0-9]-[0-9][0-9][0-9][0-9]":
            return f"{number:04}-{number + 1:04}"
        case r"\d{2}-\d{2}-\d{4}":
            return f"01-02-{number:04}"
    return f"{number:04}-02"
