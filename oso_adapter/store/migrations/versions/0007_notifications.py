"""Notifications: sent to systems that asked in vain, and received from schools that we asked."""

import sqlalchemy as sa
from alembic import op

from oso_adapter.store.models import Moment

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Requests are found by their fragment now."""
    _sent()
    _received()


def _sent() -> None:
    op.create_index("ix_requests_candidates", "requests", ["administration_id", "fragment_hmac"])
    op.create_table(
        "notices",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("administration_id", sa.Integer(), nullable=False),
        sa.Column("prepared_id", sa.String(length=36), nullable=False),
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("ordered_at", Moment(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("url", sa.String(length=2000), nullable=True),
        sa.Column("result", sa.String(length=64), nullable=True),
        sa.Column("fault_id", sa.String(length=36), nullable=True),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["requests.id"],
            name=op.f("fk_notices_request_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["administration_id"], ["administrations.id"], name=op.f("fk_notices_administration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    for column in ("request_id", "administration_id", "state"):
        op.create_index(op.f(f"ix_notices_{column}"), "notices", [column])


def _received() -> None:
    op.create_table(
        "notifications",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("administration_id", sa.Integer(), nullable=False),
        sa.Column("exchange_id", sa.String(length=36), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("bron_brin", sa.String(length=4), nullable=False),
        sa.Column("bron_routing_id", sa.String(length=20), nullable=False),
        sa.Column("peer_oin", sa.String(length=20), nullable=False),
        sa.Column("first_at", Moment(), nullable=False),
        sa.Column("last_at", Moment(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["administration_id"],
            ["administrations.id"],
            name=op.f("fk_notifications_administration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["exchange_id"],
            ["exchanges.id"],
            name=op.f("fk_notifications_exchange_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint(
            "administration_id",
            "session_id",
            "bron_routing_id",
            name=op.f("uq_notifications_administration_id_session_id_bron_routing_id"),
        ),
    )
    op.create_index(op.f("ix_notifications_exchange_id"), "notifications", ["exchange_id"])
    op.create_table(
        "notification_offers",
        sa.Column("notification_id", sa.String(length=36), nullable=False),
        sa.Column("plugin", sa.String(length=100), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notifications.id"],
            name=op.f("fk_notification_offers_notification_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("notification_id", "plugin", name=op.f("pk_notification_offers")),
    )
