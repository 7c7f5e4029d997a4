"""The tables of a release name nothing that its schema has not."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from support.second_release import PACKS, RELEASE

from oso_adapter.standard.pack import Pack, load_pack, read_pack
from oso_adapter.standard.structure import Element


@pytest.fixture(scope="module", params=["2019.1", RELEASE])
def release(request: pytest.FixtureRequest) -> Pack:
    return load_pack("2019.1") if request.param == "2019.1" else read_pack(PACKS / RELEASE)


def every_path(pack: Pack) -> set[str]:
    walks = (pack.structure.walk(root) for root in pack.structure.roots)
    return {path for walk in walks for path, _ in walk}


def unknown_keys(value: Any, spec: Element | None, path: str) -> Iterator[str]:
    """The keys in a piece of the dict form that the standard does not know in their place."""
    if spec is None:
        yield path
    elif isinstance(value, list):
        for each in value:
            yield from unknown_keys(each, spec, path)
    elif isinstance(value, dict) and spec.is_block:
        for key, each in value.items():
            yield from unknown_keys(each, spec.children.get(key), f"{path}/{key}")


def test_the_rules_look_at_elements_that_are_there(release: Pack) -> None:
    paths = every_path(release)
    for rule in release.rules.rules:
        asked = f"{rule.context} {rule.test}"
        assert set(re.findall(r"od:([\w-]+)", asked)) <= release.structure.names, rule.id
        for step in re.findall(r"(?<![\w:/)])/?/?(?:od:[\w-]+/)*od:[\w-]+", asked):
            end = step.replace("od:", "").lstrip("/")
            assert any(path.endswith(f"/{end}") for path in paths), (rule.id, step)


def test_the_rules_are_broken_by_elements_that_are_there(release: Pack) -> None:
    for rule in release.rules.rules:
        for change in rule.broken_by:
            place = re.sub(r"\[[0-9]+\]", "", change.get("set") or change["remove"])
            spec = release.structure.find(f"/{release.carried}/{place}")
            assert [] == list(unknown_keys(change.get("to"), spec, place)), rule.id


def test_the_data_of_categories_are_there(release: Pack) -> None:
    paths = every_path(release)
    named = {path for data in release.profiles.data.values() for path in data}
    assert set() == named - paths
    for category in release.profiles.data:
        assert f"/dossier/metadata/categorie_uitlevering/{category}" in paths


def test_the_code_lists_and_labels_are_of_elements_that_are_there(release: Pack) -> None:
    paths = every_path(release)
    ends = {"/".join(p.split("/")[-n:]) for p in paths for n in range(1, p.count("/") + 1)}
    assert set() == {suffix for suffix, _ in release.codelists.by_path.items()} - ends
    labels = {suffix for suffix, _ in release.labels.elements.items()}
    attributes = {suffix for suffix in labels if "@" in suffix}
    assert set() == labels - attributes - ends
