"""Stores what was read and what could not be: new revisions, same content, gaps.

A snapshot is never changed in place. The same content moves `last_seen_at`; other content marks the
current revision as superseded and adds a new one. A window that was seen with clicks is not
overwritten by a zero from long after its end: Bitly may answer zeros beyond a plan's history.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from harvester.domain.snapshots import Missing, Reason, Snapshot
from harvester.store.gaps import Key, forget_gaps, save_gaps
from harvester.store.instants import seconds
from harvester.store.interning import Interning
from harvester.store.tables import metrics, snapshots

HISTORY: Final = timedelta(days=30)
"""How long after a window's end a zero may still correct clicks: the shortest plan's history."""

_KEY = [snapshots.c[name] for name in Key._fields]
_CURRENT = select(*_KEY, snapshots.c.id, snapshots.c.total, snapshots.c.cut).where(
    snapshots.c.superseded_at.is_(None),
    *(column.in_(bindparam(column.name, expanding=True)) for column in _KEY),
)
# Keys with their ids, in any order: in a given one, SQLite would get one statement per snapshot.
_NEW = insert(snapshots).returning(*_KEY, snapshots.c.id)
_ROWS = insert(metrics)
_OF_CURRENT = update(snapshots).where(snapshots.c.id == bindparam("current"))
_TOUCH = _OF_CURRENT.where(snapshots.c.last_seen_at < bindparam("seen")).values(
    last_seen_at=bindparam("seen")
)
_SUPERSEDE = _OF_CURRENT.values(superseded_at=bindparam("seen"))


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a batch did: new snapshots and their rows, how many superseded another, gaps."""

    snapshots: int
    rows: int
    revisions: int
    missing: int


@dataclass(frozen=True, slots=True)
class _New:
    """A snapshot in the store's terms; `rows` are clicks by label key."""

    key: Key
    snapshot: Snapshot
    rows: Mapping[int, int]


class _Current(NamedTuple):
    id: int
    total: int
    cut: bool


async def record(
    connection: AsyncConnection,
    learnt: Sequence[Snapshot],
    missed: Sequence[Missing],
    *,
    interning: Interning | None = None,
    history: timedelta = HISTORY,
) -> Recorded:
    """Store snapshots and missing windows in the caller's transaction; return what came of it.

    Each (target, facet, window) comes at most once in a call, in one of the two (`Writer` sees to
    that). A snapshot takes the `missing` row of its key away.
    """
    interning = interning or Interning()
    read = await _keyed(connection, interning, learnt)
    gaps = await _keyed_gaps(connection, interning, missed)
    current = await _current(connection, [new.key for new in read])
    stored = await _stored_rows(connection, read, current)
    same, fresh = [], []
    for new in read:
        was = current.get(new.key)
        if was is not None and _unchanged(new, was, stored[was.id]):
            same.append(new)
        elif was is not None and _loses_history(new.snapshot, was, history):
            gaps.append((new.key, _kept(new.snapshot, was)))
        else:
            fresh.append(new)
    revised = [new for new in fresh if new.key in current]
    for statement, some in ((_TOUCH, same), (_SUPERSEDE, revised)):
        if some:
            await connection.execute(statement, [_mark(new, current) for new in some])
    rows = await _insert(connection, fresh)
    await forget_gaps(connection, [new.key for new in (*same, *fresh)])
    await save_gaps(connection, gaps)
    return Recorded(len(fresh), rows, len(revised), len(gaps))


async def _keyed(
    connection: AsyncConnection, interning: Interning, learnt: Sequence[Snapshot]
) -> list[_New]:
    facets = await interning.facets(connection, (each.facet for each in learnt))
    windows = await interning.windows(connection, (each.reading.window for each in learnt))
    wanted = {(facets[each.facet], row.labels) for each in learnt for row in each.reading.rows}
    labels = await interning.labels(connection, wanted)
    read = []
    for each in learnt:
        facet = facets[each.facet]
        rows: defaultdict[int, int] = defaultdict(int)
        for row in each.reading.rows:
            rows[labels[facet, row.labels]] += row.clicks
        read.append(_New(Key(each.target_id, facet, windows[each.reading.window]), each, rows))
    return read


async def _keyed_gaps(
    connection: AsyncConnection, interning: Interning, missed: Sequence[Missing]
) -> list[tuple[Key, Missing]]:
    facets = await interning.facets(connection, (each.facet for each in missed))
    windows = await interning.windows(connection, (each.window for each in missed))
    return [
        (Key(each.target_id, facets[each.facet], windows[each.window]), each) for each in missed
    ]


async def _current(connection: AsyncConnection, keys: Sequence[Key]) -> dict[Key, _Current]:
    """Return the current snapshots of the keys (and maybe of others that lie between them).

    Asked for by three short lists: a batch is of few links, facets and windows, and a list of
    triples costs three parameters for each key.
    """
    if not keys:
        return {}
    parts = dict(zip(Key._fields, map(list, map(set, zip(*keys, strict=True))), strict=True))
    found = await connection.execute(_CURRENT, parts)
    return {Key(*row[:3]): _Current(row.id, row.total, row.cut) for row in found}


async def _stored_rows(
    connection: AsyncConnection, read: Sequence[_New], current: Mapping[Key, _Current]
) -> defaultdict[int, dict[int, int]]:
    """Return the rows of the current snapshots, by their keys, where totals leave it open."""
    stored: defaultdict[int, dict[int, int]] = defaultdict(dict)
    ids = [
        current[new.key].id
        for new in read
        if new.key in current and current[new.key].total == new.snapshot.reading.total
    ]
    if ids:
        query = select(metrics).where(metrics.c.snapshot_id.in_(ids))
        for snapshot_id, label_id, clicks in await connection.execute(query):
            stored[snapshot_id][label_id] = clicks
    return stored


def _unchanged(new: _New, was: _Current, rows: Mapping[int, int]) -> bool:
    reading = new.snapshot.reading
    return (was.total, was.cut, rows) == (reading.total, reading.cut, new.rows)


def _loses_history(snapshot: Snapshot, was: _Current, history: timedelta) -> bool:
    """Whether a zero comes too late to be believed against the clicks that were seen."""
    too_late = snapshot.observed_at > snapshot.reading.window.end + history
    return too_late and was.total > 0 and snapshot.reading.total == 0


def _kept(snapshot: Snapshot, was: _Current) -> Missing:
    return Missing(
        snapshot.target_id,
        snapshot.facet,
        snapshot.reading.window,
        Reason.HISTORY,
        f"answered 0 beyond the plan's history; the {was.total} seen before are kept",
        snapshot.observed_at,
    )


def _mark(new: _New, current: Mapping[Key, _Current]) -> dict[str, int]:
    return {"current": current[new.key].id, "seen": seconds(new.snapshot.observed_at)}


async def _insert(connection: AsyncConnection, fresh: Sequence[_New]) -> int:
    """Insert snapshots and their rows; return the number of rows."""
    if not fresh:
        return 0
    made = await connection.execute(_NEW, [_row(new) for new in fresh])
    ids = {Key(*row[:3]): row.id for row in made}
    rows = [
        {"snapshot_id": ids[new.key], "label_id": label_id, "clicks": clicks}
        for new in fresh
        for label_id, clicks in new.rows.items()
    ]
    if rows:
        await connection.execute(_ROWS, rows)
    return len(rows)


def _row(new: _New) -> dict[str, object]:
    seen = seconds(new.snapshot.observed_at)
    return {
        **new.key._asdict(),
        "total": new.snapshot.reading.total,
        "cut": new.snapshot.reading.cut,
        "observed_at": seen,
        "last_seen_at": seen,
    }
