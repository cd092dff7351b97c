"""An even pace: the only module that knows asyncio-throttle."""

from typing import Final, Protocol

from asyncio_throttle.throttler import Throttler

SHORTEST: Final = 0.5  # seconds: asyncio-throttle looks every 10 ms, which is to be a 50th at most


class Pacer(Protocol):
    """Spreads requests evenly."""

    async def wait(self) -> None:
        """Return when the next request may go."""
        ...

    def change(self, per_minute: int) -> None:
        """Go on with `per_minute` requests a minute."""
        ...


class EvenPace:
    """A minute's allowance spread over the minute: one request, or a few, per step."""

    def __init__(self, per_minute: int) -> None:
        """Let `per_minute` requests go a minute, not all at its start."""
        requests, seconds = even_steps(per_minute)
        self._throttler = Throttler(rate_limit=requests, period=seconds)

    async def wait(self) -> None:
        """Return when the next request may go."""
        async with self._throttler:
            pass

    def change(self, per_minute: int) -> None:
        """Go on with `per_minute` requests a minute."""
        self._throttler.rate_limit, self._throttler.period = even_steps(per_minute)


def even_steps(per_minute: int) -> tuple[int, float]:
    """Return (requests, seconds): the shortest step of `per_minute` that is not too short."""
    requests = max(1, -int(-per_minute * SHORTEST // 60))
    return requests, requests * 60 / per_minute
