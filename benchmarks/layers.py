"""Where the time of a request goes: the same questions through one layer more at a time.

    python benchmarks/layers.py [--links 100] [--days 14] [--rounds 5]

From a loop that only fetches and decodes, over the client and the workers, to a whole harvest that
asks for everything. Each takes its turn in each round; the sandbox is in a process of its own.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from yarl import URL

sys.path.insert(0, str(Path(__file__).parents[1]))  # to be run from a checkout as it stands

from benchmarks.common import ACCOUNT, CONNECTIONS, Served, client_of, harvested, sandbox, spread
from benchmarks.rate import Stopwatch, Turn
from harvester.bitly.client import BitlyClient
from harvester.bitly.facets import DEFAULT, FACETS, Answer, Facet
from harvester.bitly.wire import metric_request
from harvester.clock import SystemClock
from harvester.domain.events import ignore
from harvester.domain.snapshots import Missing, Snapshot
from harvester.domain.subjects import Kind, Subject, Target
from harvester.domain.windows import Window
from harvester.harvest.notes import Notes
from harvester.harvest.plan import PlannedRequest, Strategy
from harvester.harvest.stream import replayed
from harvester.harvest.workers import Asker, Sink, fan_out
from harvester.store.engine import opened
from harvester.store.ledger import StoredLedger
from harvester.store.rosters import save_account
from harvester.store.writer import Writer

CLOCK = SystemClock()


class Recording(BitlyClient):
    """A client that remembers what it asked of links, as requests that can be asked again."""

    asked: list[PlannedRequest]
    keys: dict[str, int]

    async def ask(self, facet: Facet, subject_name: str, windows: Sequence[Window]) -> Answer:
        """Ask, and remember it."""
        key = self.keys.setdefault(subject_name, len(self.keys) + 1)
        target = Target(key, Subject(Kind.BITLINK, subject_name), "Bgroup")
        self.asked.append(PlannedRequest(target, facet.name, tuple(windows)))
        return await super().ask(facet, subject_name, windows)


class Nowhere:
    """A sink that takes all and keeps nothing."""

    async def put(self, items: Sequence[Snapshot | Missing]) -> None:
        """Take items."""


@dataclass
class Layers:
    """Turns by layer, of the same requests to the same sandbox."""

    served: Served
    days: int
    requests: Sequence[PlannedRequest] = ()
    turns: defaultdict[str, list[Turn]] = field(default_factory=lambda: defaultdict(list))

    async def record(self) -> None:
        """Find out what a harvest asks of links."""
        client = client_of(self.served, Recording)
        client.asked, client.keys = [], {}
        await self._harvested(client)
        self.requests = client.asked

    async def round(self) -> None:
        """Let each layer have its turn."""
        urls = [f"{self.served.url}{_query(each)}" for each in self.requests]
        watch = Stopwatch()
        await self._fetch(urls)
        self._note("fetch and decode", watch)
        async with client_of(self.served, BitlyClient) as client:
            watch = Stopwatch()
            await self._ask(client)
            self._note("+ client: URL, limits, checking", watch)
            await self._with_store(client)
        watch = Stopwatch()
        sent = await self._harvested(client_of(self.served, BitlyClient))
        self._note("a whole harvest", watch, sent)

    async def _with_store(self, client: BitlyClient) -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with opened(f"{folder}/harvester.db") as engine, asyncio.TaskGroup() as tasks:
                key = await save_account(engine, ACCOUNT, "somebody", CLOCK.now())
                writer = Writer(engine, CLOCK, most=80)
                tasks.create_task(writer.run())
                notes = Notes(engine, CLOCK, {})
                watch = Stopwatch()
                await self._fan_out(client, Nowhere(), notes)
                self._note("+ workers", watch)
                client.limiter.purse.charge_to(StoredLedger(engine, key, CLOCK))
                watch = Stopwatch()
                await self._fan_out(client, Nowhere(), notes)
                self._note("+ ledger", watch)
                watch = Stopwatch()
                await self._fan_out(client, writer, notes)
                await writer.close()
                self._note("+ storing", watch)

    def _note(self, layer: str, watch: Stopwatch, sent: int | None = None) -> None:
        self.turns[layer].append(watch.turn(sent or len(self.requests), 0))

    async def _harvested(self, client: BitlyClient) -> int:
        with tempfile.TemporaryDirectory() as folder:
            async with opened(f"{folder}/harvester.db") as engine:
                done = await harvested(client, engine, DEFAULT, self.days, Strategy.EXHAUSTIVE)
                return done.counts.requests

    async def _fetch(self, urls: Sequence[str]) -> None:
        todo = iter(urls)
        headers = {"Authorization": f"Bearer {self.served.token}"}
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)

        async def worker() -> None:
            for url in todo:
                async with session.get(URL(url, encoded=True)) as response:
                    json.loads(await response.read())

        async with aiohttp.ClientSession(headers=headers, connector=connector) as session:
            await asyncio.gather(*(worker() for _ in range(CONNECTIONS)))

    async def _ask(self, client: BitlyClient) -> None:
        todo = iter(self.requests)

        async def worker() -> None:
            for each in todo:
                await client.ask(FACETS[each.facet], each.target.subject.name, each.windows)

        await asyncio.gather(*(worker() for _ in range(CONNECTIONS)))

    async def _fan_out(self, client: BitlyClient, sink: Sink, notes: Notes) -> None:
        asker = Asker(ACCOUNT, DEFAULT, client, sink, notes, CLOCK, ignore)
        plan = replayed(self.requests)
        await fan_out(plan, asker.ask, workers=CONNECTIONS, stopped=lambda: False)

    def report(self) -> None:
        """Print wall and CPU time of a request, by layer, the first rounds left out."""
        first = statistics.median(1e6 / turn.rate for turn in self.turns["fetch and decode"][1:])
        for layer, turns in self.turns.items():
            walls = [1e6 / turn.rate for turn in turns[1:]]
            print(
                f"{layer:32} wall us/request {spread(walls, ',.0f')};"
                f" CPU {spread([turn.effort for turn in turns[1:]], ',.0f')};"
                f" of the first's rate {first / statistics.median(walls):.2f}"
            )


def _query(each: PlannedRequest) -> str:
    """Return path and parameters of a request."""
    last = each.windows[-1].end
    asked = metric_request(FACETS[each.facet], each.target.subject.name, each.windows, last)
    return f"{asked.path}?{asked.query}"


async def measure(served: Served, days: int, rounds: int) -> None:
    """Measure and print; a first round, in which caches fill, does not count."""
    layers = Layers(served, days)
    await layers.record()
    for _ in range(rounds + 1):
        await layers.round()
    print(f"{len(layers.requests):,} requests to links")
    layers.report()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--links", type=int, default=100)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with sandbox(options.links, options.days + 1) as served:
        asyncio.run(measure(served, options.days, options.rounds))


if __name__ == "__main__":
    main()
