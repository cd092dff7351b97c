"""What the benchmarks share: a sandbox in a process of its own, one harvest of it, figures."""

import asyncio
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.limiter import Limiter
from harvester.clock import SystemClock
from harvester.harvest.job import Job
from harvester.harvest.plan import Strategy
from harvester.harvest.run import harvest
from harvester.harvest.summary import Outcome, Summary

CHECKOUT = Path(__file__).parents[1]
ACCOUNT = "shop"
CONNECTIONS = 5  # what Bitly allows


@dataclass(frozen=True, slots=True)
class Served:
    """Where the sandbox is, and what opens it."""

    url: str
    token: str


@contextmanager
def sandbox(links: int, days: int) -> Iterator[Served]:
    """Run a sandbox without limits, latency or errors; it ends with the block, or with us."""
    arguments = ("--links", str(links), "--days", str(days), "--until-eof")
    command = (sys.executable, "-m", "harvester.sandbox", *arguments)
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=CHECKOUT, stdin=pipe, stdout=pipe, text=True) as process:  # noqa: S603 - ours
        assert process.stdin is not None
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        yield Served(ready["url"], ready["token"])
        process.stdin.close()


def whole_days(count: int) -> tuple[date, date]:
    """Return the first and the last of `count` days up to yesterday: today's are still growing."""
    today = SystemClock().now().date()
    return today - timedelta(days=count), today - timedelta(days=1)


Client = TypeVar("Client", bound=BitlyClient)


def client_of(served: Served, kind: type[Client]) -> Client:
    """Return a client of the sandbox that knows no limits."""
    limiter = Limiter(SystemClock(), requests_per_hour=None)
    return kind(served.token, base_url=served.url, limiter=limiter)


async def harvested(
    client: BitlyClient, engine: AsyncEngine, facets: Sequence[str], days: int, strategy: Strategy
) -> Summary:
    """Harvest the sandbox once, at full speed, and make sure that it was all of it."""
    first, last = whole_days(days)
    job = Job(
        ACCOUNT,
        tuple(facets),
        since=first.isoformat(),
        until=last.isoformat(),
        strategy=strategy,
        workers=CONNECTIONS,
    )
    async with client:
        summary = await harvest(job, client, engine, SystemClock(), stop=asyncio.Event())
    assert summary.outcome is Outcome.COMPLETE, summary
    return summary


def spread(values: Sequence[float], style: str) -> str:
    """Return `median (least to most)`, each in the format `style`."""
    middle, least, most = statistics.median(values), min(values), max(values)
    return f"{middle:{style}} ({least:{style}} to {most:{style}})"


def verdict(*, reached: bool) -> str:
    """Return the word for a goal that is reached or not."""
    return "reached" if reached else "MISSED"
