"""Where a rule begins and ends to hold: a value on each side of every edge."""

import pytest
from lxml import etree

from oso_adapter.standard.pack import load_pack

PACK = load_pack("2019.1")
MASK = "geheim@geheim.geheim"


def breaks(rule: str, pupil: str, *, metadata: str = "", school: str = "") -> bool:
    """Whether a dossier from po to vo with only this in it breaks a rule."""
    root = etree.fromstring(
        f'<dossier xmlns="{PACK.namespace}"><metadata>{metadata}</metadata><huidigeschool>'
        f"{school}<leerling>{pupil}</leerling></huidigeschool></dossier>"
    )
    return rule in {b.rule.id for b in PACK.rules.broken(root, "overstapdossier", "POVO")}


def contact(kind: str, number: str, secret: str = "false") -> str:
    return (
        f"<communicatie><soort>{kind}</soort><geheim>{secret}</geheim>"
        f"<nummer>{number}</nummer></communicatie>"
    )


@pytest.mark.parametrize(
    ("made", "taken", "broken"),
    [
        ("2020-07-31", "2017-07-31", True),
        ("2020-07-31", "2017-08-01", False),
        ("2020-08-01", "2018-07-31", True),
        ("2020-08-01", "2018-08-01", False),
        ("2020-01-01", "2017-07-31", True),
        ("2020-01-01", "2017-08-01", False),
        ("2020-12-31", "2018-07-31", True),
        ("2020-12-31", "2018-08-01", False),
    ],
)
def test_tests_of_three_school_years_go_along(made: str, taken: str, broken: bool) -> None:
    test = f"<toets><afname><afnamedatum>{taken}</afnamedatum></afname></toets>"
    pupil = f"<toetslijst>{test}</toetslijst>"
    assert broken == breaks("OVa.TR04", pupil, metadata=f"<datum>{made}</datum>")


@pytest.mark.parametrize(
    ("said", "yes"), [("true", True), ("1", True), ("false", False), ("0", False)]
)
def test_one_is_true_and_zero_is_not(said: str, yes: bool) -> None:
    final = (
        f"<eindtoets_basisonderwijs><deelgenomen>{said}</deelgenomen></eindtoets_basisonderwijs>"
    )
    assert (yes, not yes) == (breaks("OVa.EB02", final), breaks("OVa.EB03", final))
    secret = f"<adresgeheim>{said}</adresgeheim><adreslijst><adres/></adreslijst>"
    assert yes == breaks("OVa.LL06", secret)
    assert yes != breaks("OVa.LL05", f"<adresgeheim>{said}</adresgeheim>")


@pytest.mark.parametrize(
    ("address", "broken"),
    [
        ("a@b", True),
        ("a@bc", False),
        ("a" * 254 + "@b", False),
        ("a" * 255 + "@b", True),
        ("jan@proef.example", False),
        ("Jan Proef jan@proef.example", False),
        ("(Jan) jan@proef.example", False),
        ("jan@proef.example (Jan)", True),
        ("jan@proef.example ", True),
        ("jan@proef.example\n", True),
        ("jan@proef-.example", True),
        ("jan@-proef.example", True),
        ("jan@", True),
        ("@proef.example", True),
        ("jan.proef.example", True),
    ],
)
def test_an_e_mail_address_has_its_form_and_length(address: str, broken: bool) -> None:
    assert broken == breaks("OG.01", contact("e-mail", address))
    assert not breaks("OG.01", contact("telefoon", address))


@pytest.mark.parametrize("secret", ["true", "1", "false"])
@pytest.mark.parametrize(
    ("kind", "number", "masked"),
    [
        ("telefoon", "9999999999", True),
        ("telefoon", "999999999", False),
        ("telefoon", MASK, False),
        ("e-mail", MASK, True),
        ("e-mail", "9999999999", False),
        ("e-mail", "jan@proef.example", False),
        ("overig", "jan@proef.example", True),
    ],
)
def test_what_is_secret_has_the_mask_of_its_kind(
    kind: str, number: str, masked: bool, secret: str
) -> None:
    wanted = not masked and secret != "false"
    assert wanted == breaks("OVa.LL08", contact(kind, number, secret))


@pytest.mark.parametrize(("kind", "broken"), [("SO", False), ("BO", True), ("SBO", True)])
def test_only_a_school_for_special_education_leaves_the_advice_out(kind: str, broken: bool) -> None:
    advice = "<overstapadvies><contactnodig>false</contactnodig></overstapadvies>"
    assert broken == breaks("OVa.OA02", advice, school=f"<soort>{kind}</soort>")
    given = "<overstapadvies><advies>51</advies></overstapadvies>"
    assert not breaks("OVa.OA02", given, school=f"<soort>{kind}</soort>")


@pytest.mark.parametrize(
    ("status", "without", "having"),
    [
        ("VERPLICHT", True, False),
        ("OPTIONEEL", False, False),
        ("VERBODEN", False, True),
        ("OPT-UIT", False, True),
    ],
)
def test_data_of_a_category_are_there_as_its_status_says(
    status: str, without: bool, having: bool
) -> None:
    for rule, category, data in (
        ("OS.cat10", "cat_verzuim", "<verzuim/>"),
        (
            "OS.cat09",
            "cat_onderwijsondersteuning",
            "<onderwijsondersteuning><diagnose/></onderwijsondersteuning>",
        ),
        (
            "OS.cat09",
            "cat_onderwijsondersteuning",
            "<onderwijsondersteuning><toelichting_onderwijsbehoeften/></onderwijsondersteuning>",
        ),
    ):
        declared = f"<{category}>{status}</{category}>"
        block = f"<categorie_uitlevering>{declared}</categorie_uitlevering>"
        assert without == breaks(rule, "", metadata=block)
        assert having == breaks(rule, data, metadata=block)
