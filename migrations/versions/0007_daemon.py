"""What the daemon keeps, and what a look at a large store should not have to count."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

# As harvest_contradictions counted them when this was written; each run counts its windows anew.
_COUNTED = """
UPDATE group_windows SET contradictions = (
    SELECT count(*)
    FROM subjects
    JOIN bitlinks ON bitlinks.subject_id = subjects.id
    JOIN windows ON windows.id = group_windows.window_id AND windows.unit = 'day'
    JOIN snapshots AS breakdowns
        ON breakdowns.subject_id = subjects.id
        AND breakdowns.facet_id = group_windows.facet_id
        AND breakdowns.window_id = windows.id
        AND breakdowns.superseded_at IS NULL
        AND NOT breakdowns.cut
        AND breakdowns.last_seen_at >= windows.starts_at + 108000
    JOIN snapshots AS clicks
        ON clicks.subject_id = subjects.id
        AND clicks.facet_id = (SELECT facets.id FROM facets WHERE facets.name = 'clicks')
        AND clicks.window_id = windows.id
        AND clicks.superseded_at IS NULL
        AND clicks.total <> breakdowns.total
    LEFT JOIN proofs
        ON proofs.group_id = subjects.group_id
        AND proofs.window_id = windows.id
        AND subjects.joined_at <= proofs.seen_at
        AND (bitlinks.unlisted_at IS NULL OR bitlinks.unlisted_at > proofs.seen_at)
        AND (bitlinks.custom_of IS NULL OR proofs.customs)
    WHERE subjects.group_id = group_windows.group_id
        AND (
            clicks.last_seen_at >= windows.starts_at + 108000
            OR proofs.seen_at >= windows.starts_at + 108000
        )
)
"""


def upgrade() -> None:
    op.add_column(
        "group_windows",
        sa.Column("contradictions", sa.Integer, nullable=False, server_default="0"),
    )
    op.execute(_COUNTED)
    # by the account's name, as leases are: a daemon tells of one that was never asked, too
    op.create_table(
        "activity",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("stage", sa.Text, nullable=False),  # empty if nothing runs
        sa.Column("done", sa.BigInteger, nullable=False),
        sa.Column("total", sa.BigInteger),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("next_at", sa.BigInteger),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_table(
        "notices",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("told_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account", "topic"),
    )
    op.create_table(
        "ticks",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("opened_at", sa.BigInteger),
        sa.Column("settled_at", sa.BigInteger),
        sa.Column("backfilled_at", sa.BigInteger),
        sa.Column("short", sa.Boolean, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("ticks")
    op.drop_table("notices")
    op.drop_table("activity")
    op.drop_column("group_windows", "contradictions")
