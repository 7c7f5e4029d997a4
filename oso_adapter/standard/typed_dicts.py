"""Types for the dict form, as Python: a TypedDict for every block of a release.

They say what mypy can hold: which keys a block has, which have to be there, what kind of value each
takes. What may stand in a value (a code, a pattern) and which of several alternatives is chosen is
judged when the dossier is (:mod:`oso_adapter.standard.fields`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import indent, wrap
from typing import Final

from oso_adapter.standard.attachments import CONTENT
from oso_adapter.standard.codec import TEXT
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.structure import Element

GIVEN: Final = "GivenDossier"
"""The name of what a plugin gives: a dossier without the blocks that are ours."""

SHARED: Final = "shared"
ROOT: Final = "dossier"
"""Modules: of blocks that several parts have, and of the dossier and its smaller parts."""

_PART: Final = 3
"""Names above a part that may get a module: dossier, huidigeschool, leerling."""
_OWN_MODULE: Final = 4
"""A part with as many blocks of its own has a module of its own."""

_WIDTH: Final = 96
_KINDS: Final[Mapping[str, str]] = {
    "boolean": "bool",
    "date": "date",
    "decimal": "Decimal",
    "int": "int",
    "integer": "int",
}
_IMPORTS: Final = (
    ("date", "from datetime import date"),
    ("Decimal", "from decimal import Decimal"),
    ("Path", "from pathlib import Path"),
)


@dataclass(frozen=True)
class _Definition:
    """One TypedDict. uses: the names of others in it; paths: where in a dossier it stands."""

    name: str
    text: str
    uses: frozenset[str]
    paths: tuple[tuple[str, ...], ...]


def one_module(pack: Pack) -> str:
    """All types of a release as the text of one module."""
    found = _definitions(pack)
    return _module(found, (), f"Types for the dict form of Gegevensset {pack.release}; generated.")


def modules(pack: Pack) -> dict[str, str]:
    """The same types as a package: file name and text of each module, ``__init__.py`` included."""
    found = _definitions(pack)
    homes = _homes(found)
    names = sorted(set(homes.values()), key=lambda name: (name != SHARED, name == ROOT, name))
    texts = {}
    for name in names:
        own = [each for each in found if homes[each.name] == name]
        used = {use for each in own for use in each.uses if homes[use] != name}
        imports = [(homes[use], use) for use in sorted(used)]
        title = f"Types for the dict form of Gegevensset {pack.release}, {name}; generated."
        texts[f"{name}.py"] = _module(own, _from(pack, imports), title)
    every = _from(pack, sorted((home, name) for name, home in homes.items()))
    listed = "".join(f'    "{name}",\n' for name in sorted(homes))
    title = f"Types for the dict form of Gegevensset {pack.release}; written by `make docs`."
    texts["__init__.py"] = "\n".join(
        [f'"""{title}"""', "", *every, "", f"__all__ = [\n{listed}]", ""]
    )
    return texts


def package_name(release: str) -> str:
    """The name under which the types of a release that we ship stand in ``standard/typed``."""
    return "release_" + re.sub(r"\W", "_", release)


def _definitions(pack: Pack) -> list[_Definition]:
    """Every definition, those that are used before those that use them."""
    made = _Definitions()
    root = pack.structure.roots[pack.carried]
    made.block(root, (root.name,))
    given = next(child for child in root.content if child.name == "huidigeschool")
    lines = [(given.name, made.names[root.name, given.name], True)]
    text = _rendered(GIVEN, lines, "What a plugin gives of a pupil; the rest of a dossier is ours.")
    uses = frozenset([made.names[root.name, given.name]])
    return [*made.found.values(), _Definition(GIVEN, text, uses, ((root.name,),))]


class _Definitions:
    """Makes definitions; equal ones of one name are one, as in the JSON Schema."""

    def __init__(self) -> None:
        self.found: dict[str, _Definition] = {}
        self.names: dict[tuple[str, ...], str] = {}

    def block(self, spec: Element, path: tuple[str, ...]) -> str:
        """The name of the definition of a block, which is made with all that is in it."""
        lines, uses = [], set()
        for child in spec.content:
            kind = self._kind(child, (*path, child.name))
            uses |= {kind} & self.found.keys()
            if child.sequence_repeats:
                kind = f"list[{kind}]"
            if child.repeats:
                kind = f"list[{kind}]"
            lines.append((child.name, kind, child.min > 0 and not child.choice))
        return self._named(spec, path, lines, uses)

    def _kind(self, spec: Element, path: tuple[str, ...]) -> str:
        if spec.is_block:
            return self.block(spec, path)
        if spec.name == CONTENT:
            return "str | bytes | Path"
        plain = _KINDS.get(spec.type, "str")
        if not spec.attributes:
            return plain
        lines = [(TEXT, plain, True)]
        lines += [(a.name, _KINDS.get(a.type, "str"), a.required) for a in spec.attributes]
        return self._named(spec, path, lines, set())

    def _named(
        self,
        spec: Element,
        path: tuple[str, ...],
        lines: Sequence[tuple[str, str, bool]],
        uses: set[str],
    ) -> str:
        for depth in range(1, len(path) + 1):
            name = "".join(map(_camel, path[-depth:]))
            text = _rendered(name, lines, spec.documentation)
            there = self.found.get(name)
            if there is None or _body(there.text) == _body(text):
                paths = (*(there.paths if there else ()), path)
                text = there.text if there else text
                self.found[name] = _Definition(name, text, frozenset(uses), paths)
                self.names[path] = name
                return name
        raise AssertionError("a whole path is one place")


def _rendered(name: str, lines: Iterable[tuple[str, str, bool]], documentation: str) -> str:
    """A TypedDict in the form that our formatter gives it."""
    fields = [(key, kind if needed else f"NotRequired[{kind}]") for key, kind, needed in lines]
    told = _docstring(documentation)
    if all(key.isidentifier() for key, _ in fields):
        body = "\n".join(f"    {key}: {kind}" for key, kind in fields)
        return f"class {name}(TypedDict):\n{indent(told, '    ')}\n\n{body}"
    body = "\n".join(f'        "{key}": {kind},' for key, kind in fields)
    return f'{name} = TypedDict(\n    "{name}",\n    {{\n{body}\n    }},\n)\n{told}'


def _body(text: str) -> list[str]:
    """The keys with their kinds; of two places that differ in their documentation alone is one."""
    return [line for line in text.splitlines() if re.match(r'\s+"?[\w-]+"?: ', line)]


def _docstring(text: str) -> str:
    lines = wrap(text, _WIDTH - 10, break_on_hyphens=False)
    return '"""' + "\n".join(lines) + ('"""' if len(lines) == 1 else '\n"""')


def _camel(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"\W|_", name))


def _homes(found: Iterable[_Definition]) -> dict[str, str]:
    """The module of each definition."""
    parts = {each.name: {_part(path) for path in each.paths} for each in found}
    own = [next(iter(those)) for those in parts.values() if len(those) == 1]
    return {
        name: SHARED
        if len(those) > 1
        else next(part if own.count(part) >= _OWN_MODULE else ROOT for part in those)
        for name, those in parts.items()
    }


def _part(path: tuple[str, ...]) -> str:
    return path[_PART] if len(path) > _PART else ROOT


def _from(pack: Pack, imports: Iterable[tuple[str, str]]) -> list[str]:
    """The import statements for pairs of a module and a name."""
    wanted: dict[str, list[str]] = {}
    for module, name in imports:
        wanted.setdefault(module, []).append(name)
    package = f"oso_adapter.standard.typed.{package_name(pack.release)}"
    return [
        _statement(f"{package}.{module}", sorted(names, key=str.casefold))
        for module, names in sorted(wanted.items())
    ]


def _statement(module: str, names: Sequence[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= _WIDTH + 4:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def _module(found: Sequence[_Definition], imports: Sequence[str], title: str) -> str:
    texts = [each.text for each in found]
    body = "\n\n\n".join(texts)
    return "\n".join([f'"""{title}"""', "", *_standard(body), *_spaced(imports), "", "", body, ""])


def _standard(body: str) -> Iterator[str]:
    yield from (line for name, line in _IMPORTS if re.search(rf"\b{name}\b(?!:)", body))
    names = [name for name in ("NotRequired", "TypedDict") if name in body]
    yield f"from typing import {', '.join(names)}"


def _spaced(imports: Sequence[str]) -> list[str]:
    return ["", *imports] if imports else []
