"""What the OSR gives, read into forms of our own (osr-and-security 1.5).

Full schemas are not public (OSR U2): what is used is judged here, unknown fields are passed over.
Version 3 differs in names only, and both are read: ``uuid`` for the id of an endpoint, ``bgeCode``
for the number of a board. Objects refer to each other by links, paths relative to the host.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, TypeVar

from oso_adapter.clock import school_date
from oso_adapter.errors import MalformedAnswer

T = TypeVar("T")

ACTIVE: Final = "active"
_LONGEST_LINK: Final = 300


@dataclass(frozen=True)
class School:
    """A school as the register knows it (OSR: Opvragen informatie over onderwijsinstelling).

    board: link to its board, or None.
    """

    name: str
    oin: str
    brin: str
    board: str | None = None


@dataclass(frozen=True)
class Board:
    """A board (bevoegd gezag): its number in RIO, and links to its schools."""

    number: str
    schools: tuple[str, ...]


@dataclass(frozen=True)
class Service:
    """A service (dienst) for which schools give mandates."""

    code: str
    name: str


@dataclass(frozen=True)
class ServiceVersion:
    """A version of a service (dienstversie); endpoints are registered under its namespace."""

    namespace: str
    status: str

    @property
    def is_active(self) -> bool:
        """Whether endpoints can be registered for it."""
        return self.status == ACTIVE


@dataclass(frozen=True)
class Mandate:
    """Our own mandate: the token, which is a secret, opens registration of endpoints.

    school: link to the school that gave it; None when a board gave it (version 3).
    """

    token: str = field(repr=False)
    start_date: date | None
    end_date: date | None
    school: str | None = None


@dataclass(frozen=True)
class RegisteredEndpoint:
    """An endpoint in the register: at most one per routing id and service version on a day."""

    id: str
    routing_id: str
    url: str
    attributes: str | None
    start_date: date | None
    end_date: date | None
    is_ours: bool


def read_all(answer: Any, form: Callable[[Mapping[str, Any]], T]) -> list[T]:
    """What the OSR gave, a list or one object, each item in the form that is expected.

    Raises :class:`MalformedAnswer`.
    """
    items = [answer] if isinstance(answer, Mapping) else answer
    try:
        if not isinstance(items, list):
            raise TypeError
        return [form(item) for item in items]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise MalformedAnswer("the OSR gave something else than was asked for") from None


def school(item: Mapping[str, Any]) -> School:
    """Read a school."""
    return School(_text(item, "name"), _text(item, "oin"), _text(item, "brin"), link(item, "board"))


def board(item: Mapping[str, Any]) -> Board:
    """Read a board; one early page of version 3 writes bge_code."""
    number = item.get("number") or item.get("bgeCode") or item["bge_code"]
    schools = item["schools"]
    if not isinstance(schools, list):
        raise TypeError
    return Board(str(number), tuple(_href(school) for school in schools))


def service(item: Mapping[str, Any]) -> Service:
    """Read a service."""
    return Service(_text(item, "code"), _text(item, "name"))


def service_version(item: Mapping[str, Any]) -> ServiceVersion:
    """Read a version of a service; any other status than active is none that can be used."""
    return ServiceVersion(_text(item, "namespace"), str(item.get("status")).lower())


def mandate(item: Mapping[str, Any]) -> Mandate:
    """Read a mandate; without a token it is somebody else's."""
    token = _text(item, "token") if item.get("token") else ""
    return Mandate(token, _day(item, "start_date"), _day(item, "end_date"), link(item, "school"))


def endpoint(item: Mapping[str, Any]) -> RegisteredEndpoint:
    """Read an endpoint."""
    return RegisteredEndpoint(
        id=str(item["id"] if "id" in item else item["uuid"]),
        routing_id=_text(item, "routing_id"),
        url=_text(item, "url"),
        attributes=item.get("attributes"),
        start_date=_day(item, "start_date"),
        end_date=_day(item, "end_date"),
        is_ours=item.get("user_is_owner", False) is True,
    )


def routing_id(answer: Any) -> str:
    """A proposed routing id: an object that holds it, or the bare text (assumed, OSR U7)."""
    value = answer.get("routing_id") if isinstance(answer, Mapping) else answer
    if not isinstance(value, str):
        raise MalformedAnswer("the OSR gave something else than was asked for")
    return value


def link(item: Mapping[str, Any], name: str) -> str | None:
    """The link with that name, or None."""
    found = (item.get("_links") or {}).get(name)
    return _href(found) if found else None


def _href(value: Any) -> str:
    """A path on the same host; nothing in an answer leads to another one."""
    href = value["href"] if isinstance(value, Mapping) else value
    if not href.startswith("/") or href.startswith("//") or len(href) > _LONGEST_LINK:
        raise ValueError
    return str(href)


def _text(item: Mapping[str, Any], name: str) -> str:
    value = item[name]
    if not isinstance(value, str):
        raise TypeError
    return value


def _day(item: Mapping[str, Any], name: str) -> date | None:
    """A date; of a moment the day that it is in the Netherlands."""
    if not item.get(name):
        return None
    moment = datetime.fromisoformat(_text(item, name))
    return school_date(moment) if moment.tzinfo else moment.date()
