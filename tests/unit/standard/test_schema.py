"""The XSD against the facts of the standard, and the derived table against the XSD."""

import csv
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from xmlschema import XMLSchema10

from oso_adapter.errors import NotFound
from oso_adapter.standard.build import derive, dump, main
from oso_adapter.standard.pack import Pack, available, load_pack, pack_of
from oso_adapter.standard.structure import load_structure

FACTS = Path(__file__).parents[2] / "data" / "gegevensset-2019.1" / "elements.tsv"
Row = tuple[str, ...]


def occurs(item: Any) -> tuple[str, str]:
    return str(item.min_occurs), "*" if item.max_occurs is None else str(item.max_occurs)


def value_type(kind: Any) -> tuple[str, str]:
    """Built-in and facets of a text element, in the notation of the facts."""
    simple = kind.content if kind.is_complex() else kind
    facets = []
    while simple.target_namespace != "http://www.w3.org/2001/XMLSchema":
        for name, facet in simple.facets.items():
            word = name.split("}")[1]
            (text,) = facet.regexps if word == "pattern" else (facet.value,)
            facets.append(f"{word}={text}")
        simple = simple.base_type
    for name, attribute in kind.attributes.items() if kind.is_complex() else ():
        facets.append(f"@{name} {attribute.type.local_name} {attribute.use}")
    return simple.local_name, " ".join(facets)


def rows_of(schema: XMLSchema10) -> Iterator[Row]:
    """The XSD as rows of the fact table."""
    choices: list[Any] = []

    def element(item: Any, parent: str, choice: str) -> Iterator[Row]:
        path = f"{parent}/{item.local_name}".lstrip("/")
        if item.ref is not None:
            yield (
                parent,
                item.local_name,
                *occurs(item),
                "block",
                f"(see {item.local_name})",
                choice,
            )
        elif item.type.is_complex() and not item.type.has_simple_content():
            yield parent, item.local_name, *occurs(item), "block", "", choice
            if item.type.content.max_occurs is None:
                yield path, "(sequence repeats)", "1", "unbounded", "", "", ""
            yield from group(item.type.content, path, "")
        else:
            yield parent, item.local_name, *occurs(item), *value_type(item.type), choice

    def group(content: Any, path: str, choice: str) -> Iterator[Row]:
        for item in content:
            if hasattr(item, "local_name") and hasattr(item, "type"):
                yield from element(item, path, choice)
            elif item.model == "choice":
                choices.append(item)
                low, high = occurs(item)
                yield from group(item, path, f"choice{len(choices)}[{low}..{high}]")
            else:
                assert "sequence" == item.model
                yield from group(item, path, "")

    for name in ("dossier", "terugkoppeling", "dossiers"):
        yield from element(schema.elements[name], "", "")


def test_every_element_is_as_the_facts_say_and_in_their_order(pack: Pack) -> None:
    with FACTS.open(encoding="utf-8", newline="") as file:
        facts = [tuple(row.values()) for row in csv.DictReader(file, delimiter="\t")]
    assert 619 == len(facts)
    assert facts == list(rows_of(XMLSchema10(str(pack.folder / "dossier.xsd"))))


def test_every_element_has_documentation_of_its_own(pack: Pack) -> None:
    documented: dict[str, set[str]] = {}
    for root in pack.structure.roots:
        for path, element in pack.structure.walk(root):
            assert 15 < len(element.documentation) < 130, path
            assert element.documentation.endswith("."), path
            documented.setdefault(element.documentation, set()).add(element.name)
    assert [] == [text for text, names in documented.items() if len(names) > 1]


def test_elements_are_qualified_and_types_cannot_be_swapped(pack: Pack) -> None:
    schema = etree.parse(pack.folder / "dossier.xsd").getroot()
    assert "qualified" == schema.get("elementFormDefault")
    assert "unqualified" == schema.get("attributeFormDefault")
    assert pack.namespace == schema.get("targetNamespace")
    assert "#all" == schema.get("blockDefault")


def test_the_table_is_what_the_schema_gives(pack: Pack, tmp_path: Path) -> None:
    kept = (pack.folder / "structure.json").read_text(encoding="utf-8")
    assert kept == dump(derive(pack.folder / "dossier.xsd"))
    (tmp_path / "dossier.xsd").write_bytes((pack.folder / "dossier.xsd").read_bytes())
    main(tmp_path)
    assert json.loads(kept) == json.loads((tmp_path / "structure.json").read_text("utf-8"))


def test_the_table_loads_in_a_blink(pack: Pack) -> None:
    taken = []
    for _ in range(5):
        begin = time.perf_counter()
        load_structure(pack.folder / "structure.json")
        taken.append(time.perf_counter() - begin)
    assert min(taken) < 0.03


def test_an_element_is_found_by_its_path_whatever_the_positions(pack: Pack) -> None:
    path = "/dossier/huidigeschool/leerling/toetslijst/toets[2]/afname/afnamedatum"
    found = pack.structure.find(path)
    assert found is not None
    assert ("afnamedatum", "date") == (found.name, found.type)
    assert pack.structure.find("/dossier/huidigeschool/niets/meer") is None
    assert pack.structure.find("/niets") is None


def test_a_pack_is_found_by_release_and_by_namespace() -> None:
    assert ("2019.1",) == available()
    pack = load_pack("2019.1")
    assert ("2019.1", "2019.1.1", "dossier") == (
        pack.release,
        pack.validation_version,
        pack.carried,
    )
    assert pack is pack_of("http://www.edustandaard.nl/oso_gegevensset/2019/dossier")
    assert pack_of("http://www.edustandaard.nl/oso_gegevensset/2018/dossier") is None
    with pytest.raises(NotFound):
        load_pack("2016.1")
