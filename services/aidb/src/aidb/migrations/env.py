"""Alembic's entry: runs on the connection that aidb.schema hands over."""

from alembic import context

from aidb.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
