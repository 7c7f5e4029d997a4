"""What is known of the OSR: who may ask us, and what is registered of ours."""

import sqlalchemy as sa
from alembic import op

from oso_adapter.store.models import Moment

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "mandate_checks",
        sa.Column("oin", sa.String(length=20), nullable=False),
        sa.Column("brin", sa.String(length=4), nullable=False),
        sa.Column("mandated", sa.Boolean(), nullable=True),
        sa.Column("checked_at", Moment(), nullable=True),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("oin", "brin", name=op.f("pk_mandate_checks")),
    )
    op.create_table(
        "osr_moments",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_osr_moments")),
    )
    op.create_table(
        "own_mandates",
        sa.Column("brin", sa.String(length=4), nullable=False),
        sa.Column("href", sa.String(length=300), nullable=False),
        sa.Column("first_seen", sa.Date(), nullable=False),
        sa.Column("last_seen", sa.Date(), nullable=False),
        sa.Column("end_date", sa.Date(), nullable=True),
        sa.Column("gone_since", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("brin", name=op.f("pk_own_mandates")),
    )
    op.create_table(
        "own_endpoints",
        sa.Column("routing_id", sa.String(length=20), nullable=False),
        sa.Column("namespace", sa.String(length=300), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("routing_id", "namespace", name=op.f("pk_own_endpoints")),
    )
