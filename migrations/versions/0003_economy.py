"""What is remembered between runs: organizations, requests sent, the API's ways, what is listed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("accounts", sa.Column("entered_at", sa.BigInteger))
    op.add_column("accounts", sa.Column("stopped_until", sa.BigInteger))
    op.add_column("accounts", sa.Column("stopped_why", sa.Text))
    op.add_column("groups", sa.Column("listed_at", sa.BigInteger))
    op.add_column("groups", sa.Column("heads_since", sa.BigInteger))
    op.add_column("groups", sa.Column("headed_at", sa.BigInteger))
    op.add_column("trust", sa.Column("explained", sa.Boolean))
    op.add_column("group_windows", sa.Column("retry_at", sa.BigInteger))
    op.create_table(
        "organizations",
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("guid", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("tier", sa.Text, nullable=False),
        sa.Column("tier_name", sa.Text, nullable=False),
        sa.Column("last_seen_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "guid"),
    )
    op.create_table(
        "ledger",
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("endpoint", sa.Text, nullable=False),
        sa.Column("requests", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "day", "endpoint"),
    )
    op.create_table(
        "profiles",
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "name"),
    )
    op.create_table(
        "leases",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("taken_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    # readers see these in place of days
    op.create_table(
        "coarse",
        sa.Column("subject_id", sa.Integer, nullable=False),
        sa.Column("facet_id", sa.Integer, nullable=False),
        sa.Column("window_id", sa.Integer, nullable=False),
        sa.Column("starts_at", sa.BigInteger, nullable=False),
        sa.Column("ends_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "facet_id", "window_id"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("leases")
    op.drop_table("coarse")
    op.drop_table("profiles")
    op.drop_table("ledger")
    op.drop_table("organizations")
    op.drop_column("group_windows", "retry_at")
    op.drop_column("trust", "explained")
    op.drop_column("groups", "headed_at")
    op.drop_column("groups", "heads_since")
    op.drop_column("groups", "listed_at")
    op.drop_column("accounts", "stopped_why")
    op.drop_column("accounts", "stopped_until")
    op.drop_column("accounts", "entered_at")
