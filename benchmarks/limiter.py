"""The share of Bitly's allowance that is used, and the 429s on the way, over simulated hours.

    python benchmarks/limiter.py

Bitly is the sandbox's own count of fixed windows; the network takes 0.02 to 0.12 s each way, five
requests are under way at a time, and there is always work. Next to our limiter stands a bare
asyncio-throttle that is told the limits (for the hour and for the minute) and knows nothing else.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import asyncio_throttle.throttler
from asyncio_throttle.throttler import Throttler

sys.path.insert(0, str(Path(__file__).parents[1]))  # to be run from a checkout as it stands

from benchmarks.common import CONNECTIONS, verdict
from benchmarks.simulated import (
    CLICKS,
    COUNTRIES,
    READING,
    Bitly,
    Case,
    SimulatedPace,
    simulated,
)
from harvester.bitly.limiter import Limiter

GOAL = 0.95
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
CASES = {
    "from the turn of an hour": Case(),
    "eight hours": Case(hours=8),
    "from ten to the hour": Case(start=50 * MINUTE, hours=3),
    "another program, 1 in 30 s": Case(others=30 * SECOND),
    "another program, 1 in 6 s": Case(others=6 * SECOND),
    "the same, begins after 64 min": Case(others=6 * SECOND, others_from=64 * MINUTE),
    "six restarts": Case(lives=[number * MINUTE for number in (5, 3, 30, 1, 1, 90)]),
    "sixty restarts in seven minutes": Case(lives=[7 * SECOND] * 60),
    "restarts, another program": Case(lives=[25 * MINUTE] * 6, others=10 * SECOND),
    "two endpoints": Case(endpoints=(CLICKS, COUNTRIES)),
    "60 an hour": Case(per_hour=60),
    "20,000 an hour": Case(per_hour=20_000, hours=2),
    "Bitly's clock 3 s behind": Case(late=3 * SECOND),
    "windows turn at :20": Case(late=20 * MINUTE),
    "windows turn at :20, another program": Case(
        hours=3 + 1 / 3, late=20 * MINUTE, others=10 * SECOND
    ),
    "no counts in platform_limits": Case(counts=False),
}


async def harvester(bitly: Bitly) -> None:
    """Send through our limiter, as the client does."""
    await _worked(bitly, await sender(bitly))


async def sender(bitly: Bitly) -> Callable[[str], Awaitable[None]]:
    """Return what sends a request to an endpoint through our limiter."""
    limiter = Limiter(bitly.clock, pacer=SimulatedPace)

    async def read() -> None:
        async with limiter.slot(READING):
            limiter.learn(await bitly.read())

    async def send(endpoint: str) -> None:
        async with limiter.slot(endpoint):
            answered = await bitly.ask(endpoint)
        if not answered:
            limiter.rate_limited(endpoint)
            await read()

    limiter.reads_by(read)
    await read()
    return send


async def bare(bitly: Bitly) -> None:
    """Send through throttles alone."""
    case = bitly.case
    throttles = {
        endpoint: (
            Throttler(case.per_hour, 3600, retry_interval=2),  # not 0.01: that takes minutes
            Throttler(case.per_minute, 60, retry_interval=0.1),
        )
        for endpoint in case.endpoints
    }

    async def send(endpoint: str) -> None:
        hourly, minutely = throttles[endpoint]
        async with hourly, minutely:
            await bitly.ask(endpoint)

    await _worked(bitly, send)


async def _worked(bitly: Bitly, send: Callable[[str], Awaitable[None]]) -> None:
    async def work(endpoint: str) -> None:
        while True:
            await send(endpoint)

    endpoints = bitly.case.endpoints
    async with asyncio.TaskGroup() as tasks:
        for number in range(CONNECTIONS + len(endpoints)):  # one of each waits for leave
            tasks.create_task(work(endpoints[number % len(endpoints)]))


def told(bitly: Bitly) -> str:
    """Return the columns of one program."""
    shares = f"{bitly.used():6.1%} {bitly.minute_used():6.1%}"
    return f"{shares} {bitly.refused:6,} {bitly.others_refused:6,}"


def main() -> None:
    """Measure and print."""
    time = ModuleType("time")  # asyncio-throttle asks it for the time, and nothing else
    vars(time)["monotonic"] = lambda: asyncio.get_running_loop().time()
    vars(asyncio_throttle.throttler)["time"] = time
    head = f"{'hours':>6} {'minute':>6} {'429':>6} {'theirs':>6}"
    print("used of the hours' and of the busiest minutes' allowance, 429s of ours and others'")
    print(f"{'':38}{'harvester':^27}{'readings':>10}   {'bare asyncio-throttle':^27}")
    print(f"{'':38}{head}{'':10}   {head}")
    least, refused = 1.0, 0
    for name, case in CASES.items():
        ours = simulated(case, harvester)
        print(f"{name:38}{told(ours)}{ours.readings:10,}   {told(simulated(case, bare))}")
        if case.counts and not case.late and not case.others_from:
            least, refused = min(least, ours.used()), refused + ours.refused
    reached = least >= GOAL and not refused
    print(
        f"windows aligned: at least {least:.1%} used, {refused} 429s; "
        f"goal: {GOAL:.0%}, 0: {verdict(reached=reached)}"
    )


if __name__ == "__main__":
    main()
