"""The reading view as a document: what it says, and what it never becomes."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html
from support.distinct import ALTERNATIVES, document
from support.reading import (
    NAMESPACE,
    PUPIL,
    SEEN,
    attachment,
    dossier,
    headings,
    metadata,
    pairs,
    read,
    text,
)

from oso_adapter.bounded_xml import XmlRefused
from oso_adapter.standard import render
from oso_adapter.standard.attachments import pack_file
from oso_adapter.standard.pack import Pack


def test_the_heading_says_whose_dossier_it_is_and_from_where() -> None:
    page = read(dossier(before=metadata()))
    assert "Dossier van Sanne de Proef" == page.cssselect("h1")[0].text_content()
    assert "Dossier van Sanne de Proef" == page.cssselect("title")[0].text_content()
    facts = pairs(page)[:3]
    assert [
        ("School", "De Linde"),
        ("Soort overdracht", "OverstapdossierVan po naar vo"),
        ("Datum", "31-05-2019"),
    ] == facts
    assert "nl" == page.get("lang")


def test_the_categories_are_the_chapters_in_the_order_of_the_standard() -> None:
    pupil = f"{PUPIL}<verzuim><frequentie>1</frequentie></verzuim><overstapadvies/>"
    chapters = [h.text_content() for h in read(dossier(pupil)).cssselect("section > h2")]
    wanted = ["De huidige school", "De leerling", "Overstapadvies", "Verzuim", "Niet meegestuurd"]
    assert wanted == chapters


def test_a_block_that_is_a_whole_chapter_has_no_second_heading() -> None:
    page = read(dossier("<verzuim><frequentie>1</frequentie></verzuim>"))
    assert 1 == headings(page).count("Verzuim")
    assert ("Aantal keren verzuim", "1") in pairs(page)


@pytest.mark.parametrize(
    ("element", "label", "shown"),
    [
        ("<geslacht>2</geslacht>", "Geslacht", "Vrouw (2)"),
        ("<geslacht>7</geslacht>", "Geslacht", "7"),
        ("<geboortedatum>2013-05-31</geboortedatum>", "Geboortedatum", "31-05-2013"),
        ("<geboortedatum>2013-05-31Z</geboortedatum>", "Geboortedatum", "2013-05-31Z"),
        ("<geboortedatum>morgen</geboortedatum>", "Geboortedatum", "morgen"),
        ("<adresgeheim>1</adresgeheim>", "Adres is geheim", "Ja"),
        ("<adresgeheim> false </adresgeheim>", "Adres is geheim", "Nee"),
        ("<nnca></nnca>", "Niet-Nederlandse culturele achtergrond (NNCA)", "(leeg)"),
        ("<roepnaam>a<!-- niet -->b</roepnaam>", "Roepnaam", "ab"),
        (
            '<nationaliteit omschrijving="Belgische">0052</nationaliteit>',
            "Nationaliteit",
            "Belgische (0052)",
        ),
        ("<nationaliteit>0052</nationaliteit>", "Nationaliteit", "0052"),
        ("<voornaam>Sanne</voornaam><voornaam>Maria</voornaam>", "Voornaam", "SanneMaria"),
        ('<roepnaam nieuw="ja">San</roepnaam>', "Roepnaam", "San (nieuw: ja)"),
    ],
)
def test_a_value_is_shown_as_it_is_read_in_dutch(element: str, label: str, shown: str) -> None:
    assert (label, shown) in pairs(read(dossier(element)))


def test_a_decimal_has_a_comma() -> None:
    pupil = "<resultaatvakkenvo><cijferce>6.50</cijferce></resultaatvakkenvo>"
    assert ("Cijfer centraal examen", "6,50") in pairs(read(dossier(pupil)))


def test_small_blocks_that_repeat_are_a_table_with_headers() -> None:
    mark = "<naam>{}</naam><score><waarde>{}</waarde></score>"
    marks = mark.format("Rekenen", "8") + mark.format("Taal", "7")
    listed = f"<cijferlijst><cijferlijstTypelijst>{marks}</cijferlijstTypelijst></cijferlijst>"
    page = read(dossier(f"<cijferlijstlijst>{listed}</cijferlijstlijst>"))
    (table,) = page.cssselect("table")
    assert "Vak" == table.cssselect("caption")[0].text_content()
    assert ["Vak", "Score"] == [th.text_content() for th in table.cssselect("thead th[scope=col]")]
    lines = [[td.text_content() for td in tr] for tr in table.cssselect("tbody tr")]
    assert [["Rekenen", "Cijfer 8"], ["Taal", "Cijfer 7"]] == lines


def test_larger_blocks_that_repeat_are_cards_with_a_number_and_a_title() -> None:
    toets = (
        "<toets><toetsidentificatie><toetsnaam>{}</toetsnaam></toetsidentificatie>"
        "<afname><afnamedatum>2019-01-15</afnamedatum><dl>55</dl></afname>"
        "<resultaat><referentiescore><waarde>1</waarde></referentiescore>"
        "<toetsscore><betrouwbaarheidsinterval><bivlaag>1</bivlaag></betrouwbaarheidsinterval>"
        "</toetsscore></resultaat></toets>"
    )
    pupil = f"<toetslijst>{toets.format('Lezen')}{toets.format('Rekenen')}</toetslijst>"
    found = headings(read(dossier(pupil)))
    assert "Toets 1 – Lezen 15-01-2019" in found
    assert "Toets 2 – Rekenen 15-01-2019" in found


def test_headings_never_skip_a_level(pack: Pack) -> None:
    for root in pack.structure.roots:
        page = html.document_fromstring(render.html(document(pack, root)))
        levels = [int(str(h.tag)[1]) for h in page.cssselect("h1, h2, h3, h4, h5, h6")]
        assert 1 == levels[0] == min(levels)
        assert 1 == levels.count(1)
        assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_contents_point_to_every_chapter() -> None:
    page = read(dossier())
    targets = [a.get("href", "")[1:] for a in page.cssselect("nav a")]
    assert [section.get("id") for section in page.cssselect("section")] == targets
    assert len(page.xpath("//@id")) == len(set(page.xpath("//@id")))


def test_a_category_without_data_is_named_with_the_reason() -> None:
    declared = metadata(
        cat_verzuim="OPT-UIT",
        cat_vve="VERBODEN",
        cat_vombo="OPTIONEEL",
        cat_ouderinzage="VERPLICHT",
    )
    page = read(dossier(before=declared))
    absent = [" ".join(li.text_content().split()) for li in page.cssselect(".absent li")]
    assert "Verzuim (uitgezet door de school)" in absent
    assert "Voor- en vroegschoolse educatie (niet toegestaan bij deze soort overdracht)" in absent
    assert "Gegevens van het voortgezet onderwijs (geen gegevens)" in absent
    assert "Inzage door de ouders (geen gegevens, terwijl dit onderdeel verplicht is)" in absent


def test_without_declared_categories_the_profile_tells_what_is_not_allowed() -> None:
    kind = (
        "<metadata><overstap>POVO</overstap></metadata>"
        "<overdrachtsoort>overstapdossier</overdrachtsoort>"
    )
    page = read(dossier(before=kind))
    assert "Voor- en vroegschoolse educatie (niet toegestaan bij deze soort overdracht)" in text(
        page
    )


@pytest.mark.parametrize(
    ("status", "note"),
    [
        (
            "OPT-UIT",
            "Volgens het dossier is dit onderdeel uitgezet, maar er staan wel gegevens in.",
        ),
        ("VERBODEN", "Dit onderdeel is bij deze soort overdracht niet toegestaan."),
    ],
)
def test_data_of_a_category_that_should_not_be_there_is_shown_with_a_note(
    status: str, note: str
) -> None:
    pupil = "<verzuim><frequentie>3</frequentie></verzuim>"
    page = read(dossier(pupil, before=metadata(cat_verzuim=status)))
    assert ("Aantal keren verzuim", "3") in pairs(page)
    assert note in text(page)


PROVISIONAL = "Voorlopig dossier De school kan"
NOT_SEEN = "De ouders hebben dit dossier nog niet ingezien"


@pytest.mark.parametrize(
    ("inspection", "banners"),
    [
        ("", [NOT_SEEN]),
        (SEEN, []),
        (SEEN.replace("true", "1"), []),
        (SEEN.replace("true", "misschien"), [NOT_SEEN]),
        ("<inzage><voorlopigdossier>true</voorlopigdossier></inzage>", [PROVISIONAL, NOT_SEEN]),
        (SEEN.replace("false", "1"), [PROVISIONAL]),
    ],
)
def test_a_provisional_or_unseen_dossier_has_a_banner(inspection: str, banners: list[str]) -> None:
    page = read(dossier(before=inspection))
    found = [" ".join(b.text_content().split()) for b in page.cssselect(".banner")]
    assert len(banners) == len(found)
    for wanted, banner in zip(banners, found, strict=True):
        assert banner.startswith(wanted)


def test_where_inspection_is_not_needed_the_banner_says_so() -> None:
    kind = "<overdrachtsoort>overdrachtbinnenbrin</overdrachtsoort>"
    (banner,) = read(dossier(before=kind)).cssselect(".banner")
    assert "notice" in banner.get("class", "")
    assert "Bij deze soort overdracht is dat niet verplicht." in banner.text_content()


def test_the_digest_is_shown_when_given() -> None:
    assert ("Controlegetal", "ab12cd") in pairs(read(dossier(), digest="ab12cd"))
    assert "Controlegetal" not in text(read(dossier()))


HOSTILE = "</style><script>alert(1)</script><img src=x onerror='alert(1)'>\"' {{ 7*7 }} &amp; ]]>"


def test_hostile_text_stays_text(pack: Pack) -> None:
    root = document(pack)
    for node in root.iter("*"):
        if len(node) == 0:
            node.text = HOSTILE
        if node.get("omschrijving"):
            node.set("omschrijving", HOSTILE)
    written = render.html(root)
    page = html.document_fromstring(written)
    assert [] == page.xpath("//script | //img | //iframe | //object | //embed | //form | //link")
    assert [] == page.xpath("//@*[starts-with(name(), 'on')]")
    assert {"#"} == {href[0] for href in page.xpath("//@href")}
    assert [] == page.xpath("//@src")
    assert 1 == len(page.xpath("//style"))
    assert HOSTILE in page.body.text_content()


def test_the_page_forbids_itself_everything_but_its_own_style() -> None:
    page = read(dossier())
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'none'",
        policy,
    )


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\u200b", "\u0085", "\U000e0041", "\ufeff"])
def test_what_is_not_seen_is_written_out(hidden: str) -> None:
    page = read(dossier(f"<roepnaam>a{hidden}b</roepnaam>"))
    assert ("Roepnaam", f"a[U+{ord(hidden):04X}]b") in pairs(page)


@pytest.mark.parametrize("kept", ["é", "𝒜", "عمر", "👩\u200d🔬", "a\nb", "\ufffd"])
def test_what_can_be_read_stays(kept: str) -> None:
    assert ("Roepnaam", kept) in pairs(read(dossier(f"<roepnaam>{kept}</roepnaam>")))


def test_unknown_elements_are_shown_under_their_own_name() -> None:
    pupil = f"{PUPIL}<lievelingskleur>blauw</lievelingskleur><huisdier><naam>Rex</naam></huisdier>"
    page = read(dossier(pupil))
    assert "Overige gegevens" in headings(page)
    assert ("lievelingskleur", "blauw") in pairs(page)
    assert "huisdier" in headings(page)
    assert ("naam", "Rex") in pairs(page)
    assert 3 == len(page.cssselect(".unknown"))


def test_an_element_of_another_namespace_is_unknown() -> None:
    pupil = '<verzuim><frequentie xmlns="urn:x">1</frequentie></verzuim>'
    assert ("frequentie", "1") in pairs(read(dossier(pupil)))


def test_text_and_attributes_where_none_belong_are_shown() -> None:
    page = read(dossier('los<verzuim soort="x">woord</verzuim>'))
    assert ("Losse tekst", "los") in pairs(page)
    assert ("Losse tekst", "woord") in pairs(page)
    assert ("soort", "x") in pairs(page)


def test_elements_inside_a_text_are_shown() -> None:
    page = read(dossier("<roepnaam>a<b>c</b></roepnaam>"))
    assert ("Losse tekst", "a") in pairs(page)
    assert ("b", "c") in pairs(page)


def test_what_is_nested_too_deep_is_shown_as_a_list() -> None:
    page = read(dossier("<a>" * 55 + "diep" + "</a>" * 55))
    assert ("a", "diep") in pairs(page)


def test_a_document_of_an_unknown_release_is_shown_by_its_own_names() -> None:
    old = dossier(attachment("a.txt", pack_file("a.txt", b"x"))).replace(b"2019", b"2016")
    page = read(old)
    assert "Onbekende uitgave van de standaard" in text(page)
    assert ("naam", "De Linde") in pairs(page)
    assert 1 == len(page.cssselect("a[download]"))


def test_a_document_is_read_by_the_release_that_is_given(pack: Pack) -> None:
    page = read(b"<dossier/>", pack=pack)
    assert "Onbekende uitgave van de standaard" in text(page)


def test_a_file_with_several_dossiers_has_a_section_for_each() -> None:
    inside = dossier().decode()
    page = read(f'<dossiers xmlns="{NAMESPACE}">{inside}{inside}<x>los</x></dossiers>'.encode())
    assert ["Dossiers (2)"] == [h.text_content() for h in page.cssselect("h1")]
    assert 3 == len(page.cssselect("article"))
    assert ("x", "los") in pairs(page)


def test_a_terugkoppeling_has_its_blocks_as_chapters(pack: Pack) -> None:
    page = html.document_fromstring(render.html(document(pack, "terugkoppeling")))
    assert [
        "Over dit dossier",
        "De school voor voortgezet onderwijs",
        "Om welke leerling het gaat",
        "Studieresultaten",
    ] == [h.text_content() for h in page.cssselect("section > h2")]
    assert page.cssselect("h1")[0].text_content().startswith("Terugkoppeling over")


@pytest.mark.parametrize("alternative", range(ALTERNATIVES))
def test_every_document_of_the_standard_is_rendered_from_labels_alone(
    pack: Pack, alternative: int
) -> None:
    for root in pack.structure.roots:
        page = html.document_fromstring(render.html(document(pack, root, alternative)))
        assert [] == page.cssselect(".unknown")
        assert [] == page.cssselect(".problem")


def test_bytes_that_are_no_xml_are_refused() -> None:
    with pytest.raises(XmlRefused):
        render.html(b"geen xml")


NAMES = st.sampled_from(
    [
        "huidigeschool",
        "leerling",
        "inzage",
        "metadata",
        "overdrachtsoort",
        "verzuim",
        "document",
        "bestandsnaam",
        "bestandsinhoud",
        "toetslijst",
        "toets",
        "voornaam",
        "geslacht",
        "onbekend",
        "cijferlijstlijst",
        "cijferlijst",
        "cijferlijstTypelijst",
        "naam",
        "score",
        "adreslijst",
        "adres",
    ]
)
LEAVES = st.tuples(NAMES, st.sampled_from(["", "x1y", "true", "2013-05-31", "1.5", "UEsDBA=="]))
TREES = st.recursive(LEAVES, lambda below: st.tuples(NAMES, st.lists(below, max_size=5)))


def element(parent: etree._Element, tree: tuple[str, object]) -> None:
    name, held = tree
    node = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    if isinstance(held, list):
        for below in held:
            element(node, below)
    else:
        node.text = str(held)


@settings(max_examples=30)
@given(st.sampled_from(["dossier", "terugkoppeling", "dossiers", "naam"]), st.lists(TREES))
def test_whatever_is_in_a_document_it_is_shown(name: str, trees: list[tuple[str, object]]) -> None:
    root = etree.Element(f"{{{NAMESPACE}}}{name}")
    for tree in trees:
        element(root, tree)
    shown = html.document_fromstring(render.html(root)).body.text_content()
    files = f"{{{NAMESPACE}}}bestandsinhoud"
    written = [n for n in root.iter(f"{{{NAMESPACE}}}*") if n.text == "x1y" and n.tag != files]
    assert shown.count("x1y") >= len(written)
