"""Simulated weeks of harvests with faults of every kind: what grows, and what is lost.

    python benchmarks/soak.py [--weeks 12] [--every 6] [--links 200] [--database URL]

A harvest every `--every` hours; a clock that leaps from one to the next. Each kind of fault falls
on one request in twenty: errors, HTML with 200 and with 502, halves of answers, wrong shapes, cut
connections. Clicks come late, links come and go. Memory, open files, connections and tasks are
taken after each week, the sandbox's included, which runs in the same process. The last harvest is
without faults: then all that is stored is held against the truth.
"""

import argparse
import asyncio
import gc
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))  # to be run from a checkout as it stands

from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.common import verdict
from benchmarks.economy import account
from benchmarks.year import FIRST, NightClock, Year, judge
from harvester.domain.rosters import BitlinkDetails
from harvester.sandbox.server import Sandbox, running
from harvester.sandbox.switches import BREAKAGES
from harvester.sandbox.world import World
from harvester.store.engine import opened
from tests.whole.running import Harvester

RATE = 0.05  # of each kind of fault
GOAL = 1.1  # times as much memory after all weeks as after a third of them
PAGE = 4096  # bytes of a page of memory


@dataclass(frozen=True, slots=True)
class State:
    """What may grow: bytes of memory, open files, connections to the database in use, tasks."""

    memory: int
    files: int
    connections: int
    tasks: int

    @classmethod
    def now(cls, engine: AsyncEngine) -> "State":
        """Look."""
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        files = len(list(Path("/proc/self/fd").iterdir()))
        out = engine.pool.status().rpartition("Checked out connections: ")[2]
        return cls(pages * PAGE, files, int(out.split()[0]), len(asyncio.all_tasks()))


def rage(sandbox: Sandbox, rate: float) -> None:
    """Let each kind of fault fall at this rate."""
    sandbox.switches.error_rate = rate
    sandbox.switches.broken_rate = rate * len(BREAKAGES)


def turn(world: World, clock: NightClock, dice: Random, number: int) -> None:
    """Let a link come, another one go, and clicks come late."""
    names = list(world.names("Bg1"))
    world.add_late(dice.choice(names), clock.at.date() - timedelta(days=1), dice.randint(1, 5))
    if number % 4 == 0:
        name = f"bit.ly/new{number}"
        new = BitlinkDetails(name, f"https://{name}", "https://example.org/", created_at=clock.at)
        world.add_link("Bg1", new)
    if number % 28 == 0:
        world.delete_link(dice.choice([link.id for link in world.links("Bg1")]))


async def soak(world: World, database: str, *, weeks: int, every: int) -> tuple[list[State], Year]:
    """Harvest through the weeks; return the state after each, and what came of all."""
    clock = NightClock(datetime(FIRST.year, FIRST.month, FIRST.day, 0, 30, tzinfo=UTC))
    dice, year, states = Random(1), Year(), []  # noqa: S311 - made-up weather
    async with opened(database) as engine, running(world, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        rage(sandbox, RATE)
        for number in range(1, weeks * 7 * 24 // every + 1):
            clock.at += timedelta(hours=every)
            turn(world, clock, dice, number)
            summary = await harvester.run(None)
            year.outcomes[summary.outcome] += 1
            year.requests["all"] += summary.counts.requests
            if number % (7 * 24 // every) == 0:
                states.append(State.now(engine))
        rage(sandbox, 0)
        clock.at += timedelta(days=1)
        summary = await harvester.run(None, refresh=True)
        year.outcomes[f"last one {summary.outcome}"] += 1
        await judge(engine, world, clock.at.date(), weeks * 7, year)
    return states, year


def report(states: list[State], year: Year) -> None:
    """Print the weeks, and whether anything grew or was lost."""
    for week, state in enumerate(states, 1):
        print(
            f"week {week:>3}: {state.memory / 1e6:6.1f} MB, {state.files} files,"
            f" {state.connections} connections in use, {state.tasks} tasks"
        )
    print(f"{year.requests.total():,} requests; harvests: {dict(Counter(year.outcomes))}")
    print(f"links and days with clicks: {year.truth:,}: {dict(year.fates)}")
    after, last = states[len(states) // 3], states[-1]
    ratio = last.memory / after.memory
    flat = ratio <= GOAL and (last.files, last.connections) <= (after.files, after.connections)
    print(f"memory at the end: {ratio:.2f} times; flat: {verdict(reached=flat)}")
    lost = year.truth - year.fates["known by the day"]
    print(f"lost or invented: {lost}: {verdict(reached=not lost)}")


def main() -> None:
    """Live through the weeks and print them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--weeks", type=int, default=12)
    parser.add_argument("--every", type=int, default=6, help="hours")
    parser.add_argument("--links", type=int, default=200)
    parser.add_argument("--database", help="an empty one; without, SQLite in a folder that goes")
    options = parser.parse_args()
    last = FIRST + timedelta(weeks=options.weeks, days=2)
    world = account(options.links, 8, FIRST, last)
    with tempfile.TemporaryDirectory() as folder:
        database = options.database or f"{folder}/facts.db"
        weeks, every = options.weeks, options.every
        report(*asyncio.run(soak(world, database, weeks=weeks, every=every)))


if __name__ == "__main__":
    main()
