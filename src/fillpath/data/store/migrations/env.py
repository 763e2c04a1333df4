"""Run the migrations on the connection that is handed in; Alembic calls this file."""

from alembic import context

from fillpath.data.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    # SQLite cannot change a table in place: Alembic then makes a new one and copies.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
