import base64
import gzip

import pytest
from lxml import etree

from oso_adapter.bounded_xml import Limits, parse
from oso_adapter.wire import dossier_part
from oso_adapter.wire.contract import load
from oso_adapter.wire.envelope import open_envelope, wrap
from oso_adapter.wire.messages import Message, MessageRefused, read, write

NAMESPACE = "http://www.edustandaard.nl/oso_gegevensset/2019/dossier"
DOSSIER = (
    f'<dossier xmlns="{NAMESPACE}"><!-- kept --><a z="1" b="2">é &amp; &lt;</a>\n<b></b></dossier>'
).encode()
DECLARED = b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>\n' + DOSSIER


def canonical(data: bytes) -> bytes:
    return etree.tostring(parse(data), method="c14n", exclusive=True, with_comments=True)


def response(dossier=DOSSIER, **values):
    return Message("documentResponse", values, dossier)


@pytest.fixture
def contract_with(tmp_path):
    def make(**options):
        file = tmp_path / "override.toml"
        file.write_text(
            "\n".join(
                f'[options.{name}]\nvalue = "{value}"\nsource = "official XSD"'
                for name, value in options.items()
            )
        )
        return load(override=file)

    return make


@pytest.mark.parametrize("dossier", [DOSSIER, DECLARED, b"\n" + DOSSIER + b"\n"])
def test_the_bytes_of_the_dossier_go_in_as_they_are(contract, dossier):
    start = f'<oso:documentResponse xmlns:oso="{contract.namespace}">'.encode()
    written = write(response(dossier), contract)
    assert written.startswith(start + DOSSIER)
    assert written.removeprefix(start + DOSSIER).strip() == b"</oso:documentResponse>"


def test_the_dossier_comes_after_the_result(contract):
    written = write(response(resultaat="OverdrachtGeslaagd"), contract)
    assert written.index(b"OverdrachtGeslaagd") < written.index(b"<dossier")


@pytest.mark.parametrize("wrapper", ["", "document"])
@pytest.mark.parametrize("form", ["inline", "base64", "base64-gzip"])
def test_every_form_is_read_as_the_same_dossier(contract_with, form, wrapper):
    contract = contract_with(dossier_form=form, dossier_element=wrapper)
    written = wrap(write(response(DECLARED, resultaat="OverdrachtGeslaagd"), contract))
    message = read(open_envelope(parse(written)), contract, "documentResponse")
    assert canonical(DOSSIER) == message.dossier
    assert {"resultaat": "OverdrachtGeslaagd"} == message.values
    assert (form == "inline") == (DOSSIER in written)


@pytest.mark.parametrize("form", ["inline", "base64", "base64-gzip"])
def test_forms_are_read_whatever_the_contract_writes(contract, contract_with, form):
    written = write(response(), contract_with(dossier_form=form))
    for reader in (contract, contract_with(dossier_element="document")):
        assert canonical(DOSSIER) == read(parse(written), reader).dossier


def test_namespaces_of_the_envelope_do_not_get_into_the_dossier(contract):
    xml = (
        f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns="{NAMESPACE}"'
        f' xmlns:o="{contract.namespace}" xmlns:x="urn:unused"><s:Body><o:documentResponse>'
        "\n<dossier><a>1</a></dossier> \n</o:documentResponse></s:Body></s:Envelope>"
    )
    message = read(open_envelope(parse(xml.encode())), contract)
    assert f'<dossier xmlns="{NAMESPACE}"><a>1</a></dossier>'.encode() == message.dossier


def test_a_dossier_of_another_year_is_taken_as_it_is(contract, body):
    old = '<dossier xmlns="http://www.edustandaard.nl/oso_gegevensset/2015/dossier"></dossier>'
    assert old.encode() == read(body("documentResponse", old), contract).dossier


def test_base64_in_lines_is_read(contract, body):
    text = base64.encodebytes(gzip.compress(DOSSIER)).decode()
    assert canonical(DOSSIER) == read(body("documentResponse", text), contract).dossier


def bomb() -> str:
    return base64.b64encode(gzip.compress(b" " * (Limits().size + 1))).decode()


@pytest.mark.parametrize(
    "content",
    [
        DOSSIER.decode() * 2,
        DOSSIER.decode() + "text",
        '<dossier xmlns="urn:not-edustandaard"/>',
        '<dossier xmlns="http://www.edustandaard.nl.example.com/oso_gegevensset/2019/dossier"/>',
        f'<dossier xmlns="{NAMESPACE}"><a xmlns="not-absolute"/></dossier>',
        "not base64",
        base64.b64encode(b"not xml").decode(),
        base64.b64encode(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>').decode(),
        base64.b64encode(gzip.compress(DOSSIER)[:-9]).decode(),
        base64.b64encode(b"\x1f\x8bnot gzip").decode(),
    ],
)
def test_what_is_no_dossier_is_refused(contract, body, content):
    with pytest.raises(MessageRefused) as caught:
        read(body("documentResponse", content), contract)
    assert caught.value.path.startswith("/documentResponse")


def test_a_gzip_bomb_is_refused_at_the_limit(contract, body):
    with pytest.raises(MessageRefused):
        read(body("documentResponse", bomb()), contract)


def test_a_result_without_a_dossier_is_an_answer(contract, body):
    content = "<ns1:resultaat>LeerlinginfoNietBeschikbaar</ns1:resultaat>"
    message = read(body("documentResponse", content), contract)
    assert message.dossier is None
    assert {"resultaat": "LeerlinginfoNietBeschikbaar"} == message.values


def test_an_answer_with_neither_is_refused(contract, contract_with, body):
    for used in (contract, contract_with(dossier_element="document")):
        with pytest.raises(MessageRefused, match="at least one of resultaat, dossier"):
            read(body("documentResponse", "<ns1:resultaat/>"), used)


def test_an_empty_wrapper_is_no_dossier(contract_with, body):
    contract = contract_with(dossier_element="document")
    content = "<ns1:resultaat>SessieOnbekend</ns1:resultaat><ns1:document/>"
    assert read(body("documentResponse", content), contract).dossier is None


def test_a_large_dossier_keeps_its_bytes(contract):
    text = base64.b64encode(bytes(12 * 2**20)).decode()
    large = f'<dossier xmlns="{NAMESPACE}"><inhoud>{text}</inhoud></dossier>'.encode()
    written = wrap(write(response(large), contract))
    assert large == read(open_envelope(parse(written)), contract).dossier


def test_reading_a_dossier_twice_gives_the_same_bytes():
    once = dossier_part.canonical(parse(DOSSIER))
    assert once == dossier_part.canonical(parse(once))


@pytest.mark.parametrize("form", ["base64", "base64-gzip"])
def test_a_packed_dossier_is_read_within_the_limits_of_the_caller(contract_with, form):
    contract = contract_with(dossier_form=form)
    message = parse(write(response(DOSSIER), contract))
    limits = Limits(size=len(DOSSIER))

    assert read(message, contract, limits=limits).dossier is not None
    with pytest.raises(MessageRefused):
        read(message, contract, limits=Limits(size=len(DOSSIER) - 1))
