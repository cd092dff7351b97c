"""A month's quota is kept to, whoever spends it; the right part is asked first, then the rest."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.facets import DEFAULT
from harvester.bitly.month import next_day
from harvester.bitly.purse import PLAN_LIMITS
from harvester.domain.errors import Exit
from harvester.domain.rosters import BitlinkDetails
from harvester.harvest.job import Budget
from harvester.harvest.plan import Strategy
from harvester.harvest.summary import Outcome
from harvester.sandbox.limits import Limits
from harvester.sandbox.server import Sandbox, running
from harvester.sandbox.switches import Switches
from harvester.sandbox.world import World
from tests.whole.running import (
    NOON,
    TODAY,
    Harvester,
    StillClock,
    assert_equals_truth,
    facet_requests,
    missing,
    select,
    stored,
    truth,
)

DAY = timedelta(days=1)
DAYS = 6
GREEDY = {"budget": Budget.GREEDY}


def shop(links: int = 24, seed: int = 71) -> World:
    return World(seed, today=TODAY, links=links, days=DAYS + 8)


class Then(Counter[Any]):
    """Counts requests, and does something once when so many have come."""

    def __init__(self, after: int, do: Callable[[], None]) -> None:
        super().__init__()
        self.after, self.do = after, do

    def __setitem__(self, key: Any, value: int) -> None:
        super().__setitem__(key, value)
        if self.total() == self.after:
            self.do()


def others_spend(sandbox: Sandbox, requests: int, *, after: int) -> None:
    """Let another program take a part of the month once so many requests have come."""

    def spend() -> None:
        sandbox.limits.used_before += requests

    sandbox.requests = Then(after, spend)


async def test_what_another_program_spends_in_mid_run_is_seen_before_the_reserve_is_touched(
    engine: AsyncEngine,
) -> None:
    limits = Limits(per_month=5_000)
    clock = StillClock()
    async with running(shop(80), limits=limits, clock=clock) as sandbox:
        others_spend(sandbox, 3_400, after=80)
        summary = await Harvester(sandbox, engine, clock, GREEDY).run("14d")
        assert summary.outcome is Outcome.QUOTA
        assert 4_000 <= limits.used(NOON) <= 4_000 + 500  # seen within so many requests of ours
        assert "of the month's 5,000 API requests are used" in summary.detail
        assert {reason for _, reason in await missing(engine)} == {"quota"}


async def test_an_account_that_bitly_stops_rests_until_the_month_has_turned(
    engine: AsyncEngine,
) -> None:
    limits, clock, world = Limits(per_month=5_000), StillClock(), shop()
    async with running(world, limits=limits, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock, {**GREEDY, "reserve": 0})
        others_spend(sandbox, 5_000, after=30)
        first = await harvester.run(f"{DAYS}d")
        assert first.outcome.exit_code is Exit.QUOTA
        assert "API_USAGE_LIMIT_EXCEEDED" in first.detail
        sandbox.requests = Counter()
        for instant in (NOON + 5 * DAY, datetime(2026, 12, 1, 11, 59, tzinfo=UTC)):
            clock.at = instant
            again = await harvester.run(f"{DAYS}d")
            assert again.outcome.exit_code is Exit.QUOTA
            assert "nothing is asked before 2026-12-01 12:00 UTC" in again.detail
            assert "2026-11-21" in again.detail
        assert sandbox.requests.total() == 0
        clock.at = datetime(2026, 12, 1, 12, tzinfo=UTC)
        good = await harvester.run(str(TODAY - (DAYS - 1) * DAY), until=str(TODAY))
    assert good.outcome is Outcome.COMPLETE
    await assert_equals_truth(engine, world, DAYS)


async def test_a_limit_that_is_not_known_holds_nothing_back(engine: AsyncEngine) -> None:
    clock, world = StillClock(), shop()
    async with running(world, clock=clock) as sandbox:
        summary = await Harvester(sandbox, engine, clock).run(f"{DAYS}d")
    assert summary.quota is None
    assert summary.outcome is Outcome.COMPLETE


async def test_a_limit_of_ones_own_counts_by_the_ledger_over_runs(engine: AsyncEngine) -> None:
    clock, world = StillClock(), shop()
    async with running(world, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock, {**GREEDY, "month_requests": 100})
        assert (await harvester.run(f"{DAYS}d")).outcome is Outcome.QUOTA
        assert sandbox.requests.total() == 80
        clock.at = NOON + timedelta(hours=1)
        assert (await harvester.run(f"{DAYS}d")).outcome is Outcome.QUOTA
        assert facet_requests(sandbox) <= 80
        assert sandbox.requests.total() <= 80 + 5  # who it is, and how much


async def test_each_day_spends_its_share_and_all_is_there_in_the_end(engine: AsyncEngine) -> None:
    world, clock = shop(40), StillClock()
    last = str(TODAY)
    limits = Limits(per_month=1_500)  # 1,200 over ten days
    spent, outcome = [], Outcome.QUOTA
    async with running(world, limits=limits, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        while outcome is Outcome.QUOTA:
            sandbox.requests = Counter()
            summary = await harvester.run(str(TODAY - (DAYS - 1) * DAY), until=last)
            outcome = summary.outcome
            spent.append(sandbox.requests.total())
            for facet in DEFAULT:
                assert (await stored(engine, facet)).items() <= truth(world, facet, DAYS).items()
            clock.at = clock.at + DAY
            assert len(spent) <= 10
    assert outcome is Outcome.COMPLETE
    assert len(spent) > 2
    assert all(100 <= each <= 160 for each in spent[:-1])
    assert limits.used(NOON) <= 1_200
    await assert_equals_truth(engine, world, DAYS)
    assert not await missing(engine)


async def test_a_share_that_is_spent_sends_no_more_that_day_and_says_when(
    engine: AsyncEngine,
) -> None:
    world, clock = shop(40), StillClock()
    async with running(world, limits=Limits(per_month=1_500), clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        first = await harvester.run(f"{DAYS}d")
        assert first.outcome.exit_code is Exit.QUOTA
        assert "today's share of the month's API requests is spent: 12" in first.detail
        assert " requests are left, done by 2026-11-2" in first.detail
        assert "--budget greedy spends the month's rest now" in first.detail
        tomorrow = f"{next_day(NOON):%Y-%m-%dT%H:%M:%SZ}"
        sql = "SELECT DISTINCT reason, next_attempt_at FROM harvest_missing"
        for reason, instant in await select(engine, sql):
            assert reason == "quota"
            assert str(instant).replace("+00:00", "Z").replace(" ", "T") == tomorrow
        sandbox.requests = Counter()
        clock.at = NOON + timedelta(hours=1)
        again = await harvester.run(f"{DAYS}d")
        assert again.outcome is Outcome.QUOTA
        assert "--budget greedy" in again.detail
        assert sandbox.requests.total() == 1  # how much there is
        greedy = await harvester.run(f"{DAYS}d", budget=Budget.GREEDY)
    assert greedy.outcome is Outcome.COMPLETE
    await assert_equals_truth(engine, world, DAYS)


async def test_what_a_share_suffices_for_is_the_newest_and_most_clicked_of_every_group(
    engine: AsyncEngine,
) -> None:
    world, clock = shop(40), StillClock(NOON + 5 * DAY)
    first, last = TODAY - (DAYS - 1) * DAY, TODAY - 2 * DAY  # all of it is settled
    async with running(world, limits=Limits(per_month=400), clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock, {"facets": ("clicks", "countries")})
        assert (await harvester.run(str(first), until=str(last))).outcome is Outcome.QUOTA
    have = {key[:3] for key in await stored(engine, "countries")}
    wanted = {
        key[:3] for key in truth(world, "countries", DAYS) if str(first) <= key[0] <= str(last)
    }
    for guid in world.groups:
        asked = [value(world, key) for key in have if key[1] == guid]
        left = [value(world, key) for key in wanted - have if key[1] == guid]
        assert asked
        assert left
        assert min(asked) >= max(left)


def value(world: World, key: tuple[Any, ...]) -> tuple[str, int]:
    """The newer day first, then the more clicks."""
    return str(key[0]), world.clicks(str(key[2]), date.fromisoformat(str(key[0])))


async def test_exhaustive_harvests_too_get_their_breakdowns_in_turn(engine: AsyncEngine) -> None:
    world, clock = shop(20), StillClock()
    async with running(world, limits=Limits(per_month=625), clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock, {"strategy": Strategy.EXHAUSTIVE})
        await harvester.run("2d")
        asked = {path.rsplit("/", 1)[1] for _, path in sandbox.requests if "bitlink}" in path}
    assert asked == set(DEFAULT)


async def test_a_survey_that_a_share_does_not_suffice_for_leaves_half_to_the_links(
    engine: AsyncEngine,
) -> None:
    world, clock = one_clicked(60, days=40), StillClock()
    limits = Limits(per_month=375)  # thirty a day
    sent: list[Counter[str]] = []
    async with running(world, limits=limits, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock, {"facets": ("clicks", "countries")})
        outcome = Outcome.QUOTA
        while outcome is Outcome.QUOTA:
            sandbox.requests = Counter()
            outcome = (await harvester.run(str(TODAY - 39 * DAY), until=str(TODAY))).outcome
            sent.append(Counter({path: n for (_, path), n in sandbox.requests.items()}))
            clock.at += DAY
            assert len(sent) < 10
    assert 10 <= sent[0]["/groups/{group_guid}/bitlinks/{sort}"] <= 15
    assert 10 <= sent[0]["/bitlinks/{bitlink}/countries"] <= 15
    assert sent[0]["/bitlinks/{bitlink}/clicks"] == 0
    for facet in ("clicks", "countries"):
        assert await stored(engine, facet) == truth(world, facet, 40)
    assert not await missing(engine)


def one_clicked(links: int, *, days: int) -> World:
    """Return a group of so many links, of which one is clicked every day."""
    names = [f"bit.ly/{number}" for number in range(links)]
    listed = [BitlinkDetails(name, f"https://{name}", "https://e.org/") for name in names]
    clicks = {(names[0], TODAY - back * DAY): 9 for back in range(days)}
    return World.of({"Bg1": listed}, clicks, today=TODAY)


async def test_breakdowns_are_not_asked_for_in_the_dark(engine: AsyncEngine) -> None:
    world, clock = shop(60), StillClock()
    switches = Switches(refused={"/groups/{group_guid}/clicks", "/groups/{group_guid}/exports"})
    switches.refused.add("/groups/{group_guid}/bitlinks/{sort}")  # so that each link is asked
    limits = Limits(per_month=500)  # forty a day
    async with running(world, limits=limits, clock=clock, switches=switches) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        assert (await harvester.run("2d")).outcome is Outcome.QUOTA
        assert sandbox.requests["GET", "/bitlinks/{bitlink}/countries"] == 0
        clock.at += timedelta(hours=20)
        assert (await harvester.run("2d")).outcome is Outcome.QUOTA
        assert sandbox.requests["GET", "/bitlinks/{bitlink}/clicks"] >= 40
        asked = sandbox.requests["GET", "/bitlinks/{bitlink}/countries"]
    broken_down = await select(engine, "SELECT DISTINCT day, bitlink FROM clicks_by_country")
    assert asked == len(broken_down) > 0


async def test_a_quiet_run_does_not_ask_again_what_the_month_holds(engine: AsyncEngine) -> None:
    world, clock = shop(), StillClock()
    async with running(world, clock=clock, limits=Limits(per_month=50_000)) as sandbox:
        harvester = Harvester(sandbox, engine, clock, GREEDY)
        await harvester.run(f"{DAYS}d")
        sandbox.requests = Counter()
        clock.at = NOON + timedelta(hours=2)
        summary = await harvester.run(f"{DAYS}d")
        assert summary.outcome is Outcome.COMPLETE
        assert sandbox.requests["GET", PLAN_LIMITS] == 0
        assert summary.quota is not None
        assert summary.quota.used >= sandbox.limits.used(clock.at) - len(world.groups)
        for name in world.names(next(iter(world.groups))):
            world.add_late(name, TODAY, 1)
        clock.at = NOON + timedelta(hours=4)
        sandbox.limits.per_month = 60_000
        summary = await harvester.run(f"{DAYS}d")
        assert sandbox.requests["GET", PLAN_LIMITS] == 1  # it turned out to be more than a look
        assert summary.quota is not None
        assert summary.quota.limit == 60_000


async def test_another_month_is_asked_for(engine: AsyncEngine) -> None:
    world, clock = shop(), StillClock()
    async with running(world, clock=clock, limits=Limits(per_month=50_000)) as sandbox:
        harvester = Harvester(sandbox, engine, clock, GREEDY)
        await harvester.run("1d")
        sandbox.requests = Counter()
        clock.at = NOON + timedelta(days=20)
        await harvester.run("1d")
        assert sandbox.requests["GET", PLAN_LIMITS] == 1
