"""Discovery: each group's bitlinks, page by page from the API into the store."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import AccountStopped, BitlyError, Forbidden, SubjectGone
from harvester.clock import Clock
from harvester.domain.events import Discovered, Notify, Problem
from harvester.domain.snapshots import Reason
from harvester.harvest.prelude import check_token
from harvester.store.entries import forget_entry
from harvester.store.rosters import close_roster, save_bitlinks


@dataclass(slots=True)
class Listing:
    """What discovery came to: how many links, and which groups' lists were not read to the end."""

    bitlinks: int = 0
    unfinished: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Discovery:
    """Lists the bitlinks of one account's groups into the store; memory holds one page.

    A link that a complete list does not name any more is marked unlisted; a listing that breaks
    off marks nothing.
    """

    account: str
    account_id: int
    client: BitlyClient
    engine: AsyncEngine
    clock: Clock
    notify: Notify
    stop: asyncio.Event

    async def discover(self, groups: Mapping[str, int]) -> Listing:
        """List `groups` (guid -> the store's key); a group that fails does not stop the others.

        Raises AccountStopped if the token or the month's quota is at its end.
        """
        listing = Listing()
        for guid, group_id in groups.items():
            try:
                ended = await self._list(guid, group_id, listing)
            except AccountStopped:
                raise
            except BitlyError as error:
                ended = False
                await self._failed(guid, error)
            if not ended:
                listing.unfinished.add(guid)
        return listing

    async def _failed(self, guid: str, error: BitlyError) -> None:
        """Tell of a group that could not be listed; raises AccountStopped if it is the token.

        A group that is not to be had may be no group of the account's any more, or the token
        somebody else's: the next run asks anew.
        """
        message = f"group {guid}: its bitlinks could not be listed: {error}"
        self.notify(Problem(self.account, Reason.UNANSWERED, message))
        if isinstance(error, Forbidden | SubjectGone):
            await forget_entry(self.engine, self.account_id)
            await check_token(self.client, self.account)

    async def _list(self, guid: str, group_id: int, listing: Listing) -> bool:
        """List one group; False if it was told to stop before the end."""
        began, listed = self.clock.now().replace(microsecond=0), 0
        async for page in self.client.bitlink_pages(guid):
            await save_bitlinks(self.engine, self.account_id, group_id, page, began)
            listed += len(page)
            listing.bitlinks += len(page)
            self.notify(Discovered(self.account, guid, listed, done=False))
            if self.stop.is_set():
                return False
        await close_roster(self.engine, group_id, began)
        self.notify(Discovered(self.account, guid, listed, done=True))
        return True
