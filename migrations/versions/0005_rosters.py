"""Rosters with their history: entities, what has changed of them, and when they were listed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OF_BITLINKS = (
    "custom_bitlinks",
    "deeplinks",
    "campaign_ids",
    "launchpad_ids",
    "qr_code_ids",
    "expiration_at",
    "dynamic_routing",
)


def upgrade() -> None:
    op.create_table(
        "entities",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("roster", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("guid", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Integer, sa.ForeignKey("subjects.id")),
        sa.Column("first_seen_at", sa.BigInteger, nullable=False),
        sa.Column("last_seen_at", sa.BigInteger, nullable=False),
        sa.Column("unlisted_at", sa.BigInteger),
        sa.UniqueConstraint("account_id", "roster", "scope", "guid"),
        sa.Index(None, "subject_id"),
    )
    op.create_table(
        "changes",
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("roster", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("guid", sa.Text, nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("old", sa.Text),
        sa.Column("new", sa.Text),
        sa.PrimaryKeyConstraint("account_id", "roster", "guid", "scope", "field", "seen_at"),
    )
    op.create_table(
        "listings",
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("roster", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("listed_at", sa.BigInteger),
        sa.Column("headed_at", sa.BigInteger),
        sa.Column("pages", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("detail", sa.Text),
        sa.Column("plan", sa.Text),
        sa.Column("retry_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("account_id", "roster", "scope"),
    )
    op.create_table(
        "watched",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("bitlink", sa.Text, nullable=False),
        sa.Column("added_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account", "bitlink"),
    )
    for name in OF_BITLINKS:
        op.add_column("bitlinks", sa.Column(name, sa.Text))


def downgrade() -> None:
    for name in reversed(OF_BITLINKS):
        op.drop_column("bitlinks", name)
    for name in ("watched", "listings", "changes", "entities"):
        op.drop_table(name)
