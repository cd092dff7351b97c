"""The daemon's ticks: what has been done of an account's schedule, and when it goes on."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.store.engine import in_transaction, rows
from harvester.store.instants import instant, seconds
from harvester.store.tables import ticks
from harvester.store.upsert import insert_into


@dataclass(frozen=True, slots=True)
class Ticks:
    """How far the schedule of `account` has come.

    `due_at` is when its last tick was due, the others when those were that got through: about what
    was open, about what was settling, about all. `short`: the last of these errands came to no end
    for lack of requests.
    """

    account: str
    due_at: datetime
    opened_at: datetime | None
    settled_at: datetime | None
    backfilled_at: datetime | None
    short: bool


async def save_ticks(engine: AsyncEngine, state: Ticks) -> None:
    """Keep `state` in place of what was known of the account's ticks."""
    row = {
        "due_at": seconds(state.due_at),
        "opened_at": _seconds(state.opened_at),
        "settled_at": _seconds(state.settled_at),
        "backfilled_at": _seconds(state.backfilled_at),
        "short": state.short,
    }

    def saved(connection: Connection) -> None:
        insert = insert_into(connection, ticks).values(account=state.account, **row)
        connection.execute(insert.on_conflict_do_update(index_elements=["account"], set_=row))

    await in_transaction(engine, saved)


async def ticks_of(engine: AsyncEngine, account: str) -> Ticks | None:
    """Return how far the schedule of an account has come; None if it has not begun."""
    found = await rows(engine, select(ticks).where(ticks.c.account == account))
    if not found:
        return None
    (row,) = found
    return Ticks(
        account,
        instant(row.due_at),
        _instant(row.opened_at),
        _instant(row.settled_at),
        _instant(row.backfilled_at),
        row.short,
    )


def _seconds(at: datetime | None) -> int | None:
    return None if at is None else seconds(at)


def _instant(second: int | None) -> datetime | None:
    return None if second is None else instant(second)
