"""The tables of the first release."""

import sqlalchemy as sa
from alembic import op

from oso_adapter.store.models import Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "administrations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("routing_id", sa.String(length=20), nullable=False),
        sa.Column("brin", sa.String(length=4), nullable=False),
        sa.Column("kind", sa.String(length=3), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("tenant", sa.String(length=100), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_administrations")),
        sa.UniqueConstraint("routing_id", name=op.f("uq_administrations_routing_id")),
    )
    with op.batch_alter_table("administrations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_administrations_brin"), ["brin"], unique=False)

    op.create_table(
        "event_offsets",
        sa.Column("plugin", sa.String(length=100), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("plugin", name=op.f("pk_event_offsets")),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("moment", Moment(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("administration_id", sa.Integer(), nullable=True),
        sa.Column("account", sa.String(length=200), nullable=True),
        sa.Column("subject", sa.String(length=36), nullable=True),
        sa.Column("session_id", sa.String(length=36), nullable=True),
        sa.Column("counterpart", sa.String(length=64), nullable=True),
        sa.Column("result", sa.String(length=64), nullable=True),
        sa.Column("fault_id", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_events_administration_id"), ["administration_id"], unique=False
        )
        batch_op.create_index("ix_events_session", ["session_id"], unique=False)

    op.create_table(
        "key_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_check")),
    )
    op.create_table(
        "payloads",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payloads")),
    )
    op.create_table(
        "exchanges",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("administration_id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("order_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("pgn_hmac", sa.LargeBinary(), nullable=False),
        sa.Column("bron_brin", sa.String(length=4), nullable=False),
        sa.Column("bron_routing_id", sa.String(length=20), nullable=True),
        sa.Column("overdrachtsoort", sa.String(length=30), nullable=False),
        sa.Column("asked_after", Moment(), nullable=True),
        sa.Column("ordered_at", Moment(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("session_id", sa.String(length=36), nullable=True),
        sa.Column("session_at", Moment(), nullable=True),
        sa.Column("key_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("result", sa.String(length=64), nullable=True),
        sa.Column("fault_id", sa.String(length=36), nullable=True),
        sa.Column("signed_off_at", Moment(), nullable=True),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["administration_id"],
            ["administrations.id"],
            name=op.f("fk_exchanges_administration_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchanges")),
    )
    with op.batch_alter_table("exchanges", schema=None) as batch_op:
        batch_op.create_index("ix_exchanges_due", ["state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_exchanges_pgn_hmac"), ["pgn_hmac"], unique=False)

    op.create_table(
        "prepared",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("administration_id", sa.Integer(), nullable=False),
        sa.Column("pupil_hmac", sa.LargeBinary(), nullable=False),
        sa.Column("pupil_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("profile", sa.String(length=5), nullable=False),
        sa.Column("release", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("collected_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("content_digest", sa.String(length=64), nullable=False),
        sa.Column("seen", sa.Boolean(), nullable=False),
        sa.Column("consent", sa.Boolean(), nullable=False),
        sa.Column("ready_until", sa.Date(), nullable=True),
        sa.Column("payload_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["administration_id"],
            ["administrations.id"],
            name=op.f("fk_prepared_administration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["payload_id"], ["payloads.id"], name=op.f("fk_prepared_payload_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prepared")),
        sa.UniqueConstraint(
            "administration_id",
            "pupil_hmac",
            "profile",
            "version",
            name=op.f("uq_prepared_administration_id_pupil_hmac_profile_version"),
        ),
    )
    with op.batch_alter_table("prepared", schema=None) as batch_op:
        batch_op.create_index("ix_prepared_state", ["administration_id", "state"], unique=False)

    op.create_table(
        "attempts",
        sa.Column("exchange_id", sa.String(length=36), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("routing_id", sa.String(length=20), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("result", sa.String(length=64), nullable=True),
        sa.Column("answered_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["exchange_id"], ["exchanges.id"], name=op.f("fk_attempts_exchange_id")
        ),
        sa.PrimaryKeyConstraint("exchange_id", "session_id", "position", name=op.f("pk_attempts")),
    )
    op.create_table(
        "prepared_numbers",
        sa.Column("prepared_id", sa.String(length=36), nullable=False),
        sa.Column("pgn_hmac", sa.LargeBinary(), nullable=False),
        sa.Column("administration_id", sa.Integer(), nullable=False),
        sa.Column("fragment_hmac", sa.LargeBinary(), nullable=False),
        sa.Column("pgn_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["administration_id"],
            ["administrations.id"],
            name=op.f("fk_prepared_numbers_administration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["prepared_id"], ["prepared.id"], name=op.f("fk_prepared_numbers_prepared_id")
        ),
        sa.PrimaryKeyConstraint("prepared_id", "pgn_hmac", name=op.f("pk_prepared_numbers")),
    )
    with op.batch_alter_table("prepared_numbers", schema=None) as batch_op:
        batch_op.create_index(
            "ix_prepared_numbers_candidates", ["administration_id", "fragment_hmac"], unique=False
        )

    op.create_table(
        "prepared_schools",
        sa.Column("prepared_id", sa.String(length=36), nullable=False),
        sa.Column("brin", sa.String(length=4), nullable=False),
        sa.ForeignKeyConstraint(
            ["prepared_id"], ["prepared.id"], name=op.f("fk_prepared_schools_prepared_id")
        ),
        sa.PrimaryKeyConstraint("prepared_id", "brin", name=op.f("pk_prepared_schools")),
    )
    op.create_table(
        "received",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("exchange_id", sa.String(length=36), nullable=False),
        sa.Column("administration_id", sa.Integer(), nullable=False),
        sa.Column("payload_id", sa.String(length=36), nullable=False),
        sa.Column("bron_brin", sa.String(length=4), nullable=False),
        sa.Column("release", sa.String(length=20), nullable=True),
        sa.Column("profile", sa.String(length=5), nullable=True),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("categories", sa.String(length=500), nullable=True),
        sa.Column("handed_over", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=200), nullable=True),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["administration_id"],
            ["administrations.id"],
            name=op.f("fk_received_administration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["exchange_id"], ["exchanges.id"], name=op.f("fk_received_exchange_id")
        ),
        sa.ForeignKeyConstraint(
            ["payload_id"], ["payloads.id"], name=op.f("fk_received_payload_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received")),
        sa.UniqueConstraint("exchange_id", name=op.f("uq_received_exchange_id")),
    )
    with op.batch_alter_table("received", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_received_administration_id"), ["administration_id"], unique=False
        )

    op.create_table(
        "requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("administration_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("peer_oin", sa.String(length=20), nullable=False),
        sa.Column("doel_brin", sa.String(length=4), nullable=False),
        sa.Column("doel_routing_id", sa.String(length=20), nullable=False),
        sa.Column("overdrachtsoort", sa.String(length=30), nullable=False),
        sa.Column("asked_after", Moment(), nullable=True),
        sa.Column("fragment_hmac", sa.LargeBinary(), nullable=False),
        sa.Column("key_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("first_at", Moment(), nullable=False),
        sa.Column("last_at", Moment(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(length=64), nullable=True),
        sa.Column("prepared_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["administration_id"],
            ["administrations.id"],
            name=op.f("fk_requests_administration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["prepared_id"], ["prepared.id"], name=op.f("fk_requests_prepared_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        sa.UniqueConstraint(
            "administration_id", "session_id", name=op.f("uq_requests_administration_id_session_id")
        ),
    )
