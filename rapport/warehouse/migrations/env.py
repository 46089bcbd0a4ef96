"""What Alembic runs: migrations, in the transaction of the connection it was given."""

from alembic import context

from rapport.warehouse.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
