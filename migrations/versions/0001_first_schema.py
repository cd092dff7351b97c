"""The first schema: a frozen copy of the tables as they were in 0.1."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CURRENT = sa.text("superseded_at IS NULL")
CURRENT_AND_CUT = sa.text("cut AND superseded_at IS NULL")


def upgrade() -> None:
    create_rosters()
    create_dimensions()
    create_facts()
    create_ledgers()


def downgrade() -> None:
    for name in (
        "runs",
        "refusals",
        "group_windows",
        "missing",
        "metrics",
        "snapshots",
        "labels",
        "windows",
        "facets",
        "bitlinks",
        "subjects",
        "groups",
        "accounts",
    ):
        op.drop_table(name)


def create_rosters() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("last_seen_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "groups",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("guid", sa.Text, nullable=False),
        sa.Column("organization_guid", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger),
        sa.Column("modified_at", sa.BigInteger),
        sa.Column("first_seen_at", sa.BigInteger, nullable=False),
        sa.Column("last_seen_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("account_id", "guid"),
    )
    op.create_table(
        "subjects",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("group_id", sa.Integer, sa.ForeignKey("groups.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.UniqueConstraint("account_id", "kind", "name"),
        sa.Index(None, "group_id", "id"),
    )
    op.create_table(
        "bitlinks",
        sa.Column("subject_id", sa.Integer, sa.ForeignKey("subjects.id"), primary_key=True),
        sa.Column("custom_of", sa.Integer, sa.ForeignKey("subjects.id")),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("long_url", sa.Text, nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("created_at", sa.BigInteger),
        sa.Column("created_by", sa.Text),
        sa.Column("client_id", sa.Text),
        sa.Column("archived", sa.Boolean, nullable=False),
        sa.Column("is_deleted", sa.Boolean, nullable=False),
        sa.Column("tags", sa.Text, nullable=False),
        sa.Column("first_seen_at", sa.BigInteger, nullable=False),
        sa.Column("last_seen_at", sa.BigInteger, nullable=False),
        sa.Column("unlisted_at", sa.BigInteger),
        sa.Column("gone_at", sa.BigInteger),
    )


def create_dimensions() -> None:
    op.create_table(
        "facets",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
    )
    op.create_table(
        "windows",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("starts_at", sa.BigInteger, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.UniqueConstraint("unit", "starts_at"),
    )
    op.create_table(
        "labels",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("facet_id", sa.Integer, sa.ForeignKey("facets.id"), nullable=False),
        sa.Column("digest", sa.LargeBinary(16), nullable=False),
        sa.Column("c1", sa.Text),
        sa.Column("c2", sa.Text),
        sa.Column("c3", sa.Text),
        sa.Column("c4", sa.Text),
        sa.UniqueConstraint("facet_id", "digest"),
    )


def create_facts() -> None:
    op.create_table(
        "snapshots",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("subject_id", sa.Integer, nullable=False),
        sa.Column("facet_id", sa.Integer, nullable=False),
        sa.Column("window_id", sa.Integer, nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("cut", sa.Boolean, nullable=False),
        sa.Column("observed_at", sa.BigInteger, nullable=False),
        sa.Column("last_seen_at", sa.BigInteger, nullable=False),
        sa.Column("superseded_at", sa.BigInteger),
    )
    op.create_index(
        "uq_snapshots_current",
        "snapshots",
        ["subject_id", "facet_id", "window_id"],
        unique=True,
        sqlite_where=CURRENT,
        postgresql_where=CURRENT,
    )
    op.create_index(
        "ix_snapshots_cut",
        "snapshots",
        ["window_id"],
        sqlite_where=CURRENT_AND_CUT,
        postgresql_where=CURRENT_AND_CUT,
    )
    op.create_table(
        "metrics",
        sa.Column("snapshot_id", sa.BigInteger, nullable=False),
        sa.Column("label_id", sa.Integer, nullable=False),
        sa.Column("clicks", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("snapshot_id", "label_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "missing",
        sa.Column("subject_id", sa.Integer, nullable=False),
        sa.Column("facet_id", sa.Integer, nullable=False),
        sa.Column("window_id", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("first_at", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "facet_id", "window_id"),
        sqlite_with_rowid=False,
    )


def create_ledgers() -> None:
    op.create_table(
        "group_windows",
        sa.Column("group_id", sa.Integer, sa.ForeignKey("groups.id"), nullable=False),
        sa.Column("facet_id", sa.Integer, sa.ForeignKey("facets.id"), nullable=False),
        sa.Column("window_id", sa.Integer, sa.ForeignKey("windows.id"), nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("links", sa.Integer, nullable=False),
        sa.Column("missing", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("closed_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("group_id", "facet_id", "window_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "refusals",
        sa.Column("group_id", sa.Integer, sa.ForeignKey("groups.id"), nullable=False),
        sa.Column("facet_id", sa.Integer, sa.ForeignKey("facets.id"), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("first_at", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.Column("retry_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("group_id", "facet_id"),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("fresh_since", sa.BigInteger, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("strategy", sa.Text, nullable=False),
        sa.Column("finished_at", sa.BigInteger),
        sa.Column("outcome", sa.Text),
        sa.Column("requests", sa.BigInteger),
        sa.Column("retries", sa.BigInteger),
        sa.Column("snapshots", sa.BigInteger),
        sa.Column("rows", sa.BigInteger),
        sa.Column("missing", sa.BigInteger),
        sa.Column("detail", sa.Text),
        sa.Index(None, "account_id"),
    )
