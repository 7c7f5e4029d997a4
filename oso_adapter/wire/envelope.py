"""The SOAP 1.1 envelope around OSO messages, and its faults (wire 2; Digikoppeling WUS 3.8.1).

One element in the body, UTF-8, no header blocks of our own. What an OSO party refuses travels as an
element ``resultaat`` or as a fault: both are read (wire 3).
"""

import re
from typing import Final, Literal, get_args

from lxml import etree

from oso_adapter.bounded_xml import DEFAULT_LIMITS, Limits
from oso_adapter.errors import InvalidIdentifier, MalformedAnswer, OsoError, Refused
from oso_adapter.identifiers import SessionId
from oso_adapter.results import CATALOGUE, result
from oso_adapter.wire.contract import Contract
from oso_adapter.wire.messages import Message, MessageRefused, own_text, read, write

SOAP_11: Final = "http://schemas.xmlsoap.org/soap/envelope/"
CONTENT_TYPE: Final = "text/xml; charset=utf-8"
GRANT: Final = "overdrachtResponse"

FaultCode = Literal["Client", "Server", "VersionMismatch", "MustUnderstand"]

_HEAD: Final = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b'<soap:Envelope xmlns:soap="' + SOAP_11.encode() + b'"><soap:Body>'
)
_TAIL: Final = b"</soap:Body></soap:Envelope>"
_NEXT_ACTOR: Final = "http://schemas.xmlsoap.org/soap/actor/next"
_FAULT: Final = f"{{{SOAP_11}}}Fault"
# hexadecimal and long: a personal number or a name cannot pass as one
_FAULT_ID: Final = re.compile(r"[0-9A-Fa-f-]{16,36}")
_LIKE_A_CODE: Final = re.compile(r"(?:[A-Z][a-z]+){2,8}")
_LIKE_A_CRASH: Final = ("Error", "Exception")


class SoapFault(OsoError):
    """A SOAP 1.1 fault.

    code: the part of faultcode that SOAP defines.
    text: ours when we send it; of a fault that we read the text is not kept, it may hold anything.
    fault_id: links the fault with the log of the party that made it.
    result_code: a code of the OSO results, when there is one.
    """

    def __init__(
        self,
        code: FaultCode,
        text: str,
        fault_id: str | None = None,
        result_code: str | None = None,
    ) -> None:
        super().__init__(f"{code}: {text}")
        self.code: FaultCode = code
        self.text = text
        self.fault_id = fault_id
        self.result_code = result_code


def wrap(body: bytes) -> bytes:
    """The whole SOAP document around one serialised body child, whose bytes stay as they are."""
    return b"".join((_HEAD, body, _TAIL))


def open_envelope(root: etree._Element) -> etree._Element:
    """The one child of the SOAP body.

    :raises SoapFault: VersionMismatch for another SOAP version, MustUnderstand for a header block
        that has to be understood, Client for what is no SOAP.
    """
    name = etree.QName(root)
    if name.localname != "Envelope":
        raise SoapFault("Client", "this is not a SOAP message")
    if name.namespace != SOAP_11:
        raise SoapFault("VersionMismatch", "only SOAP 1.1 is understood")
    for block in root.iterfind(f"{{{SOAP_11}}}Header/*"):
        _check_header(block)
    bodies = root.findall(f"{{{SOAP_11}}}Body")
    children = list(bodies[0].iterchildren(etree.Element)) if len(bodies) == 1 else []
    if len(children) != 1:
        raise SoapFault("Client", "the SOAP message must have one Body with one element")
    return children[0]


def write_fault(fault: SoapFault) -> bytes:
    """The whole SOAP document of a fault; it goes with HTTP status 500."""
    element = etree.Element(_FAULT, nsmap={"soap": SOAP_11})
    etree.SubElement(element, "faultcode").text = f"soap:{fault.code}"
    etree.SubElement(element, "faultstring").text = fault.text
    if fault.result_code or fault.fault_id:
        detail = etree.SubElement(element, "detail")
        if fault.result_code:
            etree.SubElement(detail, "code").text = fault.result_code
        if fault.fault_id:
            etree.SubElement(detail, "foutId").text = fault.fault_id
    return wrap(etree.tostring(element, encoding="utf-8"))


def write_refusal(
    contract: Contract, response: str, code: str, fault_id: str | None = None
) -> tuple[int, bytes]:
    """HTTP status and whole SOAP document that refuse with a result code (wire U10).

    :param response: the message that would have been the answer, such as ``documentResponse``.
    """
    if contract.option("refusal_form") == "fault":
        return 500, write_fault(SoapFault("Client", result(code).text, fault_id, code))
    return 200, wrap(write(Message(response, {"resultaat": code}), contract))


def read_fault(element: etree._Element) -> SoapFault:
    """Read a Fault element; its text is not taken over, because it may hold values."""
    parts = _text_of(element, "faultcode").rpartition(":")[2].split(".")
    code: FaultCode = next((known for known in get_args(FaultCode) if known == parts[0]), "Server")
    detail = _children(element, "detail")
    entries = [entry for block in detail for entry in block.iterchildren(etree.Element)]
    ids = (own_text(entry) for entry in entries if etree.QName(entry).localname == "foutId")
    fault_id = next((text for text in ids if _FAULT_ID.fullmatch(text)), None)
    candidates = [parts[-1], _text_of(element, "faultstring")]
    names = []
    if entries:
        candidates.append(own_text(entries[0]))
        names.append(etree.QName(entries[0]).localname)
    return SoapFault(
        code, "the other side answered with a fault", fault_id, _result_code(candidates, names)
    )


def read_answer(
    root: etree._Element, contract: Contract, expected_name: str, limits: Limits = DEFAULT_LIMITS
) -> Message:
    """Read the answer to one of our requests.

    A ``resultaat`` that is a refusal is a value of the message, and not raised.

    :raises Refused: the answer is a fault with a result code.
    :raises SoapFault: the answer is another fault, or one with a code that is no refusal.
    :raises MalformedAnswer: the answer is not a proper message, or not the expected one; of a grant
        it has the session, when that can be read.
    """
    try:
        body = open_envelope(root)
        if body.tag != _FAULT:
            return read(body, contract, expected_name, limits=limits)
    except (SoapFault, MessageRefused) as error:
        granted = _session_in(root, contract) if expected_name == GRANT else None
        raise MalformedAnswer(str(error), session=granted) from None
    fault = read_fault(body)
    if fault.result_code is None or result(fault.result_code).cls == "normal":
        raise fault
    raise Refused(fault.result_code, result(fault.result_code).text, fault.fault_id)


def _session_in(root: etree._Element, contract: Contract) -> str | None:
    """The sessieId in what is no proper answer: that session is open, and can be closed."""
    fields = contract.messages[GRANT].fields
    names = [field.element for field in fields if field.kind == "session_id"]
    found = {own_text(e) for name in names for e in root.iter(f"{{{contract.namespace}}}{name}")}
    try:
        return str(SessionId(found.pop())) if len(found) == 1 else None
    except InvalidIdentifier:
        return None


def _text_of(element: etree._Element, name: str) -> str:
    """The text of the first child with this local name, or an empty string."""
    return next((own_text(child) for child in _children(element, name)), "")


def _children(element: etree._Element, name: str) -> list[etree._Element]:
    """SOAP 1.1 leaves the parts of a fault unqualified, and not everyone does."""
    return list(element.iterchildren(f"{{*}}{name}"))


def _result_code(candidates: list[str], names: list[str]) -> str | None:
    """A known code anywhere comes first, then text that looks like one; codes may be added."""
    for candidate in candidates + names:
        if candidate in CATALOGUE:
            return candidate
    for candidate in candidates:
        looks = _LIKE_A_CODE.fullmatch(candidate) and not candidate.endswith(_LIKE_A_CRASH)
        if looks and candidate not in get_args(FaultCode):
            return candidate
    return None


def _check_header(block: etree._Element) -> None:
    must = block.get(f"{{{SOAP_11}}}mustUnderstand", "").strip() in ("1", "true")
    for_us = block.get(f"{{{SOAP_11}}}actor", "") in ("", _NEXT_ACTOR)
    if must and for_us:
        raise SoapFault("MustUnderstand", "no SOAP header blocks are understood here")
