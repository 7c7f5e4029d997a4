"""Which pupil a request means, as a plugin knows it; and the rules that plugins add."""

import sqlalchemy as sa
from alembic import op

from oso_adapter.store.models import Moment

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision; requests that came before are asked about too."""
    with op.batch_alter_table("requests", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pupil_sealed", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("look_up_at", Moment(), nullable=True))
        batch_op.add_column(
            sa.Column("looked_up", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.create_index(batch_op.f("ix_requests_look_up_at"), ["look_up_at"], unique=False)
    op.execute("UPDATE requests SET look_up_at = last_at WHERE prepared_id IS NULL")
    with op.batch_alter_table("requests", schema=None) as batch_op:
        batch_op.alter_column("looked_up", server_default=None)
    op.create_table(
        "extra_rules",
        sa.Column("plugin", sa.String(length=100), nullable=False),
        sa.Column("release", sa.String(length=20), nullable=False),
        sa.Column("profile", sa.String(length=10), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("trouble", sa.String(length=200), nullable=True),
        sa.Column("given_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("plugin", "release", "profile", name=op.f("pk_extra_rules")),
    )
