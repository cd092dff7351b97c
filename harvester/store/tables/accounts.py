"""Accounts, their organizations and groups, and what is remembered of their harvests."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from harvester.store.tables.base import metadata

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

# What a plan allowed and what was used of it, as last read on each UTC day.
plan_readings = Table(
    "plan_readings",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("organization_guid", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("description", Text, nullable=False),
    Column("allowed", BigInteger, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("account_id", "organization_guid", "name", "day"),
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
