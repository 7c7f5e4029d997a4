"""What is known and what came, side by side: only where they differ, in the words of a school."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from support.dossiers import NUMBERS, content

from oso_adapter.standard.differences import MOST, differences
from oso_adapter.standard.pack import Pack

PUPIL = "/dossier/huidigeschool/leerling"


def pupil(**given: Any) -> dict[str, Any]:
    return {"huidigeschool": {"leerling": given}}


def told(pack: Pack, known: Any, new: Any) -> list[tuple[str, str | None, str | None]]:
    return [(d.path.removeprefix(PUPIL), d.known, d.new) for d in differences(known, new, pack)]


def test_the_same_has_no_differences(pack: Pack) -> None:
    assert [] == told(pack, content(NUMBERS[0]), content(NUMBERS[0]))


def test_a_value_that_reads_the_same_is_no_difference(pack: Pack) -> None:
    known, new = {"verzuim": {"frequentie": "3"}}, {"verzuim": {"frequentie": 3}}

    assert [] == told(pack, pupil(**known), pupil(**new))


def test_what_is_left_out_of_what_is_known_is_not_compared(pack: Pack) -> None:
    assert [] == told(pack, {}, content(NUMBERS[0]))
    assert [] == told(pack, pupil(), content(NUMBERS[0]))


@pytest.mark.parametrize(
    ("known", "new", "expected"),
    [
        ({"roepnaam": "Ans"}, {"roepnaam": "Anna"}, ("/roepnaam", "Ans", "Anna")),
        ({"roepnaam": "Ans"}, {}, ("/roepnaam", "Ans", None)),
        ({"roepnaam": None}, {"roepnaam": "Anna"}, ("/roepnaam", None, "Anna")),
        ({"adresgeheim": True}, {"adresgeheim": False}, ("/adresgeheim", "ja", "nee")),
        (
            {"geboortedatum": date(2013, 1, 2)},
            {"geboortedatum": date(2013, 2, 1)},
            ("/geboortedatum", "2013-01-02", "2013-02-01"),
        ),
        (
            {"verzuim": {"frequentie": 3}},
            {"verzuim": {"frequentie": 4}},
            ("/verzuim/frequentie", "3", "4"),
        ),
        (
            {"voornaam": ["Anna", "Bea"]},
            {"voornaam": ["Anna"]},
            ("/voornaam", "Anna; Bea", "Anna"),
        ),
        (
            {"nationaliteit": [{"waarde": "0001", "omschrijving": "Nederlandse"}]},
            {"nationaliteit": [{"waarde": "0052"}]},
            ("/nationaliteit", "0001 Nederlandse", "0052"),
        ),
        (
            {"verzorger": [{"achternaam": "A", "wettigevertegenwoordiger": True}]},
            {"verzorger": [{"achternaam": "B"}]},
            ("/verzorger", "A, ja", "B"),
        ),
    ],
)
def test_a_difference_is_told_as_a_person_reads_it(
    pack: Pack, known: Any, new: Any, expected: tuple[str, str | None, str | None]
) -> None:
    assert [expected] == told(pack, pupil(**known), pupil(**new))


def a_test(code: str, score: str) -> dict[str, Any]:
    return {
        "toetsidentificatie": {"eldtoetscode": code},
        "afname": {"afnamedatum": date(2025, 2, 1)},
        "resultaat": {"toetsscore": {"vaardigheidsscore": Decimal(score)}},
    }


def test_entries_of_a_list_are_brought_together_by_what_tells_them_apart(pack: Pack) -> None:
    known = pupil(toetslijst={"toets": [a_test("SP", "1"), a_test("RW", "2")]})
    new = pupil(toetslijst={"toets": [a_test("RW", "3"), a_test("TL", "4")]})

    score = "/toetslijst/toets[1]/resultaat/toetsscore/vaardigheidsscore"
    assert [
        (score, "2", "3"),
        ("/toetslijst/toets[2]", None, "TL, 2025-02-01"),
        ("/toetslijst/toets[1]", "SP, 2025-02-01", None),
    ] == told(pack, known, new)


def test_a_label_says_where_a_field_is(pack: Pack) -> None:
    known = pupil(verzuim={"frequentie": 3}, roepnaam="A")
    labels = [d.label for d in differences(known, pupil(), pack)]

    assert ["Roepnaam", "Verzuim"] == [label.split(" > ")[0] for label in labels]
    assert " > " in labels[1]


def test_a_file_is_told_by_its_name_and_never_by_what_is_in_it(pack: Pack) -> None:
    def paper(contents: bytes) -> dict[str, Any]:
        document = {"bestandsnaam": "plan.pdf", "bestandsinhoud": contents}
        return pupil(overigdocumentlijst={"document": [document]})

    path = "/overigdocumentlijst/document[1]"
    assert [(path, "plan.pdf", "plan.pdf")] == told(pack, paper(b"een"), paper(b"twee"))


@pytest.mark.parametrize("odd", [5, "text", [], [1, "a"], {"x": 1}, object()])
def test_what_is_no_dossier_at_all_is_compared_without_an_error(pack: Pack, odd: Any) -> None:
    differences({"huidigeschool": odd}, content(NUMBERS[0]), pack)
    differences(pupil(toetslijst=odd, verzorger=odd, roepnaam=odd), content(NUMBERS[0]), pack)
    differences(pupil(toetslijst={"toets": odd}), pupil(toetslijst={"toets": [odd]}), pack)


def test_the_list_has_an_end(pack: Pack) -> None:
    many = pupil(
        certificaat=["x"], competenties=[{"competentiereferentie": str(n)} for n in range(MOST + 5)]
    )

    assert MOST == len(differences(many, pupil(), pack))
