"""What may not leave the school is taken out and told; a number that is hidden is found."""

import pytest
from lxml import etree
from support.protecting import (
    GONE,
    NUMBER,
    PACK,
    PROFILES,
    PUPIL,
    SWV,
    WITH_ZERO,
    at,
    dossier,
    hidden,
    protected,
    told,
    valid,
    written,
)

from oso_adapter.bounded_xml import parse


@pytest.mark.parametrize("profile", PROFILES)
def test_a_clean_dossier_is_not_changed(profile: str) -> None:
    for seed in (1, 2, 3):
        root = dossier(profile, seed)
        before = written(root)
        assert [] == protected(root, profile, "100000010", WITH_ZERO)
        assert before == written(root)


@pytest.mark.parametrize("profile", PROFILES)
def test_what_no_dossier_may_have_is_taken_out_and_told(profile: str) -> None:
    root = dossier(profile)
    for name, text in (("geboorteplaats", "Verweg"), ("nationaliteit", "0001")):
        place = at(root, "huidigeschool/leerling")
        new = etree.Element(f"{{{PACK.namespace}}}{name}")
        new.text = text
        order = [child.name for child in PACK.structure.find(PUPIL).content]  # type: ignore[union-attr]
        later = [c for c in place if order.index(etree.QName(c).localname) > order.index(name)]
        later[0].addprevious(new)
    assert valid(root)
    findings = protected(root, profile)
    assert {
        (GONE, "info", f"{PUPIL}/geboorteplaats"),
        (GONE, "info", f"{PUPIL}/nationaliteit[1]"),
    } == set(told(findings))
    assert "Verweg" not in written(root)
    assert valid(root)


@pytest.mark.parametrize("profile", SWV)
def test_numbers_and_bank_accounts_do_not_go_to_a_partnership(profile: str) -> None:
    root = dossier(profile)
    identity = at(root, "huidigeschool/leerling/leerlingid")
    number = etree.Element(f"{{{PACK.namespace}}}bsn")
    number.text = NUMBER
    identity.addprevious(number)
    legal = at(root, "huidigeschool/leerling/verzorger/wettigevertegenwoordiger")
    account = etree.Element(f"{{{PACK.namespace}}}banknummer")
    account.text = "00.00.00.123"
    legal.addnext(account)
    assert valid(root)
    assert {
        (GONE, "info", f"{PUPIL}/bsn"),
        (GONE, "info", f"{PUPIL}/verzorger[1]/banknummer"),
    } == set(told(protected(root, profile)))
    assert valid(root)
    assert not hidden(root, NUMBER)


@pytest.mark.parametrize("profile", PROFILES)
def test_comments_and_instructions_go_and_the_text_around_them_stays(profile: str) -> None:
    clean = written(dossier(profile))
    xml = clean.replace("<dossier ", "<!-- geheim --><?geheim x?><dossier ", 1)
    root = parse(f"{xml}<!-- geheim -->".encode())
    name = at(root, "huidigeschool/naam")
    text = name.text or ""
    name.text, remark = text[:3], etree.Comment(" geheim ")
    remark.tail = text[3:]
    name.append(remark)
    root.insert(1, etree.ProcessingInstruction("geheim", "x"))
    assert [(GONE, "info", "/dossier")] == told(protected(root, profile))
    assert clean == written(root)
    assert text == name.text
    assert [] == protected(root, profile)


def declared(root: etree._Element, category: str) -> etree._Element:
    return at(root, f"metadata/categorie_uitlevering/{category}")


def test_data_of_a_category_that_the_profile_forbids_are_taken_out() -> None:
    root = dossier("POVO")
    declared(root, "cat_vve").text = "OPTIONEEL"
    pupil, first = at(root, "huidigeschool/leerling"), "naampeuterspeelzaal"
    order = [child.name for child in PACK.structure.find(PUPIL).content]  # type: ignore[union-attr]
    later = [c for c in pupil if order.index(etree.QName(c).localname) > order.index(first)]
    new = etree.Element(f"{{{PACK.namespace}}}{first}")
    new.text = "De Vlinder"
    later[0].addprevious(new)
    assert valid(root)
    status = "/dossier/metadata/categorie_uitlevering/cat_vve"
    assert {
        ("STD.protected", "info", status),
        ("STD.category", "info", f"{PUPIL}/{first}"),
    } == set(told(protected(root, "POVO")))
    assert "De Vlinder" not in written(root)
    assert "VERBODEN" == declared(root, "cat_vve").text
    assert valid(root)
    assert [] == protected(root, "POVO")


@pytest.mark.parametrize("status", ["OPT-UIT", "OPT<!-- -->-UIT", "VERBODEN"])
def test_data_of_a_category_that_is_switched_off_are_taken_out_with_their_block(
    status: str,
) -> None:
    root = dossier("POVO")
    support = at(root, "huidigeschool/leerling/onderwijsondersteuning")
    support[:] = [at(support, "medicijngebruik")]
    place = declared(root, "cat_onderwijsondersteuning")
    place.text, cut, after = status.partition("<!-- -->")
    if cut:
        comment = etree.Comment(" ")
        comment.tail = after
        place.append(comment)
    declared(root, "cat_verzuim").text = "OPTIONEEL"
    path = f"{PUPIL}/onderwijsondersteuning/medicijngebruik"
    assert ("STD.category", "info", path) in told(protected(root, "POVO"))
    assert root.find(".//{*}onderwijsondersteuning") is None
    assert root.find(".//{*}verzuim") is not None
    assert valid(root)


def test_data_of_a_mandatory_category_stay_whatever_is_declared() -> None:
    root = dossier("POVO")
    declared(root, "cat_leerling").text = "OPT-UIT"
    assert [] == protected(root, "POVO")


@pytest.mark.parametrize("flag", ["true", "1", " true ", "tr<!-- -->ue"])
@pytest.mark.parametrize("who", ["", "/verzorger", "/huisarts"])
def test_a_secret_address_is_taken_out_of_the_block_that_says_so(who: str, flag: str) -> None:
    root = dossier("POVO")
    block = at(root, f"huidigeschool/leerling{who}")
    mark = block.find("{*}adresgeheim")
    if mark is None:
        mark = etree.Element(f"{{{PACK.namespace}}}adresgeheim")
        at(block, "geslacht" if who == "/verzorger" else "achternaam").addnext(mark)
    before, _, after = flag.partition("<!-- -->")
    mark.text = before
    if after:
        comment = etree.Comment(" ")
        comment.tail = after
        mark.append(comment)
    assert block.find("{*}adreslijst") is not None
    others = len(list(root.iter("{*}adreslijst")))
    findings = protected(root, "POVO")
    assert {(GONE, "info")} == {(f.rule, f.severity) for f in findings}
    assert block.find("{*}adreslijst") is None
    assert block.find("{*}adresbuitenland") is None
    assert others - 1 == len(list(root.iter("{*}adreslijst")))
    assert valid(root)


@pytest.mark.parametrize("flag", ["false", "0", ""])
def test_an_address_that_is_not_secret_stays(flag: str) -> None:
    root = dossier("POVO")
    at(root, "huidigeschool/leerling/adresgeheim").text = flag
    assert [] == protected(root, "POVO")
    assert at(root, "huidigeschool/leerling/adreslijst") is not None


def contact(kind: str, value: str, secret: str) -> etree._Element:
    made = etree.Element(f"{{{PACK.namespace}}}communicatie")
    for name, text in (("soort", kind), ("nummer", value), ("geheim", secret)):
        etree.SubElement(made, f"{{{PACK.namespace}}}{name}").text = text
    return made


@pytest.mark.parametrize(
    ("kind", "value", "mask"),
    [
        ("telefoon", "0612345678", "9999999999"),
        (" telefoon ", "0612345678", "9999999999"),
        ("e-mail", "sanne@voorbeeld.example", "geheim@geheim.geheim"),
    ],
)
@pytest.mark.parametrize("cut", [False, True])
def test_a_secret_number_or_address_is_masked(kind: str, value: str, mask: str, cut: bool) -> None:
    root = dossier("POVO")
    contacts = at(root, "huidigeschool/leerling/communicatielijst")
    contacts[:] = [contact(kind, value, "true")]
    node = at(contacts, "communicatie/nummer")
    if cut:
        node.text, comment = value[:4], etree.Comment("x")
        comment.tail = value[4:]
        node.append(comment)
    path = f"{PUPIL}/communicatielijst/communicatie[1]/nummer"
    remark = [(GONE, "info", "/dossier")] if cut else []
    assert [*remark, (GONE, "info", path)] == told(protected(root, "POVO"))
    assert mask == "".join(at(contacts, "communicatie/nummer").itertext())
    assert value[4:] not in written(root)
    assert valid(root)
    assert [] == protected(root, "POVO")


def test_a_secret_way_of_contact_without_a_mask_is_taken_out_with_an_empty_list() -> None:
    root = dossier("POVO")
    pupil = at(root, "huidigeschool/leerling")
    contacts = at(pupil, "communicatielijst")
    contacts[:] = [contact("telefoon", "1", "false"), contact("fax", "0201234567", "true")]
    path = f"{PUPIL}/communicatielijst/communicatie"
    assert [(GONE, "info", f"{path}[2]")] == told(protected(root, "POVO"))
    assert 1 == len(contacts)
    contacts[:] = [contact("fax", "0201234567", "true"), contact("", "0201234568", "1")]
    assert [(GONE, "info", f"{path}[1]")] * 2 == told(protected(root, "POVO"))
    assert pupil.find("{*}communicatielijst") is None
    assert valid(root)


def test_a_contact_that_is_not_secret_stays_as_it_is() -> None:
    root = dossier("POVO")
    contacts = at(root, "huidigeschool/leerling/communicatielijst")
    contacts[:] = [contact("fax", "0201234567", "false"), contact("telefoon", "1", "onbekend")]
    before = written(root)
    assert [] == protected(root, "POVO")
    assert before == written(root)
