"""How far each group is harvested, and what its answers prove."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from harvester.store.tables.base import metadata

group_windows = Table(
    "group_windows",
    metadata,
    Column("group_id", ForeignKey("groups.id"), nullable=False),
    Column("facet_id", ForeignKey("facets.id"), nullable=False),
    Column("window_id", ForeignKey("windows.id"), nullable=False),
    Column("status", Text, nullable=False),  # open, complete, settled
    Column("links", Integer, nullable=False),
    Column("missing", Integer, nullable=False),
    Column("reason", Text),
    Column("closed_at", BigInteger),
    Column("retry_at", BigInteger),  # when what was not asked can be
    # breakdowns that do not add up to their clicks, when a run closed the window
    Column("contradictions", Integer, nullable=False, server_default="0"),
    PrimaryKeyConstraint("group_id", "facet_id", "window_id"),
    sqlite_with_rowid=False,
)

refusals = Table(
    "refusals",
    metadata,
    Column("group_id", ForeignKey("groups.id"), nullable=False),
    Column("facet_id", ForeignKey("facets.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("retry_at", BigInteger, nullable=False),
    Column("tier", Text, nullable=False, server_default=""),  # of the plan that refused it
    PrimaryKeyConstraint("group_id", "facet_id"),
)

# What is proved of all links of a group at once; see domain/proofs.py.
proofs = Table(
    "proofs",
    metadata,
    Column("group_id", ForeignKey("groups.id"), nullable=False),
    Column("window_id", ForeignKey("windows.id"), nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("total", BigInteger),
    Column("customs", Boolean, nullable=False),
    PrimaryKeyConstraint("group_id", "window_id"),
    sqlite_with_rowid=False,
)

# How far a group's answers were seen to fit each other; a group without a row is trusted.
trust = Table(
    "trust",
    metadata,
    Column("group_id", ForeignKey("groups.id"), primary_key=True),
    Column("totals", Boolean, nullable=False),
    Column("customs", Boolean),
    Column("contradictions", Integer, nullable=False),
    Column("detail", Text, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("explained", Boolean),  # by the clicks of its links, as far as was seen
)
