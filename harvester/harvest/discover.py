"""Discovery: each group's bitlinks, page by page from the API into the store."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import AccountStopped, BitlyError, Forbidden, SubjectGone
from harvester.clock import Clock
from harvester.domain.events import Discovered, Notify, Problem
from harvester.domain.snapshots import Reason
from harvester.harvest.job import Job
from harvester.harvest.plan import Scope, Strategy
from harvester.harvest.prelude import check_token
from harvester.harvest.renewal import made_since
from harvester.harvest.trust import believed
from harvester.harvest.watching import Watching
from harvester.store.entries import forget_entry
from harvester.store.gates import refused_now
from harvester.store.listings import close_head, close_roster, roster
from harvester.store.proofs import trust
from harvester.store.rosters import save_bitlinks

LISTING: Final = "/groups/{group_guid}/bitlinks"


@dataclass(slots=True)
class Listing:
    """What discovery came to: how many links there are, and which groups' lists broke off.

    `began` is when a group's list was begun, by guid, and `why` what went wrong with it; all links
    of the groups in `whole` were listed, not only the new ones. Those in `again` were listed twice
    in this run, or tried to be.
    `pages` counts what was read of each group last.
    """

    bitlinks: int = 0
    unfinished: set[str] = field(default_factory=set)
    why: dict[str, str] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    again: set[str] = field(default_factory=set)
    began: dict[str, datetime] = field(default_factory=dict)
    pages: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Discovery:
    """Lists the bitlinks of one account's groups into the store; memory holds one page.

    A link that a complete list does not name any more is marked unlisted; a listing that breaks
    off marks nothing, and neither does one of the new links alone.
    """

    job: Job
    account_id: int
    client: BitlyClient
    engine: AsyncEngine
    clock: Clock
    notify: Notify
    stop: asyncio.Event
    listing: Listing = field(default_factory=Listing)

    async def discover(self, scopes: Sequence[Scope]) -> Listing:
        """List the groups of `scopes`; one that fails does not stop the others.

        Raises AccountStopped if the token or the month's quota is at its end.
        """
        self.listing.unfinished.update(scope.guid for scope in scopes)
        for scope in scopes:
            await self._list(scope, await self._made_since(scope))
            self.listing.bitlinks += (await roster(self.engine, scope.group_id)).links
        return self.listing

    def stale(self, scope: Scope) -> bool:
        """Whether links may have left or come back unseen: not all were listed in this run."""
        return scope.guid not in self.listing.whole

    async def again(self, scope: Scope) -> bool:
        """List all links of a group of which only the new ones were; False if that cannot be."""
        if (
            scope.watched
            or not self.stale(scope)
            or scope.guid in self.listing.again
            or self.stop.is_set()
        ):
            return False
        self.listing.again.add(scope.guid)
        return await self._list(scope, None)

    async def pages_next(self, scopes: Sequence[Scope]) -> int:
        """Return how many pages the next run will read, if no link is made until then."""
        pages = self.listing.pages
        return sum([1 if await self.stale_next(each) else pages[each.guid] for each in scopes])

    async def stale_next(self, scope: Scope) -> bool:
        """Whether the next run will list only what is new of a group."""
        return await self._made_since(scope) is not None

    async def _made_since(self, scope: Scope) -> datetime | None:
        """Return from when on made links are listed; None: all, since nothing else would tell.

        Who has left or come back shows in a group's totals and sorted lists, if they are asked for.
        """
        if scope.watched:
            return None
        now = self.clock.now()
        refused = await refused_now(self.engine, scope.group_id, now)
        watched = believed(await trust(self.engine, scope.group_id), now) and not refused
        if self.job.refresh or scope.goal.strategy is Strategy.EXHAUSTIVE or not watched:
            return None
        known = await roster(self.engine, scope.group_id)
        return made_since(known, now, self.job.refresh_every, self.job.small)

    async def _list(self, scope: Scope, since: datetime | None) -> bool:
        """List one group, links made `since` or all; tell if that came to its end."""
        guid, ended = scope.guid, False
        try:
            ended = await self._pages(scope, since)
        except AccountStopped:
            raise
        except BitlyError as error:
            await self._failed(guid, error)
        (self.listing.unfinished.discard if ended else self.listing.unfinished.add)(guid)
        if ended and since is None:
            self.listing.whole.add(guid)
        return ended

    async def _pages(self, scope: Scope, since: datetime | None) -> bool:
        """Read the pages of a list into the store; False if told to stop before the end."""
        began, listed = self.clock.now().replace(microsecond=0), 0
        self.listing.began[scope.guid], self.listing.pages[scope.guid] = began, 0
        if scope.watched:
            await self._watching().bring(scope, began, self._every)
            return True
        async for page in self.client.bitlink_pages(scope.guid, since):
            await save_bitlinks(self.engine, self.account_id, scope.group_id, page, began)
            listed += len(page)
            self.listing.pages[scope.guid] += 1
            self.notify(Discovered(self.job.account, scope.guid, listed, done=False))
            if self.stop.is_set():
                return False
        close = close_roster if since is None else close_head
        await close(self.engine, scope.group_id, began)
        self.notify(Discovered(self.job.account, scope.guid, listed, done=True))
        return True

    def _watching(self) -> Watching:
        job = self.job
        return Watching(job.account, self.account_id, job.watch, self.client, self.engine)

    @property
    def _every(self) -> timedelta | None:
        return None if self.job.refresh else self.job.refresh_every

    async def _failed(self, guid: str, error: BitlyError) -> None:
        """Tell of a group that could not be listed; raises AccountStopped if it is the token.

        A group that is not to be had may be no group of the account's any more, or the token
        somebody else's: the next run asks anew.
        """
        self.listing.why[guid] = str(error)
        message = f"group {guid}: its bitlinks could not be listed: {error}"
        self.notify(Problem(self.job.account, Reason.UNANSWERED, message))
        if isinstance(error, Forbidden | SubjectGone):
            await forget_entry(self.engine, self.account_id)
            await check_token(self.client, self.job.account)
