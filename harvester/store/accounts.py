"""Accounts as such: their keys, and until when one rests because its requests are spent."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.store.engine import in_transaction, read, rows
from harvester.store.instants import instant, seconds
from harvester.store.tables import accounts
from harvester.store.upsert import insert_into


@dataclass(frozen=True, slots=True)
class Stop:
    """Nothing is asked before `until`; `why` is one line for a person."""

    until: datetime
    why: str


async def account_key(engine: AsyncEngine, name: str, at: datetime) -> int:
    """Return the key of the account that the user calls `name`, new or not.

    Its requests are charged to it from the first one on, which is before its login is known.
    """
    row = {"name": name, "login": "", "last_seen_at": seconds(at)}
    query = select(accounts.c.id).where(accounts.c.name == name)

    def made(connection: Connection) -> int:
        connection.execute(insert_into(connection, accounts).on_conflict_do_nothing(), row)
        return int(connection.execute(query).scalar_one())

    known = await read(engine, lambda connection: connection.scalar(query))
    return await in_transaction(engine, made) if known is None else int(known)


async def stop_of(engine: AsyncEngine, account_id: int) -> Stop | None:
    """Return until when an account rests, and why; None if it does not."""
    query = select(accounts.c.stopped_until, accounts.c.stopped_why).filter_by(id=account_id)
    (row,) = await rows(engine, query)
    return None if row.stopped_until is None else Stop(instant(row.stopped_until), row.stopped_why)


async def save_stop(engine: AsyncEngine, account_id: int, stop: Stop | None) -> None:
    """Let an account rest as `stop` says; None ends its rest."""
    news = {
        "stopped_until": seconds(stop.until) if stop else None,
        "stopped_why": stop.why if stop else None,
    }
    stopped = update(accounts).filter_by(id=account_id).values(news)
    await in_transaction(engine, lambda connection: connection.execute(stopped))
