"""Every generated dossier is valid and survives; every way to break one is found and named."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from support.second_release import PACKS, RELEASE

from oso_adapter.errors import NotFound
from oso_adapter.standard import validate
from oso_adapter.standard.attachments import with_contents
from oso_adapter.standard.codec import to_dict, to_xml
from oso_adapter.standard.jsonform import from_json, to_json
from oso_adapter.standard.mutations import Mutation, mutation, mutations
from oso_adapter.standard.pack import forget_folders, load_pack, use_folder
from oso_adapter.standard.render import html
from oso_adapter.standard.samples import Size, sample, sample_xml

PROFILES = ("POPO", "POVO", "VOVO", "BB", "POSWV", "VOSWV")
POSITION = re.compile(r"\[[0-9]+\]")
OF_DOCUMENT = ["XML.wellformed", "XML.doctype", "XML.encoding", "STD.release"]
OF_FILES = {f"ATT.{word}" for word in ["base64", "zip", "truncated", "files", "encrypted"]}
OF_FILES |= {f"ATT.{word}" for word in ["damaged", "kind", "content", "executable", "name", "size"]}
WORDS = {"attribute", "text", "value", "nested", "missing", "twice", "both", "order", "unknown"}


def canonical(xml: bytes) -> bytes:
    return etree.tostring(etree.fromstring(xml), method="c14n")


@pytest.fixture(autouse=True, scope="module")
def both_releases() -> Iterator[None]:
    use_folder(PACKS)
    yield
    forget_folders()


pytestmark = pytest.mark.usefixtures("each_attachment_is_opened_once")


@cache
def light(profile: str, size: Size, seed: int, release: str = "2019.1") -> bytes:
    """A sample with the beginning of its attachments, so that thousands of copies are cheap."""
    pack = load_pack(release)
    data = sample(profile, size=size, seed=seed, pack=pack)
    return to_xml(with_contents(data, pack, lambda content: content[:200]), pack)


@cache
def ways(profile: str, size: Size, seed: int, release: str = "2019.1") -> tuple[Mutation, ...]:
    return tuple(mutations(light(profile, size, seed, release)))


def not_found(way: Mutation) -> list[Any]:
    """Nothing when the broken dossier gets the finding that the way promises, else what it got."""
    findings = validate(way.apply()).findings
    told = any(way.rule == f.rule and way.path in (None, f.path) for f in findings)
    return [] if told else [way.name, *((f.rule, f.path) for f in findings)]


def missed(tried: Iterable[Mutation]) -> list[list[Any]]:
    return [wrong for way in tried if (wrong := not_found(way))]


def each_way_once(release: str) -> dict[tuple[str, ...], Mutation]:
    """Of all samples every way, by its word, block and element: each only once, in the smallest
    sample that has it, which is judged soonest.
    """
    found: dict[tuple[str, ...], Mutation] = {}
    samples: list[tuple[str, Size]] = [(p, s) for p in PROFILES for s in ("small", "full")]
    for profile, size in sorted(samples, key=lambda one: len(light(*one, 3, release))):
        for way in ways(profile, size, 3, release):
            word, _, path = POSITION.sub("", way.name).partition(" ")
            found.setdefault((word, *path.split("/")[-2:]), way)
    return found


@settings(max_examples=25)
@given(
    profile=st.sampled_from(PROFILES),
    size=st.sampled_from(["small", "full"]),
    seed=st.integers(0, 2**32),
    release=st.sampled_from(["2019.1", RELEASE]),
)
def test_a_generated_dossier_is_valid_and_survives_all_conversions(
    profile: str, size: Size, seed: int, release: str
) -> None:
    pack = load_pack(release)
    xml = sample_xml(profile, size=size, seed=seed, pack=pack)
    assert () == validate(xml, profile=profile, strict=True).findings
    data = to_dict(etree.fromstring(xml), pack)
    read = from_json(to_json(data, pack), pack)
    assert data == read
    assert canonical(xml) == canonical(to_xml(read, pack))
    view = html(xml)
    assert data["huidigeschool"]["leerling"]["achternaam"].split()[-1] in view


@pytest.mark.parametrize("size", ["small", "full"])
@pytest.mark.parametrize("profile", PROFILES)
def test_a_dossier_can_be_broken_in_many_ways_each_with_a_name(profile: str, size: Size) -> None:
    found = ways(profile, size, 3)
    names = [way.name for way in found]
    assert len(set(names)) == len(names)
    assert names == [way.name for way in mutations(light(profile, size, 3))]
    assert OF_DOCUMENT == names[: len(OF_DOCUMENT)]
    assert OF_FILES <= {way.rule for way in found}
    assert {"KIT.cat", "STD.value", "CL.48"} <= {way.rule for way in found}
    assert WORDS - {"both", "twice"} <= {name.partition(" ")[0] for name in names}
    if not profile.endswith("SWV"):  # these carry no number
        assert "PGN.elfproef" in {way.rule for way in found}


def test_every_way_to_break_a_dossier_is_found_and_named() -> None:
    assert [] == missed(each_way_once("2019.1").values())


def test_so_is_what_another_release_has_anew_and_a_fourth_of_the_rest() -> None:
    before, after = each_way_once("2019.1"), each_way_once(RELEASE)
    new = [way for key, way in after.items() if key not in before]
    assert new
    assert [] == missed([*new, *list(after.values())[::4]])


@pytest.mark.soak
@pytest.mark.parametrize("release", ["2019.1", RELEASE])
@pytest.mark.parametrize("profile", PROFILES)
def test_every_single_element_that_is_broken_is_found(profile: str, release: str) -> None:
    assert [] == missed(ways(profile, "full", 3, release))


@settings(max_examples=50)
@given(
    profile=st.sampled_from(PROFILES),
    size=st.sampled_from(["small", "full"]),
    seed=st.sampled_from([1, 3]),
    nth=st.integers(0, 10**6),
)
def test_whatever_the_dossier_what_breaks_it_is_found(
    profile: str, size: Size, seed: int, nth: int
) -> None:
    found = ways(profile, size, seed)
    assert [] == not_found(found[nth % len(found)])


def test_a_way_is_called_by_its_name_and_changes_nothing_else() -> None:
    xml = light("POVO", "small", 3)
    way = mutation(xml, "missing /dossier/huidigeschool/naam")
    assert ("XSD.structure", "/dossier/huidigeschool/naam") == (way.rule, way.path)
    before = etree.fromstring(xml)
    after = etree.fromstring(way.apply())
    name = before.find(".//{*}huidigeschool/{*}naam")
    assert name is not None
    name.getparent().remove(name)
    assert etree.tostring(before) == etree.tostring(after)
    assert way.apply() == way.apply()


@pytest.mark.parametrize("rule", sorted(OF_FILES))
def test_a_broken_attachment_gets_that_finding_and_no_other(rule: str) -> None:
    xml = sample_xml("POVO", size="full", seed=3)
    way = next(way for way in mutations(xml) if way.rule == rule)
    assert [(rule, way.path)] == [(f.rule, f.path) for f in validate(way.apply()).findings]


def test_what_cannot_be_broken_so_is_not_known() -> None:
    with pytest.raises(NotFound):
        mutation(light("POSWV", "small", 3), "PGN.elfproef /dossier/huidigeschool/leerling/bsn")
    with pytest.raises(NotFound):
        list(mutations(b"<dossier/>"))
