"""What is collected: complete, right in form, and within the rules of its profile."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from magister_like import database
from magister_like.generator import MARKER_PREFIX, Generated
from magister_like.schema import leerling
from sqlalchemy import select

from oso_adapter.standard import codec, fields, profiles, validate
from oso_adapter.standard.pack import load_pack

Collect = Callable[..., dict[str, Any]]
Sent = list[tuple[str, dict[str, Any]]]

ELEMENTS = Path(__file__).parent / "data" / "elements.txt"
CODES = Path(__file__).parent / "data" / "codes.txt"

NEVER = {
    "/dossier/metadata": "the adapter writes it",
    "/dossier/overdrachtsoort": "the adapter writes it",
    "/dossier/inzage": "the adapter writes it when the parents have seen the dossier",
    "/dossier/huidigeschool/leerling/geboortemaand": "forbidden by rule OVa.LL03",
    "/dossier/huidigeschool/leerling/postcode4adres": "forbidden by rule OVa.LL07",
    "/dossier/huidigeschool/leerling/geboorteplaats": "forbidden by law (OVa.LL10)",
    "/dossier/huidigeschool/leerling/nationaliteit": "forbidden by law (OVa.LL11)",
    "/dossier/huidigeschool/leerling/huisarts/roepnaam": "forbidden by rule OG.05",
    "/dossier/huidigeschool/leerling/huisarts/geslacht": "forbidden by rule OG.05",
}
"""Paths (with all below them) that no overstapdossier of this product fills, and why."""

NOT_IN_POVO = (
    *("vanpeuterspeelzaal", "naampeuterspeelzaal", "voorschools", "vroegschools"),
    *("bevorderd", "examenresultaat", "resultaatvakkenvo", "certificaat"),
    *("competenties", "stage", "overigvombo"),
)


def paths(data: Any, at: str) -> Iterator[str]:
    """Every path that is filled; positions are left out."""
    if isinstance(data, Mapping):
        yield at
        for name, value in data.items():
            if name == "waarde" and at.endswith("/land"):
                continue
            step = "@omschrijving" if at.endswith("/land") else name
            yield from paths(value, f"{at}/{step}")
    elif isinstance(data, list):
        for each in data:
            yield from paths(each, at)
    else:
        yield at


def expected_paths() -> set[str]:
    every = ELEMENTS.read_text(encoding="utf-8").split()
    return {
        path
        for path in every
        if path != "/dossier"
        and not any(path == never or path.startswith(f"{never}/") for never in NEVER)
    }


@pytest.fixture(scope="module")
def sent(schools: Generated, collect: Collect) -> Sent:
    """Every pupil who leaves, with the profile of that move."""
    moves = [("POVO", schools.po, "99AA", code) for code in database.leavers(schools.po)[:25]]
    for brin, profile, path in (("99CC", "POPO", schools.po), ("99DD", "VOVO", schools.vo)):
        own = "99AA" if path == schools.po else "99BB"
        movers = database.leavers(path, brin)
        moves += [(profile, path, own, code) for code in movers]
    return [(profile, collect(path, code, profile, own)) for profile, path, own, code in moves]


def filled_by(sent: Sent, *wanted: str) -> set[str]:
    chosen = (dossier for profile, dossier in sent if profile in wanted)
    return {path for dossier in chosen for path in paths(dossier, "/dossier")} - {"/dossier"}


def test_every_element_that_an_overstapdossier_may_carry_is_filled_for_somebody(sent: Sent) -> None:
    assert expected_paths() == filled_by(sent, "POVO", "POPO", "VOVO")


def test_the_first_25_leavers_fill_every_element_of_povo(sent: Sent) -> None:
    left_out = tuple(f"/dossier/huidigeschool/leerling/{name}" for name in NOT_IN_POVO)
    expected = {
        path
        for path in expected_paths()
        if not any(path == other or path.startswith(f"{other}/") for other in left_out)
    }
    assert expected == filled_by(sent, "POVO")


def test_every_collected_dossier_has_the_form_that_the_standard_asks(sent: Sent) -> None:
    pack = load_pack()
    assert [[] for _ in sent] == [fields.check(dossier, pack) for _, dossier in sent]


def completed(
    dossier: dict[str, Any], profile: str, today: date
) -> tuple[dict[str, Any], list[Any]]:
    pack = load_pack()
    return profiles.complete(
        dossier, pack, profiles.profile(profile), package="x", package_version="1", on=today
    )


def test_every_collected_dossier_becomes_xml_that_is_valid_to_the_schema(
    sent: Sent, today: date
) -> None:
    pack = load_pack()
    for profile, dossier in sent:
        whole, _ = completed(dossier, profile, today)
        assert (
            tuple(validate(codec.to_xml(whole, pack), profile=profile, inzage=False).findings) == ()
        )


def test_nothing_has_to_be_taken_out_of_a_collected_dossier(sent: Sent, today: date) -> None:
    for profile, dossier in sent:
        whole, findings = completed(dossier, profile, today)
        assert dossier["huidigeschool"] == whole["huidigeschool"]
        assert findings == []


def test_a_marked_dossier_is_valid_too_and_holds_nothing_that_may_not_be_sent(
    marked: Generated, collect: Collect, today: date
) -> None:
    pack = load_pack()
    with database.opened(marked.po) as connection:
        born_in = connection.execute(select(leerling.c.geboorteplaats)).scalars().all()
        secret = connection.execute(select(leerling.c.nationaliteit)).scalars().all()
    for code in database.leavers(marked.po)[:4]:
        whole, _ = completed(collect(marked.po, code, "POVO"), "POVO", today)
        xml = codec.to_xml(whole, pack)
        assert validate(xml, profile="POVO", inzage=False).valid
        assert MARKER_PREFIX.encode() in xml
        assert not any(word.split()[-1].encode() in xml for word in (*born_in, *secret))


def coded(data: Any, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, Mapping):
        for name, value in data.items():
            yield from coded(value, f"{at}/{name}")
    elif isinstance(data, list):
        for each in data:
            yield from coded(each, at)
    else:
        yield at, str(data)


def test_every_coded_value_is_in_its_code_list(sent: Sent) -> None:
    lines = (line.split("\t") for line in CODES.read_text(encoding="utf-8").splitlines())
    lists = {suffix: set(codes.split()) for suffix, codes in lines}
    for _, dossier in sent:
        for path, value in coded(dossier, "/dossier"):
            for suffix, codes in lists.items():
                assert not path.endswith(f"/{suffix}") or value in codes, path


def pupils(sent: Sent) -> list[dict[str, Any]]:
    return [dossier["huidigeschool"]["leerling"] for _, dossier in sent]


def test_what_every_pupil_must_have_is_there(sent: Sent) -> None:
    for pupil in pupils(sent):
        for name in ("voornaam", "geboortedatum", "adresgeheim", "leerlingid", "datuminschrijving"):
            assert name in pupil
        assert ("bsn" in pupil) != ("onderwijsnummer" in pupil)
        assert pupil["verzorgersaansprakelijk"] or "aansprakelijkeinstelling" in pupil
        assert not pupil["verzorgersaansprakelijk"] or pupil["verzorger"]
        assert pupil["schoolloopbaanlijst"]["schoolloopbaan"]
        assert {"advies", "contactnodig"} <= pupil["overstapadvies"].keys()
        if pupil["overstapadvies"]["contactnodig"]:
            assert {"contactpersoon", "contacttelefoon"} <= pupil["overstapadvies"].keys()


def test_a_secret_address_is_not_sent_and_any_other_is(sent: Sent) -> None:
    secret = [pupil for pupil in pupils(sent) if pupil["adresgeheim"]]
    assert secret
    for pupil in pupils(sent):
        addressed = "adreslijst" in pupil or "adresbuitenland" in pupil
        assert addressed != pupil["adresgeheim"]
        for carer in pupil["verzorger"]:
            assert not (carer["adresgeheim"] and "adreslijst" in carer)


def test_secret_numbers_are_masked(sent: Sent) -> None:
    lines = [
        line
        for pupil in pupils(sent)
        for owner in (pupil, *pupil["verzorger"])
        for line in owner["communicatielijst"]["communicatie"]
        if line.get("geheim")
    ]
    masks = {"telefoon": "9999999999", "e-mail": "geheim@geheim.geheim"}
    assert {"telefoon", "e-mail"} == {line["soort"] for line in lines}
    assert all(masks[line["soort"]] == line["nummer"] for line in lines)


def test_povo_has_no_test_from_before_the_two_last_school_years(
    sent: Sent, schools: Generated, collect: Collect, today: date
) -> None:
    code = database.leavers(schools.po)[0]
    whole = collect(schools.po, code, "BB")["huidigeschool"]["leerling"]["toetslijst"]["toets"]
    start = today.replace(year=today.year - 3, month=8, day=1)
    assert any(test["afname"]["afnamedatum"] < start for test in whole)
    for profile, dossier in sent:
        if profile == "POVO":
            tests = dossier["huidigeschool"]["leerling"]["toetslijst"]["toets"]
            assert all(test["afname"]["afnamedatum"] >= start for test in tests)


def test_absence_is_counted_from_its_registrations(schools: Generated, collect: Collect) -> None:
    code = database.leavers(schools.po)[0]
    with database.opened(schools.po) as connection:
        number = database.number_of_code(connection, code)
        assert number is not None
        rows = database.load(connection, number).of("verzuim")
    absence = collect(schools.po, code, "POVO")["huidigeschool"]["leerling"]["verzuim"]
    hours = [r["aantal"] for r in rows if r["eenheid"] == "UUR" and not r["geoorloofd"]]
    assert sum(hours) == absence["urenongeoorloofd"]
    assert len(rows) == absence["frequentie"]
