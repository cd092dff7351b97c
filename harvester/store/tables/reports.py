"""What of the settings the views have to know: a copy, kept in step at each start."""

from sqlalchemy import BigInteger, Column, Date, Integer, PrimaryKeyConstraint, Table, Text

from harvester.store.tables.base import metadata

# How far the clocks of the reporting zone are ahead of UTC, from when until when.
offsets = Table(
    "offsets",
    metadata,
    Column("zone", Text, nullable=False),
    Column("from_at", BigInteger, nullable=False),
    Column("until_at", BigInteger, nullable=False),
    Column("seconds", Integer, nullable=False),
    PrimaryKeyConstraint("from_at"),
)

# What a bitlink was used for, from day to day, both included; those of one bitlink do not overlap.
attributions = Table(
    "attributions",
    metadata,
    Column("bitlink", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=False),
    PrimaryKeyConstraint("bitlink", "since"),
)
