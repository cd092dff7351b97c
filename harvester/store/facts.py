"""Stores what was read and what could not be: new revisions, same content, gaps.

A snapshot is never changed in place. The same content moves `last_seen_at`; other content marks the
current revision as superseded and adds a new one. A window that was seen with clicks is not
overwritten by a zero from long after its end: Bitly may answer zeros beyond a plan's history.
"""

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, insert, select, update

from harvester.domain.facets import CLICKS
from harvester.domain.snapshots import Missing, Reason, Snapshot
from harvester.store.clicked import Count, keep_clicked
from harvester.store.coarse import note_coarse
from harvester.store.gaps import Key, forget_gaps, parts, save_gaps
from harvester.store.instants import seconds
from harvester.store.interning import Interning
from harvester.store.tables import metrics, snapshots
from harvester.store.upsert import insert_into

HISTORY: Final = timedelta(days=30)
"""How long after a window's end a zero may still correct clicks: the shortest plan's history."""

_KEY = [snapshots.c[name] for name in Key._fields]
_CURRENT = select(*_KEY, snapshots.c.id, snapshots.c.total, snapshots.c.cut).where(
    snapshots.c.superseded_at.is_(None),
    *(column.in_(bindparam(column.name, expanding=True)) for column in _KEY),
)
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


def record(
    connection: Connection,
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
    read = _keyed(connection, interning, learnt)
    gaps = _keyed_gaps(connection, interning, missed)
    ids = _insert(connection, read)
    same, revised, lost = _compared(
        connection, [new for new in read if new.key not in ids], history
    )
    ids |= _insert(connection, revised)
    made = [new for new in read if new.key in ids]
    rows = _insert_rows(connection, made, ids)
    keep_clicked(connection, _counts(made, {new.key for new in revised}))
    note_coarse(connection, ((new.key, new.snapshot.reading.window) for new in made))
    forget_gaps(connection, [*ids, *(new.key for new in same)])
    save_gaps(connection, [*gaps, *lost])
    return Recorded(len(ids), rows, len(revised), len(gaps) + len(lost))


def _keyed(connection: Connection, interning: Interning, learnt: Sequence[Snapshot]) -> list[_New]:
    facets = interning.facets(connection, (each.facet for each in learnt))
    windows = interning.windows(connection, (each.reading.window for each in learnt))
    wanted = {(facets[each.facet], row.labels) for each in learnt for row in each.reading.rows}
    labels = interning.labels(connection, wanted)
    read = []
    for each in learnt:
        facet = facets[each.facet]
        rows: defaultdict[int, int] = defaultdict(int)
        for row in each.reading.rows:
            rows[labels[facet, row.labels]] += row.clicks
        read.append(_New(Key(each.target_id, facet, windows[each.reading.window]), each, rows))
    return read


def _keyed_gaps(
    connection: Connection, interning: Interning, missed: Sequence[Missing]
) -> list[tuple[Key, Missing]]:
    facets = interning.facets(connection, (each.facet for each in missed))
    windows = interning.windows(connection, (each.window for each in missed))
    return [
        (Key(each.target_id, facets[each.facet], windows[each.window]), each) for each in missed
    ]


def _insert(connection: Connection, read: Sequence[_New]) -> dict[Key, int]:
    """Insert those snapshots that no current one stands in the way of; return their ids."""
    if not read:
        return {}
    new = insert_into(connection, snapshots).on_conflict_do_nothing()
    # In any order: in a given one, SQLite would get one statement per snapshot.
    made = connection.execute(new.returning(*_KEY, snapshots.c.id), [_row(each) for each in read])
    return {Key(*row[:3]): row[3] for row in made}


def _counts(made: Sequence[_New], revised: Container[Key]) -> Iterator[Count]:
    """Yield the clicks that are current now; zeros only in the place of another number."""
    for new in made:
        clicks = new.snapshot.reading.total
        if new.snapshot.facet == CLICKS and (clicks or new.key in revised):
            yield Count(new.key.window_id, new.key.subject_id, clicks)


def _insert_rows(connection: Connection, made: Sequence[_New], ids: Mapping[Key, int]) -> int:
    """Insert the rows of new snapshots; return their number."""
    rows = [
        {"snapshot_id": ids[new.key], "label_id": label_id, "clicks": clicks}
        for new in made
        for label_id, clicks in new.rows.items()
    ]
    if rows:
        connection.execute(_ROWS, rows)
    return len(rows)


def _compared(
    connection: Connection, again: Sequence[_New], history: timedelta
) -> tuple[list[_New], list[_New], list[tuple[Key, Missing]]]:
    """Compare with the current snapshots: move `last_seen_at`, or make way for a revision.

    Returns those of the same content, those to be inserted, and what comes too late to be believed.
    """
    current = _current(connection, [new.key for new in again])
    stored = _stored_rows(connection, again, current)
    same, revised, lost = [], [], []
    for new in again:
        was = current[new.key]
        if _unchanged(new, was, stored[was.id]):
            same.append(new)
        elif _loses_history(new.snapshot, was, history):
            lost.append((new.key, _kept(new.snapshot, was)))
        else:
            revised.append(new)
    for statement, some in ((_TOUCH, same), (_SUPERSEDE, revised)):
        if some:
            connection.execute(statement, [_mark(new, current) for new in some])
    return same, revised, lost


def _current(connection: Connection, keys: Sequence[Key]) -> dict[Key, _Current]:
    """Return the current snapshots of the keys (and maybe of others that lie between them)."""
    if not keys:
        return {}
    found = connection.execute(_CURRENT, parts(keys))
    return {Key(*row[:3]): _Current(row.id, row.total, row.cut) for row in found}


def _stored_rows(
    connection: Connection, read: Sequence[_New], current: Mapping[Key, _Current]
) -> defaultdict[int, dict[int, int]]:
    """Return the rows of the current snapshots, by their keys, where totals leave it open."""
    stored: defaultdict[int, dict[int, int]] = defaultdict(dict)
    ids = [
        current[new.key].id for new in read if current[new.key].total == new.snapshot.reading.total
    ]
    if ids:
        query = select(metrics).where(metrics.c.snapshot_id.in_(ids))
        for snapshot_id, label_id, clicks in connection.execute(query):
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


def _row(new: _New) -> dict[str, object]:
    seen = seconds(new.snapshot.observed_at)
    return {
        "subject_id": new.key.subject_id,
        "facet_id": new.key.facet_id,
        "window_id": new.key.window_id,
        "total": new.snapshot.reading.total,
        "cut": new.snapshot.reading.cut,
        "observed_at": seen,
        "last_seen_at": seen,
    }
