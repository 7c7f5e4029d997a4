"""Whether each administration was connected when the OSR was last looked at."""

import sqlalchemy as sa
from alembic import op

from oso_adapter.store.models import Moment

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "connections",
        sa.Column("administration_id", sa.Integer(), nullable=False),
        sa.Column("connected", sa.Boolean(), nullable=False),
        sa.Column("mandated", sa.Boolean(), nullable=False),
        sa.Column("endpoint", sa.String(length=10), nullable=True),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("looked_at", Moment(), nullable=False),
        sa.Column("mandate_seen_at", Moment(), nullable=True),
        sa.Column("endpoint_seen_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["administration_id"],
            ["administrations.id"],
            name=op.f("fk_connections_administration_id"),
        ),
        sa.PrimaryKeyConstraint("administration_id", name=op.f("pk_connections")),
    )
