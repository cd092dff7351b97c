"""The roll-up `clicked`: the current clicks of each bitlink's window, where it has any.

Kept in the transaction that changes the snapshots, so the two never differ. It can be made anew of
them at any time: `rebuild`.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, delete, text

from harvester.store.bulk import BIGINT, Bulk
from harvester.store.tables import clicked


class Count(NamedTuple):
    """The clicks of a bitlink's window, as they are now."""

    window_id: int
    subject_id: int
    clicks: int


_KEEP: Final = Bulk(
    "INSERT INTO clicked (window_id, subject_id, clicks)"
    " SELECT window_id, subject_id, clicks FROM {given} WHERE true"
    " ON CONFLICT (window_id, subject_id) DO UPDATE SET clicks = excluded.clicks",
    dict.fromkeys(Count._fields, BIGINT),
)
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
    rows: list[Count] = []
    gone: list[dict[str, int]] = []
    for count in counts:
        if count.clicks:
            rows.append(count)
        else:
            gone.append({"window": count.window_id, "subject": count.subject_id})
    if rows:
        _KEEP.execute(connection, rows)
    if gone:
        connection.execute(_FORGET, gone)


def rebuild(connection: Connection) -> None:
    """Make the roll-up anew of the snapshots."""
    connection.execute(text("DELETE FROM clicked"))
    connection.execute(text(_REBUILD))
