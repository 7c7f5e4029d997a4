"""Events become chains; what is destroyed leaves who it was about; holds."""

import sqlalchemy as sa
from alembic import op

from oso_adapter.store.event_chain import FIELDS, ORIGIN, link
from oso_adapter.store.models import Moment

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was recorded before this is chained as it stands here."""
    op.create_table(
        "event_chains",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("first_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_chains")),
    )
    columns = (("chain", sa.Integer()), ("number", sa.Integer()), ("hash", sa.String(length=64)))
    for name, kind in columns:
        op.add_column("events", sa.Column(name, kind, nullable=True))
    _chain_all()
    with op.batch_alter_table("events", schema=None) as batch_op:
        for name, kind in columns:
            batch_op.alter_column(name, existing_type=kind, nullable=False)
        batch_op.create_index("ix_events_chain", ["chain", "number"], unique=True)
        batch_op.create_index("ix_events_subject", ["subject"], unique=False)
        batch_op.create_index("ix_events_fault", ["fault_id"], unique=False)
    for statement in GUARDS:
        op.execute(statement)
    op.create_table(
        "pupil_links",
        sa.Column("subject", sa.String(length=36), nullable=False),
        sa.Column("pgn_hmac", sa.LargeBinary(), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("linked_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "pgn_hmac", name=op.f("pk_pupil_links")),
    )
    for column in ("order_id", "pgn_hmac"):
        op.create_index(op.f(f"ix_pupil_links_{column}"), "pupil_links", [column], unique=False)
    op.create_table(
        "holds",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("administration_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=36), nullable=True),
        sa.Column("pgn_hmac", sa.LargeBinary(), nullable=True),
        sa.Column("pgn_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("placed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["administration_id"], ["administrations.id"], name=op.f("fk_holds_administration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_table(
        "purge_memory",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purge_memory")),
    )


def _chain_all() -> None:
    connection = op.get_bind()
    events = sa.table(
        "events",
        sa.column("id"),
        sa.column("chain"),
        sa.column("hash"),
        *(sa.column(name, Moment() if name == "moment" else None) for name in FIELDS),
    )
    heads: dict[int, tuple[int, str]] = {}
    for row in connection.execute(sa.select(events).order_by(events.c.id)).mappings().all():
        chain = row["administration_id"] or 0
        count, previous = heads.get(chain, (0, ORIGIN))
        place = {"chain": chain, "number": count + 1}
        last = link(previous, {**row, **place})
        mine = events.c.id == row["id"]
        connection.execute(sa.update(events).where(mine).values(**place, hash=last))
        heads[chain] = (count + 1, last)
    for chain, (count, last) in heads.items():
        op.execute(
            sa.text(
                "INSERT INTO event_chains (id, count, hash, first, first_hash)"
                " VALUES (:id, :count, :hash, 0, :origin)"
            ).bindparams(id=chain, count=count, hash=last, origin=ORIGIN)
        )


_KEPT = "OLD.number > coalesce((SELECT first FROM event_chains WHERE id = OLD.chain), 0)"

GUARDS = (
    "CREATE TRIGGER events_stay BEFORE UPDATE ON events"
    " BEGIN SELECT RAISE(ABORT, 'events are append only'); END",
    f"CREATE TRIGGER events_remain BEFORE DELETE ON events WHEN {_KEPT}"
    " BEGIN SELECT RAISE(ABORT, 'events are append only'); END",
)
"""The database itself refuses to change a line, or to delete one that the chain does not begin
after."""
