"""The facts: snapshots and their rows, all that repeats interned, and what is missing."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from harvester.store.tables.base import Key, metadata

facets = Table(
    "facets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False, server_default="bitlink"),
    Column("proved_by", Text, nullable=False, server_default="clicks"),  # a facet's name
)

windows = Table(
    "windows",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("unit", Text, nullable=False),
    Column("starts_at", BigInteger, nullable=False),
    Column("day", Date, nullable=False),
    UniqueConstraint("unit", "starts_at"),
)

labels = Table(
    "labels",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("facet_id", ForeignKey("facets.id"), nullable=False),
    Column("digest", LargeBinary(16), nullable=False),  # tells null from empty, as UNIQUE cannot
    Column("c1", Text),
    Column("c2", Text),
    Column("c3", Text),
    Column("c4", Text),
    UniqueConstraint("facet_id", "digest"),
)

# Without foreign keys where a row is counted in millions: each would cost a look-up per row, and
# one writer fills these tables from ids that it has just read.
snapshots = Table(
    "snapshots",
    metadata,
    Column("id", Key, primary_key=True),
    Column("subject_id", Integer, nullable=False),
    Column("facet_id", Integer, nullable=False),
    Column("window_id", Integer, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("cut", Boolean, nullable=False),
    Column("observed_at", BigInteger, nullable=False),
    Column("last_seen_at", BigInteger, nullable=False),
    Column("superseded_at", BigInteger),
)
Index(
    "uq_snapshots_current",
    snapshots.c.subject_id,
    snapshots.c.facet_id,
    snapshots.c.window_id,
    unique=True,
    sqlite_where=text("superseded_at IS NULL"),
    postgresql_where=text("superseded_at IS NULL"),
)
Index(  # what was said before of a number that has changed
    "ix_snapshots_superseded",
    snapshots.c.subject_id,
    snapshots.c.facet_id,
    snapshots.c.window_id,
    sqlite_where=text("superseded_at IS NOT NULL"),
    postgresql_where=text("superseded_at IS NOT NULL"),
)
Index(  # a few rows among millions, which harvest_missing looks for
    "ix_snapshots_cut",
    snapshots.c.window_id,
    sqlite_where=text("cut AND superseded_at IS NULL"),
    postgresql_where=text("cut AND superseded_at IS NULL"),
)

metrics = Table(
    "metrics",
    metadata,
    Column("snapshot_id", BigInteger, nullable=False),
    Column("label_id", Integer, nullable=False),
    Column("clicks", BigInteger, nullable=False),
    PrimaryKeyConstraint("snapshot_id", "label_id"),
    sqlite_with_rowid=False,
)

# A roll-up for reports: the clicks that are current and above 0, without what makes snapshots long.
clicked = Table(
    "clicked",
    metadata,
    Column("window_id", Integer, nullable=False),
    Column("subject_id", Integer, nullable=False),
    Column("clicks", BigInteger, nullable=False),
    PrimaryKeyConstraint("window_id", "subject_id"),
    sqlite_with_rowid=False,
)

# The snapshots of weeks and months that are current: readers see them, and nothing finer inside.
coarse = Table(
    "coarse",
    metadata,
    Column("subject_id", Integer, nullable=False),
    Column("facet_id", Integer, nullable=False),
    Column("window_id", Integer, nullable=False),
    Column("starts_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("subject_id", "facet_id", "window_id"),
    sqlite_with_rowid=False,
)

missing = Table(
    "missing",
    metadata,
    Column("subject_id", Integer, nullable=False),
    Column("facet_id", Integer, nullable=False),
    Column("window_id", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("subject_id", "facet_id", "window_id"),
    sqlite_with_rowid=False,
)
