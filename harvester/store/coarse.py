"""Snapshots of weeks and months: which are current, what they cover, when days take their place.

While one is current, readers see it and no finer snapshot of the same facet inside it, so that no
click is counted twice. Once all of its days with clicks are known by the day, these are seen in its
place. The table `coarse` lists those that are current; two of one facet never overlap.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.windows import Unit, Window
from harvester.store.engine import in_transaction, rows
from harvester.store.gaps import Key
from harvester.store.instants import instant, seconds
from harvester.store.tables import coarse, facets, windows
from harvester.store.upsert import insert_into

# A week or month of which each day is known by the day, or is known to have had no clicks, and all
# days together have no fewer clicks than it.
_REPLACED: Final = text("""
SELECT coarse.subject_id, coarse.facet_id, coarse.window_id
FROM coarse
JOIN subjects ON subjects.id = coarse.subject_id
JOIN snapshots AS whole
    ON whole.subject_id = coarse.subject_id
    AND whole.facet_id = coarse.facet_id
    AND whole.window_id = coarse.window_id
    AND whole.superseded_at IS NULL
WHERE subjects.group_id = :group
    AND NOT EXISTS (
        SELECT 1 FROM windows
        JOIN snapshots AS clicks
            ON clicks.subject_id = coarse.subject_id
            AND clicks.facet_id = (SELECT id FROM facets WHERE name = 'clicks')
            AND clicks.window_id = windows.id
            AND clicks.superseded_at IS NULL
            AND clicks.total > 0
        WHERE windows.unit = 'day'
            AND windows.starts_at >= coarse.starts_at
            AND windows.starts_at < coarse.ends_at
            AND NOT EXISTS (
                SELECT 1 FROM snapshots AS fine
                WHERE fine.subject_id = coarse.subject_id
                    AND fine.facet_id = coarse.facet_id
                    AND fine.window_id = windows.id
                    AND fine.superseded_at IS NULL
            )
    )
    AND whole.total <= (
        SELECT coalesce(sum(fine.total), 0) FROM windows
        JOIN snapshots AS fine
            ON fine.subject_id = coarse.subject_id
            AND fine.facet_id = coarse.facet_id
            AND fine.window_id = windows.id
            AND fine.superseded_at IS NULL
        WHERE windows.unit = 'day'
            AND windows.starts_at >= coarse.starts_at
            AND windows.starts_at < coarse.ends_at
    )
""")
_KEY: Final = "subject_id = :subject_id AND facet_id = :facet_id AND window_id = :window_id"
_SUPERSEDE: Final = text(
    f"UPDATE snapshots SET superseded_at = :at WHERE superseded_at IS NULL AND {_KEY}"  # noqa: S608
)
_FORGET: Final = text(f"DELETE FROM coarse WHERE {_KEY}")  # noqa: S608
_COVERS: Final = (
    select(coarse.c.subject_id, facets.c.name, windows.c.unit, windows.c.starts_at)
    .join(facets, facets.c.id == coarse.c.facet_id)
    .join(windows, windows.c.id == coarse.c.window_id)
    .where(coarse.c.subject_id.in_(bindparam("subjects", expanding=True)))
)

Covers = dict[tuple[int, str], list[Window]]
"""The current weeks and months by target and facet."""


def note_coarse(connection: Connection, stored: Iterable[tuple[Key, Window]]) -> None:
    """Note which of the snapshots that were just stored are of a week or month."""
    rows = [
        {**key._asdict(), "starts_at": seconds(window.start), "ends_at": seconds(window.end)}
        for key, window in stored
        if window.unit in {Unit.WEEK, Unit.MONTH}
    ]
    if rows:
        connection.execute(insert_into(connection, coarse).on_conflict_do_nothing(), rows)


async def covers(engine: AsyncEngine, target_ids: Sequence[int]) -> Covers:
    """Return the weeks and months that are stored of these targets (a page of them)."""
    found: Covers = {}
    for row in await rows(engine, _COVERS, {"subjects": list(target_ids)}):
        window = Window(instant(row.starts_at), Unit(row.unit))
        found.setdefault((row.subject_id, row.name), []).append(window)
    return found


async def supersede_coarse(engine: AsyncEngine, group_id: int, at: datetime) -> int:
    """Let days take the place of the weeks and months of a group that they make up; count these."""
    found = await rows(engine, _REPLACED, {"group": group_id})
    replaced = [{**row._asdict(), "at": seconds(at)} for row in found]

    def superseded(connection: Connection) -> None:
        connection.execute(_SUPERSEDE, replaced)
        connection.execute(_FORGET, replaced)

    if replaced:
        await in_transaction(engine, superseded)
    return len(replaced)
