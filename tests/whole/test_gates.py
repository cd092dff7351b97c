"""What a plan refuses is found once for an account, and asked for again when the plan changes."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.snapshots import Reason
from harvester.harvest.summary import Outcome
from harvester.sandbox.limits import Limits
from harvester.sandbox.server import running
from harvester.sandbox.switches import Switches
from harvester.sandbox.world import World
from harvester.store.gates import gates
from tests.whole.running import NOON, TODAY, Harvester, StillClock, select

CITIES = ("GET", "/groups/{group_guid}/cities")
SCANS = ("GET", "/qr-codes/{qrcode_id}/scans/browsers")
FACETS = ("group_clicks", "group_cities", "qr_browsers")


async def test_a_facet_of_any_kind_is_refused_once_until_the_plan_changes(
    engine: AsyncEngine,
) -> None:
    clock, world = StillClock(), World(5, today=TODAY, groups=3, links=9, days=3)
    switches = Switches(refused={CITIES[1], SCANS[1]})
    async with running(world, switches=switches, clock=clock) as sandbox:
        shop = Harvester(sandbox, engine, clock, {"facets": FACETS, "workers": 1})
        assert (await shop.run("3d")).outcome is Outcome.INCOMPLETE
        assert (sandbox.requests[CITIES], sandbox.requests[SCANS]) == (1, 1)
        [cities, browsers] = await gates(engine, 1, NOON)
        assert (cities.facet, cities.reason, cities.groups) == (
            "group_cities",
            Reason.NOT_IN_PLAN,
            3,
        )
        assert browsers.facet == "qr_browsers"
        gaps = await select(
            engine, "SELECT DISTINCT kind, reason FROM harvest_missing ORDER BY kind"
        )
        assert [tuple(row) for row in gaps] == [
            ("group", "not in plan"),
            ("qr_code", "not in plan"),
        ]
        await shop.run("3d")
        assert sandbox.requests[CITIES] == 1
        switches.refused.clear()
        world.upgrade("premium")
        assert (await shop.run("3d", refresh=True)).outcome is Outcome.COMPLETE
        assert await gates(engine, 1, NOON) == []
    assert await select(engine, "SELECT * FROM harvest_missing") == []


async def test_what_the_plan_allows_is_kept_day_by_day(engine: AsyncEngine) -> None:
    clock, world = StillClock(), World(5, today=TODAY, groups=1, links=2, days=2)
    async with running(world, clock=clock, limits=Limits(per_month=900)) as sandbox:
        shop = Harvester(sandbox, engine, clock, {"facets": ("clicks",)})
        for _ in range(2):
            await shop.run("2d", refresh=True)
        clock.at += timedelta(days=1)
        await shop.run("2d", refresh=True)
    query = "SELECT day, name, allowed, used > 0 FROM plan_limits WHERE allowed = 900 ORDER BY day"
    kept = [(str(row[0]), *row[1:3], bool(row[3])) for row in await select(engine, query)]
    name = sandbox.switches.habits.month_row[0]
    tomorrow = TODAY + timedelta(days=1)
    assert kept == [(str(day), name, 900, True) for day in (TODAY, tomorrow)]
