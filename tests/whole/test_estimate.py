"""`harvest plan` says what the next harvest sends: all of it, within 5 %."""

import asyncio
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.facets import DEFAULT, FACETS
from harvester.bitly.limiter import Limiter
from harvester.domain.rosters import BitlinkDetails
from harvester.harvest.estimate import Estimate, estimate
from harvester.harvest.job import Job
from harvester.harvest.plan import Strategy
from harvester.sandbox.limits import Limits
from harvester.sandbox.server import Sandbox, running
from harvester.sandbox.switches import Switches
from harvester.sandbox.world import World
from harvester.store.engine import opened
from tests.times import TIMES
from tests.whole.running import NOON, TODAY, Harvester, StillClock, day, facet_requests
from tests.whole.test_exports import EXPORTS, LISTS, busy

CLOSE = 0.05
LARGE = 100  # requests: of fewer each one counts for more than 1 %


async def estimated(
    sandbox: Sandbox, engine: AsyncEngine, clock: StillClock, since: str = "14d", **job: Any
) -> Estimate:
    client = BitlyClient(
        sandbox.token,
        base_url=sandbox.url,
        clock=clock,
        limiter=Limiter(clock, requests_per_hour=None),
    )
    job, stop = {"facets": DEFAULT, "since": since, **job}, asyncio.Event()
    async with client:
        return await estimate(Job("shop", **job), client, engine, clock, stop=stop)


async def plan_and_harvest(
    sandbox: Sandbox, engine: AsyncEngine, clock: StillClock, since: str, **job: Any
) -> tuple[Estimate, int]:
    """Estimate a harvest, make it, and return what it did send as well."""
    plan = await estimated(sandbox, engine, clock, since, **job)
    before = sandbox.requests.total()
    clock.at += timedelta(minutes=5)
    await Harvester(sandbox, engine, clock, job).run(since)
    return plan, sandbox.requests.total() - before


def is_close(plan: Estimate, sent: int, unforeseen: int = 0) -> bool:
    return sent < LARGE or abs(plan.requests - unforeseen - sent) <= CLOSE * sent


def unforeseen(plan: Estimate, sandbox: Sandbox) -> int:
    """Return what was planned and not sent of facets whose first request was refused."""
    refused = {FACETS[each].endpoint for each in sandbox.switches.refused if each in FACETS}
    planned = sum(plan.by_endpoint.get(each, 0) for each in refused)
    return planned - sum(sandbox.requests["GET", each] for each in refused) if planned else 0


async def test_the_estimate_is_close_where_back_halves_were_never_asked(
    engine: AsyncEngine,
) -> None:
    world, clock = World(41, today=TODAY, links=60, days=20), StillClock()
    async with running(world, clock=clock) as sandbox:
        plan, sent = await plan_and_harvest(sandbox, engine, clock, "14d")
        assert is_close(plan, sent)
        assert plan.sent < 0.1 * sent
        names = sum(1 for guid in world.groups for _ in world.names(guid))
        assert names * (1 + 5 * 14) <= plan.exhaustive <= names * (1 + 5 * 14) + 30


accounts = st.fixed_dictionaries(
    {
        "seed": st.integers(1, 10**6),
        "links": st.integers(5, 40),
        "days": st.integers(1, 6),
        "groups": st.integers(1, 2),
        "strategy": st.sampled_from([Strategy.ECONOMICAL] * 4 + [Strategy.EXHAUSTIVE]),
        "refused": st.sets(
            st.sampled_from(
                ["cities", "/groups/{group_guid}/clicks", "/groups/{group_guid}/exports"]
            )
        ),
    }
)


@settings(
    max_examples=5 * TIMES,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(account=accounts)
async def test_the_estimate_is_close_whatever_the_account(account: dict[str, Any]) -> None:
    world = World(
        account["seed"],
        today=TODAY,
        groups=account["groups"],
        links=account["links"],
        days=account["days"] + 5,
    )
    clock, switches = StillClock(), Switches(refused=account["refused"])
    since, strategy = f"{account['days']}d", account["strategy"]
    with TemporaryDirectory() as folder:
        async with (
            running(world, switches=switches, clock=clock) as sandbox,
            opened(f"sqlite:///{folder}/estimate.db") as engine,
        ):
            await assert_close_twice(sandbox, engine, clock, since, strategy=strategy)


async def assert_close_twice(
    sandbox: Sandbox, engine: AsyncEngine, clock: StillClock, since: str, **job: Any
) -> None:
    """Hold the estimate of a first harvest, and of one after some clicks, against what is sent."""
    plan, sent = await plan_and_harvest(sandbox, engine, clock, since, **job)
    missed = unforeseen(plan, sandbox)
    assert is_close(plan, sent, missed), (sent, plan.by_endpoint, sandbox.requests)
    clock.at += timedelta(hours=5)
    world, dice = sandbox.world, Random(sandbox.world.seed)
    for name in [name for guid in world.groups for name in world.names(guid)]:
        if not dice.randrange(4):
            world.add_late(name, TODAY, 1)
    sandbox.requests.clear()
    plan, sent = await plan_and_harvest(sandbox, engine, clock, since, **job)
    assert is_close(plan, sent), (sent, plan.by_endpoint, sandbox.requests)


async def test_the_estimate_of_the_next_harvest_is_exact(engine: AsyncEngine) -> None:
    world, clock = World(41, today=TODAY, links=20, days=20), StillClock()
    async with running(world, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        await harvester.run("14d")
        quiet = await estimated(sandbox, engine, clock)
        assert not [each for each in quiet.by_endpoint if each.startswith("/bitlinks/")]
        for name in list(world.names(next(iter(world.groups))))[:5]:
            world.add_late(name, TODAY, 3)
        clock.at = NOON + timedelta(hours=1)
        plan = await estimated(sandbox, engine, clock)
        before, links = sandbox.requests.total(), facet_requests(sandbox)
        clock.at = NOON + timedelta(hours=2)
        await harvester.run("14d")
        assert facet_requests(sandbox) > links
        assert plan.requests == sandbox.requests.total() - before


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


async def test_a_plan_says_what_weeks_would_save_where_days_leave_that_cannot_be_afforded(
    engine: AsyncEngine,
) -> None:
    world, clock = World(61, today=TODAY, links=60, days=16), StillClock()
    async with running(world, clock=clock) as sandbox:
        rich = await estimated(sandbox, engine, clock, "14d", history_days=16)
        poor = await estimated(
            sandbox, engine, clock, "14d", history_days=16, month_requests=400, reserve=0
        )
    assert rich.coarser is None
    assert poor.coarser is not None
    assert poor.coarser.lost > poor.coarser.lost_even_so
    assert poor.coarser.weeks > 0


async def test_a_plan_learns_one_day_whole_however_many_requests_that_takes(
    engine: AsyncEngine,
) -> None:
    names = [f"bit.ly/{number}" for number in range(900)]
    links = [BitlinkDetails(name, f"https://{name}", "https://e.org/") for name in names]
    clicks = {
        (name, day(back)): 2
        for back in range(1, 5)
        for number, name in enumerate(names)
        if (number + back) % 7 == 0
    }
    clock = StillClock()
    async with running(World.of({"Bg1": links}, clicks, today=TODAY), clock=clock) as sandbox:
        plan, sent = await plan_and_harvest(
            sandbox, engine, clock, "5d", planned=2, facets=("clicks", "countries")
        )
    assert plan.requests == pytest.approx(sent, rel=0.05)


async def test_the_estimate_is_close_for_every_metric(tmp_path: Path) -> None:
    world, clock = World(41, today=TODAY, groups=1, links=10, days=5), StillClock()
    facets = {"facets": tuple(FACETS), "hourly_days": 3}
    async with (
        running(world, clock=clock) as sandbox,
        opened(f"sqlite:///{tmp_path}/estimate.db") as engine,
    ):
        for _ in range(2):
            plan, sent = await plan_and_harvest(sandbox, engine, clock, "4d", **facets)
            assert abs(plan.requests - sent) <= CLOSE * sent, (plan.by_endpoint, sandbox.requests)
            sandbox.requests.clear()
