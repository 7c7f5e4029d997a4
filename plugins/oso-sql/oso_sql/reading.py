"""Reading a mapping: strict, so that a word that was mistyped is told and not left out."""

import tomllib
from collections.abc import Collection, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text

from oso_adapter.standard.attachments import CONTENT
from oso_adapter.standard.codec import TEXT
from oso_adapter.standard.pack import Pack, available, load_pack
from oso_adapter.standard.structure import Element
from oso_sql import form
from oso_sql.mapping import (
    NOT_COMPARED,
    PUPIL,
    Block,
    Field,
    Former,
    Import,
    Local,
    MappingRefused,
    Query,
    SqlMapping,
    compared,
)

_TOP: Final = {
    *("pupil", "queries", "codes", "shapes", "blocks", "import"),
}
_SHAPE: Final = {"like", "fields", "blocks", "value", "unless"}
BLOCK_KEYS: Final = frozenset(
    {
        *_SHAPE,
        *("path", "under", "rows", "where", "join", "merge", "tag", "table", "number", "store"),
    }
)
_LOCAL: Final = {"codes", "date", "true", "false", "many", "folder", "packed", "store"}
FIELD_KEYS: Final = frozenset({"column", "value", "when", *_LOCAL})
_PUPIL: Final = {"query", "list", "former"}
_FORMER: Final = {"rows", "column", "table", "number", "store"}
_IMPORT: Final = {
    *("find", "key", "owner", "new", "replace", "update", "same", "done"),
}
_DONE: Final = {"table", "id", "outcome", "reason"}
_SAME: Final = ("achternaam", "geboortedatum")
_ROOT: Final = "huidigeschool"


def read(path: Path, release: str | None = None) -> SqlMapping:
    """The mapping in a TOML file; folders of documents are relative to it.

    release: of the standard; by default the newest. Raises MappingRefused
    with all that is wrong.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError:
        raise MappingRefused([f"{path.name}: the file cannot be read"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingRefused([f"{path.name}: no proper TOML ({type(error).__name__})"]) from None
    if wrong := form.problems(table):
        raise MappingRefused(wrong)
    pack = load_pack(release or available()[-1])
    return _Reader(table, pack, path).mapping()


class _Reader:
    def __init__(self, table: dict[str, Any], pack: Pack, source: Path) -> None:
        self._table = table
        self._pack = pack
        self._source = source
        self._problems: list[str] = []

    def mapping(self) -> SqlMapping:
        self._keys(self._table, _TOP, "the mapping")
        queries = {
            name: self._query(sql, f"queries.{name}")
            for name, sql in self._table.get("queries", {}).items()
        }
        pupil = self._table.get("pupil", {})
        self._keys(pupil, _PUPIL, "pupil")
        found = self._query(pupil.get("query"), "pupil.query")
        queries[PUPIL] = found
        self._rows = queries
        root = self._tree()
        mapping = SqlMapping(
            pack=self._pack,
            pupil=found,
            pupils=self._query(pupil["list"], "pupil.list") if "list" in pupil else None,
            former=self._former(pupil["former"]) if "former" in pupil else None,
            queries=queries,
            root=root,
            taking=self._import(self._table["import"], root) if "import" in self._table else None,
            source=self._source,
        )
        if self._problems:
            raise MappingRefused(self._problems)
        return mapping

    def _problem(self, place: str, reason: str) -> None:
        self._problems.append(f"{place}: {reason}")

    def _keys(self, table: Mapping[str, Any], known: Collection[str], place: str) -> None:
        for key in sorted(set(table) - set(known)):
            self._problem(place, f"there is no key {key}; there are {', '.join(sorted(known))}")

    def _query(self, sql: Any, place: str) -> Query:
        if not isinstance(sql, str) or not sql.strip():
            self._problem(place, "a query is expected")
            return Query("SELECT 1", frozenset())
        return Query(sql, frozenset(text(sql).compile().params))

    def _former(self, table: Mapping[str, Any]) -> Former | None:
        self._keys(table, _FORMER, "pupil.former")
        if table.get("rows") not in self._rows or "column" not in table:
            self._problem("pupil.former", "the rows of a query and a column are expected")
            return None
        return Former(**table)

    def _import(self, table: Mapping[str, Any], root: Block) -> Import | None:
        self._keys(table, _IMPORT, "import")
        same = tuple(table.get("same", _SAME))
        if "same" in table:
            # what is not compared would let one pupil be written over another
            for name in sorted(set(same) - compared(root)) if same else ("same",):
                self._problem(f"import.same: {name}", NOT_COMPARED)
        done = table.get("done", {})
        self._keys(done, _DONE, "import.done")
        missing = [
            *(f"import.{key}" for key in ("find", "key", "owner", "new") if key not in table),
            *(f"import.done.{key}" for key in sorted(_DONE) if key not in done),
        ]
        for place in missing:
            self._problem(place, "is not there")
        if missing:
            return None
        return Import(
            find=self._query(table["find"], "import.find"),
            key=table["key"],
            owner=table["owner"],
            new=self._query(table["new"], "import.new"),
            replace=table.get("replace", {}),
            update=table.get("update", {}),
            same=same,
            done_table=done["table"],
            done={key: column for key, column in done.items() if key != "table"},
        )

    def _tree(self) -> Block:
        """The blocks as a tree: each in the one around it, whose row it can be joined to."""
        nodes: list[tuple[str, dict[str, Any], list[Any]]] = []
        for entry in self._table.get("blocks", []):
            path = str(entry.get("path", ""))
            around = entry.get("under", path.rpartition("/")[0] if path != _ROOT else "")
            nodes.append((path, entry, []))
            if path == _ROOT:
                continue
            above = self._around(around, nodes[:-1])
            if above is None:
                self._problem(path or "blocks", "a block of huidigeschool has to stand before it")
            else:
                above.append(nodes[-1])
        if not nodes or nodes[0][0] != _ROOT:
            raise MappingRefused([*self._problems, f"blocks: the first has the path {_ROOT}"])
        root = self._pack.structure.roots[self._pack.carried]
        return self._block(nodes[0], root, "", f"/{root.name}")

    @staticmethod
    def _around(path: str, nodes: list[tuple[str, dict[str, Any], list[Any]]]) -> Any:
        while path:
            for found, _, below in nodes:
                if found == path:
                    return below
            path = path.rpartition("/")[0]
        return None

    def _block(self, node: Any, parent: Element, base: str, full: str) -> Block:
        """A block from its entry, with what the shapes add that it is like."""
        path, entry, nested = node
        entry = self._like(entry, full)
        self._keys(entry, BLOCK_KEYS, path)
        steps = tuple(path.removeprefix(base).strip("/").split("/"))
        full = f"{full}/{'/'.join(steps)}"
        element = self._element(parent, steps, full)
        inside = [
            *((f"{path}/{below['path']}", below, []) for below in entry.get("blocks", ())),
            *nested,
        ]
        value = entry.get("value")
        fields = tuple(self._fields(entry.get("fields", {}), element, (), full))
        if "import" in self._table and entry.get("table"):
            self._writable(fields)
        rows = entry.get("rows")
        if rows is not None and rows not in self._rows:
            self._problem(full, f"there is no query {rows}")
        return Block(
            path=steps,
            full=full,
            element=element,
            rows=rows,
            where=entry.get("where", {}),
            join=entry.get("join", {}),
            merge=entry.get("merge", False),
            unless=self._unless(entry["unless"], full) if "unless" in entry else None,
            tag=entry.get("tag", {}),
            table=entry.get("table"),
            number=entry.get("number"),
            store=entry.get("store", {}),
            fields=fields,
            blocks=tuple(self._block(below, element, path, full) for below in inside),
            value=self._field(value, element, (), full, repeats=False) if value else None,
        )

    def _unless(self, given: Any, full: str) -> Field:
        return self._simple(given, (), f"{full}: unless", "boolean")

    def _writable(self, fields: tuple[Field, ...]) -> None:
        for spec in fields:
            if spec.local.folder is not None and spec.local.store is None:
                reason = "documents cannot be put on the share; say which column they go to (store)"
                self._problem(spec.full, reason)

    def _like(
        self, entry: Mapping[str, Any], full: str, within: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """The entry with the fields and blocks of its shapes; what it says itself goes first."""
        whole = dict(entry)
        for name in entry.get("like", ()):
            shape = self._table.get("shapes", {}).get(name)
            if shape is None or name in within:
                why = "is like itself" if name in within else "is not there"
                self._problem(full, f"the shape {name} {why}")
                continue
            self._keys(shape, _SHAPE, f"shapes.{name}")
            shape = self._like(shape, full, (*within, name))
            whole["fields"] = {**shape.get("fields", {}), **whole.get("fields", {})}
            whole["blocks"] = [*whole.get("blocks", []), *shape.get("blocks", [])]
        return whole

    def _element(self, parent: Element, steps: tuple[str, ...], full: str) -> Element:
        element = parent
        for step in steps:
            found = element.children.get(step)
            if found is None:
                raise MappingRefused([*self._problems, f"{full}: the standard has no such element"])
            element = found
        return element

    def _fields(
        self, table: Mapping[str, Any], element: Element, path: tuple[str, ...], full: str
    ) -> list[Field]:
        found: list[Field] = []
        for name, given in table.items():
            at, place = (*path, name), f"{full}/{name}"
            parts = {TEXT: element.type} | {a.name: a.type for a in element.attributes}
            child = element.children.get(name)
            if element.attributes and name in parts:
                found.append(self._simple(given, at, place, parts[name]))
            elif child is None:
                self._problem(place, "the standard has no such element")
            elif child.is_block or child.attributes:
                if child.repeats or child.sequence_repeats or not isinstance(given, dict):
                    self._problem(place, "this is a block; it needs blocks or fields of its own")
                else:
                    found += self._fields(given, child, at, place)
            else:
                found.append(self._field(given, child, at, place, repeats=child.repeats))
        return found

    def _field(
        self, given: Any, element: Element, path: tuple[str, ...], full: str, *, repeats: bool
    ) -> Field:
        kind = "file" if element.name == CONTENT else element.type
        return self._simple(given, path, full, kind, repeats=repeats)

    def _simple(
        self, given: Any, path: tuple[str, ...], full: str, kind: str, *, repeats: bool = False
    ) -> Field:
        said = {"column": given} if isinstance(given, str) else given
        if not isinstance(said, dict) or ("column" in said) == ("value" in said):
            self._problem(full, "the name of a column is expected, or a table with column or value")
            return Field(path, full, kind)
        self._keys(said, FIELD_KEYS, full)
        if wrong := list(form.field_problems(said, full)):
            self._problems += wrong
            return Field(path, full, kind)
        return Field(
            path=path,
            full=full,
            kind=kind,
            repeats=repeats,
            column=said.get("column"),
            value=said.get("value"),
            local=self._local(said, full),
            when=said.get("when", {}),
        )

    def _local(self, said: Mapping[str, Any], full: str) -> Local:
        local = {key: value for key, value in said.items() if key in _LOCAL}
        codes = local.get("codes")
        if isinstance(codes, str):
            if codes not in self._table.get("codes", {}):
                self._problem(full, f"there is no table codes.{codes}")
            codes = self._table.get("codes", {}).get(codes, {})
        if codes is not None:
            local["codes"] = {str(own): str(standard) for own, standard in codes.items()}
        if "folder" in local:
            local["folder"] = self._source.parent / local["folder"]
        return Local(**local)
