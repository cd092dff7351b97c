"""What reports read: UTM parameters of long URLs, a roll-up of clicks, zones, attribution."""

import sqlalchemy as sa
from alembic import op

from harvester.domain.utm import Utm, utm

revision = "0006"
down_revision = "0005"

COLUMNS = [f"utm_{name}" for name in Utm._fields]
PAGE = 1_000
_PAGE = sa.text("""
SELECT subject_id, long_url FROM bitlinks
WHERE subject_id > :last ORDER BY subject_id LIMIT :page
""")
_FILL = sa.text(f"""
UPDATE bitlinks SET {", ".join(f"{name} = :{name}" for name in COLUMNS)}
WHERE subject_id = :subject_id
""")  # noqa: S608 - our own names

_CLICKED = """
INSERT INTO clicked (window_id, subject_id, clicks)
SELECT window_id, subject_id, total FROM snapshots
WHERE facet_id = (SELECT id FROM facets WHERE name = 'clicks')
    AND superseded_at IS NULL
    AND total > 0
"""


def upgrade() -> None:
    op.create_table(
        "clicked",
        sa.Column("window_id", sa.Integer, nullable=False),
        sa.Column("subject_id", sa.Integer, nullable=False),
        sa.Column("clicks", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("window_id", "subject_id"),
        sqlite_with_rowid=False,
    )
    op.execute(_CLICKED)
    op.create_table(
        "offsets",
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("from_at", sa.BigInteger, nullable=False),
        sa.Column("until_at", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("from_at"),
    )
    # what holds until a harvest brings the zone of the settings: UTC, from 2008 to 2100
    op.execute("INSERT INTO offsets VALUES ('UTC', 1199145600, 4102444800, 0)")
    op.create_table(
        "attributions",
        sa.Column("bitlink", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("bitlink", "since"),
    )
    op.create_index(
        "ix_snapshots_superseded",
        "snapshots",
        ["subject_id", "facet_id", "window_id"],
        sqlite_where=sa.text("superseded_at IS NOT NULL"),
        postgresql_where=sa.text("superseded_at IS NOT NULL"),
    )
    for name in COLUMNS:
        op.add_column("bitlinks", sa.Column(name, sa.Text))
    connection = op.get_bind()
    last = 0
    while page := connection.execute(_PAGE, {"last": last, "page": PAGE}).all():
        last = page[-1].subject_id
        read = [(row.subject_id, utm(row.long_url)) for row in page]
        if rows := [
            {"subject_id": key, **dict(zip(COLUMNS, found, strict=True))}
            for key, found in read
            if any(found)
        ]:
            connection.execute(_FILL, rows)


def downgrade() -> None:
    op.drop_index("ix_snapshots_superseded", "snapshots")
    for name in ("attributions", "offsets", "clicked"):
        op.drop_table(name)
    for name in reversed(COLUMNS):
        op.drop_column("bitlinks", name)
