"""The tables. All are private: readers use the views (docs/schema.md), so these may change.

Instants are whole unix seconds, UTC: 4 bytes in SQLite where ISO text costs 25. What repeats
(windows, labels) is interned, so that a metric row is three small integers.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only for a column that says INTEGER.
_Key = BigInteger().with_variant(Integer(), "sqlite")

accounts = Table(
    "accounts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("login", Text, nullable=False),
    Column("last_seen_at", BigInteger, nullable=False),
    Column("entered_at", BigInteger),  # when all that stands before a harvest was last asked
    Column("stopped_until", BigInteger),  # nothing is asked before then
    Column("stopped_why", Text),
)

organizations = Table(
    "organizations",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("guid", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("tier", Text, nullable=False),
    Column("tier_name", Text, nullable=False),
    Column("last_seen_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("account_id", "guid"),
)

groups = Table(
    "groups",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("guid", Text, nullable=False),
    Column("organization_guid", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("created_at", BigInteger),
    Column("modified_at", BigInteger),
    Column("first_seen_at", BigInteger, nullable=False),
    Column("last_seen_at", BigInteger, nullable=False),
    Column("listed_at", BigInteger),  # when all its bitlinks were last read to the end
    Column("heads_since", BigInteger),  # the first time after that when only new ones were
    Column("headed_at", BigInteger),  # the last time
    UniqueConstraint("account_id", "guid"),
)

subjects = Table(
    "subjects",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("group_id", ForeignKey("groups.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("joined_at", BigInteger, nullable=False, server_default="0"),  # its group
    UniqueConstraint("account_id", "kind", "name"),
    Index(None, "group_id", "id"),
)

bitlinks = Table(
    "bitlinks",
    metadata,
    Column("subject_id", ForeignKey("subjects.id"), primary_key=True),
    Column("custom_of", ForeignKey("subjects.id")),
    Column("link", Text, nullable=False),
    Column("long_url", Text, nullable=False),
    Column("title", Text),
    Column("created_at", BigInteger),
    Column("created_by", Text),
    Column("client_id", Text),
    Column("archived", Boolean, nullable=False),
    Column("is_deleted", Boolean, nullable=False),
    Column("tags", Text, nullable=False),  # a JSON list of texts
    Column("first_seen_at", BigInteger, nullable=False),
    Column("last_seen_at", BigInteger, nullable=False),
    Column("unlisted_at", BigInteger),
    Column("gone_at", BigInteger),
)

facets = Table(
    "facets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
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
    Column("id", _Key, primary_key=True),
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

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("started_at", BigInteger, nullable=False),
    Column("fresh_since", BigInteger, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("strategy", Text, nullable=False),
    Column("finished_at", BigInteger),
    Column("outcome", Text),
    Column("requests", BigInteger),
    Column("retries", BigInteger),
    Column("snapshots", BigInteger),
    Column("rows", BigInteger),
    Column("missing", BigInteger),
    Column("detail", Text),
)

# The requests of an account by UTC day and endpoint, charged before they are sent.
ledger = Table(
    "ledger",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("requests", BigInteger, nullable=False),
    PrimaryKeyConstraint("account_id", "day", "endpoint"),
)

# What the API was seen to do for an account where its documentation is silent.
profiles = Table(
    "profiles",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("source", Text, nullable=False),  # probe, seen
    Column("detail", Text, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("account_id", "name"),
)

# Which process harvests an account, by the account's name: it may not be stored itself yet.
leases = Table(
    "leases",
    metadata,
    Column("account", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("taken_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)
