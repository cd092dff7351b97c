"""Where days cannot be afforded before they leave the history, weeks and months are kept."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.windows import Unit, Window, day_window, days_of, holding
from harvester.harvest.job import Budget
from harvester.harvest.resolution import Resolution
from harvester.sandbox.server import running
from harvester.sandbox.switches import Switches
from harvester.sandbox.world import World
from tests.whole.running import (
    NOON,
    TODAY,
    Harvester,
    StillClock,
    facet_requests,
    missing,
    select,
    stored,
    truth,
)
from tests.whole.test_economy import made

HISTORY = 30
FEW = 20  # requests of a month of which ten days are left: by the day, 14 are needed
MONDAY = holding(day_window(TODAY - timedelta(days=24)).start, Unit.WEEK).day
WEEK = [MONDAY + timedelta(days=number) for number in range(7)]
ADAPTIVE: dict[str, Any] = {
    "facets": ("clicks", "countries"),
    "history_days": HISTORY,
    "resolution": Resolution.ADAPTIVE,
    "reserve": 0,
    "budget": Budget.GREEDY,
    "until": str(WEEK[-1]),
}


@pytest.fixture
def world() -> World:
    """Two links that are clicked on each day of the week that leaves, one more than the other."""
    clicks = {("bit.ly/0", day): 1 for day in WEEK} | {("bit.ly/1", day): 5 for day in WEEK}
    world = World.of({"Bg1": made(2, {}).links("Bg1")}, clicks, today=TODAY)
    world.first_day = MONDAY - timedelta(days=30)
    return world


async def units(engine: AsyncEngine) -> dict[str, set[str]]:
    """Which units each link's countries are seen in."""
    rows = await select(engine, "SELECT DISTINCT bitlink, unit FROM clicks_by_country")
    found: dict[str, set[str]] = {}
    for name, unit in rows:
        found.setdefault(name, set()).add(unit)
    return found


async def sums(engine: AsyncEngine) -> dict[str, int]:
    rows = await select(engine, "SELECT bitlink, sum(clicks) FROM clicks_by_country GROUP BY 1")
    return {name: int(count) for name, count in rows}


async def test_the_least_clicked_link_is_kept_by_the_week_where_days_are_too_dear(
    engine: AsyncEngine, world: World
) -> None:
    clock = StillClock()
    switches = Switches(history=HISTORY)
    async with running(world, clock=clock, switches=switches) as sandbox:
        harvester = Harvester(sandbox, engine, clock, ADAPTIVE)
        await harvester.run(str(MONDAY), month_requests=FEW)
        assert await units(engine) == {"bit.ly/0": {"week"}, "bit.ly/1": {"day"}}
        assert await sums(engine) == {"bit.ly/0": 7, "bit.ly/1": 35}
        assert not await missing(engine)
        clicked = await stored(engine, "clicks")
        assert clicked == truth(world, "clicks", HISTORY)
        before = facet_requests(sandbox)
        clock.at = NOON + timedelta(minutes=1)
        await harvester.run(str(MONDAY), month_requests=FEW)  # not enough for the days of that week
        assert facet_requests(sandbox) == before
        clock.at = NOON + timedelta(minutes=2)
        await harvester.run(str(MONDAY), month_requests=10_000)  # now the days can be afforded
    assert await stored(engine, "countries") == truth(world, "countries", HISTORY)
    assert await units(engine) == {"bit.ly/0": {"day"}, "bit.ly/1": {"day"}}


async def test_by_default_nothing_is_asked_by_the_week(engine: AsyncEngine, world: World) -> None:
    clock = StillClock()
    options = ADAPTIVE | {"resolution": Resolution.DAY}
    async with running(world, clock=clock, switches=Switches(history=HISTORY)) as sandbox:
        await Harvester(sandbox, engine, clock, options).run(str(MONDAY), month_requests=FEW)
    assert set().union(*(await units(engine)).values()) == {"day"}


async def test_days_that_can_be_afforded_are_asked_by_the_day(
    engine: AsyncEngine, world: World
) -> None:
    clock = StillClock()
    async with running(world, clock=clock, switches=Switches(history=HISTORY)) as sandbox:
        await Harvester(sandbox, engine, clock, ADAPTIVE).run(str(MONDAY), month_requests=1_000)
    assert await stored(engine, "countries") == truth(world, "countries", HISTORY)


@pytest.mark.slow
async def test_nights_with_too_few_requests_lose_detail_but_no_clicks_and_count_none_twice(
    engine: AsyncEngine,
) -> None:
    first = MONDAY - timedelta(days=7)
    days = [first + timedelta(days=number) for number in range(40)]
    listed = made(4, {}).links("Bg1")
    clicks = {(link.id, day): 1 + n for n, link in enumerate(listed) for day in days}
    world = World.of({"Bg1": listed}, clicks, today=days[-1])
    world.first_day = first
    clock = StillClock()
    options = {**ADAPTIVE, "history_days": 14, "until": None, "budget": Budget.EVEN}
    async with running(world, clock=clock, switches=Switches(history=14)) as sandbox:
        harvester = Harvester(sandbox, engine, clock, options)
        for number in range(7, 40):
            clock.at = day_window(days[number]).start + timedelta(hours=3)
            enough = number == 36
            await harvester.run(
                None if number > 7 else "7d", month_requests=18_000 if enough else 110
            )
            await assert_true_and_counted_once(engine, world)
    found = await units(engine)
    assert {"day", "week"} == set().union(*found.values())


async def assert_true_and_counted_once(engine: AsyncEngine, world: World) -> None:
    """Each row's clicks are those of its days, and no day of a link lies in two rows' windows."""
    query = (
        "SELECT bitlink, day, unit, sum(clicks) FROM clicks_by_country GROUP BY bitlink, day, unit"
    )
    seen: set[tuple[str, date]] = set()
    for name, day, unit, count in await select(engine, query):
        window = Window(day_window(date.fromisoformat(str(day))).start, Unit(unit))
        inside = {(name, each.day) for each in days_of(window)}
        assert int(count) == sum(world.clicks(*place) for place in inside)
        assert not inside & seen
        seen |= inside
