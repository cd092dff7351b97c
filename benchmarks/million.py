"""A harvest of a million metric rows, in SQLite and in PostgreSQL, held against the truth.

    python benchmarks/million.py [--links 420] [--days 30]

Links with about a million clicks a day, so that each breakdown has many rows: few requests, much to
store. PostgreSQL is the throw-away server of the tests, which does not wait for its disk.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))  # to be run from a checkout as it stands

from benchmarks.common import verdict
from harvester.domain.rosters import BitlinkDetails
from harvester.harvest.summary import Outcome
from harvester.sandbox.server import running
from harvester.sandbox.world import World
from harvester.store.engine import opened
from tests.postgres import server_url
from tests.whole.running import VIEWS, Harvester, StillClock, select

TODAY = date(2026, 11, 21)
ROWS = 1_000_000


def busy(links: int, days: int) -> World:
    """Return a world of links that everybody clicks on."""
    dice = Random(1)  # noqa: S311 - made-up clicks
    names = [f"bit.ly/{number:x}" for number in range(links)]
    listed = [BitlinkDetails(name, f"https://{name}", "https://example.org/") for name in names]
    clicks = {
        (name, TODAY - timedelta(days=back)): dice.randint(500_000, 2_000_000)
        for name in names
        for back in range(1, days + 1)
    }
    return World.of({"Bg1": listed}, clicks, today=TODAY)


async def measured(world: World, database: str, days: int) -> None:
    """Harvest the world, print what it took, and count its rows against the truth."""
    clock = StillClock(datetime(2026, 11, 21, 0, 30, tzinfo=UTC))
    async with opened(database) as engine, running(world, clock=clock) as sandbox:
        began = time.perf_counter()
        summary = await Harvester(sandbox, engine, clock).run(f"{days + 1}d", until="yesterday")
        took = time.perf_counter() - began
        assert summary.outcome is Outcome.COMPLETE, summary
        stored = true = 0
        for facet, (view, _) in VIEWS.items():
            [(count,)] = await select(engine, f"SELECT count(*) FROM {view}")  # noqa: S608 - ours
            stored += count
            true += sum(
                len(world.rows(name, facet, TODAY - timedelta(days=back)))
                for name in world.names("Bg1")
                for back in range(1, days + 1)
            )
        print(
            f"{engine.dialect.name}: {stored:,} rows of {true:,} in {took:,.0f} s:"
            f" {stored / took:,.0f} a second, {summary.counts.requests:,} requests, sandbox too"
        )
        print(f"all there, a million at least: {verdict(reached=stored == true >= ROWS)}")


def main() -> None:
    """Measure both engines."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--links", type=int, default=420)
    parser.add_argument("--days", type=int, default=30)
    options = parser.parse_args()
    world = busy(options.links, options.days)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measured(world, f"{folder}/harvester.db", options.days))
    with server_url() as url:
        asyncio.run(measured(world, url, options.days))


if __name__ == "__main__":
    main()
