"""Stand-ins that tests share."""

import asyncio
from datetime import datetime, timedelta


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
