"""What an account may still send: the month's requests, each charged before it goes."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from harvester.bitly.budget import HOUR
from harvester.bitly.errors import QuotaUsedUp
from harvester.bitly.groups import EXPORTS, SORTED
from harvester.bitly.ledger import Ledger, Prepaid
from harvester.bitly.month import Month
from harvester.clock import Clock

READ_AFTER: Final = 500  # requests of ours, or
READ_EVERY: Final = HOUR
PLAN_LIMITS: Final = "/organizations/{organization_guid}/plan_limits"
PLATFORM_LIMITS: Final = "/user/platform_limits"  # where Bitly tells its limits and counts
LINKS: Final = "/bitlinks/"
LOOKS: Final = frozenset({SORTED, EXPORTS})

Count = Callable[[], Awaitable[int | None]]
"""Asks Bitly how many of the month's requests are used; None if it does not say."""


class Purse:
    """The requests of one account. Without a `month` nothing is held back.

    Before each request: `prepare`, then `spend`. Whoever prepares an endpoint does so alone. A
    day's share holds for single links, and for the lists and exports that look at many of them.
    Who is there, and the groups' totals, which tell much for little, may go on to the reserve.
    """

    def __init__(self, clock: Clock) -> None:
        """Know of no quota and charge nothing, until told."""
        self._clock = clock
        self._prepaid: Prepaid | None = None
        self._count: Count | None = None
        self._reading = asyncio.Lock()
        self._sent = 0
        self._read_sent = 0  # of those when Bitly's count was read last
        self._read_at = clock.now()
        self._kept = 0
        self.month: Month | None = None

    def charge_to(self, ledger: Ledger) -> None:
        """Charge each request to `ledger` from now on."""
        self._prepaid = Prepaid(ledger)

    def unused(self) -> int:
        """Return how many requests are charged to the ledger and not sent."""
        return self._prepaid.unused() if self._prepaid else 0

    def hold(
        self, month: Month | None, count: Count | None = None, *, read_after: int = READ_AFTER
    ) -> None:
        """Keep to `month`; `count` reads Bitly's word on its use now and then.

        For the first time `read_after` so many requests: a month that is remembered soon.
        """
        self.month, self._count = month, count
        self._begin_reading()
        self._read_sent -= READ_AFTER - read_after

    def left_today(self) -> int | None:
        """Return how many requests about links may still be sent today; None: as many as wanted."""
        return None if self.month is None else self.month.left_today(self._clock.now())

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Keep half of what is left of the day's share from lists and exports, for single links."""
        left = self.left_today()
        self._kept = left // 2 if left and self.month and self.month.even else 0
        try:
            yield
        finally:
            self._kept = 0

    def spent(self) -> QuotaUsedUp | None:
        """Return why no request about a link may be sent any more; None if one may."""
        try:
            self._check(LINKS, self._clock.now())
        except QuotaUsedUp as spent:
            return spent
        return None

    def not_enough(self) -> QuotaUsedUp | None:
        """Return why what is wanted has to wait, though a little may be left; None if it may go."""
        if self.month is None:
            return None
        return self.spent() or self.month.share_spent(self._clock.now())

    async def prepare(self, endpoint: str) -> None:
        """Make sure that a request to `endpoint` is paid for.

        Raises ReserveReached or ShareSpent if there is none left, or what the ledger raises.
        """
        now = self._clock.now()
        # a reading asks for limits itself, and must not wait for its own end
        if endpoint not in {PLAN_LIMITS, PLATFORM_LIMITS} and self._due(endpoint, now):
            await self.read()
            now = self._clock.now()
        self._check(endpoint, now)
        if self._prepaid:
            await self._prepaid.prepare(endpoint, now)

    def spend(self, endpoint: str) -> bool:
        """Count a request that is sent now. False, and nothing counted, if it has to be prepared.

        Raises ReserveReached or ShareSpent if there is none left.
        """
        now = self._clock.now()
        self._check(endpoint, now)
        if self._prepaid and not self._prepaid.take(endpoint, now):
            return False
        if self.month:
            self.month.count()
        self._sent += endpoint != PLAN_LIMITS
        return True

    async def read(self) -> None:
        """Read Bitly's count: others spend, too. A reading that fails changes nothing."""
        async with self._reading:
            if self._count is None or self._sent == self._read_sent:
                return
            before = self._begin_reading()
            counted = await self._count()
            if self.month and counted is not None:
                # what was sent meanwhile may not be in it
                self.month.counted = counted + self._sent - before

    async def close(self) -> None:
        """Give back what was paid for and not sent. Raises what the ledger raises."""
        if self._prepaid:
            await self._prepaid.close()

    def _check(self, endpoint: str, now: datetime) -> None:
        if self.month and endpoint != PLAN_LIMITS:
            self.month.check(now, keep=self._keep(endpoint))

    def _keep(self, endpoint: str) -> int | None:
        """Return how much of the share `endpoint` has to leave; None if it need not regard it."""
        if endpoint.startswith(LINKS):
            return 0
        return self._kept if endpoint in LOOKS else None

    def _due(self, endpoint: str, now: datetime) -> bool:
        """Say whether to read Bitly's count first: now and then, and before nothing is left."""
        if self.month is None or self._count is None:
            return False
        late = now >= self._read_at + READ_EVERY or self._sent >= self._read_sent + READ_AFTER
        keep = self._keep(endpoint)
        none_left = not self.month.left(now) if keep is None else self.month.left_today(now) <= keep
        return late or none_left

    def _begin_reading(self) -> int:
        self._read_at, self._read_sent = self._clock.now(), self._sent
        return self._sent
