"""Requests a second, stored rows included, beside a bare loop that does the least it can.

    python benchmarks/rate.py [--links 100] [--days 14] [--rounds 5]

Both fetch the very same URLs from one sandbox, over as many connections, and store what they read
in SQLite. The bare loop checks nothing, plans nothing and could not go on after a crash: aiohttp,
json.loads and sqlite3, one row per metric. They take turns, since other work on the machine counts
against whoever runs; the ratio is taken turn by turn. Twice: with the economical strategy, which is
the default and whose answers mostly hold rows, and with the exhaustive one, whose mostly hold none.
"""

import argparse
import asyncio
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from yarl import URL

sys.path.insert(0, str(Path(__file__).parents[1]))  # to be run from a checkout as it stands

from benchmarks.common import (
    CONNECTIONS,
    Served,
    client_of,
    harvested,
    sandbox,
    spread,
    verdict,
)
from harvester.bitly.client import BitlyClient
from harvester.bitly.facets import DEFAULT, Answer, Facet
from harvester.bitly.wire import metric_request
from harvester.domain.windows import Window
from harvester.harvest.plan import Strategy
from harvester.store.engine import opened

GOAL = 0.7  # of the bare loop's requests a second
BATCH = 100  # answers that the bare loop commits at once
LABELS = ("city", "subregion", "region", "country")  # of a row of cities; others have one
TABLE = """
    CREATE TABLE metrics (
        bitlink TEXT, facet TEXT, day TEXT, label TEXT,
        subregion TEXT, region TEXT, country TEXT, clicks INTEGER
    )
"""
INSERT = "INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?, ?, ?)"

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn came to; CPU is this process's, threads included, not the sandbox's."""

    requests: int
    rows: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds

    @property
    def effort(self) -> float:
        """CPU microseconds a request."""
        return self.cpu / self.requests * 1e6


class Stopwatch:
    """Takes wall and CPU time from its making on."""

    def __init__(self) -> None:
        """Start."""
        self._began = time.perf_counter(), time.process_time()

    def turn(self, requests: int, rows: int) -> Turn:
        """Return what has passed."""
        wall, cpu = self._began
        return Turn(requests, rows, time.perf_counter() - wall, time.process_time() - cpu)


@dataclass(frozen=True, slots=True)
class Page:
    """One URL and what its answer is about."""

    bitlink: str
    facet: str
    day: str
    query: str  # path and parameters


class Recording(BitlyClient):
    """A client that remembers what it asked of links, so that the bare loop can ask the same."""

    asked: list[Page]

    async def ask(self, facet: Facet, subject_name: str, windows: Sequence[Window]) -> Answer:
        """Ask, and remember it."""
        request = metric_request(facet, subject_name, windows, windows[-1].end)
        query = f"{request.path}?{request.query}"
        self.asked.append(Page(subject_name, facet.name, windows[-1].day.isoformat(), query))
        return await super().ask(facet, subject_name, windows)


async def pages(served: Served, days: int, strategy: Strategy) -> list[Page]:
    """Return what a harvest asks of links, in its order."""
    client = client_of(served, Recording)
    client.asked = []
    with tempfile.TemporaryDirectory() as folder:
        async with opened(f"{folder}/harvester.db") as engine:
            await harvested(client, engine, DEFAULT, days, strategy)
    return client.asked


def rows_of(page: Page, answer: Any) -> Iterator[Values]:
    """Yield a row per metric."""
    about = (page.bitlink, page.facet)
    if page.facet == "clicks":
        for row in answer["link_clicks"]:
            yield (*about, row["date"], None, None, None, None, row["clicks"])
    elif page.facet == "cities":
        for row in answer["metrics"]:
            yield (*about, page.day, *(row.get(label) for label in LABELS), row["clicks"])
    else:
        label = "device_type" if page.facet == "devices" else "value"
        for row in answer["metrics"]:
            yield (*about, page.day, row[label], None, None, None, row["clicks"])


async def bare(served: Served, folder: str, asked: Sequence[Page]) -> Turn:
    """Fetch and store with as little as can be."""
    with closing(sqlite3.connect(f"{folder}/bare.db")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        database.execute(TABLE)
        watch = Stopwatch()
        await _fetch(served, database, asked)
        (rows,) = database.execute("SELECT count(*) FROM metrics").fetchone()
        return watch.turn(len(asked), rows)


async def _fetch(served: Served, database: sqlite3.Connection, asked: Sequence[Page]) -> None:
    headers = {"Authorization": f"Bearer {served.token}"}
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    todo = iter(asked)
    batch: list[Values] = []
    answers = 0

    async def worker() -> None:
        nonlocal answers
        for page in todo:
            url = URL(f"{served.url}{page.query}", encoded=True)
            async with session.get(url) as response:
                batch.extend(rows_of(page, json.loads(await response.read())))
            answers += 1
            if answers % BATCH == 0:
                commit()

    def commit() -> None:
        database.executemany(INSERT, batch)
        database.commit()
        batch.clear()

    async with aiohttp.ClientSession(headers=headers, connector=connector) as session:
        await asyncio.gather(*(worker() for _ in range(CONNECTIONS)))
    commit()


async def harvester(served: Served, folder: str, days: int, strategy: Strategy) -> Turn:
    """Harvest into a new database, from the first request to the last commit."""
    async with opened(f"{folder}/harvester.db") as engine:
        watch = Stopwatch()
        client = client_of(served, BitlyClient)
        summary = await harvested(client, engine, DEFAULT, days, strategy)
        return watch.turn(summary.counts.requests, summary.counts.rows)


async def compared(
    served: Served, days: int, rounds: int, strategy: Strategy
) -> list[tuple[Turn, Turn]]:
    """Let the two take turns; a first round, in which caches fill, does not count."""
    asked = await pages(served, days, strategy)
    turns = []
    for _ in range(rounds + 1):
        with tempfile.TemporaryDirectory() as folder:
            ours = await harvester(served, folder, days, strategy)
            turns.append((ours, await bare(served, folder, asked)))
    return turns[1:]


def report(strategy: Strategy, turns: Sequence[tuple[Turn, Turn]]) -> None:
    """Print medians, least and most, and the ratio turn by turn."""
    for name, each in zip(("harvester", "bare loop"), zip(*turns, strict=True), strict=True):
        print(
            f"{strategy}, {name}: {each[0].requests:,} requests, {each[0].rows:,} rows;"
            f" requests/s {spread([turn.rate for turn in each], ',.0f')};"
            f" CPU us/request {spread([turn.effort for turn in each], ',.0f')}"
        )
    efforts = statistics.median(theirs.effort / ours.effort for ours, theirs in turns)
    ratios = [ours.rate / theirs.rate for ours, theirs in turns]
    said = " ".join(f"{ratio:.2f}" for ratio in ratios)
    print(f"{strategy}, ratio, turn by turn: {said}; of CPU: {efforts:.2f}")
    ratio = statistics.median(ratios)
    print(f"{strategy}, ratio: {ratio:.2f}; goal: {GOAL}: {verdict(reached=ratio >= GOAL)}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--links", type=int, default=100)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with sandbox(options.links, options.days + 1) as served:
        for strategy in Strategy:
            turns = asyncio.run(compared(served, options.days, options.rounds, strategy))
            report(strategy, turns)


if __name__ == "__main__":
    main()
