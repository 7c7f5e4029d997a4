"""The runner looks at every tick for versions whose last day has passed."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One index."""
    op.create_index("ix_prepared_last_day", "prepared", ["state", "ready_until"])
