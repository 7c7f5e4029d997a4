"""The contract: what messages there are, what is in them, and how sure each fact is.

The facts are in ``contracts/<name>.toml``. A supplier with an agreement has the official WSDL;
what that says differently goes in a file of the same form that replaces single facts, each with its
source.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, Literal, get_args

from oso_adapter.errors import ConfigurationError
from oso_adapter.wire.kinds import KINDS

Evidence = Literal["attested", "derived", "assumed"]
Party = Literal["traffic-center", "school"]

_Table = dict[str, Any]

_ELEMENT_NAME: Final = re.compile("[A-Za-z_][A-Za-z0-9_.-]*")

_SHAPE: Final = "name, order and number of elements"

_FACT: Final = {"evidence": str, "source": str, "why": str}
_NAMESPACE: Final = {**_FACT, "value": str}
_OPTION: Final = {**_FACT, "value": str, "pattern": str}
_FIELD: Final = {**_FACT, "kind": str, "element": str, "min": int, "max": int}
_GROUP: Final = {**_FACT, "fields": dict, "order": list}
_MESSAGE: Final = {
    **_GROUP,
    "to": str,
    "exactly_one": list,
    "at_least_one": list,
    "open": bool,
    "dossier": bool,
}
_TOP: Final = {"name": str, "namespace": dict, "options": dict, "groups": dict, "messages": dict}


@dataclass(frozen=True)
class Fact:
    """How sure something is.

    evidence: attested (read in a public source), derived (follows from several) or assumed.
    source: where it was read, or which known gap it fills.
    why: the reason, where it is not attested.
    """

    evidence: Evidence
    source: str
    why: str


@dataclass(frozen=True)
class Option:
    """One choice in the contract, with how sure it is."""

    value: str
    fact: Fact


@dataclass(frozen=True)
class Field:
    """One element of a message; ``max`` is None where it is without limit."""

    name: str
    element: str
    kind: str
    min: int
    max: int | None
    fact: Fact

    @property
    def repeats(self) -> bool:
        """Whether its value is a list."""
        return self.max != 1


@dataclass(frozen=True)
class Group:
    """An element with elements that more than one message has; its name is the kind of a field."""

    fields: tuple[Field, ...]
    fact: Fact


@dataclass(frozen=True)
class MessageSpec:
    """One message: its fields in order, and what must be there.

    to: who receives the request of this exchange.
    open: extra elements are let through, because the content is not public.
    dossier: after its fields it can carry a dossier.
    """

    name: str
    to: Party
    fields: tuple[Field, ...]
    exactly_one: tuple[str, ...]
    at_least_one: tuple[str, ...]
    open: bool
    dossier: bool
    fact: Fact

    @property
    def is_answer(self) -> bool:
        """Whether it answers a request."""
        return self.name.endswith("Response")


@dataclass(frozen=True)
class Assumption:
    """Something in the contract that no public source says; ``item`` is its place in the file."""

    item: str
    value: str
    source: str
    why: str


@dataclass(frozen=True)
class Contract:
    """One version of the OSO messages (wire 0)."""

    name: str
    namespace: str
    namespace_fact: Fact
    messages: Mapping[str, MessageSpec]
    groups: Mapping[str, Group]
    options: Mapping[str, Option]

    def option(self, name: str) -> str:
        """The value of an option."""
        return self.options[name].value

    def soap_action(self, request: str) -> str:
        """The SOAPAction of a request, without quotes (wire U1)."""
        operation = request.removesuffix("Request")
        template = self.option("soap_action")
        return template.replace("{namespace}", self.namespace).replace("{operation}", operation)

    def assumed(self) -> list[Assumption]:
        """What rests on no public source, in the order of the file."""
        return [
            Assumption(item, value, fact.source, fact.why)
            for item, value, fact in self._facts()
            if fact.evidence == "assumed"
        ]

    def _facts(self) -> Iterator[tuple[str, str, Fact]]:
        yield "namespace", self.namespace, self.namespace_fact
        for name, option in self.options.items():
            yield f"options.{name}", option.value, option.fact
        for name, group in self.groups.items():
            yield f"groups.{name}", _SHAPE, group.fact
            for field in group.fields:
                yield f"groups.{name}.{field.name}", field.kind, field.fact
        for name, message in self.messages.items():
            yield f"messages.{name}", _SHAPE, message.fact
            for field in message.fields:
                yield f"messages.{name}.{field.name}", field.kind, field.fact


def load(name: str = "20200910", override: Path | None = None) -> Contract:
    """Read a contract.

    :param name: the date of the schema, as in the namespace.
    :param override: a TOML file of the same form with only what differs; each table in it that
        states a fact needs ``source``, and its evidence is attested unless it says otherwise.
    :raises ConfigurationError: there is no such contract, or a file is not right.
    """
    if override is None:
        return _as_it_is(name)
    table = _table(name)
    try:
        changes = tomllib.loads(override.read_text("utf-8"))
    except (OSError, UnicodeError, tomllib.TOMLDecodeError):
        raise ConfigurationError(f"{override} cannot be read as TOML") from None
    if "name" in changes:
        raise ConfigurationError("name: an override cannot rename the contract")
    _merge(table, _attested(changes, ""), "")
    return _contract(table)


@cache
def _as_it_is(name: str) -> Contract:
    return _contract(_table(name))


def _table(name: str) -> _Table:
    file = resources.files(__package__) / "contracts" / f"{name}.toml"
    if not re.fullmatch("[0-9]{8}", name) or not file.is_file():
        raise ConfigurationError(f"there is no wire contract {name!r}")
    return tomllib.loads(file.read_text("utf-8"))


def _attested(changes: _Table, at: str) -> _Table:
    """The changes, with evidence on each table that states a fact; each needs a source."""
    result = {
        key: _attested(v, f"{at}{key}.") if isinstance(v, dict) else v for key, v in changes.items()
    }
    states_fact = any(not isinstance(value, dict) for value in changes.values())
    if states_fact:
        if not changes.get("source"):
            raise ConfigurationError(f"{at}source: say where this fact was read")
        result.setdefault("evidence", "attested")
        result.setdefault("why", "")
    return result


def _merge(table: _Table, changes: _Table, at: str) -> None:
    for key, value in changes.items():
        known = key in table
        if key == "pattern":
            raise ConfigurationError(f"{at}{key} is not for an override")
        if at in ("options.", "messages.", "groups.") and not known:
            raise ConfigurationError(f"{at}{key} is not in the contract")
        if known and isinstance(table[key], dict) and isinstance(value, dict):
            _merge(table[key], value, f"{at}{key}.")
        else:
            table[key] = value


def _contract(table: _Table) -> Contract:
    _check(table, _TOP, "")
    _check(table["namespace"], _NAMESPACE, "namespace.")
    groups = {name: _group(group, f"groups.{name}.") for name, group in table["groups"].items()}
    kinds = frozenset({*KINDS, *groups})
    return Contract(
        name=table["name"],
        namespace=table["namespace"]["value"],
        namespace_fact=_fact(table["namespace"], "namespace."),
        messages={n: _message(n, m, kinds) for n, m in table["messages"].items()},
        groups=groups,
        options={n: _option(o, f"options.{n}.") for n, o in table["options"].items()},
    )


def _option(table: _Table, at: str) -> Option:
    _check(table, _OPTION, at)
    if not re.fullmatch(table["pattern"], table["value"]):
        raise ConfigurationError(f"{at}value does not match {table['pattern']}")
    return Option(table["value"], _fact(table, at))


def _group(table: _Table, at: str) -> Group:
    _check(table, _GROUP, at)
    return Group(_fields(table, at, frozenset(KINDS)), _fact(table, at))


def _message(name: str, table: _Table, kinds: frozenset[str]) -> MessageSpec:
    at = f"messages.{name}."
    _check(table, _MESSAGE, at)
    if table["to"] not in get_args(Party):
        raise ConfigurationError(f"{at}to is one of {', '.join(get_args(Party))}")
    fields = _fields(table, at, kinds)
    names = {field.name for field in fields} | {"dossier"}
    for key in ("exactly_one", "at_least_one"):
        if not names.issuperset(table.get(key, [])):
            raise ConfigurationError(f"{at}{key} names a field that the message does not have")
    return MessageSpec(
        name=name,
        to=table["to"],
        fields=fields,
        exactly_one=tuple(table.get("exactly_one", [])),
        at_least_one=tuple(table.get("at_least_one", [])),
        open=table.get("open", False),
        dossier=table.get("dossier", False),
        fact=_fact(table, at),
    )


def _fields(table: _Table, at: str, kinds: frozenset[str]) -> tuple[Field, ...]:
    """The fields in order; an order that leaves one out takes it from the message."""
    tables = table.get("fields", {})
    order = table.get("order", list(tables))
    if len(set(order)) != len(order) or not set(order) <= set(tables):
        raise ConfigurationError(f"{at}order names a field twice, or one that is not there")
    why = table.get("why", "")
    return tuple(_field(n, tables[n], f"{at}fields.{n}.", kinds, why) for n in order)


def _field(name: str, table: _Table, at: str, kinds: frozenset[str], why: str) -> Field:
    _check(table, _FIELD, at)
    if table.get("kind") not in kinds:
        raise ConfigurationError(f"{at}kind is one of {', '.join(sorted(kinds))}")
    element = table.get("element", name)
    if not _ELEMENT_NAME.fullmatch(element):
        raise ConfigurationError(f"{at}element is not a name for an element")
    return Field(
        name=name,
        element=element,
        kind=table["kind"],
        min=table.get("min", 1),
        max=table.get("max", 1) or None,
        fact=_fact(table, at, why),
    )


def _fact(table: _Table, at: str, why: str = "") -> Fact:
    if table.get("evidence") not in get_args(Evidence):
        raise ConfigurationError(f"{at}evidence is one of {', '.join(get_args(Evidence))}")
    return Fact(table["evidence"], table["source"], table.get("why", why))


def _check(table: _Table, known: Mapping[str, type], at: str) -> None:
    if not isinstance(table, dict):
        raise ConfigurationError(f"{at.rstrip('.')} must be a table")
    for key, value in table.items():
        if key not in known:
            raise ConfigurationError(f"{at}{key} is not known")
        # type() and not isinstance(): a boolean is no number here
        if type(value) is not known[key]:
            raise ConfigurationError(f"{at}{key} must be a {known[key].__name__}")
