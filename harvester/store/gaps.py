"""The `missing` rows: windows that were asked for and not learnt."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, delete, select

from harvester.domain.snapshots import Missing, Reason
from harvester.store.instants import seconds
from harvester.store.tables import missing
from harvester.store.upsert import insert_into

UNASKED: Final = frozenset({Reason.QUOTA, Reason.INTERRUPTED, Reason.NOT_ASKED})
"""Reasons that say that the API was not asked at all."""


class Key(NamedTuple):
    """What is known or missing: the keys of subject, facet and window."""

    subject_id: int
    facet_id: int
    window_id: int


def parts(keys: Sequence[Key]) -> dict[str, list[int]]:
    """Return the distinct subjects, facets and windows of the keys: three lists to ask by.

    A batch is of few of each, and a list of triples costs three parameters for each key. What is
    found may be of other keys that lie between them.
    """
    return dict(zip(Key._fields, map(list, map(set, zip(*keys, strict=True))), strict=True))


_KEY = [missing.c[name] for name in Key._fields]
_AMONG = select(*_KEY).where(*(each.in_(bindparam(each.name, expanding=True)) for each in _KEY))
_LEARNT = delete(missing).where(*(each == bindparam(f"learnt_{each.name}") for each in _KEY))


def save_gaps(connection: Connection, gaps: Sequence[tuple[Key, Missing]]) -> None:
    """Store gaps: the newest reason counts, attempts add up, the first time stays."""
    if not gaps:
        return
    insert = insert_into(connection, missing)
    new = insert.excluded
    upsert = insert.on_conflict_do_update(
        index_elements=list(missing.primary_key.columns),
        set_={
            "reason": new.reason,
            "detail": new.detail,
            "attempts": missing.c.attempts + new.attempts,
            "last_at": new.last_at,
        },
    )
    connection.execute(upsert, [_row(key, gap) for key, gap in gaps])


def forget_gaps(connection: Connection, learnt: Sequence[Key]) -> None:
    """Remove the gaps that have been learnt since."""
    if not learnt:
        return
    gone = {Key(*row) for row in connection.execute(_AMONG, parts(learnt))}.intersection(learnt)
    if gone:
        rows = [{f"learnt_{name}": id_ for name, id_ in key._asdict().items()} for key in gone]
        connection.execute(_LEARNT, rows)


def _row(key: Key, gap: Missing) -> dict[str, object]:
    return {
        **key._asdict(),
        "reason": gap.reason.value,
        "detail": gap.detail,
        "attempts": int(gap.reason not in UNASKED),
        "first_at": seconds(gap.observed_at),
        "last_at": seconds(gap.observed_at),
    }
