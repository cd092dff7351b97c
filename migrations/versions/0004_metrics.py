"""Metrics of more than bitlinks: what a facet is of, and what a plan allowed day by day."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    of_bitlinks = {"kind": "bitlink", "proved_by": "clicks"}  # all that there were
    for name, value in of_bitlinks.items():
        op.add_column("facets", sa.Column(name, sa.Text, nullable=False, server_default=value))
    op.add_column("refusals", sa.Column("tier", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "plan_readings",
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("organization_guid", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("allowed", sa.BigInteger, nullable=False),
        sa.Column("used", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "organization_guid", "name", "day"),
    )


def downgrade() -> None:
    op.drop_table("plan_readings")
    op.drop_column("refusals", "tier")
    op.drop_column("facets", "proved_by")
    op.drop_column("facets", "kind")
