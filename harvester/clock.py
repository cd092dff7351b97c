"""Time as a port: whoever needs the time or has to wait is handed a `Clock`."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits. Tests pass one that they move by hand."""

    def now(self) -> datetime:
        """Return the present instant: aware, UTC."""
        ...

    async def sleep(self, duration: timedelta) -> None:
        """Return after `duration`; at once if it is zero or less."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present instant: aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251 - the one place that reads the time

    async def sleep(self, duration: timedelta) -> None:
        """Return after `duration`; at once if it is zero or less."""
        await asyncio.sleep(max(duration.total_seconds(), 0))  # noqa: TID251 - the one that waits
