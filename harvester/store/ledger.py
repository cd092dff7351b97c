"""The request ledger: how many requests of an account were sent, by UTC day and endpoint.

A row is charged before its requests are sent, so it is never below what Bitly counted of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Connection, Date, TextClause, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.clock import Clock
from harvester.store.engine import in_transaction, rows
from harvester.store.errors import StoreBusy
from harvester.store.tables import ledger

_ATTEMPTS: Final = 6  # each waits for the lock as long as the engine has patience, too
_PAUSE: Final = timedelta(milliseconds=100)  # before the second attempt; doubles each time

_DAY: Final = bindparam("day", type_=Date)
_MORE: Final = text("""
INSERT INTO ledger (account_id, day, endpoint, requests)
VALUES (:account, :day, :endpoint, :requests)
ON CONFLICT (account_id, day, endpoint)
DO UPDATE SET requests = ledger.requests + excluded.requests
""").bindparams(_DAY)
_LESS: Final = text("""
UPDATE ledger SET requests = requests - :requests
WHERE account_id = :account AND day = :day AND endpoint = :endpoint
""").bindparams(_DAY)


@dataclass(frozen=True, slots=True)
class StoredLedger:
    """The ledger of one account, each charge in a transaction of its own."""

    engine: AsyncEngine
    account_id: int
    clock: Clock

    async def charge(self, day: date, requests: Mapping[str, int]) -> None:
        """Add `requests`, by endpoint; committed once this returns. Raises StoreError."""
        await self._patiently(_MORE, day, requests)

    async def give_back(self, day: date, requests: Mapping[str, int]) -> None:
        """Take `requests`, by endpoint, off. Raises StoreError."""
        await self._patiently(_LESS, day, requests)

    async def _patiently(
        self, statement: TextClause, day: date, requests: Mapping[str, int]
    ) -> None:
        # in one order, so that two processes never wait for each other
        charges = [
            {"account": self.account_id, "day": day, "endpoint": endpoint, "requests": count}
            for endpoint, count in sorted(requests.items())
        ]

        def kept(connection: Connection) -> None:
            connection.execute(statement, charges)

        for attempt in range(_ATTEMPTS - 1):
            try:
                return await in_transaction(self.engine, kept)
            except StoreBusy:
                await self.clock.sleep(_PAUSE * 2**attempt)
        return await in_transaction(self.engine, kept)


async def spent(engine: AsyncEngine, account_id: int, since: date) -> int:
    """Return the requests of an account on `since` and the days after it."""
    total = func.coalesce(func.sum(ledger.c.requests), 0)
    query = select(total).where(ledger.c.account_id == account_id, ledger.c.day >= since)
    ((requests,),) = await rows(engine, query)
    return int(requests)


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
    ((requests,),) = await rows(engine, query)
    return int(requests)
