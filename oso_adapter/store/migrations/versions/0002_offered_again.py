"""When a received dossier is offered to the plugin again."""

import sqlalchemy as sa
from alembic import op

from oso_adapter.store.models import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What waits for nobody in particular may be offered from the moment it came."""
    with op.batch_alter_table("received", schema=None) as batch_op:
        batch_op.add_column(sa.Column("offer_at", Moment(), nullable=True))
    op.execute("UPDATE received SET offer_at = received_at WHERE state = 'wacht'")
