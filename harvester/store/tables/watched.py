"""Links that are watched by name, whoever they belong to."""

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, Table, Text

from harvester.store.tables.base import metadata

# By the account's name, as leases are: links may be imported before it is asked for the first time.
watched = Table(
    "watched",
    metadata,
    Column("account", Text, nullable=False),
    Column("bitlink", Text, nullable=False),
    Column("added_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("account", "bitlink"),
)
