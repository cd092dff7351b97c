"""Requests a second, stored rows included, beside a bare loop that does the least it can.

    python benchmarks/rate.py [--links 100] [--days 14] [--rounds 5]

Both fetch the very same URLs from one sandbox, over as many connections, and store what they read
in SQLite. The bare loop checks nothing, plans nothing and could not go on after a crash: aiohttp,
json.loads and sqlite3, one row per metric. They take turns, since other work on the machine counts
against whoever runs; the ratio is taken turn by turn.
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
from urllib.parse import urlencode

import aiohttp
from yarl import URL

sys.path.insert(0, str(Path(__file__).parents[1]))  # to be run from a checkout as it stands

from benchmarks.common import CONNECTIONS, Served, harvested, sandbox, spread, verdict, whole_days
from harvester.bitly.client import BitlyClient
from harvester.bitly.facets import FACETS
from harvester.bitly.wire import Request, metric_request
from harvester.domain.windows import day_window, spanning
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
    url: str


async def pages(served: Served, days: int) -> list[Page]:
    """Return what an exhaustive harvest asks of metrics, in its order: clicks, then the rest."""
    first, last = whole_days(days)
    windows = tuple(spanning(day_window(first), day_window(last)))
    async with BitlyClient(served.token, base_url=served.url) as client:
        links = [
            link for group in await client.groups() async for link in client.bitlinks(group.guid)
        ]
    names = dict.fromkeys(name for link in links for name in (link.id, *link.custom_ids))
    clicks = [(name, "clicks", windows) for name in names]
    others = [
        (name, facet, (window,))
        for name in names
        for facet in FACETS
        if facet != "clicks"
        for window in reversed(windows)
    ]
    return [
        Page(name, facet, asked[-1].day.isoformat(), f"{served.url}{query}")
        for name, facet, asked in (*clicks, *others)
        for query in [_path(metric_request(FACETS[facet], name, asked, asked[-1].end))]
    ]


def _path(request: Request) -> str:
    return f"{request.path}?{urlencode(request.params)}"


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
            async with session.get(URL(page.url, encoded=True)) as response:
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


async def harvester(served: Served, folder: str, days: int) -> Turn:
    """Harvest everything into a new database, from the first request to the last commit."""
    async with opened(f"{folder}/harvester.db") as engine:
        watch = Stopwatch()
        summary = await harvested(served, engine, tuple(FACETS), days, Strategy.EXHAUSTIVE)
        return watch.turn(summary.counts.requests, summary.counts.rows)


async def compared(served: Served, days: int, rounds: int) -> list[tuple[Turn, Turn]]:
    """Let the two take turns; a first round, in which caches fill, does not count."""
    asked = await pages(served, days)
    turns = []
    for _ in range(rounds + 1):
        with tempfile.TemporaryDirectory() as folder:
            turns.append((await harvester(served, folder, days), await bare(served, folder, asked)))
    return turns[1:]


def report(turns: Sequence[tuple[Turn, Turn]]) -> None:
    """Print medians, least and most, and the ratio turn by turn."""
    for name, each in zip(("harvester", "bare loop"), zip(*turns, strict=True), strict=True):
        print(
            f"{name}: {each[0].requests:,} requests, {each[0].rows:,} rows;"
            f" requests/s {spread([turn.rate for turn in each], ',.0f')};"
            f" CPU us/request {spread([turn.effort for turn in each], ',.0f')}"
        )
    ratios = [ours.rate / theirs.rate for ours, theirs in turns]
    print(f"ratio, turn by turn: {' '.join(f'{ratio:.2f}' for ratio in ratios)}")
    ratio = statistics.median(ratios)
    print(f"ratio: {ratio:.2f}; goal: {GOAL}: {verdict(reached=ratio >= GOAL)}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--links", type=int, default=100)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with sandbox(options.links, options.days + 1) as served:
        report(asyncio.run(compared(served, options.days, options.rounds)))


if __name__ == "__main__":
    main()
