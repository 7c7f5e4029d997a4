"""Questions to the audit: what was done with a dossier, when, between whom, by whose order (PvE-4).

Looking is an event itself. The lines hold no number: those about a pupil are found by a digest, of
every number that the pupil has or had, also after the dossiers are destroyed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import uuid4

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.holds import asks_for
from oso_adapter.identifiers import Oin, Pgn, SessionId
from oso_adapter.results import result
from oso_adapter.store import events, pupils
from oso_adapter.store.models import (
    Administration,
    Event,
    PreparedNumber,
    PupilLink,
    Request,
)
from oso_adapter.store.sealing import Purpose

_SENDING: Final = ("request", "notice")
"""What the lines are named after that are about a school that hands out; others fetch."""

WENT_OUT: Final = ("request.delivered", "request.repeated")


@dataclass(frozen=True)
class Question:
    """What is asked; one of the first five. between: from a moment, and up to another.

    dossier: id of a prepared or received dossier or of an order; to_oin: the supplier whose
    system was given dossiers.
    """

    dossier: str | None = None
    session: SessionId | None = None
    fault: str | None = None
    pupil: Pgn | None = field(default=None, repr=False)
    to_oin: Oin | None = None
    between: tuple[datetime, datetime] | None = None
    administration: Administration | None = None

    @property
    def kind(self) -> str:
        """The word for it in the event."""
        asked = {
            "dossier": self.dossier,
            "session": self.session,
            "fault": self.fault,
            "pupil": self.pupil,
        }
        return next((word for word, value in asked.items() if value is not None), "to-oin")


def ask(adapter: Adapter, question: Question, *, account: str) -> Sequence[Event]:
    """The lines that answer the question, in the order in which things happened.

    That they were looked at is recorded before they are given.
    """
    which = [_which(adapter, question)]
    if question.between is not None:
        begin, end = question.between
        which += [Event.moment >= begin, Event.moment < end]
    if question.administration is not None:
        which.append(Event.administration_id == question.administration.id)
    with adapter.store.reading() as session:
        query = select(Event).where(*which).order_by(Event.id)
        found = session.scalars(query).all()
    _record(adapter, question, found, account)
    return found


def meaning(event: Event) -> str | None:
    """What the result of a line means, in Dutch, to the side that this school was on; None where
    there is no result.
    """
    if event.result is None:
        return None
    of_sender = event.name.partition(".")[0] in _SENDING
    return result(event.result).view("sending" if of_sender else "asking").text


def _which(adapter: Adapter, question: Question) -> ColumnElement[bool]:
    if question.session is not None:
        return Event.session_id == question.session
    if question.fault is not None:
        return Event.fault_id == question.fault
    if question.to_oin is not None:
        return Event.name.in_(WENT_OUT) & Event.counterpart.endswith(f" {question.to_oin}")
    if question.dossier is not None:
        with adapter.store.reading() as session:
            return _about(session, pupils.with_its_order(session, question.dossier), set())
    if question.pupil is not None:
        return _about_pupil(adapter, question.pupil)
    raise ValueError("a question about nothing")


def _about_pupil(adapter: Adapter, pupil: Pgn) -> ColumnElement[bool]:
    sealer = adapter.sealer
    with adapter.store.reading() as session:
        numbers = pupils.numbers_of(session, sealer.digest(Purpose.PGN, pupil.reveal()))
        subjects = pupils.subjects_of(session, numbers)
        others = session.scalars(
            select(PreparedNumber.pgn_sealed).where(PreparedNumber.pgn_hmac.in_(numbers))
        )
        digits = {sealer.open_field(sealed, Purpose.PGN).decode() for sealed in others}
        known = [Pgn(each) for each in digits | {pupil.reveal()}]
        fragments = [
            sealer.digest(Purpose.FRAGMENT, adapter.search_key.make(pgn).fragment) for pgn in known
        ]
        asked = session.scalars(select(Request).where(Request.fragment_hmac.in_(fragments)))
        sessions = {row.session_id for row in asked if asks_for(adapter, row, known)}
        return _about(session, subjects, sessions)


def _about(session: Session, subjects: set[str], sessions: set[str]) -> ColumnElement[bool]:
    """Lines with these subjects, and all of the sessions that these had: a session is about one
    pupil.
    """
    of_subjects = select(Event.session_id).where(
        Event.subject.in_(subjects), Event.session_id.is_not(None)
    )
    every = {*sessions, *session.scalars(of_subjects)}
    return or_(Event.subject.in_(subjects), Event.session_id.in_(every))


def _record(adapter: Adapter, question: Question, found: Sequence[Event], account: str) -> None:
    concerned = {event.administration_id for event in found}
    if question.administration is not None:
        concerned = {question.administration.id}
    moment = adapter.clock()
    # what nothing is known of may be anything that somebody typed, such as a name
    subject, fault_id = (question.dossier, question.fault) if found else (None, None)
    pgn = question.pupil
    with adapter.store.writing() as session:
        if pgn is not None:  # who looked at a pupil is part of what is known about that pupil
            subject = str(uuid4())
            digest = adapter.sealer.digest(Purpose.PGN, pgn.reveal())
            session.add(PupilLink(subject=subject, pgn_hmac=digest, linked_at=moment))
        events.record(
            session,
            "audit.shown",
            moment,
            administration_id=concerned.pop() if len(concerned) == 1 else None,
            account=account,
            subject=subject,
            session_id=question.session,
            counterpart=question.to_oin,
            fault_id=fault_id,
            reason=question.kind,
        )
