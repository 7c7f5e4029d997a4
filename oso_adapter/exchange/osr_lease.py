"""One run of ``osr sync`` at a time; two at once could register an endpoint twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final, Protocol

from oso_adapter.errors import NotAllowed
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.store.pace import moment, set_moment

_LEASE: Final = "sync-until"
_LASTS: Final = timedelta(minutes=20)
"""Longer than one read with its pauses; a killed run is in the way for no longer."""
_RENEWED: Final = timedelta(minutes=1)


class Hold(Protocol):
    """Called before every call of the OSR, so that other runs stay away.

    Raises NotAllowed when this run was away for so long that another one began.
    """

    def __call__(self, *, writes: bool = False) -> None:
        """writes: whether the call changes something; before others it is looked at now and then,
        since nobody takes what is ours for many minutes, unless the clock went back.
        """


@contextmanager
def held(adapter: Adapter) -> Iterator[Hold]:
    """Keep other runs away; raises NotAllowed when another run is going on."""
    until = adapter.clock() + _LASTS
    with adapter.store.writing() as session:
        taken = moment(session, _LEASE)
        if taken is not None and adapter.clock() < taken <= until:
            raise NotAllowed("another osr sync is going on; try again when it is done")
        set_moment(session, _LEASE, until)

    def hold(*, writes: bool = False) -> None:
        nonlocal until
        now = adapter.clock()
        if not writes and timedelta(0) <= now - (until - _LASTS) < _RENEWED:
            return
        with adapter.store.writing() as session:
            if moment(session, _LEASE) != until:
                raise NotAllowed("another osr sync took over; this one stopped")
            until = now + _LASTS
            set_moment(session, _LEASE, until)

    try:
        yield hold
    finally:
        with adapter.store.writing() as session:
            if moment(session, _LEASE) == until:
                set_moment(session, _LEASE, adapter.clock())
