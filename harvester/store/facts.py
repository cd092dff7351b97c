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

from sqlalchemy import Connection, select

from harvester.domain.facets import CLICKS
from harvester.domain.snapshots import Missing, Reason, Snapshot
from harvester.domain.windows import Window
from harvester.store.bulk import BIGINT, BOOLEAN, Bulk
from harvester.store.clicked import Count, keep_clicked
from harvester.store.coarse import note_coarse
from harvester.store.errors import StoreBusy
from harvester.store.gaps import Key, forget_gaps, save_gaps
from harvester.store.instants import seconds
from harvester.store.interning import Interning
from harvester.store.tables import metrics

HISTORY: Final = timedelta(days=30)
"""How long after a window's end a zero may still correct clicks: the shortest plan's history."""

_KEY: Final = dict.fromkeys(Key._fields, BIGINT)
_WITH_CURRENT: Final = """
{given} CROSS JOIN snapshots
WHERE snapshots.subject_id = given.subject_id
    AND snapshots.facet_id = given.facet_id
    AND snapshots.window_id = given.window_id
    AND snapshots.superseded_at IS NULL
"""
_CURRENT: Final = Bulk(
    "SELECT given.subject_id, given.facet_id, given.window_id,"  # noqa: S608 - ours
    " snapshots.id, snapshots.total, snapshots.cut FROM " + _WITH_CURRENT,
    _KEY,
)
_INSERT: Final = Bulk(
    "INSERT INTO snapshots"
    " (subject_id, facet_id, window_id, total, cut, observed_at, last_seen_at)"
    " SELECT subject_id, facet_id, window_id, total, cut, seen, seen FROM {given}"
    " WHERE true ON CONFLICT DO NOTHING",
    {**_KEY, "total": BIGINT, "cut": BOOLEAN, "seen": BIGINT},
)
_INSERT_ROWS: Final = Bulk(
    "INSERT INTO metrics (snapshot_id, label_id, clicks)"  # noqa: S608 - ours
    " SELECT snapshots.id, given.label_id, given.clicks FROM " + _WITH_CURRENT,
    {**_KEY, "label_id": BIGINT, "clicks": BIGINT},
)
_MARK: Final = {"id": BIGINT, "seen": BIGINT}
_TOUCH: Final = Bulk(
    "UPDATE snapshots SET last_seen_at = given.seen FROM {given}"
    " WHERE snapshots.id = given.id AND snapshots.last_seen_at < given.seen",
    _MARK,
)
_SUPERSEDE: Final = Bulk(
    "UPDATE snapshots SET superseded_at = given.seen FROM {given} WHERE snapshots.id = given.id",
    _MARK,
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a batch did: new snapshots and their rows, how many superseded another, gaps."""

    snapshots: int
    rows: int
    revisions: int
    missing: int


class _New(NamedTuple):
    """A snapshot in the store's terms: `values` are inserted, `rows` are clicks by label key."""

    key: Key
    snapshot: Snapshot
    values: tuple[int, ...]
    rows: dict[int, int]


class Keyed(NamedTuple):
    """Items in the store's terms."""

    read: list[_New]
    gaps: list[tuple[Key, Missing]]


class _Current(NamedTuple):
    id: int
    total: int
    cut: bool


def keyed(
    learnt: Sequence[Snapshot], missed: Sequence[Missing], interning: Interning
) -> Keyed | None:
    """Return the items by the keys that are remembered; None if one of them is not. Pure.

    To be called where the items were made: another processor would have to fetch all of them.
    """
    try:
        return _keyed(learnt, missed, interning)
    except KeyError:
        return None


def record(
    connection: Connection,
    learnt: Sequence[Snapshot],
    missed: Sequence[Missing],
    *,
    interning: Interning | None = None,
    history: timedelta = HISTORY,
    items: Keyed | None = None,
) -> Recorded:
    """Store snapshots and missing windows in the caller's transaction; return what came of it.

    Each (target, facet, window) comes at most once in a call, in one of the two (`Writer` sees to
    that). A snapshot takes the `missing` row of its key away. `items` are the same as `keyed` gave
    them, if it did.
    """
    if items is None:
        items = _learnt_keys(connection, learnt, missed, interning or Interning())
    read, gaps = items
    current = _current(connection, [new.key for new in read])
    same, revised, lost = _compared(
        connection, [new for new in read if new.key in current], current, history
    )
    made = [new for new in read if new.key not in current] + revised
    rows = _insert(connection, made)
    keep_clicked(connection, _counts(made, {new.key for new in revised}))
    note_coarse(connection, ((new.key, new.snapshot.reading.window) for new in made))
    forget_gaps(connection, [new.key for new in (*made, *same)])
    save_gaps(connection, [*gaps, *lost])
    return Recorded(len(made), rows, len(revised), len(gaps) + len(lost))


def _learnt_keys(
    connection: Connection,
    learnt: Sequence[Snapshot],
    missed: Sequence[Missing],
    interning: Interning,
) -> Keyed:
    """Return the items by keys that are made, or read, where they are not remembered."""
    names = {each.facet for each in learnt} | {each.facet for each in missed}
    windows = {each.reading.window for each in learnt} | {each.window for each in missed}
    facets = interning.facets(connection, names)
    interning.windows(connection, windows)
    labels = {(facets[each.facet], row.labels) for each in learnt for row in each.reading.rows}
    interning.labels(connection, labels)
    return _keyed(learnt, missed, interning)


def _keyed(learnt: Sequence[Snapshot], missed: Sequence[Missing], interning: Interning) -> Keyed:
    """Return the items by the keys that are remembered. Raises KeyError if one of them is not."""
    return Keyed(
        [_new(each, interning) for each in learnt],
        [(_key(each.target_id, each.facet, each.window, interning), each) for each in missed],
    )


def _key(target: int, facet: str, window: Window, interning: Interning) -> Key:
    return Key(target, interning.facet(facet), interning.window(window))


def _new(snapshot: Snapshot, interning: Interning) -> _New:
    reading = snapshot.reading
    key = _key(snapshot.target_id, snapshot.facet, reading.window, interning)
    rows: dict[int, int] = {}
    for row in reading.rows:
        label = interning.label((key.facet_id, row.labels))
        rows[label] = rows.get(label, 0) + row.clicks
    values = (*key, reading.total, reading.cut, seconds(snapshot.observed_at))
    return _New(key, snapshot, values, rows)


def _insert(connection: Connection, made: Sequence[_New]) -> int:
    """Insert new snapshots and their rows; return the number of these.

    Raises StoreBusy if another process has just stored one of them.
    """
    if made and _INSERT.execute(connection, [new.values for new in made]).rowcount < len(made):
        raise StoreBusy("another harvester has just stored the same")
    rows = [(*new.key, label, clicks) for new in made for label, clicks in new.rows.items()]
    if rows:
        _INSERT_ROWS.execute(connection, rows)
    return len(rows)


def _counts(made: Sequence[_New], revised: Container[Key]) -> Iterator[Count]:
    """Yield the clicks that are current now; zeros only in the place of another number."""
    for new in made:
        clicks = new.snapshot.reading.total
        if new.snapshot.facet == CLICKS and (clicks or new.key in revised):
            yield Count(new.key.window_id, new.key.subject_id, clicks)


def _compared(
    connection: Connection,
    again: Sequence[_New],
    current: Mapping[Key, _Current],
    history: timedelta,
) -> tuple[list[_New], list[_New], list[tuple[Key, Missing]]]:
    """Compare with the current snapshots: move `last_seen_at`, or make way for a revision.

    Returns those of the same content, those to be inserted, and what comes too late to be believed.
    """
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
            statement.execute(connection, [_mark(new, current) for new in some])
    return same, revised, lost


def _current(connection: Connection, keys: Sequence[Key]) -> dict[Key, _Current]:
    """Return those current snapshots of the keys that there are."""
    if not keys:
        return {}
    found = _CURRENT.execute(connection, keys)
    return {Key._make(row[:3]): _Current._make(row[3:]) for row in found}


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


def _mark(new: _New, current: Mapping[Key, _Current]) -> tuple[int, int]:
    return current[new.key].id, seconds(new.snapshot.observed_at)
