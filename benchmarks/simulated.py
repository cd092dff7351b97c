"""Hours of work against Bitly's limits in seconds: a loop whose time leaps from timer to timer."""

import asyncio
import math
import selectors
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random

from harvester.bitly.models import PlatformLimit
from harvester.sandbox.limits import Limits

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
CLICKS, COUNTRIES = "/bitlinks/{bitlink}/clicks", "/bitlinks/{bitlink}/countries"
READING = "/user/platform_limits"
FASTEST, SLOWEST = 0.02, 0.12  # seconds that a request is under way; its answer, as long again


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop that never waits: with nothing to do, its time leaps to the next timer."""

    def __init__(self) -> None:
        """Begin at zero seconds."""
        self.seconds = 0.0
        super().__init__(_Leaping(self))

    def time(self) -> float:
        """Return the simulated seconds."""
        return self.seconds


class _Leaping(selectors.SelectSelector):
    def __init__(self, loop: SimulatedLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everyone waits for ever")
        self._loop.seconds += max(timeout, 0)
        return []


class SimulatedClock:
    """The loop's time as a Clock that begins at `start`."""

    def __init__(self, start: datetime) -> None:
        """Take the instant at which the loop's time is zero."""
        self._start = start

    def now(self) -> datetime:
        """Return the present instant."""
        return self._start + timedelta(seconds=asyncio.get_running_loop().time())

    async def sleep(self, duration: timedelta) -> None:
        """Return after `duration`."""
        await asyncio.sleep(max(duration.total_seconds(), 0))  # noqa: TID251 - simulated


class SimulatedPace:
    """What EvenPace does, by the loop's time, which asyncio-throttle does not read."""

    def __init__(self, per_minute: int) -> None:
        """Let `per_minute` requests go a minute."""
        self._step, self._next = 60 / per_minute, 0.0

    def change(self, per_minute: int) -> None:
        """Go on at another pace."""
        self._step = 60 / per_minute

    async def wait(self) -> None:
        """Return when the next request may go."""
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(max(self._next - now, 0))  # noqa: TID251 - simulated
        self._next = max(self._next, now) + self._step


@dataclass(frozen=True)
class Case:
    """Work without end for `hours`, from `start` after noon on.

    Bitly's windows turn `late` after the clock's. Another program sends to each endpoint once
    every `others`, from `others_from` on. After each of `lives` the process ends and the next
    begins. `counts` is False if platform_limits says zero at all times.
    """

    per_hour: int = 1000
    hours: float = 4
    start: timedelta = timedelta()
    late: timedelta = timedelta()
    others: timedelta | None = None
    others_from: timedelta = timedelta()
    lives: Sequence[timedelta] = ()
    endpoints: Sequence[str] = (CLICKS,)
    counts: bool = True
    seed: int = 1

    @property
    def per_minute(self) -> int:
        """Return a minute's allowance."""
        return max(self.per_hour // 10, 1)

    @property
    def ends(self) -> timedelta:
        """Return when the work ends, after noon."""
        return self.start + self.hours * HOUR


@dataclass
class Bitly:
    """Counts as the sandbox does. `taken` is by endpoint and window, `refused` of ours alone."""

    case: Case
    clock: SimulatedClock
    limits: Limits
    dice: Random
    hours: Counter[tuple[str, datetime]] = field(default_factory=Counter)
    minutes: Counter[tuple[str, datetime]] = field(default_factory=Counter)
    refused: int = 0
    others_refused: int = 0
    readings: int = 0

    async def ask(self, endpoint: str) -> bool:
        """Send a request of ours; return whether it was answered."""
        await self._transfer()
        answered = self._take(endpoint)
        self.refused += not answered
        await self._transfer()
        return answered

    async def read(self) -> list[PlatformLimit]:
        """Send a request of ours to platform_limits."""
        self.readings += 1
        await self._transfer()
        self.refused += not self._take(READING)
        at = self.clock.now() - self.case.late
        said = [
            PlatformLimit(
                endpoint,
                "GET",
                self.case.per_hour,
                self.limits.hour_count(endpoint, at) if self.case.counts else 0,
            )
            for endpoint in self.case.endpoints
        ]
        await self._transfer()
        return said

    async def others(self) -> None:
        """Be the other program."""
        if self.case.others is None:
            return
        await self.clock.sleep(self.case.others_from)
        while True:
            for endpoint in self.case.endpoints:
                self.others_refused += not self._take(endpoint)
            await self.clock.sleep(self.case.others)

    def _take(self, endpoint: str) -> bool:
        at = self.clock.now() - self.case.late
        refused = self.limits.taken(endpoint, at)
        if refused is None and endpoint != READING:
            minute = at.replace(second=0, microsecond=0)
            self.minutes[endpoint, minute] += 1
            self.hours[endpoint, minute.replace(minute=0)] += 1
        return refused is None

    async def _transfer(self) -> None:
        seconds = self.dice.uniform(FASTEST, SLOWEST)
        await asyncio.sleep(seconds)  # noqa: TID251 - simulated

    def used(self) -> float:
        """Return the share used of all hours' allowances; of a part of an hour, what fits in."""
        allowed = sum(self._allowed(hour) for hour in self._spans())
        used = sum(
            self.hours[endpoint, hour]
            for endpoint, hour in product(self.case.endpoints, self._spans())
        )
        return used / allowed / len(self.case.endpoints)

    def whole_hours(self) -> list[float]:
        """Return the share used of each hour's allowance, for hours that were all work."""
        return [
            self.hours[endpoint, hour] / self.case.per_hour
            for endpoint, hour in product(self.case.endpoints, self._spans())
            if self._worked(hour) == HOUR
        ]

    def minute_used(self) -> float:
        """Return the share used of the minutes' allowances, in the fullest three in a row."""
        full = max(
            sum(self.minutes[endpoint, at + number * MINUTE] for number in range(3))
            for endpoint, at in list(self.minutes)
        )
        return full / 3 / self.case.per_minute

    def _spans(self) -> list[datetime]:
        """Return when those of Bitly's hours began in which there was work."""
        first = (NOON + self.case.start - self.case.late).replace(minute=0, second=0, microsecond=0)
        hours = [first + number * HOUR for number in range(math.ceil(self.case.hours) + 1)]
        return [hour for hour in hours if self._worked(hour) > timedelta()]

    def _worked(self, hour: datetime) -> timedelta:
        began, ended = (NOON + at - self.case.late for at in (self.case.start, self.case.ends))
        return min(hour + HOUR, ended) - max(hour, began)

    def _allowed(self, hour: datetime) -> float:
        return min(self.case.per_hour, self._worked(hour) / MINUTE * self.case.per_minute)


Program = Callable[[Bitly], Awaitable[None]]


def simulated(case: Case, program: Program) -> Bitly:
    """Let `program` work, one process after the other, and return what Bitly counted."""
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        return runner.run(_worked(case, program))


async def _worked(case: Case, program: Program) -> Bitly:
    clock = SimulatedClock(NOON + case.start)
    limits = Limits(per_hour=case.per_hour, endpoints={READING: 1000})
    bitly = Bitly(case, clock, limits, Random(case.seed))  # noqa: S311 - play
    others = asyncio.create_task(bitly.others())
    for life in (*case.lives, case.hours * HOUR):
        left = NOON + case.ends - clock.now()
        with suppress(TimeoutError):
            async with asyncio.timeout(min(life, left).total_seconds()):
                await program(bitly)
    others.cancel()
    return bitly
