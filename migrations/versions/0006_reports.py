"""What reports read: UTM parameters beside the long URLs that they stand in."""

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


def upgrade() -> None:
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
    for name in reversed(COLUMNS):
        op.drop_column("bitlinks", name)
