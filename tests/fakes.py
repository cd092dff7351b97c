"""Stand-ins that tests share."""

import asyncio
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count


class FakeClock:
    """A clock that moves only when someone waits on it; `slept` lists the waits asked for."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self.slept: list[timedelta] = []

    def now(self) -> datetime:
        return self._now

    async def sleep(self, duration: timedelta) -> None:
        self.slept.append(duration)
        self._now += max(duration, timedelta())
        await asyncio.sleep(0)  # noqa: TID251 - lets others run, waits for nothing


class Timeline:
    """A clock for tasks that wait side by side: it moves on when it is told to, by `until`.

    Whoever waits is woken when it is time, to the microsecond, and everybody has done what there
    was to do before the next one is.
    """

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._waits: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._numbers = count()

    def now(self) -> datetime:
        return self._now

    async def sleep(self, duration: timedelta) -> None:
        woken = asyncio.get_running_loop().create_future()
        heappush(self._waits, (self._now + duration, next(self._numbers), woken))
        await woken

    def leap(self, duration: timedelta) -> None:
        """Let time pass that nobody counts who waits, as it does while a machine sleeps."""
        self._now += duration
        self._waits = [(at + duration, number, woken) for at, number, woken in self._waits]

    async def until(self, instant: datetime) -> None:
        """Let time pass until then, and all that happens by then happen."""
        await self.settled()
        while self._waits and self._waits[0][0] <= instant:
            self._now, _, woken = heappop(self._waits)
            if not woken.done():
                woken.set_result(None)
                await self.settled()
        self._now = instant

    async def settled(self) -> None:
        """Let everybody do what there is to do at present."""
        for _ in range(12):
            await asyncio.sleep(0)  # noqa: TID251 - lets others run, waits for nothing
