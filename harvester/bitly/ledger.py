"""Requests are charged to a ledger before they are sent, and paid for ahead in small blocks.

The ledger is somebody else's, and durable: what it holds is never below what was sent, whatever
becomes of this process. After a crash it is above by what was paid for and not sent, at most
`LARGEST` requests of each endpoint.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, Protocol

LARGEST: Final = 32
"""Requests in a block. The first is of one, each further one twice as large, up to this."""


class Ledger(Protocol):
    """Keeps count of an account's requests by UTC day and endpoint."""

    async def charge(self, day: date, endpoint: str, requests: int) -> None:
        """Add `requests` that may be sent now. They are kept for good once this returns."""
        ...

    async def give_back(self, day: date, endpoint: str, requests: int) -> None:
        """Take off `requests` that were charged and not sent."""
        ...


@dataclass(slots=True)
class _Block:
    """What is left of requests paid for on a day, and how many were paid for at once."""

    day: date
    left: int
    size: int


class Prepaid:
    """The requests that are paid for, by endpoint. Whoever prepares an endpoint does so alone."""

    def __init__(self, ledger: Ledger) -> None:
        """Pay out of `ledger`."""
        self._ledger = ledger
        self._blocks: dict[str, _Block] = {}

    async def prepare(self, endpoint: str, at: datetime) -> None:
        """Make sure that a request to `endpoint` is paid for; at once if one of the day is left.

        Raises what the ledger raises, and then nothing is paid for.
        """
        day, block = at.astimezone(UTC).date(), self._blocks.get(endpoint)
        if block is not None and block.day == day and block.left:
            return
        if block is not None:
            await self._return(endpoint, block)
        size = min(2 * block.size, LARGEST) if block else 1
        await self._ledger.charge(day, endpoint, size)
        self._blocks[endpoint] = _Block(day, size, size)

    def take(self, endpoint: str, at: datetime) -> bool:
        """Use one request that is paid for; False if none of the day is left."""
        block = self._blocks.get(endpoint)
        if block is None or not block.left or block.day != at.astimezone(UTC).date():
            return False
        block.left -= 1
        return True

    def unused(self) -> int:
        """Return how many requests are paid for and not sent."""
        return sum(block.left for block in self._blocks.values())

    async def close(self) -> None:
        """Give back what was not used."""
        for endpoint, block in self._blocks.items():
            await self._return(endpoint, block)

    async def _return(self, endpoint: str, block: _Block) -> None:
        # first ours, then the ledger's: whatever happens in between, it is never too low
        left, block.left = block.left, 0
        if left:
            await self._ledger.give_back(block.day, endpoint, left)
