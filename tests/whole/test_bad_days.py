"""On a bad day the rest of the harvest goes on, and what is missing is named with its reason."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.facets import DEFAULT
from harvester.domain.errors import ConfigError, Exit
from harvester.domain.events import Asked, Event, Problem
from harvester.harvest.job import Budget
from harvester.harvest.plan import Strategy
from harvester.harvest.summary import Outcome, Quota
from harvester.sandbox.limits import Limits
from harvester.sandbox.server import running
from harvester.sandbox.switches import Switches
from harvester.sandbox.world import World
from tests.fakes import FakeClock
from tests.whole.running import (
    NOON,
    TODAY,
    Facts,
    Harvester,
    StillClock,
    assert_equals_truth,
    facet_requests,
    missing,
    select,
    stored,
    truth,
)

DAYS = 5


@pytest.fixture
def world() -> World:
    return World(31, today=TODAY, links=24, days=DAYS + 2)


def without(facts: Facts, names: set[str]) -> Facts:
    """Return the facts about all other names."""
    return {key: clicks for key, clicks in facts.items() if key[2] not in names}


async def test_links_that_are_gone_or_foreign_do_not_stop_the_others(
    engine: AsyncEngine, world: World
) -> None:
    first, second, third = list(world.names(next(iter(world.groups))))[:3]
    switches = Switches(gone={first}, not_found={second}, forbidden={third})
    clock = StillClock()
    async with running(world, switches=switches, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock, {"strategy": Strategy.EXHAUSTIVE})
        summary = await harvester.run(f"{DAYS}d")
        assert summary.outcome.exit_code is Exit.INCOMPLETE
        for facet in DEFAULT:
            facts = without(truth(world, facet, DAYS), {first, second, third})
            assert await stored(engine, facet) == facts
        found = await missing(engine)
        assert found["clicks", "gone"] == found["cities", "gone"] == 2 * DAYS
        assert found["clicks", "forbidden"] == found["cities", "forbidden"] == DAYS
        switches.forbidden.clear()
        clock.at = NOON + timedelta(hours=1)
        await harvester.run(None)
    assert {reason for _, reason in await missing(engine)} == {"gone"}
    for facet in DEFAULT:
        facts = without(truth(world, facet, DAYS), {first, second})
        assert await stored(engine, facet) == facts


async def test_facets_that_the_plan_does_not_hold_are_named_and_asked_again_a_week_later(
    engine: AsyncEngine, world: World
) -> None:
    clock = StillClock()
    switches = Switches(refused={"cities", "devices"})
    async with running(world, switches=switches, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        summary = await harvester.run(f"{DAYS}d")
        assert summary.outcome is Outcome.INCOMPLETE
        assert summary.counts.missing == sum((await missing(engine)).values()) > 0
        assert {key[1] for key in await missing(engine)} == {"not in plan"}
        refused = ("GET", "/bitlinks/{bitlink}/cities")
        assert 0 < sandbox.requests[refused] <= 10  # some were under way in each group
        problems = [event for event in harvester.events if isinstance(event, Problem)]
        assert len(problems) == 2  # two facets, told once for both groups
        sandbox.requests.clear()
        await harvester.run(f"{DAYS}d")
        assert sandbox.requests[refused] == 0
        switches.refused.clear()
        week = timedelta(days=7)
        world.today += week
        clock.at = NOON + week - timedelta(hours=1)
        await harvester.run(f"{DAYS + 6}d", until=str(TODAY))
        assert sandbox.requests[refused] == 0
        clock.at = NOON + week + timedelta(hours=1)
        await harvester.run(f"{DAYS + 7}d", until=str(TODAY))
    await assert_equals_truth(engine, world, DAYS)
    assert not await missing(engine)


async def test_errors_and_broken_answers_heal_or_are_missing_never_zero(
    engine: AsyncEngine, world: World
) -> None:
    clock = FakeClock(NOON)
    switches = Switches(error_rate=0.2, errors=(500, 502, 503, 504), broken_rate=0.1)
    async with running(world, switches=switches, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        bad = await harvester.run(f"{DAYS}d")
        assert bad.counts.retries > 0
        for facet in DEFAULT:
            assert (await stored(engine, facet)).items() <= truth(world, facet, DAYS).items()
        assert bad.counts.missing == sum((await missing(engine)).values())
        switches.error_rate = switches.broken_rate = 0
        await clock.sleep(timedelta(seconds=1))  # what failed in this second is this run's
        good = await harvester.run(f"{DAYS}d")
    assert good.outcome is Outcome.COMPLETE
    await assert_equals_truth(engine, world, DAYS)


async def test_what_lies_beyond_the_plans_history_is_missing_and_not_zero(
    engine: AsyncEngine, world: World
) -> None:
    # the first day that a cut answer shows may be a part of one: it is not believed
    async with running(world, switches=Switches(history=4), clock=StillClock()) as sandbox:
        summary = await Harvester(sandbox, engine, StillClock()).run(f"{DAYS}d")
    assert summary.outcome is Outcome.INCOMPLETE
    for facet in DEFAULT:
        assert await stored(engine, facet) == truth(world, facet, 3)
    assert {reason for _, reason in await missing(engine)} == {"history"}
    filled = await select(engine, "SELECT DISTINCT day FROM clicks_by_day_filled")
    assert len(filled) == 3


async def test_a_wrong_token_is_one_line_and_sends_nothing_more(
    engine: AsyncEngine, world: World
) -> None:
    async with running(world, switches=Switches(revoked={"sandbox-token"})) as sandbox:
        summary = await Harvester(sandbox, engine, StillClock()).run(f"{DAYS}d")
    assert summary.outcome.exit_code is Exit.NOT_AUTHORISED
    assert "'shop'" in summary.detail
    assert "sandbox-token" not in summary.detail
    assert sandbox.requests.total() == 1


async def test_a_token_revoked_on_the_way_keeps_what_was_learnt(
    engine: AsyncEngine, world: World
) -> None:
    async with running(world, clock=StillClock()) as sandbox:
        harvester = Harvester(sandbox, engine, StillClock())

        def revoke(event: Event) -> None:
            if isinstance(event, Asked) and facet_requests(sandbox) >= 60:
                sandbox.switches.revoked.add(sandbox.token)

        harvester.watch = revoke
        summary = await harvester.run(f"{DAYS}d")
        assert summary.outcome is Outcome.NOT_AUTHORISED
        assert summary.counts.snapshots > 0
        assert facet_requests(sandbox) < 60 + 15
        sandbox.switches.revoked.clear()
        harvester.watch = None
        assert (await harvester.run(f"{DAYS}d")).outcome is Outcome.COMPLETE
    await assert_equals_truth(engine, world, DAYS)


async def test_a_run_stops_before_the_reserve_of_the_month(
    engine: AsyncEngine, world: World
) -> None:
    limits = Limits(per_month=200, used_before=40)
    async with running(world, limits=limits, clock=StillClock()) as sandbox:
        harvester = Harvester(sandbox, engine, StillClock(), {"budget": Budget.GREEDY})
        summary = await harvester.run(f"{DAYS}d", reserve=20)
        assert summary.outcome.exit_code is Exit.QUOTA
        assert summary.quota == Quota(200, 160, left=0)
        assert limits.used(NOON) <= 160
        assert "2026-12-01" in summary.detail
        reasons = {reason for _, reason in await missing(engine)}
        assert reasons == {"quota"}
        for facet in DEFAULT:
            assert (await stored(engine, facet)).items() <= truth(world, facet, DAYS).items()
        assert not harvester.stop.is_set()  # other accounts go on
        limits.per_month = 1_000_000
        assert (await harvester.run(f"{DAYS}d")).outcome is Outcome.COMPLETE
    await assert_equals_truth(engine, world, DAYS)


async def test_a_month_that_others_have_spent_stops_the_account(
    engine: AsyncEngine, world: World
) -> None:
    limits = Limits(per_month=100, used_before=100)
    async with running(world, limits=limits, clock=StillClock()) as sandbox:
        summary = await Harvester(sandbox, engine, StillClock()).run(f"{DAYS}d")
    assert summary.outcome.exit_code is Exit.QUOTA


async def test_a_stop_in_the_middle_keeps_what_was_learnt_and_the_next_run_goes_on(
    engine: AsyncEngine, world: World
) -> None:
    async with running(world, clock=StillClock(), keep_log=True) as sandbox:
        harvester = Harvester(sandbox, engine, StillClock())
        seen = 0

        def interrupt(event: Event) -> None:
            nonlocal seen
            seen += isinstance(event, Asked)
            if seen == 50:
                harvester.stop.set()

        harvester.watch = interrupt
        summary = await harvester.run(f"{DAYS}d")
        assert summary.outcome.exit_code is Exit.INTERRUPTED
        assert {reason for _, reason in await missing(engine)} == {"interrupted"}
        harvester.stop, harvester.watch = asyncio.Event(), None
        assert (await harvester.run(f"{DAYS}d")).outcome is Outcome.COMPLETE
        assert sandbox.log is not None
        metrics = [each.path for each in sandbox.log if each.path.startswith("/bitlinks/")]
    assert len(metrics) == len(set(metrics))  # nothing was asked twice
    await assert_equals_truth(engine, world, DAYS)


async def test_only_the_groups_asked_for(engine: AsyncEngine, world: World) -> None:
    wanted, other = world.groups
    async with running(world, clock=StillClock()) as sandbox:
        harvester = Harvester(sandbox, engine, StillClock())
        await harvester.run("2d", include=(wanted,))
        assert {key[1] for key in await stored(engine, "clicks")} == {wanted}
        await harvester.run("2d", exclude=(wanted,))
        assert {key[1] for key in await stored(engine, "clicks")} == {wanted, other}
        with pytest.raises(ConfigError, match="no group 'elsewhere'"):
            await harvester.run("2d", include=("elsewhere",))


async def test_only_the_facets_asked_for_and_the_clicks_that_tell_where_they_are(
    engine: AsyncEngine, world: World
) -> None:
    async with running(world, clock=StillClock()) as sandbox:
        summary = await Harvester(sandbox, engine, StillClock()).run("2d", facets=("countries",))
    assert summary.outcome is Outcome.COMPLETE
    assert await stored(engine, "countries") == truth(world, "countries", 2)
    assert await stored(engine, "clicks") == truth(world, "clicks", 2)
    assert await stored(engine, "cities") == {}
