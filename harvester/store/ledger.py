"""The request ledger: how many requests of an account were sent, by UTC day and endpoint.

A row is charged before its requests are sent, so it is never below what Bitly counted of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Connection, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.clock import Clock
from harvester.store.engine import in_transaction, reading
from harvester.store.errors import StoreBusy
from harvester.store.tables import ledger
from harvester.store.upsert import insert_into

_ATTEMPTS: Final = 6  # each waits for the lock as long as the engine has patience, too
_PAUSE: Final = timedelta(milliseconds=100)  # before the second attempt; doubles each time


@dataclass(frozen=True, slots=True)
class StoredLedger:
    """The ledger of one account, each charge in a transaction of its own."""

    engine: AsyncEngine
    account_id: int
    clock: Clock

    async def charge(self, day: date, endpoint: str, requests: int) -> None:
        """Add `requests` of `endpoint`; committed once this returns. Raises StoreError."""
        key = {"account_id": self.account_id, "day": day, "endpoint": endpoint}

        def charged(connection: Connection) -> None:
            insert = insert_into(connection, ledger).values(**key, requests=requests)
            more = {"requests": ledger.c.requests + insert.excluded.requests}
            connection.execute(insert.on_conflict_do_update(index_elements=list(key), set_=more))

        await self._patiently(charged)

    async def give_back(self, day: date, endpoint: str, requests: int) -> None:
        """Take `requests` of `endpoint` off. Raises StoreError."""
        of_day = update(ledger).filter_by(account_id=self.account_id, day=day, endpoint=endpoint)
        less = of_day.values(requests=ledger.c.requests - requests)

        def given_back(connection: Connection) -> None:
            connection.execute(less)

        await self._patiently(given_back)

    async def _patiently(self, work: Callable[[Connection], None]) -> None:
        for attempt in range(_ATTEMPTS - 1):
            try:
                return await in_transaction(self.engine, work)
            except StoreBusy:
                await self.clock.sleep(_PAUSE * 2**attempt)
        return await in_transaction(self.engine, work)


async def spent(engine: AsyncEngine, account_id: int, since: date) -> int:
    """Return the requests of an account on `since` and the days after it."""
    total = func.coalesce(func.sum(ledger.c.requests), 0)
    query = select(total).where(ledger.c.account_id == account_id, ledger.c.day >= since)
    async with reading(engine) as connection:
        return int((await connection.execute(query)).scalar_one())


async def spent_besides(
    engine: AsyncEngine, account_id: int, endpoints: Sequence[str], since: date, until: date
) -> int:
    """Return the requests to all but `endpoints` from `since` to the day before `until`."""
    total = func.coalesce(func.sum(ledger.c.requests), 0)
    query = select(total).where(
        ledger.c.account_id == account_id,
        ledger.c.day >= since,
        ledger.c.day < until,
        ledger.c.endpoint.not_in(endpoints),
    )
    async with reading(engine) as connection:
        return int((await connection.execute(query)).scalar_one())
