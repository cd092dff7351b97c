"""What the planner asks: what has been seen, what was missed, what the plan refuses."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.snapshots import Reason
from harvester.domain.subjects import Target
from harvester.domain.windows import Window
from harvester.store.engine import read
from harvester.store.instants import instant
from harvester.store.interning import known_facets, known_windows
from harvester.store.tables import missing, snapshots

_WANTED = ("subject_id", "facet_id", "window_id")
_SEEN = (
    select(snapshots)
    .where(*(snapshots.c[each].in_(bindparam(each, expanding=True)) for each in _WANTED))
    .where(snapshots.c.superseded_at.is_(None))
)
_MISSED = select(missing).where(
    *(missing.c[each].in_(bindparam(each, expanding=True)) for each in _WANTED)
)

Place = tuple[int, str, Window]
"""A target's key, a facet's name, a window."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The current snapshot of a place: its total, and when the API said so last."""

    total: int
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What the store holds of some places; what is in neither has not been asked for."""

    seen: dict[Place, Seen] = field(default_factory=dict)
    missing: dict[Place, tuple[Reason, datetime]] = field(default_factory=dict)


async def known(
    engine: AsyncEngine,
    targets: Sequence[Target],
    facets: Sequence[str],
    windows: Sequence[Window],
) -> Known:
    """Return what is known of each target, facet and window; targets come in pages (<= 1,000)."""

    def found(connection: Connection) -> Known:
        names = {key: name for name, key in known_facets(connection, facets).items()}
        places = {key: each for each, key in known_windows(connection, windows).items()}
        ids = [target.id for target in targets]
        known = Known()
        if names and places and ids:
            _fill(connection, known, ids, names, places)
        return known

    return await read(engine, found)


def _fill(
    connection: Connection,
    found: Known,
    targets: Sequence[int],
    facets: dict[int, str],
    windows: dict[int, Window],
) -> None:
    wanted = {"subject_id": targets, "facet_id": list(facets), "window_id": list(windows)}
    for row in connection.execute(_SEEN, wanted):
        place = (row.subject_id, facets[row.facet_id], windows[row.window_id])
        found.seen[place] = Seen(row.total, instant(row.last_seen_at))
    for row in connection.execute(_MISSED, wanted):
        place = (row.subject_id, facets[row.facet_id], windows[row.window_id])
        found.missing[place] = (Reason(row.reason), instant(row.last_at))
