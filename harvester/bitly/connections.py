"""The connections of a process, which all its accounts share: Bitly takes five from one address."""

import asyncio
from typing import Final

import aiohttp

CONNECTIONS: Final = 5  # "five concurrent connections from a single IP address"


class Connections:
    """At most `most` requests at once, over as many sockets: those at rest are used again by all.

    Bitly counts what is open. Were each account to keep sockets of its own, many accounts would
    hold more than they use.
    """

    def __init__(self, most: int = CONNECTIONS) -> None:
        """Allow `most` requests at once."""
        self.most = most
        self._free = asyncio.Semaphore(most)
        self.acquire = self._free.acquire
        self.release = self._free.release
        self._sockets: aiohttp.BaseConnector | None = None
        self._sharing = 0

    def share(self) -> aiohttp.BaseConnector:
        """Return the sockets; they stay open until everybody who asked has said `leave`."""
        if self._sockets is None:
            self._sockets = aiohttp.TCPConnector(limit=0)  # the semaphore counts
        self._sharing += 1
        return self._sockets

    async def leave(self) -> None:
        """Do without the sockets from now on; the last one who does closes them."""
        self._sharing -= 1
        if not self._sharing and self._sockets is not None:
            sockets, self._sockets = self._sockets, None
            await sockets.close()
