"""The `missing` rows: windows that were asked for and not learnt."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import bindparam, delete
from sqlalchemy.ext.asyncio import AsyncConnection

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


_LEARNT = delete(missing).where(
    missing.c.subject_id == bindparam("subject"),
    missing.c.facet_id == bindparam("facet"),
    missing.c.window_id == bindparam("window"),
)


async def save_gaps(connection: AsyncConnection, gaps: Sequence[tuple[Key, Missing]]) -> None:
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
    await connection.execute(upsert, [_row(key, gap) for key, gap in gaps])


async def forget_gaps(connection: AsyncConnection, learnt: Sequence[Key]) -> None:
    """Remove the gaps that have been learnt since."""
    if learnt:
        rows = [{"subject": key[0], "facet": key[1], "window": key[2]} for key in learnt]
        await connection.execute(_LEARNT, rows)


def _row(key: Key, gap: Missing) -> dict[str, object]:
    return {
        **key._asdict(),
        "reason": gap.reason.value,
        "detail": gap.detail,
        "attempts": int(gap.reason not in UNASKED),
        "first_at": seconds(gap.observed_at),
        "last_at": seconds(gap.observed_at),
    }
