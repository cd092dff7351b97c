"""A client of Bitly's API v4: a method for each question.

Usable by itself:

    async with BitlyClient(token) as bitly:
        async for link in bitly.bitlinks(group_guid):
            print(link.id)
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from math import inf
from random import Random, SystemRandom
from typing import Final, Self, TypeVar

from harvester.bitly import models
from harvester.bitly.dating import Ask, dated
from harvester.bitly.exports import Engagements, engagements, engagements_request
from harvester.bitly.facets import FACETS, Answer, Facet, sized
from harvester.bitly.groups import SortedList, group_clicks, sorted_links
from harvester.bitly.limiter import FEW, Limiter
from harvester.bitly.manners import Manners, Reference
from harvester.bitly.models import PlanLimit, PlatformLimit, User
from harvester.bitly.observing import OnSent
from harvester.bitly.paging import paged
from harvester.bitly.sending import LIMITS_REQUEST, Sender
from harvester.bitly.transport import Transport
from harvester.bitly.wire import (
    Request,
    bitlinks_request,
    group_clicks_request,
    metric_request,
    plain_request,
    plan_limits_request,
    sorted_request,
)
from harvester.clock import Clock, SystemClock
from harvester.domain.rosters import BitlinkDetails, GroupDetails, OrganizationDetails
from harvester.domain.windows import Window

BITLY_URL: Final = "https://api-ssl.bitly.com/v4"
MAX_BODY: Final = 8 * 1024 * 1024  # the largest true answer is an export: below 6
TIMEOUT: Final = timedelta(seconds=30)
SYSTEM_CLOCK: Final = SystemClock()

T = TypeVar("T")


class BitlyClient:
    """Asks Bitly with one token. All methods raise BitlyError; times are in UTC.

    `manners` are how this account's API is asked; `use` changes them.
    """

    def __init__(  # noqa: PLR0913 - each is a knob of its own, with a default
        self,
        token: str,
        *,
        base_url: str = BITLY_URL,
        clock: Clock = SYSTEM_CLOCK,
        dice: Random | None = None,
        limiter: Limiter | None = None,
        timeout: timedelta = TIMEOUT,
        attempts: int = 4,
        max_body: int = MAX_BODY,
        on_sent: OnSent | None = None,
    ) -> None:
        """Open nothing yet: that is `async with`. Raises ConfigError on a token or URL unfit.

        `on_sent` is told of each attempt once it has ended.
        """
        self._clock = clock
        self.limiter = limiter or Limiter(clock)
        self._transport = Transport(
            token,
            base_url,
            timeout=timeout,
            max_body=max_body,
            connections=self.limiter.connections,
        )
        self._sender = Sender(
            self._transport,
            self.limiter,
            clock,
            dice or SystemRandom(),
            attempts=attempts,
            on_sent=on_sent,
        )
        self.manners = Manners()
        self._dating = asyncio.Lock()

    def __repr__(self) -> str:
        """Name the base URL, never the token."""
        return f"BitlyClient({self._transport!r})"

    @property
    def sent(self) -> Counter[str]:
        """Requests by endpoint, each attempt for itself."""
        return self._sender.sent

    @property
    def retried(self) -> int:
        """Requests that were sent again."""
        return self._sender.retried

    async def __aenter__(self) -> Self:
        """Open the session."""
        await self._transport.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the session."""
        await self._transport.__aexit__()

    def use(self, manners: Manners) -> None:
        """Ask by other manners from now on."""
        self.manners = manners
        self.limiter.counts_hours = manners.counts_hours

    async def user(self) -> User:
        """Return whose token it is."""
        return await self.answer(plain_request("/user"), models.user)

    async def organizations(self) -> list[OrganizationDetails]:
        """Return the organizations the token sees."""
        return await self.answer(plain_request("/organizations"), models.organizations)

    async def groups(self) -> list[GroupDetails]:
        """Return the groups the token sees."""
        return await self.answer(plain_request("/groups"), models.groups)

    async def plan_limits(self, organization_guid: str) -> list[PlanLimit]:
        """Return the organization's monthly limits."""
        return await self.answer(plan_limits_request(organization_guid), models.plan_limits)

    async def platform_limits(self) -> list[PlatformLimit]:
        """Return the hourly limits of the endpoints."""
        return await self.answer(LIMITS_REQUEST, models.platform_limits)

    async def prepare(self, requests: float = inf) -> None:
        """Let Bitly's limits be known before so many `requests` go; a few go without."""
        if requests > FEW and self.limiter.unlearnt:
            await self._sender.learn_limits()

    async def bitlink_pages(
        self, group_guid: str, made_since: datetime | None = None
    ) -> AsyncIterator[list[BitlinkDetails]]:
        """Yield the group's links, or those made since an instant, page by page, archived ones too.

        Raises RepeatedCursor rather than read the same pages for ever.
        """

        async def ask(cursor: str) -> tuple[list[BitlinkDetails], str]:
            request = bitlinks_request(group_guid, cursor, made_since, size=self.manners.page)
            return await self.answer(request, models.bitlinks)

        async for page in paged(ask, str(bitlinks_request(group_guid, ""))):
            yield page

    async def bitlinks(self, group_guid: str) -> AsyncIterator[BitlinkDetails]:
        """Yield the group's links one by one, archived ones too."""
        async for page in self.bitlink_pages(group_guid):
            for link in page:
                yield link

    async def ask(self, facet: Facet, subject_name: str, windows: Sequence[Window]) -> Answer:
        """Return what Bitly says of one facet of a subject over adjacent `windows`, oldest first.

        A facet that is no series takes one window, or the days of a week or month, which it answers
        as one.
        """
        manners = self.manners
        if manners.rows is not None:
            facet = sized(facet, manners.rows)

        async def ask(windows: Sequence[Window], named: Reference) -> Answer:
            now = self._clock.now()
            asked = facet.asked(windows, now)
            request = metric_request(facet, subject_name, asked, now, reference=named)
            return await self.answer(request, lambda answer: facet.parse(answer, asked))

        return await (
            self._dated(ask, windows) if facet.series else ask(windows, manners.reference)
        )

    async def group_clicks(self, group_guid: str, windows: Sequence[Window]) -> Answer:
        """Return a group's clicks in each of the adjacent `windows`, oldest first."""

        async def ask(windows: Sequence[Window], named: Reference) -> Answer:
            request = group_clicks_request(group_guid, windows, self._clock.now(), reference=named)
            return await self.answer(request, lambda answer: group_clicks(answer, windows))

        return await self._dated(ask, windows)

    async def sorted_links(self, group_guid: str, windows: Sequence[Window]) -> SortedList:
        """Return a group's most clicked links over all of the adjacent `windows`, at most 100.

        More of them where the account's API was seen to tell more.
        """
        now, size, named = self._clock.now(), self.manners.longest, self.manners.reference
        request = sorted_request(group_guid, windows, now, size=size, reference=named)
        found = await self.answer(request, lambda answer: sorted_links(answer, size=size))
        if self.manners.settled or windows[-1].end > now or not found.clicks:
            return found
        await self.ask(FACETS["clicks"], next(iter(found.clicks)), windows)  # it bears dates
        return (
            found
            if self.manners.reference is named
            else await self.sorted_links(group_guid, windows)
        )

    async def _dated(self, ask: Ask, windows: Sequence[Window]) -> Answer:
        if not self.manners.settled:
            async with self._dating:  # once is enough: whoever waited finds it settled
                answer, shown = await dated(ask, windows, self._clock.now(), self.manners)
                self.use(shown)
                return answer
        return await ask(windows, self.manners.reference)

    async def link_engagements(
        self, group_guid: str, names: Sequence[str], window: Window
    ) -> Engagements:
        """Return the clicks and scans of up to 200 links of a group in a window, by an export.

        A POST that changes nothing, so it is sent again like any other request.
        """
        request = engagements_request(group_guid, names, window)
        return await self.answer(request, lambda answer: engagements(answer, names, window))

    async def answer(self, request: Request, parse: Callable[[object], T]) -> T:
        """Return what `parse` makes of the answer to a request of any kind."""
        return await self._sender.answer(request, parse)
