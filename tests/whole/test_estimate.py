"""`harvest plan` says what the next harvest sends, and sends no request for a link."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.facets import FACETS
from harvester.bitly.limiter import Limiter
from harvester.harvest.estimate import Estimate, estimate
from harvester.harvest.job import Job
from harvester.sandbox.limits import Limits
from harvester.sandbox.server import Sandbox, running
from harvester.sandbox.world import World
from tests.whole.running import NOON, TODAY, Harvester, StillClock, facet_requests
from tests.whole.test_exports import EXPORTS, LISTS, busy


async def estimated(
    sandbox: Sandbox, engine: AsyncEngine, clock: StillClock, **options: Any
) -> Estimate:
    client = BitlyClient(
        sandbox.token,
        base_url=sandbox.url,
        clock=clock,
        limiter=Limiter(clock, requests_per_hour=None),
    )
    wanted: dict[str, Any] = {"facets": tuple(FACETS), "since": "14d", **options}
    job, stop = Job("shop", **wanted), asyncio.Event()
    async with client:
        return await estimate(job, client, engine, clock, stop=stop)


async def test_the_estimate_is_close_even_where_back_halves_are_not_known_yet(
    engine: AsyncEngine,
) -> None:
    world, clock = World(41, today=TODAY, links=120, days=20), StillClock()
    async with running(world, clock=clock) as sandbox:
        plan = await estimated(sandbox, engine, clock)
        assert facet_requests(sandbox) == 0
        assert plan.sent == sandbox.requests.total()
        clock.at = NOON + timedelta(minutes=5)
        await Harvester(sandbox, engine, clock).run("14d")
        assert abs(plan.requests - facet_requests(sandbox)) <= 0.1 * facet_requests(sandbox)
        names = sum(1 for guid in world.groups for _ in world.names(guid))
        assert plan.exhaustive == names * (1 + 5 * 14)


async def test_the_estimate_of_the_next_harvest_is_exact(engine: AsyncEngine) -> None:
    world, clock = World(41, today=TODAY, links=60, days=20), StillClock()
    async with running(world, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        await harvester.run("14d")
        assert (await estimated(sandbox, engine, clock)).requests == 0
        for name in list(world.names(next(iter(world.groups))))[:5]:
            world.add_late(name, TODAY, 3)
        clock.at = NOON + timedelta(hours=1)
        plan = await estimated(sandbox, engine, clock)
        before = facet_requests(sandbox)
        clock.at = NOON + timedelta(hours=2)
        await harvester.run("14d")
        assert plan.requests == facet_requests(sandbox) - before > 0


async def test_what_the_month_cannot_afford_is_said(engine: AsyncEngine) -> None:
    world, clock = World(41, today=TODAY, links=60, days=20), StillClock()
    limits = Limits(per_month=500, used_before=100, per_hour=1000)
    async with running(world, clock=clock, limits=limits) as sandbox:
        plan = await estimated(sandbox, engine, clock)
    assert plan.quota is not None
    assert plan.quota.used >= 100 + plan.sent - 4  # some of these do not count for the month
    assert plan.left == 400 - plan.quota.used
    ours = plan.sent
    assert plan.today == max((plan.left + ours) // 10 - ours, 0)  # the 21st to the 30th
    assert plan.done is not None
    assert plan.done > TODAY
    assert plan.too_many == plan.requests - plan.left > 0
    busiest = max(plan.by_endpoint.values())
    assert plan.minutes == busiest / 100


@pytest.mark.parametrize("planned", [0, 1, 3, 5, 100])
async def test_what_planning_does_not_ask_is_reckoned_by_what_it_did(
    engine: AsyncEngine, planned: int
) -> None:
    world, clock = busy(250, 150, days=4), StillClock()
    options: dict[str, Any] = {"facets": ("clicks", "countries")}
    async with running(world, clock=clock) as sandbox:
        plan = await estimated(sandbox, engine, clock, planned=planned, since="4d", **options)
        asked = sum(sandbox.requests[each] for each in (LISTS, EXPORTS))
        assert asked <= planned
        sandbox.requests.clear()
        clock.at = NOON + timedelta(minutes=5)
        await Harvester(sandbox, engine, clock).run("4d", **options)
        sent = {LISTS: 0, EXPORTS: 0} | dict(sandbox.requests)
    told = {endpoint: plan.by_endpoint.get(endpoint, 0) for _, endpoint in (LISTS, EXPORTS)}
    assert "/bitlinks/{bitlink}/clicks" not in plan.by_endpoint
    if planned >= 3:  # a day is known
        assert told == {endpoint: sent[method, endpoint] for method, endpoint in (LISTS, EXPORTS)}
        countries = "/bitlinks/{bitlink}/countries"
        assert plan.by_endpoint[countries] == pytest.approx(sent["GET", countries], rel=0.05)
