"""What is listed beside links, groups and organizations, and what has changed of anything."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from harvester.store.tables.base import Key, metadata

# Each entity as last listed; `scope` is what it belongs to: a guid, or nothing for the account.
entities = Table(
    "entities",
    metadata,
    Column("id", Key, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("roster", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("guid", Text, nullable=False),
    Column("details", Text, nullable=False),  # a JSON object; what Bitly does not say is not in it
    Column("subject_id", ForeignKey("subjects.id")),  # where metrics are measured of it
    Column("first_seen_at", BigInteger, nullable=False),
    Column("last_seen_at", BigInteger, nullable=False),
    Column("unlisted_at", BigInteger),
    UniqueConstraint("account_id", "roster", "scope", "guid"),
    Index(None, "subject_id"),
)

# One row for each field that changed, of whatever is listed: bitlinks and groups, too.
changes = Table(
    "changes",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("roster", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("guid", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("old", Text),
    Column("new", Text),
    PrimaryKeyConstraint("account_id", "roster", "guid", "scope", "field", "seen_at"),
)

# When a roster of a scope was last read to its end, or why it cannot be.
listings = Table(
    "listings",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("roster", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("listed_at", BigInteger),
    Column("headed_at", BigInteger),  # when what is new was listed alone, since then
    Column("pages", Integer, nullable=False),
    Column("reason", Text),
    Column("detail", Text),
    Column("plan", Text),  # the plan that refused it
    Column("retry_at", BigInteger),
    PrimaryKeyConstraint("account_id", "roster", "scope"),
)
