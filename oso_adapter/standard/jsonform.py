"""The JSON form of a dossier, for suppliers in other languages: the dict form, written as JSON.

======================  ============================================================================
dict form               JSON
======================  ============================================================================
str, bool, int          the same; an int is a number of any length
date                    text, ``2019-06-14``
Decimal                 text with its exact digits, ``"6.50"``; a number is read as well, exactly
bestandsinhoud, str     the same: Base64 of a ZIP, as in the XML
bestandsinhoud, bytes   another key, ``bestand``: Base64 of the file itself, so no ZIP is needed
======================  ============================================================================

A dossier is complete, with metadata, overdrachtsoort and inzage, or it is what a supplier gives to
be completed: ``huidigeschool`` alone. :func:`schema` tells all that as JSON Schema.
"""

import base64
import binascii
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, NoReturn

from oso_adapter.errors import OsoError
from oso_adapter.standard import lexical
from oso_adapter.standard.attachments import CONTENT, with_files
from oso_adapter.standard.codec import CannotWrite
from oso_adapter.standard.explain import Words
from oso_adapter.standard.fields import check
from oso_adapter.standard.findings import LIMIT, Finding
from oso_adapter.standard.json_schema import FILE, schema
from oso_adapter.standard.pack import Pack, available, load_pack
from oso_adapter.standard.paths import UNKNOWN
from oso_adapter.standard.structure import Element
from oso_adapter.standard.wording import conflict, of_supplier

__all__ = [
    "MAX_SIZE",
    "JsonRefused",
    "from_json",
    "from_parsed",
    "pack_for",
    "parsed",
    "schema",
    "to_json",
    "to_plain",
]

MAX_SIZE: Final = 50 * 2**20
"""How many bytes of JSON are read, as many as of XML."""

MAX_VALUES: Final = 200_000
"""How many keys, values and brackets are read; a full dossier has about 2,000."""

_MOST_DIGITS: Final = 3000
_GIVEN: Final = "huidigeschool"
_RELEASE: Final = "/dossier/metadata/standaardversie"
_WORDS: Final = Words(
    form="JSON",
    kinds={
        "block": "een object",
        "boolean": "true of false",
        "date": "een tekst met een datum (jjjj-mm-dd)",
        "decimal": "een tekst met een getal (zoals 6.50), of een getal",
        "int": "een geheel getal (zonder aanhalingstekens)",
        "integer": "een geheel getal (zonder aanhalingstekens)",
        "string": "een tekst",
    },
    content=f"een tekst met Base64 van een ZIP, of in {FILE} Base64 van het bestand zelf,",
    null="null is geen waarde; laat de sleutel weg als het gegeven er niet is.",
    list="Hier wordt een array verwacht.",
)


class JsonRefused(OsoError):
    """The JSON is no dossier of the standard; ``findings`` tell why, with paths, without values."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("the JSON is no dossier of the standard")
        self.findings = tuple(findings)


def to_json(data: Mapping[str, Any], pack: Pack, *, indent: int | None = None) -> str:
    """The JSON form of a dossier's dict form, keys in the order of the dict.

    indent: spaces a level; None is all in one line. Raises CannotWrite, which names the path and
    never a value; like ``to_xml`` it does not judge whether the dossier is complete.
    """
    plain = to_plain(data, pack)
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=indent)


def to_plain(data: Mapping[str, Any], pack: Pack) -> dict[str, Any]:
    """What :func:`to_json` writes, for a dossier that becomes a part of a larger JSON text."""
    root = pack.structure.roots[pack.carried]
    plain: dict[str, Any] = _written(data, root, f"/{root.name}")
    return plain


def from_json(
    text: str | bytes, pack: Pack, *, file: Callable[[str], Any] | None = None
) -> dict[str, Any]:
    """The dict form of a dossier in the JSON form, of the right shape and valid to the schema.

    text: UTF-8 when bytes, at most MAX_SIZE bytes and MAX_VALUES values. file: gives the content
    of a document that says its ``bestandsnaam`` alone; see :func:`with_files`. Raises JsonRefused
    with findings: of the text as a whole, else those of :func:`fields.check` in the words of JSON.
    Rules and code lists are not judged here; ``validate`` does that.
    """
    return from_parsed(parsed(text), pack, file=file)


def from_parsed(
    read: Any, pack: Pack, *, part: bool = False, file: Callable[[str], Any] | None = None
) -> dict[str, Any]:
    """As :func:`from_json`, of what :func:`parsed` gave for a dossier within a larger JSON text.

    part: it is a part of a dossier, so that what is not there is not missed.
    """
    root = pack.structure.roots[pack.carried]
    reader = _Reader()
    data = reader.value(read, root, f"/{root.name}")
    if file is not None:
        data = with_files(data, pack, file)
    findings = [*reader.findings, *_judged(data, pack, part)]
    if findings:
        raise JsonRefused(findings[:LIMIT])
    whole: dict[str, Any] = data
    return whole


def pack_for(text: str | bytes, release: str | None = None) -> Pack:
    """The release of a dossier in the JSON form: what ``metadata/standaardversie`` says.

    release: of a dossier that does not say it, because it has still to be completed; the newest
    where it is not given, and NotFound where it is not known. Raises JsonRefused when the text
    cannot be read, and when it says a release that is not known or another one than asked for.
    """
    read = parsed(text)
    metadata = read.get("metadata") if isinstance(read, dict) else None
    said = metadata.get("standaardversie") if isinstance(metadata, dict) else None
    if not isinstance(said, str):
        return load_pack(release or available()[-1])
    if said in available() and said == (release or said):
        return load_pack(said)
    wanted = f"verwacht wordt {release}" if release else f"bekend: {', '.join(available())}"
    message = f"Dit is geen dossier van een bekende of gevraagde uitgave ({wanted})."
    raise JsonRefused([of_supplier("STD.release", _RELEASE, None, message)])


def _judged(data: Any, pack: Pack, part: bool) -> list[Finding]:
    root = pack.structure.roots[pack.carried]
    whole = isinstance(data, Mapping) and any(
        name in data for name in root.children.keys() - {_GIVEN}
    )
    return check(data, pack, whole=whole, part=part, words=_WORDS)


def _written(value: Any, spec: Element, path: str) -> Any:
    """The value as ``json.dumps`` takes it."""
    if not spec.repeats:
        return _once(value, spec, path)
    if not isinstance(value, list):
        raise CannotWrite(path, "a list is expected")
    return [_once(item, spec, f"{path}[{n}]") for n, item in enumerate(value, 1)]


def _once(value: Any, spec: Element, path: str) -> Any:
    if spec.sequence_repeats:
        if not isinstance(value, list):
            raise CannotWrite(path, "a list of groups is expected")
        return [dict(_block_written(group, spec, path)) for group in value]
    if spec.is_block:
        return dict(_block_written(value, spec, path))
    if spec.attributes and isinstance(value, Mapping):
        kinds = {each.name: each.type for each in spec.attributes}
        return {key: _plain(item, kinds.get(key, spec.type), path) for key, item in value.items()}
    return _plain(value, spec.type, path)


def _block_written(block: Any, spec: Element, path: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(block, Mapping):
        raise CannotWrite(path, "a dict is expected")
    for key, value in block.items():
        child = spec.children.get(key)
        if child is None:
            raise CannotWrite(path, "there is a key that the standard does not know here")
        if key == CONTENT and isinstance(value, bytes | Path):
            yield FILE, base64.b64encode(_file(value, f"{path}/{key}")).decode("ascii")
        else:
            yield key, _written(value, child, f"{path}/{key}")


def _file(value: bytes | Path, path: str) -> bytes:
    try:
        return value.read_bytes() if isinstance(value, Path) else value
    except OSError:
        raise CannotWrite(path, "the file cannot be read") from None


def _plain(value: Any, kind: str, path: str) -> Any:
    try:
        text = lexical.write(value, kind)
    except lexical.NoSuchValue:
        raise CannotWrite(path, f"not a value of {kind}") from None
    return text if isinstance(value, date | Decimal) else value


class _Twice(dict[str, Any]):
    """An object in which keys came more than once; JSON leaves open which one would hold."""

    keys_twice: frozenset[str] = frozenset()


class _Reader:
    """Turns what JSON gave into the dict form where it can; what is left is found afterwards."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def value(self, read: Any, spec: Element, path: str) -> Any:
        if spec.repeats and isinstance(read, list):
            return [self._once(item, spec, f"{path}[{n}]") for n, item in enumerate(read, 1)]
        return read if spec.repeats else self._once(read, spec, path)

    def _once(self, read: Any, spec: Element, path: str) -> Any:
        if spec.sequence_repeats and isinstance(read, list):
            return [self._run(group, spec, path) for group in read]
        return read if spec.sequence_repeats else self._run(read, spec, path)

    def _run(self, read: Any, spec: Element, path: str) -> Any:
        if not isinstance(read, dict):
            return read if spec.is_block else _typed(read, spec.type)
        self._see_twice(read, spec, path)
        if spec.is_block:
            return self._block(read, spec, path)
        kinds = {each.name: each.type for each in spec.attributes}
        return {key: _typed(item, kinds.get(key, spec.type)) for key, item in read.items()}

    def _block(self, read: dict[str, Any], spec: Element, path: str) -> dict[str, Any]:
        given = self._with_file(read, path) if spec.is_document and FILE in read else read
        known = spec.children
        return {
            key: self.value(item, known[key], f"{path}/{key}") if key in known else item
            for key, item in given.items()
        }

    def _with_file(self, read: dict[str, Any], path: str) -> dict[str, Any]:
        """The document with the file's bytes as its content."""
        if CONTENT in read:
            self.findings.append(conflict("JSON.structure", path, None, [CONTENT, FILE]))
        others = {key: item for key, item in read.items() if key != FILE}
        return {**others, CONTENT: _unbase64(read[FILE])}

    def _see_twice(self, read: dict[str, Any], spec: Element, path: str) -> None:
        for key in sorted(getattr(read, "keys_twice", ())):
            name = key if key in spec.children or key == FILE else UNKNOWN
            message = "Deze sleutel staat meer dan één keer in het object."
            self.findings.append(of_supplier("JSON.structure", f"{path}/{name}", None, message))


def _typed(read: Any, kind: str) -> Any:
    """The value of a built-in; what is none stays as it is, or has no type that fits."""
    match read:
        case str() if kind in {"date", "decimal"}:
            return _lexical(read, kind)
        case bool():
            return read
        case int() if kind == "decimal":
            return Decimal(read)
        case Decimal() if kind == "decimal":
            return _lexical(_digits(read), kind)
        case Decimal() if kind in {"int", "integer"}:
            return _whole(read)
    return read


def _lexical(text: str, kind: str) -> Any:
    try:
        return lexical.read(text, kind)
    except lexical.NoSuchValue:
        return text


def _whole(number: Decimal) -> Any:
    """The int of 7.0, as some languages write 7; an exponent may ask for more digits than fit."""
    if abs(number.adjusted()) < _MOST_DIGITS and number == number.to_integral_value():
        return int(number)
    return number


def _digits(number: Decimal) -> str:
    try:
        return lexical.write(number, "decimal")
    except lexical.NoSuchValue:
        return ""


def _unbase64(text: Any) -> Any:
    """The file; what is no Base64 becomes a value of no type, so that it is found in its place."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (AttributeError, binascii.Error, ValueError):
        return ()


def parsed(text: str | bytes) -> Any:
    """What the JSON says, numbers exact; JsonRefused with one finding when it cannot be read.

    An object with keys that came twice has those in its attribute ``keys_twice``.
    """
    if len(text) > MAX_SIZE:
        _refuse("size", "De JSON is groter dan is toegestaan.")
    try:
        plain = text if isinstance(text, str) else text.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse("encoding", "De JSON is geen UTF-8.")
    if _values(plain) > MAX_VALUES:
        _refuse("bounds", "Er zijn meer waarden dan is toegestaan.")
    try:
        return json.loads(
            plain,
            object_pairs_hook=_object,
            parse_float=_number,
            parse_int=_whole_number,
            parse_constant=_no_constant,
        )
    except RecursionError:
        _refuse("bounds", "De waarden zijn dieper genest dan is toegestaan.")
    except json.JSONDecodeError as error:
        _refuse("wellformed", "De tekst is geen geldige JSON.", error.lineno)
    except _NoNumber:
        _refuse("wellformed", "Een getal in de JSON is geen getal, of een te groot getal.")


def _values(plain: str) -> int:
    """How many keys, values and brackets there are, or more than are allowed; none in a string."""
    bare = plain.replace("\\\\", "").replace('\\"', "")
    if bare.count('"') > 2 * MAX_VALUES + 2:  # two beside each key and value
        return MAX_VALUES + 1
    return sum(map("".join(bare.split('"')[::2]).count, "[{,:"))


class _NoNumber(ValueError):
    """NaN or an infinity, which JSON does not have, or a number that nothing can hold."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    twice = _Twice(made)
    twice.keys_twice = frozenset(
        key for key, times in Counter(k for k, _ in pairs).items() if times > 1
    )
    return twice


def _whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise _NoNumber from None


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise _NoNumber from None


def _no_constant(_: str) -> NoReturn:
    raise _NoNumber


def _refuse(reason: str, message: str, line: int | None = None) -> NoReturn:
    raise JsonRefused([of_supplier(f"JSON.{reason}", "/", line, message)]) from None
