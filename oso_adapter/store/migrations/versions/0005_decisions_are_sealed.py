"""What was said when a dossier was decided on is sealed: it is free text."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What stood in the clear is destroyed: a migration has no keys to seal it with."""
    op.execute("UPDATE received SET reason = NULL, categories = NULL")
    for name in ("reason", "categories"):
        op.add_column("received", sa.Column(f"{name}_sealed", sa.LargeBinary(), nullable=True))
        op.drop_column("received", name)
