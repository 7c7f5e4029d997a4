"""The types for the dict form are those of the release, and real dossiers fit them."""

import runpy
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NotRequired, get_args, get_origin, get_type_hints, is_typeddict

import pytest

from oso_adapter.standard import samples
from oso_adapter.standard.pack import Pack, load_pack, read_pack
from oso_adapter.standard.typed import release_2019_1
from oso_adapter.standard.typed_dicts import modules, one_module, package_name

ROOT = Path(__file__).parents[3]
WRITTEN: dict[str, str] = runpy.run_path(str(ROOT / "docs/generate.py"))["types_of_releases"]()


@pytest.fixture
def proof() -> Pack:
    """A release that no supplier's types were shipped for."""
    return read_pack(ROOT / "tests/data/packs/2020.1-proef")


def test_the_modules_are_what_the_structure_says() -> None:
    folder = ROOT / "oso_adapter/standard/typed"
    there = {str(f.relative_to(ROOT)): f.read_text("utf-8") for f in folder.rglob("*/*.py")}

    assert WRITTEN == there, "run: make docs"


def test_no_module_is_longer_than_one_can_read() -> None:
    assert 400 >= max(text.count("\n") for text in WRITTEN.values())


def test_the_types_of_another_release_are_one_module(proof: Pack) -> None:
    made = ModuleType("made")
    exec(one_module(proof), vars(made))

    assert {path for path, _ in proof.structure.walk("dossier")} == paths(made.Dossier, proof)
    assert "release_2020_1_proef" == package_name(proof.release)


def test_one_module_and_the_package_have_the_same_types() -> None:
    made = ModuleType("made")
    exec(one_module(load_pack()), vars(made))

    assert set(release_2019_1.__all__) == {n for n, t in vars(made).items() if is_typeddict(t)}
    assert shape(made.GivenDossier) == shape(release_2019_1.GivenDossier)


def test_every_element_is_in_the_types_and_no_other() -> None:
    pack = load_pack()

    expected = {path for path, _ in pack.structure.walk("dossier")}
    assert expected == paths(release_2019_1.Dossier, pack)


@pytest.mark.parametrize("profile", load_pack().profiles.profiles)
def test_a_full_dossier_fits(profile: str) -> None:
    for seed in (1, 2):
        dossier = samples.sample(profile, size="full", seed=seed)

        assert [] == list(misfits(dossier, release_2019_1.Dossier, "/dossier"))
        given = {"huidigeschool": dossier["huidigeschool"]}
        assert [] == list(misfits(given, release_2019_1.GivenDossier, "/dossier"))


def test_what_has_to_be_there_and_does_not_repeat_is_told_by_the_types() -> None:
    wrong = samples.sample("POVO")
    pupil = wrong["huidigeschool"]["leerling"]
    pupil["voornaam"] = "Ada"
    del pupil["verzorger"][0]["achternaam"]

    found = list(misfits(wrong, release_2019_1.Dossier, "/dossier"))
    school = "/dossier/huidigeschool/leerling"
    assert [f"{school}/verzorger", f"{school}/voornaam"] == sorted(found)


def test_blocks_of_one_name_that_differ_have_names_of_their_own() -> None:
    assert {"Onderdelen", "CijferlijstTypelijstOnderdeel"} <= set(release_2019_1.__all__)
    assert 6 < len(modules(load_pack()))


def test_an_alternative_of_a_choice_may_be_left_out() -> None:
    pack = load_pack()
    choices = [
        (path, child)
        for path, element in pack.structure.walk("dossier")
        for child in element.content
        if child.choice
    ]

    assert choices
    for path, child in choices:
        assert child.name not in at(path).__required_keys__, path


def at(path: str) -> Any:
    """The type of a block."""
    found: Any = release_2019_1.Dossier
    for name in path.strip("/").split("/")[1:]:
        found = inner(hints(found)[name])
    return found


def hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def inner(kind: Any) -> Any:
    """Without list."""
    while get_origin(kind) is list:
        (kind,) = get_args(kind)
    return kind


def paths(kind: Any, pack: Pack, above: str = "/dossier") -> set[str]:
    """The paths of everything in a type; a text with an attribute is one element."""
    found = {above}
    spec = pack.structure.find(above)
    if is_typeddict(kind) and (spec is None or spec.is_block):
        for name, child in hints(kind).items():
            found |= paths(inner(child), pack, f"{above}/{name}")
    return found


def shape(kind: Any) -> Any:
    """A type without the names of its classes."""
    if get_origin(kind) in (list, NotRequired):
        return get_origin(kind), shape(get_args(kind)[0])
    if not is_typeddict(kind):
        return kind
    return {n: shape(t) for n, t in get_type_hints(kind, include_extras=True).items()}


def misfits(value: Any, kind: Any, path: str) -> Iterator[str]:
    """The paths at which a value is not of its type."""
    if get_origin(kind) is list:
        if not isinstance(value, list):
            yield path
            return
        for one in value:
            yield from misfits(one, get_args(kind)[0], path)
    elif is_typeddict(kind):
        if not isinstance(value, Mapping) or not kind.__required_keys__ <= value.keys():
            yield path
            return
        for name, child in value.items():
            if name not in hints(kind):
                yield f"{path}/{name}"
            else:
                yield from misfits(child, hints(kind)[name], f"{path}/{name}")
    elif not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        yield path
