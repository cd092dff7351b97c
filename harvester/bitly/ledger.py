"""Requests are charged to a ledger before they are sent, and paid for ahead in small blocks.

The ledger is somebody else's, and durable: what it holds is never below what was sent, whatever
becomes of this process. After a crash it is above by what was paid for and not sent, at most
`LARGEST` requests of each endpoint.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Protocol

LARGEST: Final = 32
"""Requests in a block. The first is of one, each further one twice as large, up to this."""

IN_USE: Final = 8
"""Blocks of so many are filled up together with others', before they are empty."""


class Ledger(Protocol):
    """Keeps count of an account's requests by UTC day and endpoint."""

    async def charge(self, day: date, requests: Mapping[str, int]) -> None:
        """Add the `requests` (by endpoint) that may be sent now; kept for good once it returns."""
        ...

    async def give_back(self, day: date, requests: Mapping[str, int]) -> None:
        """Take off `requests` (by endpoint) that were charged and not sent."""
        ...


@dataclass(slots=True)
class _Block:
    """What is left of the requests paid for, out of `size`."""

    left: int = 0
    size: int = 0


class Prepaid:
    """The requests that are paid for, by endpoint, all of one day."""

    def __init__(self, ledger: Ledger) -> None:
        """Pay out of `ledger`."""
        self._ledger = ledger
        self._charging = asyncio.Lock()
        self._blocks: defaultdict[str, _Block] = defaultdict(_Block)
        self._day = date.min
        self._begins = self._ends = datetime.min.replace(tzinfo=UTC)  # of the day

    async def prepare(self, endpoint: str, at: datetime) -> None:
        """Make sure that a request to `endpoint` is paid for; at once if one of the day is left.

        Raises what the ledger raises, and then nothing is paid for.
        """
        if not self._is_left(endpoint, at):
            async with self._charging:
                if not self._is_left(endpoint, at):
                    await self._pay(endpoint, at.astimezone(UTC).date())

    def take(self, endpoint: str, at: datetime) -> bool:
        """Use one request that is paid for; False if none of the day is left."""
        if not self._is_left(endpoint, at):
            return False
        self._blocks[endpoint].left -= 1
        return True

    def unused(self) -> int:
        """Return how many requests are paid for and not sent."""
        return sum(block.left for block in self._blocks.values())

    async def close(self) -> None:
        """Give back what was not used."""
        async with self._charging:
            await self._return_all()

    def _is_left(self, endpoint: str, at: datetime) -> bool:
        return self._blocks[endpoint].left > 0 and self._begins <= at < self._ends

    async def _pay(self, endpoint: str, day: date) -> None:
        """Pay for `endpoint` and, at one go, for all that are in use and soon empty."""
        if day != self._day:
            await self._return_all()
            self._day = day
            self._begins = datetime.combine(day, time(), UTC)
            self._ends = self._begins + timedelta(days=1)
        block = self._blocks[endpoint]
        more = {endpoint: (min(2 * block.size, LARGEST) or 1) - block.left}
        for other, of_other in self._blocks.items():
            if other != endpoint and IN_USE <= of_other.size >= 2 * of_other.left:
                more[other] = of_other.size - of_other.left
        await self._ledger.charge(day, more)
        block.size = more[endpoint]
        for each, requests in more.items():
            self._blocks[each].left += requests

    async def _return_all(self) -> None:
        # first ours, then the ledger's: whatever happens in between, it is never too low
        left = {endpoint: block.left for endpoint, block in self._blocks.items() if block.left}
        for block in self._blocks.values():
            block.left = 0
        if left:
            await self._ledger.give_back(self._day, left)
