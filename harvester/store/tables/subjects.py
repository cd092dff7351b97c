"""What metrics are measured of, and what is told of it."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from harvester.store.tables.base import metadata

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
    # JSON lists and texts as Bitly writes them; null where it says nothing, or nothing is in them
    Column("custom_bitlinks", Text),
    Column("deeplinks", Text),
    Column("campaign_ids", Text),
    Column("launchpad_ids", Text),
    Column("qr_code_ids", Text),
    Column("expiration_at", Text),
    Column("dynamic_routing", Text),
    # of the long URL, read once: see domain/utm.py
    Column("utm_source", Text),
    Column("utm_medium", Text),
    Column("utm_campaign", Text),
    Column("utm_term", Text),
    Column("utm_content", Text),
)
