"""Leases: which process harvests an account at present, so that no two do."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.store.engine import in_transaction
from harvester.store.instants import instant, seconds
from harvester.store.tables import leases
from harvester.store.upsert import insert_into


@dataclass(frozen=True, slots=True)
class Lease:
    """`holder` alone may harvest `account` until `expires_at`, and longer if it renews that."""

    account: str
    holder: str
    expires_at: datetime


async def take(
    engine: AsyncEngine, account: str, holder: str, *, at: datetime, until: datetime
) -> Lease | None:
    """Take the lease of an account; return the one that is in the way, None if it is taken.

    One that has expired `at` is in nobody's way. Of several who try at once, one gets it.
    """
    row = {"holder": holder, "taken_at": seconds(at), "expires_at": seconds(until)}

    def other(connection: Connection) -> Lease | None:
        taken = (
            insert_into(connection, leases)
            .values(account=account, **row)
            .on_conflict_do_update(
                index_elements=["account"],
                set_=row,
                where=or_(leases.c.expires_at <= seconds(at), leases.c.holder == holder),
            )
            .returning(leases.c.holder)
        )
        if connection.execute(taken).one_or_none() is not None:
            return None
        query = select(leases).where(leases.c.account == account)
        its = connection.execute(query).one()
        return Lease(account, its.holder, instant(its.expires_at))

    return await in_transaction(engine, other)


async def renew(engine: AsyncEngine, account: str, holder: str, *, until: datetime) -> bool:
    """Hold the lease until later; False if it is another's by now."""
    mine = update(leases).where(leases.c.account == account, leases.c.holder == holder)
    longer = mine.values(expires_at=seconds(until))
    held = await in_transaction(engine, lambda connection: connection.execute(longer).rowcount)
    return held == 1


async def release(engine: AsyncEngine, account: str, holder: str) -> None:
    """Give the lease back, if it is still the holder's."""
    mine = delete(leases).where(leases.c.account == account, leases.c.holder == holder)
    await in_transaction(engine, lambda connection: connection.execute(mine))
