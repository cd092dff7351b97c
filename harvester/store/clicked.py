"""The roll-up `clicked`: the current clicks of each bitlink's window, where it has any.

Kept in the transaction that changes the snapshots, so the two never differ. It can be made anew of
them at any time: `rebuild`.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, delete, text

from harvester.store.tables import clicked
from harvester.store.upsert import insert_into


class Count(NamedTuple):
    """The clicks of a bitlink's window, as they are now."""

    window_id: int
    subject_id: int
    clicks: int


_FORGET: Final = delete(clicked).where(
    clicked.c.window_id == bindparam("window"), clicked.c.subject_id == bindparam("subject")
)
_REBUILD: Final = """
INSERT INTO clicked (window_id, subject_id, clicks)
SELECT window_id, subject_id, total FROM snapshots
WHERE facet_id = (SELECT id FROM facets WHERE name = 'clicks')
    AND superseded_at IS NULL
    AND total > 0
"""


def keep_clicked(connection: Connection, counts: Iterable[Count]) -> None:
    """Note counts that have just become the current ones; one of 0 takes the row away."""
    rows: list[dict[str, int]] = []
    gone: list[dict[str, int]] = []
    for count in counts:
        if count.clicks:
            rows.append(count._asdict())
        else:
            gone.append({"window": count.window_id, "subject": count.subject_id})
    if rows:
        insert = insert_into(connection, clicked)
        key = ["window_id", "subject_id"]
        news = {"clicks": insert.excluded.clicks}
        connection.execute(insert.on_conflict_do_update(index_elements=key, set_=news), rows)
    if gone:
        connection.execute(_FORGET, gone)


def rebuild(connection: Connection) -> None:
    """Make the roll-up anew of the snapshots."""
    connection.execute(text("DELETE FROM clicked"))
    connection.execute(text(_REBUILD))
