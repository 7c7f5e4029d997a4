"""The WSDL of an OSO service, made from the contract.

WSDL 1.1, SOAP 1.1, document/literal (wire U1). The official one is not public; this one
is for tools that cannot do without, such as zeep.
"""

from collections.abc import Collection
from typing import Final

from lxml import etree

from oso_adapter.wire.contract import Contract, Field, MessageSpec, Party
from oso_adapter.wire.kinds import KINDS

_WSDL: Final = "http://schemas.xmlsoap.org/wsdl/"
_SOAP: Final = "http://schemas.xmlsoap.org/wsdl/soap/"
_XSD: Final = "http://www.w3.org/2001/XMLSchema"
_TRANSPORT: Final = "http://schemas.xmlsoap.org/soap/http"


def wsdl(
    contract: Contract,
    address: str,
    party: Party = "school",
    requests: Collection[str] | None = None,
) -> bytes:
    """The WSDL document.

    :param address: the https url at which the service is reached.
    :param party: whose service: of a school's system, or of the Traffic Center.
    :param requests: names of the requests that the service answers, when those are not all that
        the contract has for the party.
    """
    if requests is None:
        requests = [name for name, spec in contract.messages.items() if spec.to == party]
    operations = {_operation_of(name) for name in requests}
    nsmap = {None: _WSDL, "soap": _SOAP, "xsd": _XSD, "oso": contract.namespace}
    root = etree.Element(f"{{{_WSDL}}}definitions", nsmap=nsmap)
    root.set("targetNamespace", contract.namespace)
    served = [m for m in contract.messages.values() if _operation_of(m.name) in operations]
    _types(root, contract, served)
    for spec in served:
        message = _add(root, _WSDL, "message", name=spec.name)
        _add(message, _WSDL, "part", name="parameters", element=f"oso:{spec.name}")
    port_type = _add(root, _WSDL, "portType", name="OsoPortType")
    binding = _add(root, _WSDL, "binding", name="OsoBinding", type="oso:OsoPortType")
    _add(binding, _SOAP, "binding", style="document", transport=_TRANSPORT)
    for spec in served:
        if spec.name.endswith("Request"):
            _operation(port_type, binding, spec.name, contract)
    service = _add(root, _WSDL, "service", name="OsoService")
    port = _add(service, _WSDL, "port", name="OsoPort", binding="oso:OsoBinding")
    _add(port, _SOAP, "address", location=address)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _operation_of(name: str) -> str:
    return name.removesuffix("Request").removesuffix("Response")


def _operation(
    port_type: etree._Element, binding: etree._Element, request: str, contract: Contract
) -> None:
    name = _operation_of(request)
    operation = _add(port_type, _WSDL, "operation", name=name)
    _add(operation, _WSDL, "input", message=f"oso:{request}")
    _add(operation, _WSDL, "output", message=f"oso:{name}Response")
    bound = _add(binding, _WSDL, "operation", name=name)
    _add(bound, _SOAP, "operation", soapAction=contract.soap_action(request))
    for direction in ("input", "output"):
        _add(_add(bound, _WSDL, direction), _SOAP, "body", use="literal")


def _types(root: etree._Element, contract: Contract, messages: list[MessageSpec]) -> None:
    schema = _add(_add(root, _WSDL, "types"), _XSD, "schema", elementFormDefault="qualified")
    schema.set("targetNamespace", contract.namespace)
    for name, kind in KINDS.items():
        if kind.pattern is not None:
            simple = _add(schema, _XSD, "simpleType", name=name)
            restriction = _add(simple, _XSD, "restriction", base=f"xsd:{kind.xsd}")
            _add(restriction, _XSD, "pattern", value=kind.pattern)
    for name, group in contract.groups.items():
        sequence = _add(_add(schema, _XSD, "complexType", name=name), _XSD, "sequence")
        for field in group.fields:
            _element(sequence, field)
    for message in messages:
        _message(schema, message, contract)


def _message(schema: etree._Element, spec: MessageSpec, contract: Contract) -> None:
    element = _add(schema, _XSD, "element", name=spec.name)
    complex_type = _add(element, _XSD, "complexType")
    sequence = _add(complex_type, _XSD, "sequence")
    choice = None
    for field in spec.fields:
        if field.name not in spec.exactly_one:
            _element(sequence, field)
            continue
        if choice is None:
            choice = _add(sequence, _XSD, "choice")
        _element(choice, field, minimum=1)
    if spec.open:
        _add(
            sequence,
            _XSD,
            "any",
            namespace="##other",
            processContents="lax",
            minOccurs="0",
            maxOccurs="unbounded",
        )
    if spec.dossier:
        _dossier(complex_type, sequence, contract)


def _dossier(complex_type: etree._Element, sequence: etree._Element, contract: Contract) -> None:
    """Beside resultaat, not in a choice with it: zeep drops the dossier silently from a choice."""
    inline = contract.option("dossier_form") == "inline"
    wrapper = contract.option("dossier_element")
    place = sequence
    if wrapper:
        element = _add(sequence, _XSD, "element", name=wrapper, minOccurs="0")
        if not inline:
            element.set("type", "xsd:string")
            return
        place = _add(_add(element, _XSD, "complexType"), _XSD, "sequence")
    if inline:
        _add(place, _XSD, "any", namespace="##other", processContents="lax", minOccurs="0")
    else:
        complex_type.set("mixed", "true")


def _element(parent: etree._Element, field: Field, minimum: int | None = None) -> None:
    kind = KINDS.get(field.kind)
    own = kind is None or kind.pattern is not None
    type_name = f"oso:{field.kind}" if own or kind is None else f"xsd:{kind.xsd}"
    element = _add(parent, _XSD, "element", name=field.element, type=type_name)
    low = field.min if minimum is None else minimum
    if low != 1:
        element.set("minOccurs", str(low))
    if field.repeats:
        element.set("maxOccurs", "unbounded" if field.max is None else str(field.max))


def _add(parent: etree._Element, uri: str, tag: str, /, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{uri}}}{tag}", attributes)
