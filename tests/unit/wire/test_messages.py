import base64
import contextlib
import random
from string import ascii_uppercase, digits

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from oso_adapter.bounded_xml import parse
from oso_adapter.wire.contract import load
from oso_adapter.wire.kinds import KINDS, format_moment
from oso_adapter.wire.messages import Message, MessageRefused, read, write

SESSION = "11111111-2222-4333-8444-555555555555"
KEY = "19677A96-B737-402E-B3B8-24A3EEF32000"
ADDRESS = {
    "bronBrin": "99AA",
    "bronRouteringsKenmerk": "0000000700099AA00001",
    "doelBrin": "99BB",
    "doelRouteringsKenmerk": "0000000700099BB00001",
}
REQUEST = {
    **ADDRESS,
    "zoeksleutelPgnfrag": {"zoeksleutel": "QUJD", "pgnfrag": "4574"},
    "overdrachtsoort": "overstapdossier",
    "sessieId": SESSION,
}
DOSSIER = b'<d:dossier xmlns:d="http://www.edustandaard.nl/oso_gegevensset/2019/dossier"/>'

CONTRACT = load()


def elements(values, prefix="ns1"):
    """The values as XML in the order of the mapping, as another stack may write them."""
    parts = []
    for name, value in values.items():
        content = elements(value, prefix) if isinstance(value, dict) else value
        parts.append(f"<{prefix}:{name}>{content}</{prefix}:{name}>")
    return "".join(parts)


def without(name):
    return {key: value for key, value in REQUEST.items() if key != name}


# --- what is written ------------------------------------------------------------------------------


def test_a_request_is_written_in_the_order_of_the_contract(contract):
    shuffled = dict(sorted(REQUEST.items(), reverse=True))
    expected = (
        f'<oso:documentRequest xmlns:oso="{contract.namespace}">'
        "<oso:bronBrin>99AA</oso:bronBrin>"
        "<oso:bronRouteringsKenmerk>0000000700099AA00001</oso:bronRouteringsKenmerk>"
        "<oso:doelBrin>99BB</oso:doelBrin>"
        "<oso:doelRouteringsKenmerk>0000000700099BB00001</oso:doelRouteringsKenmerk>"
        "<oso:zoeksleutelPgnfrag><oso:zoeksleutel>QUJD</oso:zoeksleutel>"
        "<oso:pgnfrag>4574</oso:pgnfrag></oso:zoeksleutelPgnfrag>"
        "<oso:overdrachtsoort>overstapdossier</oso:overdrachtsoort>"
        f"<oso:sessieId>{SESSION}</oso:sessieId></oso:documentRequest>"
    )
    assert expected == write(Message("documentRequest", shuffled), contract).decode()


def test_an_empty_optional_value_is_not_written(contract):
    written = write(Message("overzichtAanleverpuntRequest", {"brin": "", "doel": "SWV"}), contract)
    assert b"brin" not in written
    assert b">SWV<" in written


@pytest.mark.parametrize(
    ("path", "name", "values"),
    [
        ("/documentRequest/bronBrin", "documentRequest", without("bronBrin")),
        ("/documentRequest/sessieId", "documentRequest", {**REQUEST, "sessieId": ""}),
        ("/documentRequest", "documentRequest", {**REQUEST, "koppelsleutel": KEY}),
        ("/documentRequest", "documentRequest", without("zoeksleutelPgnfrag")),
        ("/documentRequest", "documentRequest", {**REQUEST, "extra": "x"}),
        ("/documentRequest/doelBrin", "documentRequest", {**REQUEST, "doelBrin": "9BB"}),
        ("/documentResponse", "documentResponse", {}),
        ("/overdrachtResponse", "overdrachtResponse", {"aanleverpunt": []}),
        ("/terugkoppelingRequest/tekst", "terugkoppelingRequest",
         {**ADDRESS, "koppelsleutel": KEY, "tekst": "\x00"}),
        ("/", "groetRequest", {}),
    ],
)  # fmt: skip
def test_what_the_contract_does_not_allow_is_not_written(contract, path, name, values):
    with pytest.raises(MessageRefused) as caught:
        write(Message(name, values), contract)
    assert path == caught.value.path


def test_only_document_response_carries_a_dossier(contract):
    with pytest.raises(MessageRefused):
        write(Message("pingResponse", {}, DOSSIER), contract)


def test_the_zoeksleutel_is_broken_in_lines_when_the_contract_says_so(tmp_path):
    file = tmp_path / "override.toml"
    file.write_text('[options.search_key_line_length]\nvalue = "76"\nsource = "official XSD"')
    contract = load(override=file)
    key = "QUJD" * 43
    values = {**REQUEST, "zoeksleutelPgnfrag": {"zoeksleutel": key, "pgnfrag": "4574"}}
    written = write(Message("documentRequest", values), contract)
    lines = parse(written).findtext(".//{*}zoeksleutel").split("\n")
    assert [76, 76, 20] == [len(line) for line in lines]
    assert values == read(parse(written), contract).values


# --- what is read ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        elements(REQUEST),
        elements(dict(reversed(REQUEST.items()))),
        elements(REQUEST).replace(">99AA<", ">\r\n  99AA\t<"),
        elements(REQUEST).replace(">99AA<", "><!-- a -->99<!-- b -->AA<?x y?><"),
        elements(REQUEST).replace("QUJD", "QU\r\n JD\n"),
        elements(REQUEST).replace("overstapdossier", "OverstapDossier"),
        elements(REQUEST) + "<ns1:koppelsleutel/>",
        elements(REQUEST) + "<ns1:aanvraagdatum> \n </ns1:aanvraagdatum>",
        "\n <!-- c --> " + elements(REQUEST).replace("><", ">\n<"),
        elements(REQUEST)
        + '<ns1:koppelsleutel xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>',
    ],
    ids=[
        "as written",
        "another order",
        "white space",
        "comments",
        "line breaks in the key",
        "another case",
        "empty choice",
        "blank optional",
        "indented",
        "nil",
    ],
)
def test_what_other_stacks_write_is_read_as_the_same_message(contract, body, content):
    message = read(body("documentRequest", content), contract, "documentRequest")
    assert Message("documentRequest", REQUEST) == message


def test_an_empty_group_counts_as_absent(contract, body):
    values = {**without("zoeksleutelPgnfrag"), "koppelsleutel": KEY}
    empty = elements({"zoeksleutelPgnfrag": {"zoeksleutel": "", "pgnfrag": " "}})
    assert values == read(body("documentRequest", elements(values) + empty), contract).values


def test_any_prefix_will_do(contract):
    content = elements(REQUEST, "q").replace("q:", "")
    xml = f'<documentRequest xmlns="{contract.namespace}">{content}</documentRequest>'
    assert REQUEST == read(parse(xml.encode()), contract).values


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/documentRequest/bronBrin", elements(without("bronBrin"))),
        ("/documentRequest/bronBrin", elements({**REQUEST, "bronBrin": ""})),
        ("/documentRequest/bronBrin", elements({**REQUEST, "bronBrin": "<!-- 99AA -->"})),
        ("/documentRequest/bronBrin", elements({**REQUEST, "bronBrin": "99aa"})),
        ("/documentRequest/bronBrin", elements({**REQUEST, "bronBrin": "<ns1:x>99AA</ns1:x>"})),
        ("/documentRequest/bronBrin", elements(REQUEST) + "<ns1:bronBrin>99AA</ns1:bronBrin>"),
        ("/documentRequest/bronBrin", elements(REQUEST) + "<ns1:bronBrin/>"),
        ("/documentRequest/*[8]", elements(REQUEST) + "<ns1:extra>x</ns1:extra>"),
        ("/documentRequest/*[8]", elements(REQUEST) + '<bronBrin xmlns="urn:x">99AA</bronBrin>'),
        ("/documentRequest/*[8]", elements(REQUEST) + DOSSIER.decode()),
        ("/documentRequest", elements(REQUEST) + "x"),
        ("/documentRequest", elements({**REQUEST, "koppelsleutel": KEY})),
        ("/documentRequest", elements(without("zoeksleutelPgnfrag"))),
        (
            "/documentRequest/zoeksleutelPgnfrag/pgnfrag",
            elements({**REQUEST, "zoeksleutelPgnfrag": {"zoeksleutel": "QUJD"}}),
        ),
        (
            "/documentRequest/zoeksleutelPgnfrag/pgnfrag",
            elements({**REQUEST, "zoeksleutelPgnfrag": {"zoeksleutel": "QQ==", "pgnfrag": "45"}}),
        ),
    ],
)
def test_what_is_not_in_the_contract_is_refused_with_its_place(contract, body, path, content):
    with pytest.raises(MessageRefused) as caught:
        read(body("documentRequest", content), contract)
    assert path == caught.value.path


def test_a_refusal_never_repeats_what_was_there(contract, body):
    secret = "123456782"
    for name in REQUEST:
        content = elements({**REQUEST, name: secret})
        with pytest.raises(MessageRefused) as caught:
            read(body("documentRequest", content), contract)
        assert secret not in str(caught.value)
        assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_an_element_of_another_party_is_not_named(contract, body):
    with pytest.raises(MessageRefused) as caught:
        read(body("documentRequest", elements(REQUEST) + "<ns1:JanJansen/>"), contract)
    assert "JanJansen" not in str(caught.value)


def test_another_year_in_the_namespace_is_refused_naming_the_expected_one(contract):
    old = "http://xml.kennisnet.nl/schemas/Overstapservice/20180404"
    xml = f'<o:documentRequest xmlns:o="{old}">{elements(REQUEST, "o")}</o:documentRequest>'
    with pytest.raises(MessageRefused, match=contract.namespace):
        read(parse(xml.encode()), contract, "documentRequest")


def test_an_unknown_message_is_refused_naming_the_expected_ones(contract, body):
    with pytest.raises(MessageRefused, match="documentRequest, notificatieRequest"):
        read(body("groetRequest", ""), contract, "documentRequest", "notificatieRequest")
    with pytest.raises(MessageRefused):
        read(body("pingRequest", ""), contract, "documentRequest")


def test_an_answer_may_say_more_and_an_item_that_cannot_be_used_is_left_out(contract, body):
    item = {"routeringsKenmerk": "0000000700099AA00001", "url": "https://localhost/oso"}
    content = elements({"sessieId": SESSION, "naam": "x", "aanleverpunt": {**item, "naam": "y"}})
    useless = elements({"aanleverpunt": {**item, "url": "ftp://localhost"}})
    found = read(body("overdrachtResponse", content + useless), contract).values
    assert {"sessieId": SESSION, "aanleverpunt": [item]} == found


@pytest.mark.parametrize(
    "content", ["<ns1:melding>x</ns1:melding>", "<ns1:resultaat>0</ns1:resultaat>"]
)
def test_an_answer_is_none_without_what_it_has_to_say(contract, body, content):
    with pytest.raises(MessageRefused):
        read(body("sessiecontroleResponse", content), contract)


def test_a_confirmation_beside_a_result_that_cannot_be_read_confirms_nothing(contract, body):
    content = elements({"resultaat": "Sessie 12", "sector": "PO"})
    with pytest.raises(MessageRefused):
        read(body("sessiecontroleResponse", content), contract)


def test_feedback_with_unknown_content_is_let_through(contract, body):
    values = {**ADDRESS, "koppelsleutel": KEY, "tekst": "Besproken"}
    content = elements(values) + "<ns1:besluit><ns1:soort>x</ns1:soort></ns1:besluit>"
    assert values == read(body("terugkoppelingRequest", content), contract).values


def test_a_message_never_prints_its_content():
    message = Message("documentRequest", REQUEST, DOSSIER)
    assert "Message(documentRequest)" == repr(message) == str(message)


# --- both -----------------------------------------------------------------------------------------

_LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="￾￿")
_TEXT = st.text(_LETTERS, min_size=1).map(lambda text: text.strip(" ")).filter(bool)


def _signs(*alphabets):
    """A sign of each alphabet, drawn at once: a draw for each sign is most of what a test costs."""
    return st.integers(0, 2**32).map(
        lambda seed: "".join(map(random.Random(seed).choice, alphabets))
    )


_VALUES = {
    "string": _TEXT | st.sampled_from(["a\r\nb", "<&>]]>", "é𝄞"]),
    "brin": _signs(*[digits] * 2, *[ascii_uppercase] * 2),
    "routing_id": _signs(*[digits + ascii_uppercase] * 20),
    "session_id": st.uuids().map(str),
    "link_key": st.uuids().map(lambda key: str(key).upper()),
    "moment": st.datetimes().filter(lambda m: 1970 < m.year < 2100).map(format_moment),
    "base64": st.binary(min_size=1).map(lambda octets: base64.b64encode(octets).decode()),
    "pgnfrag": _signs(*[digits] * 4),
    "doel": st.sampled_from(["OV", "SWV"]),
    "code": st.from_regex("[A-Z][A-Za-z]{1,63}", fullmatch=True),
    "uri": st.from_regex(r"https://[a-z]{1,20}\.nl(:[0-9]{2})?/[a-z?&=]{0,10}", fullmatch=True),
    "overdrachtsoort": st.sampled_from(["overstapdossier", "overdrachtbinnenbrin", "swv-dossier"]),
}


@st.composite
def messages(draw, spec):
    values = {}
    chosen = draw(st.sampled_from(spec.exactly_one)) if spec.exactly_one else None
    present = draw(st.sampled_from(spec.at_least_one)) if spec.at_least_one else None
    for field in spec.fields:
        if field.name in spec.exactly_one and field.name != chosen:
            continue
        wanted = field.min or field.name in (chosen, present)
        if wanted or draw(st.booleans()):
            item = draw_value(draw, field)
            values[field.name] = [item] if field.repeats else item
    dossier = DOSSIER if present == "dossier" or (spec.dossier and draw(st.booleans())) else None
    return Message(spec.name, values, dossier)


def draw_value(draw, field):
    group = CONTRACT.groups.get(field.kind)
    if group is None:
        return draw(_VALUES[field.kind])
    return {part.name: draw_value(draw, part) for part in group.fields}


def test_there_is_a_strategy_for_every_kind():
    assert set(KINDS) == set(_VALUES)


@pytest.mark.parametrize("name", CONTRACT.messages)
def test_a_message_that_is_written_is_read_as_the_same(name):
    @given(messages(CONTRACT.messages[name]))
    def check(message):
        found = read(parse(write(message, CONTRACT)), CONTRACT, name)
        assert (message.name, message.values) == (found.name, found.values)
        assert (message.dossier is None) == (found.dossier is None)

    check()


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from(sorted(CONTRACT.messages)))
def test_no_content_whatever_gives_another_error(data, name):
    root = etree.Element(etree.QName(CONTRACT.namespace, name))
    for number in data:
        fields = [field.element for field in CONTRACT.messages[name].fields] or ["x"]
        child = etree.SubElement(
            root, etree.QName(CONTRACT.namespace, fields[number % len(fields)])
        )
        child.text = chr(32 + number)
    with contextlib.suppress(MessageRefused):
        read(root, CONTRACT)
