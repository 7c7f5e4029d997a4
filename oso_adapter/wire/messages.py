"""OSO messages, read tolerantly and written exactly, by the contract (wire 2).

Tolerant: any prefix, elements in any order, white space around values, an empty element where an
absent one is meant, comments and attributes. Refused: an unknown message, another namespace, a
required element that is missing or empty, an extra or repeated element, a value without its form.

Of an answer the fields were not found (wire U3, U4), so there an element that nobody here knows is
passed over, and an item of a list that cannot be used is left out and logged.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from oso_adapter.bounded_xml import DEFAULT_LIMITS, Limits
from oso_adapter.errors import InvalidIdentifier, OsoError
from oso_adapter.logs import event
from oso_adapter.wire import dossier_part
from oso_adapter.wire.contract import Contract, Field, MessageSpec
from oso_adapter.wire.kinds import XML_SPACE, format_moment, normalise, read_moment

__all__ = ["Message", "MessageRefused", "format_moment", "own_text", "read", "read_moment", "write"]

_PREFIX: Final = "oso"


class MessageRefused(OsoError):
    """This is not a proper OSO message; says where and what was expected, never what was there."""

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"{path}: expected {expected}")
        self.path = path
        self.expected = expected


@dataclass(frozen=True, repr=False)
class Message:
    """One OSO message.

    name: as in the contract, such as ``documentRequest``.
    values: by field name: text, for a group a mapping, for a field that repeats a list.
    dossier: in documentResponse only, a document of its own in UTF-8.
    """

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)
    dossier: bytes | None = None

    def __repr__(self) -> str:
        return f"Message({self.name})"


def read(
    body: etree._Element, contract: Contract, *expected: str, limits: Limits = DEFAULT_LIMITS
) -> Message:
    """Read one message.

    :param body: the child of the SOAP body.
    :param expected: names that are acceptable; without any, every message of the contract is.
    :param limits: for a dossier that is packed in the message.
    :raises MessageRefused: it is not a proper message, or not one of the expected.
    """
    spec = _spec(body, contract, expected or tuple(contract.messages))
    path = f"/{spec.name}"
    dossier, carrier = None, None
    if spec.dossier:
        try:
            dossier, carrier = dossier_part.take(body, contract, limits)
        except dossier_part.DossierUnreadable as error:
            raise MessageRefused(path, str(error)) from None
    reader = _Reader(contract, spec, carrier)
    values = reader.group(body, spec.fields, path)
    _check_presence(spec, values, dossier)
    return Message(spec.name, values, dossier)


def write(message: Message, contract: Contract) -> bytes:
    """Write one message as the child of a SOAP body, in the order of the contract.

    The bytes of the dossier go in as they are, without their XML declaration.

    :raises MessageRefused: the message is not one of the contract.
    """
    spec = contract.messages.get(message.name)
    if spec is None:
        raise MessageRefused("/", "a message of the contract")
    path = f"/{spec.name}"
    if message.dossier is not None and not spec.dossier:
        raise MessageRefused(path, "no dossier")
    tag = etree.QName(contract.namespace, spec.name)
    root = etree.Element(tag, nsmap={_PREFIX: contract.namespace})
    _write_group(root, spec.fields, message.values, path, contract)
    present = {name for name, value in message.values.items() if value}
    _check_presence(spec, present, message.dossier)
    if message.dossier is None:
        return etree.tostring(root, encoding="utf-8")
    return dossier_part.splice(root, message.dossier, contract)


def _spec(body: etree._Element, contract: Contract, expected: Sequence[str]) -> MessageSpec:
    name = etree.QName(body)
    if name.localname in contract.messages and name.namespace != contract.namespace:
        raise MessageRefused(f"/{name.localname}", f"the namespace {contract.namespace}")
    if name.localname not in expected or name.namespace != contract.namespace:
        names = ", ".join(expected)
        raise MessageRefused("/", f"one of {names} in the namespace {contract.namespace}")
    return contract.messages[name.localname]


def _check_presence(spec: MessageSpec, values: Iterable[str], dossier: bytes | None) -> None:
    present = set(values) | ({"dossier"} if dossier is not None else set())
    if spec.exactly_one and len(present.intersection(spec.exactly_one)) != 1:
        raise MessageRefused(f"/{spec.name}", f"exactly one of {', '.join(spec.exactly_one)}")
    if spec.at_least_one and present.isdisjoint(spec.at_least_one):
        raise MessageRefused(f"/{spec.name}", f"at least one of {', '.join(spec.at_least_one)}")


@dataclass(frozen=True)
class _Reader:
    contract: Contract
    message: MessageSpec
    carrier: etree._Element | None

    def group(self, element: etree._Element, fields: Sequence[Field], path: str) -> dict[str, Any]:
        """The values of an element that has elements."""
        found = self._found(element, fields, path)
        values: dict[str, Any] = {}
        for spec in fields:
            elements = found[spec.name]
            at = f"{path}/{spec.name}"
            if spec.max is not None and len(elements) > spec.max:
                raise MessageRefused(at, f"at most {spec.max} of this element")
            read = [
                value
                for n, item in enumerate(elements, 1)
                if _has_content(item)
                for value in self._usable(item, spec, f"{at}[{n}]" if spec.repeats else at)
            ]
            if len(read) < spec.min:
                raise MessageRefused(at, "this element, with content")
            if read:
                values[spec.name] = read if spec.repeats else read[0]
        return values

    def _found(
        self, element: etree._Element, fields: Sequence[Field], path: str
    ) -> dict[str, list[etree._Element]]:
        by_tag = {f"{{{self.contract.namespace}}}{spec.element}": spec.name for spec in fields}
        found: dict[str, list[etree._Element]] = {spec.name: [] for spec in fields}
        for position, child in enumerate(element.iterchildren(etree.Element), 1):
            name = by_tag.get(str(child.tag))
            if name is not None:
                found[name].append(child)
            elif child is not self.carrier and not (self.message.open or self.message.is_answer):
                names = ", ".join(spec.element for spec in fields) or "nothing"
                expected = f"only {names} in the namespace {self.contract.namespace}"
                raise MessageRefused(f"{path}/*[{position}]", expected)
        if element is not self.carrier and own_text(element):
            raise MessageRefused(path, "no text beside the elements")
        return found

    def _usable(self, element: etree._Element, spec: Field, path: str) -> Iterator[Any]:
        """The value; nothing for an item that does not have to spoil the list of an answer."""
        try:
            yield self._value(element, spec, path)
        except MessageRefused as refused:
            if not (self.message.is_answer and spec.repeats):
                raise
            event("answer.item_left_out", place=refused.path, expected=refused.expected)

    def _value(self, element: etree._Element, spec: Field, path: str) -> Any:
        group = self.contract.groups.get(spec.kind)
        if group is not None:
            return self.group(element, group.fields, path)
        if next(element.iterchildren(etree.Element), None) is not None:
            raise MessageRefused(path, "text only")
        return _normalised(spec.kind, own_text(element), path, self.contract)


def _write_group(
    parent: etree._Element,
    fields: Sequence[Field],
    values: Mapping[str, Any],
    path: str,
    contract: Contract,
) -> None:
    if not {spec.name for spec in fields}.issuperset(values):
        raise MessageRefused(path, "only fields of the contract")
    for spec in fields:
        at = f"{path}/{spec.name}"
        value = values.get(spec.name)
        items = (value if spec.repeats else [value]) if value else []
        if len(items) < spec.min:
            raise MessageRefused(at, "this element, with content")
        for item in items:
            child = etree.SubElement(parent, etree.QName(contract.namespace, spec.element))
            group = contract.groups.get(spec.kind)
            if group is not None:
                _write_group(child, group.fields, item, at, contract)
            else:
                _write_text(child, spec.kind, item, at, contract)


def _write_text(
    element: etree._Element, kind: str, value: str, path: str, contract: Contract
) -> None:
    text = _normalised(kind, value, path, contract)
    length = int(contract.option("search_key_line_length"))
    if kind == "base64" and length:
        text = "\n".join(text[at : at + length] for at in range(0, len(text), length))
    try:
        element.text = text
    except ValueError:
        raise MessageRefused(path, "text that XML can hold") from None


def _normalised(kind: str, text: str, path: str, contract: Contract) -> str:
    try:
        return normalise(kind, text, contract.option("swv_overdrachtsoort"))
    except InvalidIdentifier as error:
        raise MessageRefused(path, f"a value of this form: {error}") from None


def own_text(element: etree._Element) -> str:
    """The text of an element without that of its children, comments left out."""
    parts = [element.text, *(child.tail for child in element)]
    return "".join(part for part in parts if part).strip(XML_SPACE)


def _has_content(element: etree._Element) -> bool:
    """Whether there is text in it or in an element below; without any it counts as absent."""
    return any(own_text(item) for item in element.iter(etree.Element))
