"""XML to the dict form and back, without loss, driven by the structure of a release.

The dict form is what plugins write and read: keys are element names, an element that may repeat is
a list, a block a dict, text with an attribute ``{"waarde": ..., "omschrijving": ...}``, a block
whose content repeats a list of groups. What our writer produced comes back identical; from other
lexical forms (``1`` for true, ``+7``, comments) come equal values.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from lxml import etree

from oso_adapter.errors import OsoError
from oso_adapter.standard import attachments, lexical
from oso_adapter.standard.findings import LIMIT, Finding
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.paths import path_of
from oso_adapter.standard.structure import Element
from oso_adapter.standard.texts import text_of

TEXT: Final = "waarde"
"""Key of the text itself where an element has attributes."""


class CannotWrite(OsoError):
    """The dict form holds something at this path that cannot become XML."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path


def to_dict(
    element: etree._Element, pack: Pack, findings: list[Finding] | None = None
) -> dict[str, Any]:
    """The content of a root element (``dossier``) in the dict form; the document should be valid.

    What no Python value can hold, such as a date with a time zone, stays the str that it was, and
    what the standard does not know is left out; ``findings`` takes a warning for each.
    """
    reader = _Reader(pack, findings if findings is not None else [])
    root = pack.structure.roots[etree.QName(element).localname]
    read: dict[str, Any] = reader.block(element, root)
    return read


def to_element(data: Mapping[str, Any], pack: Pack, root: str = "dossier") -> etree._Element:
    """The XML of a dict form, elements in the order of the standard.

    bytes or a path as ``bestandsinhoud`` are packed. Raises CannotWrite, which names the path and
    never a value; it does not judge whether the document is complete, the schema does.
    """
    writer = _Writer(pack.namespace)
    spec = pack.structure.roots[root]
    element = etree.Element(f"{{{pack.namespace}}}{root}", nsmap={None: pack.namespace})
    writer.fill(element, spec, data, f"/{root}")
    return element


def to_xml(data: Mapping[str, Any], pack: Pack, root: str = "dossier") -> bytes:
    """The XML document of a dict form; see to_element and serialised."""
    return serialised(to_element(data, pack, root))


def serialised(element: etree._Element) -> bytes:
    """The document of a root element: UTF-8, with declaration, not indented."""
    return etree.tostring(element, xml_declaration=True, encoding="UTF-8")


def groups(data: Any, spec: Element) -> Sequence[Any]:
    """The runs of a block's content: its groups where the content repeats, else the block alone."""
    return data if spec.sequence_repeats else (data,)


def _rival(element: Element, spec: Element, run: Mapping[str, Any]) -> bool:
    """Whether a run has another alternative of the choice that an element is in."""
    return element.choice is not None and any(
        child.choice == element.choice and child.name in run and child is not element
        for child in spec.content
    )


class _Reader:
    def __init__(self, pack: Pack, findings: list[Finding]) -> None:
        self._pack = pack
        self._prefix = f"{{{pack.namespace}}}"
        self._findings = findings

    def block(self, node: etree._Element, spec: Element) -> Any:
        runs: list[dict[str, Any]] = []
        order = {child.name: n for n, child in enumerate(spec.content)}
        at = len(order)
        for child in node.iterchildren("*"):
            name = str(child.tag).removeprefix(self._prefix)
            found = spec.children.get(name)
            if found is None:
                self._warn(child, "is niet bekend in de standaard en is overgeslagen")
                continue
            place = order[name]
            again = place < at or (place == at and not found.repeats)
            if not runs or (spec.sequence_repeats and (again or _rival(found, spec, runs[-1]))):
                runs.append({})
            at = place
            value = self._value(child, found)
            if found.repeats:
                runs[-1].setdefault(name, []).append(value)
            else:
                runs[-1][name] = value
        if spec.sequence_repeats:
            return runs
        return runs[0] if runs else {}

    def _value(self, node: etree._Element, spec: Element) -> Any:
        if spec.is_block:
            return self.block(node, spec)
        text = text_of(node)
        value = self._read(node, text, spec.type)
        if not spec.attributes:
            return value
        read = {TEXT: value}
        for attribute in spec.attributes:
            if (given := node.get(attribute.name)) is not None:
                read[attribute.name] = self._read(node, given, attribute.type)
        return read

    def _read(self, node: etree._Element, text: str, kind: str) -> Any:
        try:
            return lexical.read(text, kind)
        except lexical.NoSuchValue:
            self._warn(node, "heeft een vorm die niet als waarde te lezen is; de tekst is bewaard")
            return text

    def _warn(self, node: etree._Element, message: str) -> None:
        if len(self._findings) < LIMIT:
            self._findings.append(
                Finding(
                    rule="STD.value",
                    severity="warning",
                    path=path_of(node, self._pack),
                    line=node.sourceline,
                    message=f"Dit gegeven {message}.",
                    owner="leverancier",
                    next_step="Laat de leverancier van de verzendende school de vorm aanpassen.",
                )
            )


class _Writer:
    def __init__(self, namespace: str) -> None:
        self._prefix = f"{{{namespace}}}"

    def fill(self, node: etree._Element, spec: Element, data: Any, path: str) -> None:
        if spec.sequence_repeats and not isinstance(data, list):
            raise CannotWrite(path, "a list of groups is expected")
        for run in groups(data, spec):
            if not isinstance(run, Mapping):
                raise CannotWrite(path, "a dict is expected")
            if not run.keys() <= spec.children.keys():
                raise CannotWrite(path, "there is a key that the standard does not know here")
            for child in spec.content:
                if child.name in run:
                    for value, at in self._occurrences(run[child.name], child, path):
                        self._element(node, child, self._packed(child, run, value, at), at)

    def _occurrences(self, value: Any, spec: Element, path: str) -> Iterator[tuple[Any, str]]:
        path = f"{path}/{spec.name}"
        if not spec.repeats:
            yield value, path
            return
        if not isinstance(value, list):
            raise CannotWrite(path, "a list is expected")
        for position, item in enumerate(value, 1):
            yield item, f"{path}[{position}]"

    def _packed(self, spec: Element, run: Mapping[str, Any], value: Any, path: str) -> Any:
        """The value to write: a file that a plugin gave becomes Base64 of a ZIP."""
        if spec.name != attachments.CONTENT or not isinstance(value, bytes | Path):
            return value
        try:
            content = value.read_bytes() if isinstance(value, Path) else value
        except OSError:
            raise CannotWrite(path, "the file cannot be read") from None
        return attachments.pack_file(str(run.get(attachments.NAME) or ""), content)

    def _element(self, parent: etree._Element, spec: Element, value: Any, path: str) -> None:
        node = etree.SubElement(parent, self._prefix + spec.name)
        if spec.is_block:
            self.fill(node, spec, value, path)
            return
        if spec.attributes:
            known = {TEXT} | {attribute.name for attribute in spec.attributes}
            if not isinstance(value, Mapping) or TEXT not in value or not value.keys() <= known:
                raise CannotWrite(path, f"a dict with {' and '.join(sorted(known))} is expected")
            for attribute in spec.attributes:
                if attribute.name in value:
                    text = self._text(value[attribute.name], attribute.type, path)
                    node.set(attribute.name, text)
            value = value[TEXT]
        node.text = self._text(value, spec.type, path)

    def _text(self, value: Any, kind: str, path: str) -> str:
        try:
            return lexical.write(value, kind)
        except lexical.NoSuchValue:
            raise CannotWrite(path, f"not a value of {kind} that XML can hold") from None
