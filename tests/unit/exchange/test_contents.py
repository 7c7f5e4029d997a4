"""What the exchange reads from a dossier and writes into it, whatever else stands in it."""

from datetime import date

import pytest
from lxml import etree
from support.dossiers import NUMBERS, dossier

from oso_adapter.bounded_xml import parse
from oso_adapter.exchange import forms
from oso_adapter.exchange.contents import (
    PupilIdentity,
    content_digest,
    identity_of,
    release_of,
    transfer_of,
    with_inzage,
)
from oso_adapter.standard import validate
from oso_adapter.standard.pack import load_pack

REMARKS = (b"<!-- gemaakt door ons pakket -->", b"<?pakket versie?>")
INZAGE = {
    "voorlopigdossier": False,
    "inzage": True,
    "inzagedatum": date(2025, 3, 2),
    "akkoord": "Ja",
}


def with_remarks(xml: bytes, before: bytes = b"<metadata>") -> bytes:
    """A dossier with a comment and an instruction before, between and behind its blocks."""
    remarks = b"".join(REMARKS)
    for place in (before, b"<overdrachtsoort>", b"<huidigeschool>", b"</dossier>"):
        assert place in xml
        xml = xml.replace(place, remarks + place, 1)
    return xml


@pytest.mark.parametrize("seen", [False, True])
def test_remarks_under_the_root_do_not_change_the_digest(seen: bool) -> None:
    xml = dossier(NUMBERS[0], seen=seen)

    assert content_digest(parse(xml)) == content_digest(parse(with_remarks(xml)))


@pytest.mark.parametrize("form", ["html", "pdf"])
def test_a_dossier_with_remarks_can_be_read(form: str) -> None:
    xml = with_remarks(dossier(NUMBERS[0], seen=True))

    shown = forms.shown(xml, form)

    assert shown.startswith(b"%PDF-" if form == "pdf" else b"<!DOCTYPE html>")


@pytest.mark.parametrize("seen", [False, True])
def test_inzage_is_recorded_at_its_place_between_remarks(seen: bool) -> None:
    before = parse(with_remarks(dossier(NUMBERS[0], seen=seen)))
    digest = content_digest(before)

    xml = with_inzage(before, load_pack("2019.1"), INZAGE)

    after = parse(xml)
    names = [etree.QName(child).localname for child in after.iterchildren("*")]
    assert ["metadata", "overdrachtsoort", "inzage", "huidigeschool"] == names
    assert digest == content_digest(after)
    assert validate(xml).valid


def test_what_a_comment_cuts_is_read_whole() -> None:
    whole = parse(dossier(NUMBERS[0]))
    xml = dossier(NUMBERS[0])
    cut = {
        "overstapdossier": "overstap<!-- -->dossier",
        ">POVO<": "><?x y?>PO<!-- -->VO<",
        NUMBERS[0]: f"{NUMBERS[0][:4]}<!-- -->{NUMBERS[0][4:]}",
        "Proefleerling": "Proef<!-- -->leerling",
        "2013-05-31": "2013<!-- -->-05-31",
        ">P-1<": ">P<!-- -->-1<",
    }
    for old, new in cut.items():
        assert old.encode() in xml
        xml = xml.replace(old.encode(), new.encode(), 1)

    assert ("overstapdossier", "POVO") == transfer_of(whole) == transfer_of(parse(xml))
    first, second = identity_of(whole), identity_of(parse(xml))
    assert (NUMBERS[0], "P-1", "Proefleerling") == (first.number, first.reference, first.surname)
    assert first == second


def test_what_is_not_there_is_none() -> None:
    root = etree.fromstring(
        "<a><huidigeschool><leerling><bsn> </bsn></leerling></huidigeschool></a>"
    )
    assert (None, None) == transfer_of(root)
    assert PupilIdentity(None, None, None, None) == identity_of(root)


@pytest.mark.parametrize(
    ("year", "said", "release"),
    [
        ("2017", "2017.1", "2017.1"),
        ("2017", "2019.1", "2017"),
        ("2017", "", "2017"),
        ("anders", "2017.1", "2017.1"),
        ("anders", "123456782", None),
        ("2017", "2017.123456782", "2017"),
    ],
)
def test_the_release_is_named_as_far_as_the_dossier_says_it(
    year: str, said: str, release: str | None
) -> None:
    xml = dossier(NUMBERS[0]).replace(b"oso_gegevensset/2019/", f"oso_gegevensset/{year}/".encode())
    xml = xml.replace(b"standaardversie>2019.1<", f"standaardversie>{said}<".encode())

    assert release == release_of(parse(xml))
