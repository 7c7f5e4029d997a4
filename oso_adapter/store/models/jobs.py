"""Long work that was ordered through the JSON API, and how far it has come."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from oso_adapter.store.models.base import Base


class JobKind(enum.StrEnum):
    """What is done for each item of a job."""

    COLLECT = "verzamelen"
    FETCH = "ophalen"
    FIND = "zoeken"


class ItemState(enum.StrEnum):
    """How far one item of a job has come."""

    WAITING = "wacht"
    DONE = "gelukt"
    FAILED = "mislukt"


class Job(Base):
    """Work for many pupils.

    Collecting, and finding, is done by the runner, one item after another: open until finished_at.
    Of fetching the orders are the work, and the job only says which belong together. options: what
    holds for all items (the profile, categories that stay out).
    """

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_open", "finished_at", "ordered_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    administration_id: Mapped[int] = mapped_column(ForeignKey("administrations.id"))
    kind: Mapped[str] = mapped_column(String(12))
    account: Mapped[str] = mapped_column(String(200))
    options: Mapped[dict[str, Any]]
    ordered_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(64))


class JobItem(Base):
    """One pupil of a job.

    pupil_sealed: the supplier's reference, empty once it was destroyed; subject: id of the order,
    or of the dossier that was made; outcome_sealed: what is told about it (findings, why it
    failed), as JSON. Of finding the one item has what is looked for there, and then who was found.
    """

    __tablename__ = "job_items"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(8))
    pupil_sealed: Mapped[bytes]
    subject: Mapped[str | None] = mapped_column(String(36))
    outcome_sealed: Mapped[bytes | None]
