"""Lists come in pages: in an order that stays, from an opaque cursor on."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from marshmallow import Schema, fields, validate
from sqlalchemy import ColumnElement, Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

from oso_adapter.web.api.problems import Problem
from oso_adapter.web.api.values import RoutingIdField

MOST: Final = 200

Item = TypeVar("Item")


class PageQuery(Schema):
    """Which part of a list is asked for."""

    after = fields.String(
        validate=validate.Length(1, 200),
        metadata={"description": "The cursor `next` of the page before this one."},
    )
    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(1, MOST),
        metadata={"description": "How many items come at most."},
    )


class ListQuery(PageQuery):
    """A list of one administration, or of all that the token is for."""

    administration = RoutingIdField(metadata={"description": "Only of this routeringskenmerk."})


class Page(Schema):
    """A part of a list. The subclass has the items."""

    next = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Cursor behind the last item; give it as `after` to go on."},
    )
    more = fields.Boolean(
        required=True, metadata={"description": "Whether there are more items now."}
    )


def page(
    session: Session,
    query: Select[Any],
    keys: Sequence[InstrumentedAttribute[Any]],
    asked: dict[str, Any],
) -> dict[str, Any]:
    """A page of what a query finds: its rows, the cursor behind them, whether there are more.

    keys: by what it is ordered: a column that never repeats, after a moment that may.
    """
    after = asked.get("after")
    if after is not None:
        query = query.where(_beyond(keys, _read(after, len(keys))))
    rows = session.scalars(query.order_by(*keys).limit(asked["limit"] + 1)).all()
    items = rows[: asked["limit"]]
    return {
        "items": items,
        "next": _cursor(items[-1], keys) if items else after,
        "more": len(rows) > len(items),
    }


def part(
    items: Sequence[Item], key: Callable[[Item], str], asked: dict[str, Any]
) -> dict[str, Any]:
    """A page of what was put together here.

    key: by what it is ordered, which an item keeps whatever becomes of the others: whoever deals
    with a page and then asks for the next one misses nothing.
    """
    after = asked.get("after")
    last = _last(after) if after is not None else ""
    left = sorted((item for item in items if key(item) > last), key=key)
    found = left[: asked["limit"]]
    cursor = _written([key(found[-1])]) if found else after
    return {"items": found, "next": cursor, "more": len(left) > len(found)}


def by_number(item: dict[str, Any]) -> str:
    """The key of what has an ``id`` that is a number."""
    return f"{item['id']:020}"


def of_moment(moment: datetime) -> str:
    """A moment as a part of a key: later ones sort behind."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _beyond(keys: Sequence[InstrumentedAttribute[Any]], last: Sequence[Any]) -> ColumnElement[bool]:
    beyond: ColumnElement[bool] = keys[0] > last[0]
    return beyond if len(keys) == 1 else or_(beyond, and_(keys[0] == last[0], keys[1] > last[1]))


def _cursor(row: Any, keys: Sequence[InstrumentedAttribute[Any]]) -> str:
    values = [getattr(row, str(key.key)) for key in keys]
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return _written(plain)


def _written(values: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _read(cursor: str, count: int) -> list[Any]:
    """The values of the columns that a cursor says."""
    found: list[Any] = _judged(cursor, _number if count == 1 else _moment_and_id)
    return found


def _last(cursor: str) -> str:
    """The key that a cursor says."""
    found: str = _judged(cursor, _text)
    return found


def _judged(cursor: str, judge: Callable[..., Any]) -> Any:
    """What a cursor says; one that we did not give is refused."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return judge(*json.loads(base64.urlsafe_b64decode(padded.encode("ascii"))))
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError, binascii.Error):
        raise Problem(422, errors=[("after", "is no cursor that was given here")]) from None


def _moment_and_id(moment: Any, row: Any) -> list[Any]:
    return [datetime.fromisoformat(moment).astimezone(UTC), str(UUID(row))]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: Any) -> list[int]:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError
    return [value]
