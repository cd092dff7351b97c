"""One harvester at a time on an account: a lease in the database, renewed while the run lasts.

A process that crashes leaves its lease behind, which expires by itself. Whoever comes meanwhile
waits for that, and gives up as soon as the holder is seen to renew it: then it is alive.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.clock import Clock
from harvester.domain.errors import Exit, HarvesterError
from harvester.domain.events import Notify, Problem, Waiting
from harvester.domain.snapshots import Reason
from harvester.store import leases
from harvester.store.errors import StoreError

LASTING = timedelta(seconds=60)  # how long a crash may keep others out
LOOK = timedelta(seconds=1)  # how often one who waits looks


class AccountHeld(HarvesterError):
    """Another process is harvesting the account."""

    exit_code: ClassVar[Exit] = Exit.INCOMPLETE


@dataclass(frozen=True, slots=True)
class Keeper:
    """Takes, keeps and gives back the lease of one account for one `holder`."""

    engine: AsyncEngine
    account: str
    holder: str
    clock: Clock
    stop: asyncio.Event
    notify: Notify
    lasting: timedelta = LASTING

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Hold the lease for the block. Raises AccountHeld if another process does, StoreError.

        Sets `stop` if it is lost on the way, after a long sleep of the machine say: what was learnt
        is kept, and the run ends in order.
        """
        await self._take()
        keeping = asyncio.create_task(self._keep(), name=f"lease of {self.account}")
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            with suppress(StoreError):  # it expires
                await leases.release(self.engine, self.account, self.holder)

    async def _take(self) -> None:
        first: leases.Lease | None = None
        while (other := await self._in_the_way()) is not None:
            if first is None:
                first = other
                left = (other.expires_at - self.clock.now()).total_seconds()
                why = f"{other.holder} holds the account, or has crashed"
                self.notify(Waiting(self.account, "lease", max(left, 0), why))
            if other != first or self.stop.is_set():
                raise AccountHeld(
                    f"account {self.account!r} is being harvested by {other.holder} on this"
                    " database; let that run end, or stop it"
                )
            await self.clock.sleep(LOOK)

    async def _in_the_way(self) -> leases.Lease | None:
        now = self.clock.now()
        until = now + self.lasting
        return await leases.take(self.engine, self.account, self.holder, at=now, until=until)

    async def _keep(self) -> None:
        while True:
            await self.clock.sleep(self.lasting / 3)
            with suppress(StoreError):  # it may do again before the lease has expired
                until = self.clock.now() + self.lasting
                if not await leases.renew(self.engine, self.account, self.holder, until=until):
                    break
        line = f"another harvester has taken account {self.account!r} over: this one stops"
        self.notify(Problem(self.account, Reason.INTERRUPTED, line))
        self.stop.set()
