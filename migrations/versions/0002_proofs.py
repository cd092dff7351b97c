"""Proofs of a group's windows, trust in its answers, and since when a subject is in it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column(
        "subjects", sa.Column("joined_at", sa.BigInteger, nullable=False, server_default="0")
    )
    op.execute(
        "UPDATE subjects SET joined_at = coalesce("
        "(SELECT first_seen_at FROM bitlinks WHERE bitlinks.subject_id = subjects.id), 0)"
    )
    op.create_table(
        "proofs",
        sa.Column("group_id", sa.Integer, sa.ForeignKey("groups.id"), nullable=False),
        sa.Column("window_id", sa.Integer, sa.ForeignKey("windows.id"), nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("total", sa.BigInteger),
        sa.Column("customs", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("group_id", "window_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "trust",
        sa.Column("group_id", sa.Integer, sa.ForeignKey("groups.id"), primary_key=True),
        sa.Column("totals", sa.Boolean, nullable=False),
        sa.Column("customs", sa.Boolean),
        sa.Column("contradictions", sa.Integer, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("trust")
    op.drop_table("proofs")
    op.drop_column("subjects", "joined_at")
