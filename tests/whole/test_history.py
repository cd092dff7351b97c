"""What lies beyond a plan's history is missing, never zero, costs nothing, and may come back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.facets import DEFAULT
from harvester.harvest.plan import Strategy
from harvester.sandbox.server import Sandbox, running
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
    statuses,
    stored,
    truth,
)
from tests.whole.test_economy import made

DAYS = 4
CUTS: Mapping[str, tuple[Switches, dict[str, Any]]] = {
    "left out": (Switches(history=3), {}),
    "zeros with units": (Switches(history=3, history_as_zeros=True, history_units=True), {}),
    "zeros": (Switches(history=2, history_as_zeros=True), {"history_days": 2}),
}


@pytest.fixture
def world() -> World:
    """Five links, of which two are clicked every day."""
    return made(5, {(number, back): 3 for number in (1, 3) for back in range(DAYS)})


@pytest.mark.parametrize("strategy", Strategy)
@pytest.mark.parametrize("cut", CUTS)
async def test_days_beyond_the_history_are_missing_settled_and_not_asked(
    engine: AsyncEngine, world: World, cut: str, strategy: Strategy
) -> None:
    switches, options = CUTS[cut]
    clock = StillClock()
    async with running(world, switches=switches, clock=clock) as sandbox:
        await Harvester(sandbox, engine, clock, {"strategy": strategy, **options}).run(f"{DAYS}d")
        if strategy is Strategy.EXHAUSTIVE:
            twice = "history_days" in options  # no total was asked before: see bitly/dating.py
            assert facet_requests(sandbox) == 5 + 5 * 5 * 2 + twice
    for facet in DEFAULT:
        assert await stored(engine, facet) == truth(world, facet, 2)
    beyond = {(facet, "history"): 5 * 2 for facet in DEFAULT}
    assert await missing(engine) == beyond
    filled = await select(engine, "SELECT DISTINCT day FROM clicks_by_day_filled")
    assert len(filled) == 2
    old = [str(TODAY - timedelta(days=back)) for back in (2, 3)]
    assert {(await statuses(engine))["Bg1", day] for day in old} == {"settled"}
    assert await select(engine, "SELECT count(*) FROM missing") == [(0,)]


async def test_what_is_stored_of_a_day_that_leaves_stays(engine: AsyncEngine, world: World) -> None:
    clock = StillClock()
    async with running(world, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock, {"history_days": 10})
        await harvester.run(f"{DAYS}d", facets=("clicks",))
        clock.at = NOON + timedelta(days=20)
        sandbox.requests.clear()
        await harvester.run(f"{DAYS + 20}d", until=str(TODAY))
        assert facet_requests(sandbox) == 0
    assert await stored(engine, "clicks") == truth(world, "clicks", DAYS)
    assert await missing(engine) == {
        (facet, "history"): 2 * DAYS for facet in DEFAULT if facet != "clicks"
    }
    assert set((await statuses(engine)).values()) == {"settled"}


async def test_what_was_put_off_or_failed_until_it_left_is_missing_for_history(
    engine: AsyncEngine, world: World
) -> None:
    clock = StillClock()
    switches = Switches(script={"/bitlinks/{bitlink}/cities": [503] * 100})
    async with running(world, switches=switches, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock, {"history_days": 10})
        await harvester.run("1d")
        assert await missing(engine) == {("cities", "unanswered"): 2}
        clock.at = NOON + timedelta(days=20)
        await harvester.run("21d", until=str(TODAY))
    assert await missing(engine) == {("cities", "history"): 2}
    assert set((await statuses(engine)).values()) == {"settled"}


async def test_a_bigger_plan_brings_back_what_lay_beyond_the_history(
    engine: AsyncEngine, world: World
) -> None:
    clock, switches = StillClock(), Switches(history=3)
    async with running(world, switches=switches, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        await harvester.run(f"{DAYS}d")
        switches.history = None
        sandbox.world.organization = replaced_tier(sandbox, "premium")
        clock.at = NOON + timedelta(hours=1)
        await harvester.run(None, refresh=True)  # and on from the first day that can be had
    for facet in DEFAULT:
        assert await stored(engine, facet) == truth(world, facet, DAYS)
    assert not await missing(engine)


def replaced_tier(sandbox: Sandbox, tier: str) -> Any:
    return replace(sandbox.world.organization, tier=tier, tier_name=tier.title())


async def test_a_tier_that_is_guessed_too_short_is_corrected_by_clicks_and_by_units(
    engine: AsyncEngine,
) -> None:
    days = [TODAY - timedelta(days=back) for back in range(60)]
    listed = made(2, {}).links("Bg1")
    world = World.of({"Bg1": listed}, {("bit.ly/1", days[45]): 4}, today=TODAY)
    world.first_day = days[-1]
    clock = StillClock()
    async with running(world, clock=clock) as sandbox:
        world.organization = replaced_tier(sandbox, "core")
        await Harvester(sandbox, engine, clock).run("60d")
    assert await stored(engine, "clicks") == {(str(days[45]), "Bg1", "bit.ly/1"): 4}
    filled = {str(day) for (day,) in await select(engine, "SELECT day FROM clicks_by_day_filled")}
    assert filled == {str(day) for day in days[:46]}
    gone = await select(engine, "SELECT DISTINCT day FROM harvest_missing WHERE facet = 'clicks'")
    assert {str(day) for (day,) in gone} == {str(day) for day in days[46:]}


async def test_the_edge_of_each_group_is_told(engine: AsyncEngine, world: World) -> None:
    clock = StillClock()
    columns = "SELECT group_guid, days, is_sure, source FROM harvest_history"
    async with running(world, switches=Switches(history=3), clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        await harvester.run("2d")
        assert await select(engine, columns) == [("Bg1", 120, False, "tier")]
        await harvester.run(f"{DAYS}d")
        assert await select(engine, columns) == [("Bg1", 2, True, "seen")]
        await harvester.run(f"{DAYS}d", history_days=0)
        assert await select(engine, columns) == [("Bg1", None, True, "set")]


async def test_a_link_that_was_gone_and_is_there_again_a_month_later_is_harvested(
    engine: AsyncEngine, world: World
) -> None:
    clock, switches = StillClock(), Switches(gone={"bit.ly/1"})
    async with running(world, switches=switches, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock, {"strategy": Strategy.EXHAUSTIVE})
        await harvester.run(f"{DAYS}d")
        assert {reason for _, reason in await missing(engine)} == {"gone"}
        switches.gone.clear()
        clock.at = NOON + timedelta(days=31)
        await harvester.run(None)  # lists the link, and finds that it is asked for again
        await harvester.run(None)
    for facet in DEFAULT:
        assert await stored(engine, facet) == truth(world, facet, DAYS)
    assert not await missing(engine)
