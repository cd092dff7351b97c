"""A run that is about some days only leaves the others as they are, and forgets no group."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.sandbox.server import running
from harvester.sandbox.world import World
from tests.whole.running import NOON, TODAY, Harvester, StillClock, statuses


async def test_a_run_about_what_is_open_leaves_older_days_alone(engine: AsyncEngine) -> None:
    clock, world = StillClock(NOON - timedelta(days=1)), World(3, today=TODAY, links=4, days=4)
    async with running(world, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock, {"first_run": timedelta(days=3)})
        await harvester.run(None)
        clock.at = NOON
        summary = await harvester.run(None, not_before=TODAY)
        assert (summary.since, summary.until) == (TODAY, TODAY)
        summary = await harvester.run(None)
        assert summary.since == TODAY - timedelta(days=3)


async def test_a_group_that_is_new_gets_its_first_harvest_by_any_run(engine: AsyncEngine) -> None:
    world = World(3, today=TODAY, links=6, days=3, groups=2)
    one, two = world.groups
    async with running(world, clock=StillClock()) as sandbox:
        harvester = Harvester(sandbox, engine, StillClock(), {"first_run": timedelta(days=3)})
        await harvester.run(None, include=(one,))
        await harvester.run(None, not_before=TODAY)
    found = await statuses(engine)
    days = {str(TODAY - timedelta(days=back)) for back in range(3)}
    assert {day for guid, day in found if guid == two} == days
    assert "open" not in found.values()
