"""Lets requests go one by one, so that no limit of Bitly's is ever passed.

The counts that must hold are kept in rates.py and purse.py, pace.py evens out the pace, and every
wait that a person may notice goes through the Clock.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Literal

from harvester.bitly.budget import MARGIN, MINUTE, next_hour, next_minute
from harvester.bitly.connections import Connections
from harvester.bitly.models import PlatformLimit
from harvester.bitly.pace import EvenPace, Pacer
from harvester.bitly.purse import PLATFORM_LIMITS, Purse
from harvester.bitly.rates import Rate
from harvester.clock import Clock

DEFAULT_PER_HOUR: Final = 1000  # Bitly's own example; no endpoint is known to allow less
NOTABLE: Final = timedelta(seconds=2)
FEW: Final = 10  # requests that go to an endpoint before Bitly's limits have been read
READ_AGAIN: Final = timedelta(seconds=20)  # at the soonest
READ_FAILED: Final = timedelta(minutes=5)

OnWait = Callable[[str, float, str], None]
Read = Callable[[], Awaitable[None]]


class _Lane:
    """One endpoint: its turn (FIFO), its rate and pace (None: unlimited), and its pause."""

    __slots__ = ("endpoint", "pacer", "paused_until", "rate", "turn", "why")

    def __init__(self, endpoint: str, start: datetime) -> None:
        self.endpoint = endpoint
        self.turn = asyncio.Lock()
        self.rate: Rate | None = None
        self.pacer: Pacer | None = None
        self.paused_until = start
        self.why = ""

    def wait(self, at: datetime) -> tuple[timedelta, str]:
        """Return how long the next request must wait, and why."""
        free = self.rate.free_at(at) if self.rate else at
        if self.paused_until > free:
            return self.paused_until - at, self.why
        return free - at, "the endpoint's limit is reached"


class Limiter:
    """The limits of one account. `async with limiter.slot(endpoint):` sends one request.

    `requests_per_hour` is the limit of every endpoint: a number, "learn" for what Bitly says (and
    1,000 until it does), or None for no limit and no pacing. `on_wait(endpoint, seconds, why)` is
    told of waits above two seconds. `counts_hours` is whether the counts that Bitly tells are of
    the present hour: only our own are gone by where they are not.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        connections: Connections | None = None,
        requests_per_hour: int | Literal["learn"] | None = "learn",
        pacer: Callable[[int], Pacer] | None = EvenPace,
        on_wait: OnWait | None = None,
    ) -> None:
        """Take a clock; `pacer` makes the pacer for a number of requests a minute, if any."""
        self.connections = connections or Connections()
        self._clock = clock
        self._per_hour = requests_per_hour
        self._pacer = pacer
        self._on_wait = on_wait
        self._lanes: dict[str, _Lane] = {}
        self.purse = Purse(clock)
        self.counts_hours = True
        self._read: Read | None = None
        self._reading = asyncio.Lock()
        self._read_again = clock.now()
        self._learnt = False

    def reads_by(self, read: Read) -> None:
        """Let `read` send for Bitly's limits, and `learn` them, whenever they should be known anew.

        It is called where a request waits to be sent, and must not raise because Bitly fails.
        """
        self._read = read

    def slot(self, endpoint: str) -> "Slot":
        """Return the context in which one request to `endpoint` (a template) is sent.

        Entering waits for pace, limits and a connection, and raises what `Purse.prepare` raises.
        """
        return Slot(self, self._lane(endpoint))

    @property
    def learns(self) -> bool:
        """Say whether there are limits, and Bitly's word on them is read while requests go."""
        return self._per_hour is not None

    @property
    def unlearnt(self) -> bool:
        """Say whether there are limits, and Bitly has not told of them yet."""
        return self._per_hour is not None and not self._learnt

    def hour(self, endpoint: str) -> tuple[int, int] | None:
        """Return how many requests the last hour of `endpoint` holds and may hold, if limited."""
        rate = self._lane(endpoint).rate
        return (rate.used(self._clock.now()), rate.per_hour) if rate else None

    def learn(self, limits: Iterable[PlatformLimit]) -> None:
        """Take over what Bitly says of its limits per hour, and how much of them is used.

        Until it was learnt again a minute later or more, what others send is not known, and half
        the pace is left to them.
        """
        self._learnt, self._read_again = True, self._clock.now() + READ_AGAIN
        for limit in limits:
            if limit.ours and limit.limit > 0 and self._per_hour is not None:
                self._learn(self._lane(limit.endpoint), limit)

    def rate_limited(self, endpoint: str, retry_after: timedelta | None = None) -> None:
        """Pause `endpoint` after a 429: until `retry_after`, else until the turn of the minute.

        Limits "reset once each hour and once each minute": a 429 soon after such a pause means
        that it was the hour's. Requests that were under way when the pause began change nothing.
        """
        lane, now = self._lane(endpoint), self._clock.now()
        if retry_after is not None:
            lane.paused_until = max(lane.paused_until, now + retry_after)
        elif now >= lane.paused_until:
            again = lane.why and now < lane.paused_until + MINUTE
            if again and lane.rate:
                lane.rate.doubt(now)
            lane.paused_until = (next_hour(now) if again else next_minute(now)) + MARGIN
        lane.why = "Bitly asked to slow down"

    def _learn(self, lane: _Lane, limit: PlatformLimit) -> None:
        if lane.rate is None:
            return
        if self._per_hour == "learn":
            lane.rate.resize(limit.limit)
        if self.counts_hours:
            lane.rate.counted(limit.count, self._clock.now())
        if lane.pacer:
            lane.pacer.change(lane.rate.pace)

    def _lane(self, endpoint: str) -> _Lane:
        """Return the lane of `endpoint`; Bitly's own writing of a template may differ from ours."""
        lane = self._lanes.get(endpoint)
        if lane is None:
            lane = self._lanes.setdefault(normal(endpoint), self._new_lane(endpoint))
            self._lanes[endpoint] = lane
        return lane

    def _new_lane(self, endpoint: str) -> _Lane:
        lane = _Lane(endpoint, self._clock.now())
        if self._per_hour is not None:
            lane.rate = Rate(DEFAULT_PER_HOUR if self._per_hour == "learn" else self._per_hour)
            lane.pacer = self._pacer(lane.rate.pace) if self._pacer else None
        return lane

    async def admit(self, lane: _Lane) -> None:
        """Return once a request may be sent and holds a connection; count it."""
        async with lane.turn:
            if self._due(lane):  # before the pace, which goes on meanwhile
                await self._read_limits(lane)
            if lane.pacer:
                await lane.pacer.wait()
            while True:
                await self._wait(lane)
                await self.purse.prepare(lane.endpoint)
                await self.connections.acquire()
                if self._sent(lane):
                    return

    async def _wait(self, lane: _Lane) -> None:
        """Wait without holding a connection, in steps, since a pause may come in between."""
        told = False
        while True:
            if self._due(lane):
                await self._read_limits(lane)
            now = self._clock.now()
            wait, why = lane.wait(now)
            if wait <= timedelta():
                return
            if not told and self._on_wait and wait > NOTABLE:
                self._on_wait(lane.endpoint, wait.total_seconds(), why)
                told = True
            await self._clock.sleep(min(wait, next_minute(now) + MARGIN - now))

    def _due(self, lane: _Lane) -> bool:
        """Say whether to read Bitly's limits first: if `lane` is among those that it tells."""
        if self._read is None or lane.rate is None or lane.endpoint == PLATFORM_LIMITS:
            return False
        now = self._clock.now()
        if now < self._read_again:
            return False
        if not self._learnt:
            return lane.rate.unread >= FEW
        return lane.rate.read and lane.rate.due(now)

    async def _read_limits(self, lane: _Lane) -> None:
        """Read Bitly's limits, unless another lane has done so meanwhile."""
        async with self._reading:
            if self._read and self._due(lane):
                self._read_again = self._clock.now() + READ_FAILED  # unless `learn` is called
                await self._read()

    def _sent(self, lane: _Lane) -> bool:
        """Count a request if it may still go now, else give its connection back."""
        now, counted = self._clock.now(), False
        try:
            if lane.wait(now)[0] <= timedelta():
                counted = self.purse.spend(lane.endpoint)
                if counted and lane.rate:
                    lane.rate.charge(now)
        finally:
            if not counted:
                self.connections.release()
        return counted


class Slot:
    """One request's leave to go; holds a connection until it is left."""

    __slots__ = ("_lane", "_limiter")

    def __init__(self, limiter: Limiter, lane: _Lane) -> None:
        """Belong to `lane` of `limiter`."""
        self._limiter = limiter
        self._lane = lane

    async def __aenter__(self) -> None:
        """Wait for leave."""
        await self._limiter.admit(self._lane)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give the connection back."""
        self._limiter.connections.release()


def normal(endpoint: str) -> str:
    """Return the template with nameless placeholders, without `/v4`: `/bitlinks/{}/clicks`."""
    parts = endpoint.removeprefix("/v4").strip("/").split("/")
    return "/".join("{}" if part[:1] in {"{", ":"} else part for part in parts)
