"""Requests that the economical strategy sends, beside asking for everything and the least possible.

    python benchmarks/economy.py [--links 100 1000] [--active 1 5 20] [--days 30] [--month]
        [--without-exports]

For accounts of so many links, of which so many per cent are clicked on a day: a first harvest of
`--days` days, and the harvest of the day after it, shortly after midnight. "exhaustive" is one
request per link for its clicks and five for each of its days. "least" is what no proof can replace:
five requests for each link and day with clicks that were not known before. `--month` harvests once
a day for thirty days and prints the requests of the whole month. `--without-exports` plays a plan
that does not hold them.
"""

import argparse
import asyncio
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent.parent))

from harvester.domain.rosters import BitlinkDetails
from harvester.harvest.summary import Outcome
from harvester.sandbox.server import running
from harvester.sandbox.switches import Switches
from harvester.sandbox.world import World
from harvester.store.engine import opened
from tests.whole.running import Harvester, StillClock
from tests.whole.test_estimate import estimated

LAST = date(2026, 10, 31)
MONTH = 30
BREAKDOWNS = 5
YEAR = timedelta(days=365)  # in which the links were made
EXPORTS = "/groups/{group_guid}/exports"


def account(links: int, per_cent: int, first: date, last: date, *, seed: int = 1) -> World:
    """Return one group of so many links, of which so many per cent are clicked on each day.

    A few of them have most of the clicks.
    """
    dice = Random(seed)  # noqa: S311 - made-up clicks
    names = [f"bit.ly/{number:x}" for number in range(links)]
    weights = [1 / (rank + 1) for rank in range(links)]
    clicks: dict[tuple[str, date], int] = {}
    for back in range((last - first).days + 1):
        chosen: set[str] = set()
        while len(chosen) < max(links * per_cent // 100, 1):
            chosen.update(dice.choices(names, weights, k=links * per_cent // 100 + 1))
        for name in sorted(chosen)[: max(links * per_cent // 100, 1)]:
            clicks[name, last - timedelta(days=back)] = 1 + int(dice.paretovariate(1))
    listed = [
        BitlinkDetails(
            name,
            f"https://{name}",
            "https://example.org/",
            created_at=datetime(2025, 1, 1, tzinfo=UTC) + YEAR * number / links,
        )
        for number, name in enumerate(names)
    ]
    return World.of({"Bg1": listed}, clicks, today=last)


def at_half_past_midnight(day: date) -> datetime:
    """Return the instant of a nightly harvest: today has just begun."""
    return datetime(day.year, day.month, day.day, 0, 30, tzinfo=UTC)


def active(world: World, first: date, last: date) -> int:
    """Count the (link, day) with clicks from `first` to `last`."""
    names = list(world.names("Bg1"))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return sum(world.clicks(name, day) > 0 for name in names for day in days)


async def measure(links: int, per_cent: int, days: int, switches: Switches) -> None:
    """Print a line for the first harvest, one for the day after, and one for a day of silence."""
    first = LAST - timedelta(days=days - 1)
    world = account(links, per_cent, first, LAST + timedelta(days=1))
    clock = StillClock(at_half_past_midnight(LAST + timedelta(days=1)))
    with tempfile.TemporaryDirectory() as folder:
        async with (
            opened(f"{folder}/facts.db") as engine,
            running(world, clock=clock, switches=switches) as sandbox,
        ):
            harvester = Harvester(sandbox, engine, clock)
            summary = await harvester.run(str(first), until=str(LAST))
            assert summary.outcome is Outcome.COMPLETE, summary
            show(
                links,
                per_cent,
                f"first {days} days",
                summary.counts.requests,
                links * (1 + BREAKDOWNS * days),
                BREAKDOWNS * active(world, first, LAST),
            )
            clock.at += timedelta(days=1)
            summary = await harvester.run(None, until=str(LAST + timedelta(days=1)))
            assert summary.outcome is Outcome.COMPLETE, summary
            day = LAST + timedelta(days=1)
            show(
                links,
                per_cent,
                "a day more",
                summary.counts.requests,
                links * (1 + BREAKDOWNS),
                BREAKDOWNS * active(world, day, day),
            )
            clock.at += timedelta(days=1)
            summary = await harvester.run(None, until=str(LAST + timedelta(days=2)))
            assert summary.outcome is Outcome.COMPLETE, summary
            everything = links * (1 + BREAKDOWNS)
            show(links, per_cent, "a day of silence", summary.counts.requests, everything, 0)


async def plan(links: int, per_cent: int, days: int, switches: Switches) -> None:
    """Print what `harvest plan` says of a first harvest that would take too long to make."""
    first = LAST - timedelta(days=days - 1)
    world = account(links, per_cent, first, LAST)
    clock = StillClock(at_half_past_midnight(LAST + timedelta(days=1)))
    with tempfile.TemporaryDirectory() as folder:
        async with (
            opened(f"{folder}/facts.db") as engine,
            running(world, clock=clock, switches=switches) as sandbox,
        ):
            found = await estimated(sandbox, engine, clock, str(first), until=str(LAST))
    least = BREAKDOWNS * active(world, first, LAST)
    everything = links * (1 + BREAKDOWNS * days)
    show(links, per_cent, f"{days} days, planned", found.sent + found.requests, everything, least)


async def month(links: int, per_cent: int, switches: Switches) -> None:
    """Print the requests of a month of nightly harvests."""
    world = account(links, per_cent, LAST, LAST + timedelta(days=MONTH + 1))
    clock = StillClock(at_half_past_midnight(LAST + timedelta(days=1)))
    with tempfile.TemporaryDirectory() as folder:
        async with (
            opened(f"{folder}/facts.db") as engine,
            running(world, clock=clock, switches=switches) as sandbox,
        ):
            harvester = Harvester(sandbox, engine, clock)
            await harvester.run(str(LAST), until=str(LAST))
            total = 0
            for _ in range(MONTH):
                clock.at += timedelta(days=1)
                total += (await harvester.run(None)).counts.requests
    least = BREAKDOWNS * active(world, LAST + timedelta(days=1), LAST + timedelta(days=MONTH))
    everything = MONTH * links * (1 + BREAKDOWNS)
    show(links, per_cent, "a month, daily", total, everything, least)


def show(links: int, per_cent: int, what: str, sent: int, everything: int, least: int) -> None:
    """Print one line of the table."""
    print(
        f"{links:>8,} {per_cent:>7} % {what:<16} {everything:>11,} {sent:>9,} {least:>9,}"
        f" {sent / everything:>8.2%} {sent / max(least, 1):>7.2f}",
        flush=True,
    )


async def main() -> None:
    """Measure each size and share of active links."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--links", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--active", type=int, nargs="+", default=[1, 5, 20])
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--month", action="store_true")
    parser.add_argument("--plan", action="store_true")
    parser.add_argument("--without-exports", action="store_true")
    options = parser.parse_args()
    print(
        f"{'links':>8} {'active':>9} {'':<16} {'exhaustive':>11} {'sent':>9} {'least':>9}", end=""
    )
    print(f" {'of all':>8} {'/ least':>7}")
    for links in options.links:
        for per_cent in options.active:
            switches = Switches(refused={EXPORTS} if options.without_exports else set())
            if options.month:
                await month(links, per_cent, switches)
            elif options.plan:
                await plan(links, per_cent, options.days, switches)
            else:
                await measure(links, per_cent, options.days, switches)


if __name__ == "__main__":
    asyncio.run(main())
