"""Samples of an imported release: from its schema alone, and broken in every way."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from lxml import etree
from support.official_release import FILES, LINKS, write_folder

from oso_adapter.standard import validate
from oso_adapter.standard.codec import to_xml
from oso_adapter.standard.jsonform import from_json, schema, to_json
from oso_adapter.standard.mutations import mutations
from oso_adapter.standard.official_import import import_release
from oso_adapter.standard.pack import Pack, forget_folders, load_pack, use_folder
from oso_adapter.standard.samples import sample


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pack]:
    folder = tmp_path_factory.mktemp("import")
    report = import_release(write_folder(folder / "bron", FILES, LINKS), folder / "packs")
    forget_folders()
    use_folder(report.folder.parent)
    yield load_pack(report.release)
    forget_folders()


@pytest.mark.parametrize("size", ["small", "full"])
@pytest.mark.parametrize("profile", ["POPO", "POVO", "VOVO", "BB", "POSWV", "VOSWV"])
def test_a_sample_keeps_the_schema_in_both_forms(imported: Pack, profile: str, size: Any) -> None:
    validator = Draft202012Validator(schema(imported))
    for seed in range(1, 4):
        data = sample(profile, size=size, seed=seed, pack=imported)
        assert [] == [
            e.message for e in imported.violations(etree.fromstring(to_xml(data, imported)))
        ]
        form = to_json(data, imported)
        assert [] == [error.json_path for error in validator.iter_errors(json.loads(form))]
        assert data == from_json(form, imported)


def test_what_breaks_the_structure_of_a_sample_is_found(imported: Pack) -> None:
    xml = to_xml(sample("POVO", size="full", seed=3, pack=imported), imported)
    ways = [way for way in mutations(xml) if way.rule.startswith(("XSD", "XML"))]
    assert len(ways) > 40
    for way in ways:
        told = {(f.rule, way.path and f.path) for f in validate(way.apply()).findings}
        assert (way.rule, way.path) in told, way.name
