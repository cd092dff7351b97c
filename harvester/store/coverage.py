"""Group-windows: whether all of a group's window is known, proved empty, or explained.

Of each subject of the facet's kind and each window these may hold:

    proved    a proof of the group's covers it and no clicks are stored, or it is a breakdown and
              the current snapshot of the series that it breaks down says 0, or it is part of a week
              or month that is stored
    seen      there is a current snapshot
    missing   there is a `missing` row: asked in vain, or put off
    unasked   none of these, and the subject is listed and not gone

A group-window is *open* while something is unasked or put off, *complete* when all is known or
explained, *settled* when moreover nothing of it is worth asking for again. The view harvest_missing
lists, one by one, what is counted here as missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.facets import CLICKS, HOURS, kind_of, proved_by
from harvester.domain.snapshots import Reason
from harvester.domain.windows import Unit, Window
from harvester.store.counts import COUNTS, NOTHING, Count
from harvester.store.engine import in_transaction, read, rows
from harvester.store.gaps import UNASKED
from harvester.store.history import leave
from harvester.store.instants import seconds
from harvester.store.interning import Interning
from harvester.store.tables import facets as facet_table
from harvester.store.tables import group_windows, refusals
from harvester.store.tables import windows as window_table
from harvester.store.upsert import insert_into

_NEWS: Final = (
    "status",
    "links",
    "missing",
    "contradictions",
    "reason",
    "retry_at",
    "closed_at",
)

_Ids = tuple[dict[str, int], dict[Window, int]]  # the keys of facets and of windows


async def open_windows(
    engine: AsyncEngine, group_id: int, facets: Sequence[str], windows: Sequence[Window]
) -> None:
    """Note that a run wants these of a group; those that are noted already stay as they are."""
    fresh = {"group_id": group_id, "status": "open", "links": 0, "missing": 0}

    def opened(connection: Connection) -> None:
        facet_ids, window_ids = _interned(connection, facets, windows)
        wanted = [
            {**fresh, "facet_id": facet_ids[facet], "window_id": window_ids[window]}
            for facet in facets
            for window in windows
        ]
        if wanted:
            insert = insert_into(connection, group_windows)
            connection.execute(insert.on_conflict_do_nothing(), wanted)

    await in_transaction(engine, opened)


async def close_windows(  # noqa: PLR0913 - what is counted, and by which rule
    engine: AsyncEngine,
    group_id: int,
    facets: Sequence[str],
    windows: Sequence[Window],
    *,
    at: datetime,
    settle: timedelta,
    reason: Reason | None,
    retry_at: datetime | None = None,
    listed: bool = True,
    edge: date | None = None,
) -> int:
    """Recount windows of a group, store how complete they are, return how much is missing in all.

    Windows before `edge` lie beyond the plan's history: what is not known of them cannot be had.
    `reason` says why something was not asked, where the run knows, and `retry_at` when it can be;
    a refused facet has its own. A window is settled once it has been observed `settle` after its
    end. Without `listed` the group's list was not read to its end: what is not on it may be
    missing, so all stays open.
    """
    rule = _Rule(at, settle, reason or Reason.NOT_ASKED, retry_at, listed, edge)

    def left(connection: Connection) -> _Ids:
        wanted = [*facets, *map(proved_by, facets)]
        facet_ids, window_ids = _interned(connection, wanted, windows)
        beyond = [window_ids[window] for window in windows if edge and window.day < edge]
        leave(connection, group_id, [facet_ids[facet] for facet in facets], beyond)
        return facet_ids, {window: window_ids[window] for window in windows}

    ids = await in_transaction(engine, left)
    # Counting may take seconds on a large account: it must not hold SQLite's write lock.
    closed = await read(
        engine, lambda connection: _counted(connection, group_id, facets, ids, rule)
    )
    await _save(engine, closed)
    return sum(int(row["missing"]) for row in closed)


async def first_unsettled(
    engine: AsyncEngine, group_id: int, facets: Sequence[str], hourly_since: date
) -> date | None:
    """Return the first day of a group that is not settled; the day after its last if all are.

    Clicks by the hour count from `hourly_since` on. None if no run has wanted any of the `facets`
    yet.
    """
    table, days = facet_table.c, window_table.c
    unsettled = and_(
        group_windows.c.status != "settled", or_(table.name != HOURS, days.day >= hourly_since)
    )
    of_group = (
        select(func.min(days.day).filter(unsettled), func.max(days.day))
        .join(group_windows, group_windows.c.window_id == days.id)
        .join(facet_table, table.id == group_windows.c.facet_id)
        .where(
            group_windows.c.group_id == group_id,
            days.unit == Unit.DAY.value,
            table.name.in_(facets),
        )
    )
    (row,) = await rows(engine, of_group)
    first: date | None = row[0]
    last: date | None = row[1]
    return first if first or last is None else last + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Rule:
    """How a count becomes a status; `reason` and `retry_at` are those of what was not asked."""

    at: datetime
    settle: timedelta
    reason: Reason
    retry_at: datetime | None
    listed: bool
    edge: date | None

    def closed(self, window: Window, count: Count) -> dict[str, Any]:
        left = self.edge is not None and window.day < self.edge
        reason = Reason.HISTORY if left else self.reason
        open_ = count.put_off or not self.listed or (count.unasked and reason in UNASKED)
        retriable = count.retriable or (count.unasked and not reason.final)
        oldest = seconds(self.at) if count.seen_at is None else min(seconds(self.at), count.seen_at)
        settled = left or (not retriable and oldest >= seconds(window.end + self.settle))
        return {
            "status": "open" if open_ else "settled" if settled else "complete",
            "links": count.links,
            "missing": count.missing,
            "contradictions": count.contradictions,
            "reason": reason.value if count.unasked or open_ else None,
            "retry_at": seconds(self.retry_at) if self.retry_at and not left else None,
            "closed_at": seconds(self.at),
        }


def _counted(
    connection: Connection, group_id: int, facets: Sequence[str], ids: _Ids, rule: _Rule
) -> list[dict[str, Any]]:
    """Return the rows of windows of a group, as they are counted now."""
    facet_ids, window_ids = ids
    refused = _refused(connection, group_id, rule.at)
    found: list[dict[str, Any]] = []
    for facet in facets:
        asked = {
            "group": group_id,
            "facet": facet_ids[facet],
            "kind": kind_of(facet).value,
            "series": facet_ids[proved_by(facet)],
            "proved": group_id if proved_by(facet) == CLICKS else None,
        }
        why = refused.get(facet_ids[facet])
        its = rule if why is None else replace(rule, reason=why, retry_at=None)
        found += _closed(connection, asked, window_ids, its)
    return found


def _closed(
    connection: Connection, asked: Mapping[str, Any], window_ids: Mapping[Window, int], rule: _Rule
) -> list[dict[str, Any]]:
    """Return the rows of one facet, of those that `_counted` returns."""
    counted = connection.execute(COUNTS, {**asked, "windows": list(window_ids.values())})
    counts = {count.window_id: count for count in counted}
    return [
        {
            "group_id": asked["group"],
            "facet_id": asked["facet"],
            "window_id": window_id,
            **rule.closed(window, counts.get(window_id, NOTHING)),
        }
        for window, window_id in window_ids.items()
    ]


def _refused(connection: Connection, group_id: int, at: datetime) -> dict[int, Reason]:
    """Return why facets are refused to the group at present, by their keys."""
    query = select(refusals.c.facet_id, refusals.c.reason).where(
        refusals.c.group_id == group_id, refusals.c.retry_at > seconds(at)
    )
    return {row.facet_id: Reason(row.reason) for row in connection.execute(query)}


def _interned(connection: Connection, facets: Sequence[str], windows: Sequence[Window]) -> _Ids:
    interning = Interning()
    return interning.facets(connection, facets), interning.windows(connection, windows)


async def _save(engine: AsyncEngine, closed: Sequence[dict[str, Any]]) -> None:
    if not closed:
        return

    def saved(connection: Connection) -> None:
        insert = insert_into(connection, group_windows)
        news = {name: insert.excluded[name] for name in _NEWS}
        key = list(group_windows.primary_key.columns)
        connection.execute(insert.on_conflict_do_update(index_elements=key, set_=news), closed)

    await in_transaction(engine, saved)
