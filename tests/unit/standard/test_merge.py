"""What several systems give becomes one dossier, and nobody wins silently."""

from copy import deepcopy
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.dossiers import NUMBERS, content

from oso_adapter.standard import fields
from oso_adapter.standard.findings import LIMIT, Finding
from oso_adapter.standard.merge import KEYS, Merged, _Merger, deeldossier, merge
from oso_adapter.standard.pack import Pack, load_pack

PUPIL = "/dossier/huidigeschool/leerling"


def pupil(**given: Any) -> dict[str, Any]:
    return {"huidigeschool": {"leerling": given}}


def a_test(code: str = "RW", day: int = 1, score: str = "12.5", **more: Any) -> dict[str, Any]:
    return {
        "toetsidentificatie": {"eldtoetscode": code},
        "afname": {"afnamedatum": date(2025, 2, day)},
        "resultaat": {"toetsscore": {"vaardigheidsscore": Decimal(score)}},
        **more,
    }


def taken(*given: dict[str, Any]) -> dict[str, Any]:
    return pupil(toetslijst={"toets": list(given)})


def merged(pack: Pack, *parts: dict[str, Any]) -> Merged:
    names = ["las", "lvs", "zorg"]
    return merge(list(zip(names, parts, strict=False)), pack)


def leerling(whole: Merged) -> Any:
    return whole.dossier["huidigeschool"]["leerling"]


def only(whole: Merged) -> Finding:
    [conflict] = whole.conflicts
    return conflict


def test_the_parts_of_two_systems_become_one_sound_dossier(pack: Pack) -> None:
    las, lvs = content(NUMBERS[0]), taken(a_test())

    whole = merged(pack, las, lvs)

    expected = deepcopy(content(NUMBERS[0]))
    expected["huidigeschool"]["leerling"]["toetslijst"] = {"toets": [a_test()]}
    assert (expected, ()) == (whole.dossier, whole.conflicts)
    assert [] == fields.check(whole.dossier, pack)
    assert (content(NUMBERS[0]), taken(a_test())) == (las, lvs)


def test_a_dossier_that_nobody_adds_to_stays_as_it_is(pack: Pack) -> None:
    whole = merged(pack, content(NUMBERS[0]))

    assert (content(NUMBERS[0]), (), set()) == (whole.dossier, whole.conflicts, whole.added)


def test_what_both_give_the_same_is_no_conflict_and_adds_nothing(pack: Pack) -> None:
    whole = merged(pack, taken(a_test()), taken(a_test()))

    assert (taken(a_test()), (), set()) == (whole.dossier, whole.conflicts, whole.added)


def test_different_values_are_a_finding_that_names_both_systems_and_no_value(pack: Pack) -> None:
    finding = only(merged(pack, pupil(roepnaam="Anna"), pupil(roepnaam="Ans")))

    assert ("STD.tegenspraak", "error", f"{PUPIL}/roepnaam") == (
        finding.rule,
        finding.severity,
        finding.path,
    )
    assert "Twee systemen geven hier verschillende gegevens: las en lvs." == finding.message
    assert not any(name in str(finding) for name in ("Anna", "Ans"))


def test_the_system_that_gave_it_is_named_when_a_third_one_differs(pack: Pack) -> None:
    whole = merged(pack, pupil(), taken(a_test()), taken(a_test(score="1.0")))

    assert f"{PUPIL}/toetslijst/toets[1]/resultaat/toetsscore/vaardigheidsscore" == only(whole).path
    assert "lvs en zorg" in only(whole).message


@pytest.mark.parametrize(("one", "other"), [(1, True), (1, "1"), (None, ""), ([1], {})])
def test_values_of_different_types_are_different(pack: Pack, one: object, other: object) -> None:
    assert (
        f"{PUPIL}/geslacht" == only(merged(pack, pupil(geslacht=one), pupil(geslacht=other))).path
    )


def test_tests_of_both_stay_those_of_the_las_first(pack: Pack) -> None:
    whole = merged(pack, taken(a_test("TL", 3)), taken(a_test("RW"), a_test("TL", 3)))

    assert [a_test("TL", 3), a_test("RW")] == leerling(whole)["toetslijst"]["toets"]
    assert () == whole.conflicts


def test_one_entry_that_both_give_is_completed(pack: Pack) -> None:
    whole = merged(pack, taken(a_test()), taken(a_test(opmerking="geconcentreerd")))

    assert [a_test(opmerking="geconcentreerd")] == leerling(whole)["toetslijst"]["toets"]
    assert {f"{PUPIL}/toetslijst/toets/opmerking"} == whole.added


def test_two_entries_of_one_system_that_look_alike_are_not_guessed_between(pack: Pack) -> None:
    las = taken(a_test(), a_test(score="13.0"))

    assert f"{PUPIL}/toetslijst/toets[1]" == only(merged(pack, las, taken(a_test(score="9")))).path


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"jaargroep": "8"}),
        ({"jaargroep": "8"}, {"jaargroep": "8", "periode": "2"}),
        (
            {"jaargroep": "8", "periode": "2"},
            {"jaargroep": "8", "afnamedatum": date(2025, 2, 1)},
        ),
    ],
)
def test_two_entries_that_may_be_the_same_are_not_guessed_about(
    pack: Pack, one: dict[str, Any], other: dict[str, Any]
) -> None:
    def marks(*lists: dict[str, Any]) -> dict[str, Any]:
        return pupil(cijferlijstlijst={"cijferlijst": list(lists)})

    for parts in ((one, other), (other, one)):
        whole = merged(pack, *(marks(part) for part in parts))
        assert f"{PUPIL}/cijferlijstlijst/cijferlijst[2]" == only(whole).path
    assert () == merged(pack, marks(one, other), marks(other)).conflicts


@pytest.mark.parametrize("more", ["leergebied", "toetsnaam", "toetsversie"])
def test_one_test_stays_one_when_only_one_system_gives_its_name(pack: Pack, more: str) -> None:
    named = {"toetsidentificatie": {"eldtoetscode": "RW", more: "a"}}

    whole = merged(pack, taken(a_test()), taken(a_test(**named)))
    other = merged(pack, taken(a_test()), taken(a_test(score="1.0", **named)))

    assert ([a_test(**named)], ()) == (leerling(whole)["toetslijst"]["toets"], whole.conflicts)
    assert only(other).path.endswith("/toets[1]/resultaat/toetsscore/vaardigheidsscore")


@pytest.mark.parametrize(
    "nothing", [{"verzorger": []}, {"toetslijst": {}}, {"onderwijsondersteuning": {"diagnose": []}}]
)
def test_what_is_empty_says_nothing(pack: Pack, nothing: dict[str, Any]) -> None:
    las = pupil(verzorger=[{"achternaam": "A"}], toetslijst={"toets": [a_test()]})

    added = merged(pack, las, pupil(**nothing))
    filled = merged(pack, pupil(**nothing), las)

    assert ((), set(), ()) == (added.conflicts, added.added, filled.conflicts)
    assert las["huidigeschool"]["leerling"].items() <= leerling(filled).items()


def test_a_number_is_the_same_in_either_type_and_a_text_too(pack: Pack) -> None:
    class Code(StrEnum):
        ONE = "a"

    assert () == merged(pack, pupil(geslacht=1), pupil(geslacht=Decimal("1.0"))).conflicts
    assert () == merged(pack, pupil(roepnaam="a"), pupil(roepnaam=Code.ONE)).conflicts


def test_what_is_said_beside_a_text_can_come_from_another_system(pack: Pack) -> None:
    def living(country: dict[str, str]) -> dict[str, Any]:
        return pupil(huisarts={"adreslijst": {"adres": [{"land": country}]}})

    both = {"waarde": "6030", "omschrijving": "Nederland"}
    spec = pack.structure.find(f"{PUPIL}/huisarts/adreslijst/adres/land")
    assert spec is not None
    told = _Merger("las", ()).one([("las", {"waarde": "6030"}), ("lvs", both)], spec, "/land")

    assert both == told
    assert 1 == len(merged(pack, living({"waarde": "6030"}), living(both)).conflicts)


def test_of_what_nobody_gets_nobody_has_to_agree(pack: Pack) -> None:
    las, lvs = taken(a_test()), taken(a_test(score="1.0"))
    parts = [("las", las), ("lvs", lvs)]

    assert () == merge(parts, pack, [f"{PUPIL}/toetslijst"]).conflicts
    assert 1 == len(merge(parts, pack, [f"{PUPIL}/toets"]).conflicts)


def test_groups_of_a_repeated_sequence_are_known_by_their_name(pack: Pack) -> None:
    def marks(*groups: dict[str, Any]) -> dict[str, Any]:
        entry = {"afnamedatum": date(2025, 2, 1), "cijferlijstTypelijst": list(groups)}
        return pupil(cijferlijstlijst={"cijferlijst": [entry]})

    dutch, sums = {"naam": "Nederlands"}, {"naam": "Rekenen", "score": [{"waarde": "8"}]}
    whole = merged(pack, marks(dutch), marks(sums, dutch))

    [entry] = leerling(whole)["cijferlijstlijst"]["cijferlijst"]
    assert [dutch, sums] == entry["cijferlijstTypelijst"]


@pytest.mark.parametrize("name", ["verzorger", "voornaam", "nationaliteit"])
def test_a_list_in_which_nobody_can_tell_who_is_who_must_be_the_same(pack: Pack, name: str) -> None:
    one, other = pupil(**{name: ["a", "b"]}), pupil(**{name: ["b", "a"]})

    assert () == merged(pack, one, one).conflicts
    assert f"{PUPIL}/{name}" == only(merged(pack, one, other)).path


def test_the_other_alternative_of_a_choice_is_a_conflict(pack: Pack) -> None:
    whole = merged(pack, pupil(bsn=NUMBERS[0]), pupil(onderwijsnummer=NUMBERS[3]))

    assert (f"{PUPIL}/bsn", {"bsn": NUMBERS[0]}) == (only(whole).path, leerling(whole))


def test_a_file_is_the_same_by_what_is_in_it(pack: Pack, tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(b"inhoud")

    def paper(contents: object) -> dict[str, Any]:
        document = {"bestandsnaam": "a.pdf", "bestandsinhoud": contents}
        return pupil(overigdocumentlijst={"document": [document]})

    assert () == merged(pack, paper(b"inhoud"), paper(file)).conflicts
    assert only(merged(pack, paper(b"anders"), paper(file))).path.endswith("/bestandsinhoud")


@pytest.mark.parametrize("wrong", [None, 5, "tekst", [], {1: 2}, {"onbekend": [1]}])
def test_a_part_of_another_shape_is_told_and_never_raises(pack: Pack, wrong: Any) -> None:
    las = content(NUMBERS[0])
    part = {"huidigeschool": wrong}

    whole = merged(pack, las, part)

    assert whole.conflicts or fields.check(whole.dossier, pack)


def test_what_is_the_adapters_own_is_refused_from_a_part_too(pack: Pack) -> None:
    whole = merged(pack, content(NUMBERS[0]), {"metadata": {"deeldossier": "LVS"}})

    assert ["DICT.reserved"] == [finding.rule for finding in fields.check(whole.dossier, pack)]


def test_the_list_of_conflicts_has_an_end(pack: Pack) -> None:
    one, other = ({f"k{n}": value for n in range(LIMIT + 5)} for value in (1, 2))

    assert LIMIT == len(merged(pack, pupil(**one), pupil(**other)).conflicts)


def test_every_key_is_of_a_list_of_the_standard(pack: Pack) -> None:
    lists = {}
    for _, element in pack.structure.walk():
        if element.repeats or element.sequence_repeats:
            lists.setdefault(element.name, []).append(element)

    assert set() == set(KEYS) - set(lists)
    for name, keys in KEYS.items():
        for key in keys:
            first = key.split("/")[0]
            assert any(first in element.children for element in lists[name]), (name, key)


@pytest.mark.parametrize(
    ("added", "left_out", "expected"),
    [
        ((), (), "LAS"),
        ((f"{PUPIL}/toetslijst/toets/opmerking",), (), "LASLVS"),
        ((f"{PUPIL}/toetslijst/toets/opmerking",), (f"{PUPIL}/toetslijst",), "LAS"),
        ((f"{PUPIL}/toetslijst/toets/opmerking",), (f"{PUPIL}/toets",), "LASLVS"),
        ((f"{PUPIL}/toetslijst", f"{PUPIL}/stage"), (f"{PUPIL}/toetslijst",), "LASLVS"),
    ],
)
def test_the_deeldossier_says_whether_another_system_has_a_part_in_what_goes(
    added: tuple[str, ...], left_out: tuple[str, ...], expected: str
) -> None:
    assert expected == deeldossier(added, left_out)


ENTRIES = st.lists(
    st.builds(a_test, st.sampled_from(["RW", "TL", "SP"]), st.integers(1, 4), st.just("5.0")),
    max_size=6,
    unique_by=lambda t: (t["toetsidentificatie"]["eldtoetscode"], t["afname"]["afnamedatum"]),
)


@given(ENTRIES, ENTRIES)
def test_nothing_is_lost_and_nothing_is_there_twice(
    one: list[dict[str, Any]], other: list[dict[str, Any]]
) -> None:
    pack = load_pack()
    whole = merged(pack, taken(*one), taken(*other))
    found = leerling(whole)["toetslijst"]["toets"]

    assert () == whole.conflicts
    assert one == found[: len(one)]
    assert [test for test in other if test not in one] == found[len(one) :]
    again = merged(pack, whole.dossier, taken(*other))
    assert (whole.dossier, set()) == (again.dossier, again.added)


VALUES = st.sampled_from(["a", "b"])
MARKS = st.lists(
    st.fixed_dictionaries(
        {"jaargroep": VALUES},
        optional={"periode": VALUES, "afnamedatum": st.just(date(2025, 2, 1))},
    ),
    max_size=3,
)
PARTS = st.fixed_dictionaries(
    {},
    optional={
        "roepnaam": VALUES,
        "voornaam": st.lists(VALUES, max_size=2),
        "bsn": st.just(NUMBERS[0]),
        "cijferlijstlijst": st.fixed_dictionaries({}, optional={"cijferlijst": MARKS}),
        "toetslijst": st.fixed_dictionaries(
            {"toets": st.lists(st.builds(a_test, VALUES, score=st.sampled_from("12")), max_size=3)}
        ),
    },
) | st.just({"onderwijsnummer": NUMBERS[3]})


def bare(value: Any) -> Any:
    """A dossier in which the order of a list does not matter."""
    if isinstance(value, dict):
        return frozenset((key, bare(inner)) for key, inner in value.items())
    if isinstance(value, list):
        return frozenset(map(bare, value))
    return value


@given(PARTS, st.lists(PARTS, min_size=2, max_size=3))
def test_it_does_not_matter_in_which_order_systems_add(
    las: dict[str, Any], others: list[dict[str, Any]]
) -> None:
    pack = load_pack()
    named = [(f"s{n}", pupil(**part)) for n, part in enumerate(others)]
    wholes = [merge([("las", pupil(**las)), *some], pack) for some in permutations(named)]

    assert 1 == len({bool(whole.conflicts) for whole in wholes})
    if not wholes[0].conflicts:
        assert 1 == len({(bare(whole.dossier), whole.added) for whole in wholes})


def test_many_entries_of_two_systems_are_merged_at_once(pack: Pack) -> None:
    las = taken(*(a_test(f"A{n}") for n in range(3000)))
    lvs = taken(*(a_test(f"A{n}") for n in range(1500, 4500)))

    assert 4500 == len(leerling(merged(pack, las, lvs))["toetslijst"]["toets"])
