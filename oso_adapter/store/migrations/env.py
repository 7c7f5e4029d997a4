"""What alembic runs: on the connection that the caller has already begun."""

from alembic import context

from oso_adapter.store.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
