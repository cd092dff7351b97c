"""What a daemon does at present, how far it has come, and what people were told of it."""

from sqlalchemy import BigInteger, Boolean, Column, PrimaryKeyConstraint, Table, Text

from harvester.store.tables.base import metadata

# By the account's name, as leases are: one that was never asked is shown, too.
activity = Table(
    "activity",
    metadata,
    Column("account", Text, primary_key=True),
    Column("stage", Text, nullable=False),  # empty if nothing runs
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger),
    Column("note", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("next_at", BigInteger),
    Column("outcome", Text, nullable=False),  # of the last tick; empty if there was none
    Column("detail", Text, nullable=False),
)

# What was last told of a topic of an account, so that nothing is told twice.
notices = Table(
    "notices",
    metadata,
    Column("account", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("told_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("account", "topic"),
)

# How far the schedule of an account has come: what outlives the process.
ticks = Table(
    "ticks",
    metadata,
    Column("account", Text, primary_key=True),
    Column("due_at", BigInteger, nullable=False),  # when the last tick was due
    Column("opened_at", BigInteger),  # the same of the last one that got through, by errand
    Column("settled_at", BigInteger),
    Column("backfilled_at", BigInteger),
    Column("short", Boolean, nullable=False),  # the last backfill was short of requests
)
