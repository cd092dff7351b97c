"""How alembic runs our migrations: on the caller's connection, in the caller's transaction."""

from alembic import context

from harvester.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,  # for its naming convention
    render_as_batch=True,  # SQLite alters most things only by making the table anew
)
context.run_migrations()
