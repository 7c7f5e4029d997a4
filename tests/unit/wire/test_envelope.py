import pytest
from lxml import etree

from oso_adapter.bounded_xml import parse
from oso_adapter.errors import MalformedAnswer, Refused
from oso_adapter.results import CATALOGUE
from oso_adapter.wire.contract import load
from oso_adapter.wire.envelope import (
    SOAP_11,
    SoapFault,
    open_envelope,
    read_answer,
    read_fault,
    wrap,
    write_fault,
    write_refusal,
)
from oso_adapter.wire.messages import Message, write

SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
FAULT_ID = "0123456789abcdef0123456789abcdef"


def envelope(content: str, namespace: str = SOAP_11) -> etree._Element:
    return parse(f'<e:Envelope xmlns:e="{namespace}">{content}</e:Envelope>'.encode())


def fault(content: str) -> etree._Element:
    return envelope(f"<e:Body><e:Fault>{content}</e:Fault></e:Body>")


def header(attributes: str) -> etree._Element:
    return envelope(f'<e:Header><x xmlns="urn:x" {attributes}/></e:Header><e:Body><a/></e:Body>')


def test_the_bytes_of_the_body_stay_as_they_are():
    body = b'<a  xmlns="urn:x"\n>\xc3\xa9</a>'
    assert body in wrap(body)
    assert "{urn:x}a" == open_envelope(parse(wrap(body))).tag


@pytest.mark.parametrize(
    "content",
    [
        "<e:Body><a/></e:Body>",
        "<e:Header/><e:Body>\n<!-- c --><a/><?p i?></e:Body>",
        '<e:Header><!-- c --><x xmlns="urn:x"/></e:Header><e:Body><a/></e:Body>',
        '<e:Header><x xmlns="urn:x" e:mustUnderstand="0"/></e:Header><e:Body><a/></e:Body>',
    ],
)
def test_the_one_child_of_the_body_is_found(content):
    assert "a" == open_envelope(envelope(content)).tag


@pytest.mark.parametrize(
    ("code", "root"),
    [
        ("Client", parse(b"<html/>")),
        ("Client", envelope("")),
        ("Client", envelope("<e:Body/>")),
        ("Client", envelope("<e:Body>text</e:Body>")),
        ("Client", envelope("<e:Body><a/><b/></e:Body>")),
        ("Client", envelope("<e:Body><a/></e:Body><e:Body><b/></e:Body>")),
        ("VersionMismatch", envelope("<e:Body><a/></e:Body>", SOAP_12)),
        ("VersionMismatch", envelope("<e:Body><a/></e:Body>", "urn:x")),
        ("MustUnderstand", header('e:mustUnderstand="1"')),
        ("MustUnderstand", header(f'e:mustUnderstand="1" e:actor="{SOAP_11[:-9]}actor/next"')),
    ],
)
def test_what_is_no_soap_11_message_gives_the_fault_that_soap_defines(code, root):
    with pytest.raises(SoapFault) as caught:
        open_envelope(root)
    assert code == caught.value.code


def test_a_header_for_somebody_else_is_left_alone():
    assert "a" == open_envelope(header('e:mustUnderstand="1" e:actor="urn:router"')).tag


def test_a_fault_is_written_as_soap_11_defines_it():
    written = write_fault(SoapFault("Server", "Het ging mis.", FAULT_ID, "TechnischeFout"))
    element = open_envelope(parse(written))
    assert f"{{{SOAP_11}}}Fault" == element.tag
    assert ["faultcode", "faultstring", "detail"] == [child.tag for child in element]
    prefix, code = element.findtext("faultcode").split(":")
    assert (SOAP_11, "Server") == (element.nsmap[prefix], code)
    assert "Het ging mis." == element.findtext("faultstring")
    assert ["TechnischeFout", FAULT_ID] == [child.text for child in element.find("detail")]


def test_a_fault_without_particulars_has_no_detail():
    element = open_envelope(parse(write_fault(SoapFault("VersionMismatch", "Alleen SOAP 1.1."))))
    assert element.find("detail") is None


@pytest.mark.parametrize("code", ["Client", "Server", "VersionMismatch", "MustUnderstand"])
@pytest.mark.parametrize("fault_id", [None, FAULT_ID, "0f6f2b1c-1d0e-4a57-9a35-0d5a8b1c2d3e"])
@pytest.mark.parametrize("result_code", [None, "TechnischeFout"])
def test_a_fault_that_is_written_is_read_back(code, fault_id, result_code):
    written = write_fault(SoapFault(code, "Tekst.", fault_id, result_code))
    found = read_fault(open_envelope(parse(written)))
    assert (code, fault_id, result_code) == (found.code, found.fault_id, found.result_code)


@pytest.mark.parametrize(
    "content",
    [
        "<faultcode>e:SessieAfwijkend</faultcode><faultstring>iets</faultstring>",
        "<faultcode>SessieAfwijkend</faultcode>",
        "<faultcode>e:Client.SessieAfwijkend</faultcode>",
        "<faultcode>e:Client</faultcode><faultstring> SessieAfwijkend\n</faultstring>",
        "<faultcode>e:Client</faultcode><faultstring>Mis</faultstring>"
        "<detail><c>SessieAfwijkend</c><d>x</d></detail>",
        "<faultcode>e:Client</faultcode><detail><x:SessieAfwijkend xmlns:x='urn:x'/></detail>",
        "<faultcode>e:NietEerderGezien</faultcode><faultstring>SessieAfwijkend</faultstring>",
        "<e:faultcode>e:Client</e:faultcode><e:faultstring>SessieAfwijkend</e:faultstring>",
    ],
)
def test_a_result_code_is_found_wherever_a_fault_may_hold_it(contract, content):
    with pytest.raises(Refused) as caught:
        read_answer(fault(content), contract, "sessiecontroleResponse")
    assert "SessieAfwijkend" == caught.value.code
    assert CATALOGUE["SessieAfwijkend"].text == caught.value.text


def test_a_code_that_is_not_in_the_catalogue_is_passed_on_literally(contract):
    with pytest.raises(Refused) as caught:
        read_answer(fault("<faultcode>e:IetsNieuws</faultcode>"), contract, "documentResponse")
    assert "IetsNieuws" == caught.value.code


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("Client", "<faultcode>e:Client</faultcode><faultstring>Mis met Jan</faultstring>"),
        ("Client", "<faultcode>e:Client.DK0002</faultcode>"),
        (
            "Server",
            "<faultcode>e:Server</faultcode><faultstring>NullPointerException</faultstring>",
        ),
        ("Server", ""),
        ("MustUnderstand", "<faultcode>e:MustUnderstand</faultcode>"),
        ("VersionMismatch", "<faultcode>e:VersionMismatch</faultcode><detail/>"),
    ],
)
def test_another_fault_is_only_a_fault(contract, code, content):
    with pytest.raises(SoapFault) as caught:
        read_answer(fault(content), contract, "documentResponse")
    assert code == caught.value.code
    assert caught.value.result_code is None


def test_the_words_of_another_party_are_not_passed_on(contract):
    content = (
        "<faultcode>e:Client</faultcode><faultstring>Jan Jansen 123456782</faultstring>"
        "<detail><x>Jan Jansen</x><foutId>123456782</foutId></detail>"
    )
    with pytest.raises(SoapFault) as caught:
        read_answer(fault(content), contract, "documentResponse")
    assert "Jan" not in f"{caught.value} {caught.value.__dict__}"
    assert "123456782" not in f"{caught.value} {caught.value.__dict__}"


@pytest.mark.parametrize("form", ["resultaat", "fault"])
def test_both_ways_of_refusing_are_written_and_read(tmp_path, form):
    file = tmp_path / "override.toml"
    file.write_text(f'[options.refusal_form]\nvalue = "{form}"\nsource = "official WSDL"')
    contract = load(override=file)
    status, written = write_refusal(contract, "documentResponse", "SessieOnbekend", FAULT_ID)
    if form == "resultaat":
        message = read_answer(parse(written), contract, "documentResponse")
        assert (200, "SessieOnbekend") == (status, message.values["resultaat"])
    else:
        with pytest.raises(Refused) as caught:
            read_answer(parse(written), contract, "documentResponse")
        assert (500, "SessieOnbekend", FAULT_ID) == (
            status,
            caught.value.code,
            caught.value.fault_id,
        )


def test_a_proper_answer_is_read(contract):
    answer = wrap(write(Message("sessiecontroleResponse", {"sector": "VO"}), contract))
    assert {"sector": "VO"} == read_answer(parse(answer), contract, "sessiecontroleResponse").values


@pytest.mark.parametrize(
    "root",
    [
        parse(b"<html/>"),
        envelope("<e:Body><a/></e:Body>", SOAP_12),
        envelope("<e:Body/>"),
        envelope("<e:Body><a/></e:Body>"),
    ],
)
def test_an_answer_that_is_no_oso_message_is_malformed(contract, root):
    with pytest.raises(MalformedAnswer):
        read_answer(root, contract, "documentResponse")


def test_the_answer_to_another_question_is_malformed(contract):
    answer = wrap(write(Message("pingResponse"), contract))
    with pytest.raises(MalformedAnswer):
        read_answer(parse(answer), contract, "documentResponse")
