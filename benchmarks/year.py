"""A year of nightly harvests against a plan's quota and history: what it takes, and what is lost.

    python benchmarks/year.py [--plan growth] [--links 1000] [--active 8] [--days 400] [--adaptive]

Time leaps from night to night. One request in a hundred fails or is answered by rubbish, and in
`--outage` nobody answers at all for three days. Afterwards each link and day with clicks is held
against the sandbox's truth, facet by facet: what the store holds otherwise is wrong, what it does
not hold is lost or still to come. "least" is what no proof can replace: five requests for each link
and day with clicks.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # to be run from a checkout as it stands

from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.economy import BREAKDOWNS, account
from harvester.domain.rosters import OrganizationDetails
from harvester.domain.windows import Unit, holding
from harvester.harvest.resolution import Resolution
from harvester.sandbox.limits import Limits
from harvester.sandbox.server import running
from harvester.sandbox.switches import Switches
from harvester.sandbox.world import World
from harvester.store.engine import opened
from tests.whole.running import VIEWS, Harvester, select

FIRST = date(2026, 1, 1)
OUTAGE = range(200, 203)  # days after the first
FASTER = 100  # than real time go the pauses between attempts


@dataclass(frozen=True, slots=True)
class Plan:
    """What Bitly sells: requests a month, days of history."""

    requests: int
    history: int


PLANS: Mapping[str, Plan] = MappingProxyType(
    {"core": Plan(5_000, 30), "growth": Plan(25_000, 120), "premium": Plan(50_000, 365)}
)


class NightClock:
    """Stands at an instant until it is moved to the next night; pauses are short."""

    def __init__(self, at: datetime) -> None:
        """Begin `at`."""
        self.at = at

    def now(self) -> datetime:
        """Return the present instant."""
        return self.at

    async def sleep(self, duration: timedelta) -> None:
        """Return soon."""
        await asyncio.sleep(duration.total_seconds() / FASTER)  # noqa: TID251 - simulated


@dataclass(slots=True)
class Year:
    """What the nights came to: requests by month, outcomes, and each link and day's fate."""

    requests: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    truth: int = 0
    least: int = 0
    fates: Counter[str] = field(default_factory=Counter)


async def nights(
    world: World, plan: Plan, days: int, options: Mapping[str, Any], folder: str
) -> Year:
    """Harvest half an hour after each midnight, and hold what is stored against the truth."""
    year = Year()
    clock = NightClock(datetime(FIRST.year, FIRST.month, FIRST.day, 0, 30, tzinfo=UTC))
    limits = Limits(per_month=plan.requests)
    switches = Switches(history=plan.history, error_rate=0.008, broken_rate=0.002)
    async with (
        opened(f"{folder}/facts.db") as engine,
        running(world, clock=clock, limits=limits, switches=switches) as sandbox,
    ):
        harvester = Harvester(sandbox, engine, clock, options)
        for night in range(1, days + 1):
            clock.at += timedelta(days=1)
            switches.error_rate = 1.0 if night in OUTAGE else 0.008
            summary = await harvester.run(None)
            year.requests[f"{clock.at:%Y-%m}"] += summary.counts.requests
            year.outcomes[summary.outcome] += 1
            if os.environ.get("YEAR_TALKS"):
                print(f"{clock.at:%Y-%m-%d} {summary.outcome} {summary.counts} {summary.detail}")
        await judge(engine, world, clock.at.date(), days, year)
    return year


async def judge(engine: AsyncEngine, world: World, today: date, days: int, year: Year) -> None:
    """Count links and days with clicks by what the store knows of them; today is not over."""
    found = {facet: await _sums(engine, facet) for facet in VIEWS}
    query = "SELECT DISTINCT day, bitlink, reason FROM harvest_missing"
    why = {(str(row.day), row.bitlink): row.reason for row in await select(engine, query)}
    for back in range(1, days + 1):
        day = today - timedelta(days=back)
        for name in world.names("Bg1"):
            if not world.clicks(name, day):
                continue
            year.truth += 1
            year.least += BREAKDOWNS
            known = {_known(world, name, day, sums) for sums in found.values()}
            year.fates[_fate(known, why.get((str(day), name)))] += 1


async def _sums(engine: AsyncEngine, facet: str) -> Mapping[tuple[str, str, str], int]:
    """Return the clicks that a view has by (unit, first day, bitlink)."""
    view, _ = VIEWS[facet]
    query = f"SELECT unit, day, bitlink, clicks FROM {view}"  # noqa: S608 - our names
    sums: Counter[tuple[str, str, str]] = Counter()
    for row in await select(engine, query):
        sums[row.unit, str(row.day), row.bitlink] += int(row.clicks)
    return sums


def _known(
    world: World, name: str, day: date, sums: Mapping[tuple[str, str, str], int]
) -> str | None:
    """Return the unit by which a facet of a day is known, "WRONG" if not as it is true."""
    for unit in (Unit.DAY, Unit.WEEK, Unit.MONTH):
        window = holding(datetime.combine(day, time(), UTC), unit)
        clicks = sums.get((unit.value, window.day.isoformat(), name))
        if clicks is not None:
            length = (window.end - window.start).days
            days = [window.day + timedelta(days=n) for n in range(length)]
            is_right = clicks == sum(world.clicks(name, each) for each in days)
            return unit.value if is_right else "WRONG"
    return None


def _fate(known: set[str | None], why: str | None) -> str:
    if "WRONG" in known:
        return "WRONG"
    if None not in known:
        return "known by the " + (
            "month" if "month" in known else "week" if "week" in known else "day"
        )
    clicks = "clicks only" if "day" in known else "nothing"
    return f"{clicks}, {why or 'UNEXPLAINED'}"


def report(name: str, plan: Plan, year: Year) -> None:
    """Print the months and the fates."""
    total = year.requests.total()
    print(f"{name}: {plan.requests:,} requests a month, {plan.history} days of history")
    for month, requests in sorted(year.requests.items()):
        print(f"  {month} {requests:>7,} requests, {requests / plan.requests:.0%}")
    print(f"  in all {total:,}; least {year.least:,}; {total / max(year.least, 1):.2f} times that")
    print("  nights: " + ", ".join(f"{n} {outcome}" for outcome, n in year.outcomes.most_common()))
    print(f"  links and days with clicks: {year.truth:,}")
    for fate, count in year.fates.most_common():
        print(f"    {count:>9,} {fate}")


def main() -> None:
    """Live through the year and print it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--plan", choices=PLANS, default="growth")
    parser.add_argument("--links", type=int, default=1000)
    parser.add_argument("--active", type=int, default=8, help="per cent of the links a day")
    parser.add_argument("--days", type=int, default=400)
    parser.add_argument("--adaptive", action="store_true")
    options = parser.parse_args()
    plan = PLANS[options.plan]
    last = FIRST + timedelta(days=options.days)
    world = account(options.links, options.active, FIRST, last)
    world.organization = OrganizationDetails(
        world.organization.guid, "Shop", options.plan, options.plan.title()
    )
    extra = {"resolution": Resolution.ADAPTIVE} if options.adaptive else {}
    with tempfile.TemporaryDirectory() as folder:
        year = asyncio.run(nights(world, plan, options.days, extra, folder))
    name = f"{options.plan}{', adaptive' if options.adaptive else ''}, {options.active} % active"
    report(name, plan, year)


if __name__ == "__main__":
    main()
