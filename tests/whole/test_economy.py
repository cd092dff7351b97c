"""The economical way ends with the same facts as asking for everything, for a few requests."""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from shutil import copyfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.facets import DEFAULT
from harvester.domain.events import Problem
from harvester.domain.rosters import BitlinkDetails
from harvester.harvest.plan import Strategy
from harvester.harvest.summary import Outcome
from harvester.sandbox.catalogue import Rows
from harvester.sandbox.server import running
from harvester.sandbox.switches import Switches
from harvester.sandbox.world import World
from harvester.store.engine import opened
from tests.times import TIMES
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
    statuses,
    stored,
)

DAYS = 4
TOTALS = ("GET", "/groups/{group_guid}/clicks")
LISTS = ("GET", "/groups/{group_guid}/bitlinks/{sort}")


def made(
    links: int, clicks: dict[tuple[int, int], int], *, customs: frozenset[int] = frozenset()
) -> World:
    """Return one group of so many links; `clicks` are by (link, days back).

    A link in `customs` has a back-half as well, with one click more on each day it has any.
    """
    listed, counts = [], {}
    for number in range(links):
        custom = (f"bit.ly/custom{number}",) if number in customs else ()
        name = f"bit.ly/{number}"
        listed.append(BitlinkDetails(name, f"https://{name}", "https://e.org/", custom_ids=custom))
        for back in range(DAYS):
            count = clicks.get((number, back), 0)
            counts[name, TODAY - timedelta(days=back)] = count
            for each in custom:
                counts[each, TODAY - timedelta(days=back)] = count and count + 1
    return World.of({"Bg1": listed}, counts, today=TODAY)


async def test_a_group_without_clicks_costs_one_request_for_its_total(engine: AsyncEngine) -> None:
    world = made(50, {})
    async with running(world, clock=StillClock()) as sandbox:
        summary = await Harvester(sandbox, engine, StillClock()).run(f"{DAYS}d")
        assert sandbox.requests[TOTALS] == 2  # the first one is asked in two parts: see dating.py
        assert sandbox.requests[LISTS] == facet_requests(sandbox) == 0
    assert summary.outcome is Outcome.COMPLETE
    await assert_equals_truth(engine, world, DAYS)


async def test_a_day_with_few_clicked_links_costs_one_list_and_their_facets(
    engine: AsyncEngine,
) -> None:
    world = made(50, {(3, 1): 7, (9, 1): 2, (9, 0): 1})
    async with running(world, clock=StillClock()) as sandbox:
        await Harvester(sandbox, engine, StillClock()).run(f"{DAYS}d")
        assert sandbox.requests[LISTS] == 2
        assert facet_requests(sandbox) == 3 * 5
    await assert_equals_truth(engine, world, DAYS)


async def test_more_links_than_a_list_holds_are_asked_one_by_one_without_exports(
    engine: AsyncEngine,
) -> None:
    world = made(130, {(number, 0): 1 + number % 3 for number in range(120)})
    switches = Switches(refused={"/groups/{group_guid}/exports"})
    async with running(world, clock=StillClock(), switches=switches) as sandbox:
        await Harvester(sandbox, engine, StillClock()).run(f"{DAYS}d", facets=("clicks",))
        assert facet_requests(sandbox) == 30  # the list told of a hundred of them
    for_clicks = {(name, d): n for (d, _, name), n in (await stored(engine, "clicks")).items()}
    assert len(for_clicks) == 120


async def test_few_links_over_many_days_are_asked_by_their_series(engine: AsyncEngine) -> None:
    world = made(2, {(0, back): 1 for back in range(DAYS)})
    async with running(world, clock=StillClock()) as sandbox:
        await Harvester(sandbox, engine, StillClock()).run(f"{DAYS}d")
        assert sandbox.requests[LISTS] == 0
    await assert_equals_truth(engine, world, DAYS)


async def test_back_halves_are_asked_until_the_total_is_seen_to_count_them(
    engine: AsyncEngine,
) -> None:
    world = made(30, {(1, 2): 5, (2, 2): 3}, customs=frozenset({1, 7}))
    clock = StillClock()
    async with running(world, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        await harvester.run(f"{DAYS}d")
        series = ("GET", "/bitlinks/{bitlink}/clicks")
        assert sandbox.requests[series] == 2 + 2  # a link and its half bear witness of the export
        clock.at = NOON + timedelta(hours=1)
        await harvester.run(f"{DAYS}d")
        assert sandbox.requests[series] == 2 + 2  # now the total speaks for them
    await assert_equals_truth(engine, world, DAYS)


async def test_a_survey_that_was_cut_short_proves_nothing_of_back_halves(
    engine: AsyncEngine,
) -> None:
    world = made(30, {(1, 2): 5, (2, 2): 3}, customs=frozenset({1, 7}))
    clock = StillClock()
    async with running(world, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        await harvester.run(f"{DAYS}d")
        world.add_late("bit.ly/custom7", TODAY, 4)
        clock.at = NOON + timedelta(hours=1)
        harvester.stop.set()  # as soon as its survey is made
        await harvester.run(f"{DAYS}d")
        harvester.stop = asyncio.Event()
        clock.at = NOON + timedelta(days=2)
        await harvester.run(f"{DAYS + 2}d", until="2026-11-21")
    await assert_equals_truth(engine, world, DAYS)


async def test_what_moves_is_found_and_only_that_is_asked_again(engine: AsyncEngine) -> None:
    world = made(30, {(1, 2): 5, (2, 0): 3})
    clock = StillClock()
    async with running(world, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        await harvester.run(f"{DAYS}d")
        sandbox.requests.clear()
        world.add_late("bit.ly/5", TODAY - timedelta(days=1), 4)
        clock.at = NOON + timedelta(hours=1)
        await harvester.run(f"{DAYS}d")
        assert (sandbox.requests[TOTALS], sandbox.requests[LISTS]) == (1, 1)
        assert facet_requests(sandbox) == 5
    await assert_equals_truth(engine, world, DAYS)


async def test_a_breakdown_that_bitly_was_late_with_is_mended_and_its_day_settles(
    engine: AsyncEngine,
) -> None:
    day, links, clock = TODAY - timedelta(days=1), made(5, {}).links("Bg1"), StillClock()
    clicks = {("bit.ly/1", day): 5}
    rows: dict[tuple[str, str, date], Rows] = {("bit.ly/1", "countries", day): {("US",): 4}}
    whole = World.of({"Bg1": links}, clicks, today=TODAY)
    part = World.of({"Bg1": links}, clicks, rows, today=TODAY)
    async with running(part, clock=clock) as sandbox:
        await Harvester(sandbox, engine, clock).run("2d")
    async with running(whole, clock=clock) as sandbox:
        for days in (1, 4):
            clock.at = NOON + timedelta(days=days)
            await Harvester(sandbox, engine, clock).run(None)
    assert await stored(engine, "countries") == facts_of(whole, "countries")
    assert (await statuses(engine))["Bg1", str(day)] == "settled"


@pytest.mark.parametrize(
    "lacks", ["/groups/{group_guid}/clicks", "/groups/{group_guid}/bitlinks/{sort}"]
)
async def test_a_plan_without_totals_or_lists_costs_more_and_gives_the_same(
    engine: AsyncEngine, lacks: str
) -> None:
    world = made(10, {(1, 2): 5, (2, 0): 3})
    async with running(world, clock=StillClock(), switches=Switches(refused={lacks})) as sandbox:
        summary = await Harvester(sandbox, engine, StillClock()).run(f"{DAYS}d")
        assert sandbox.requests["GET", lacks] == 1
    assert summary.outcome is Outcome.COMPLETE
    await assert_equals_truth(engine, world, DAYS)


async def test_links_that_were_not_listed_when_others_were_proved_are_not_taken_for_empty(
    engine: AsyncEngine,
) -> None:
    world = made(3, {(number, back): 2 for number in range(3) for back in range(DAYS)})
    clock = StillClock()
    switches = Switches(script={"/groups/{group_guid}/bitlinks": [500, 500]})
    async with running(world, clock=clock, switches=switches) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        assert (await harvester.run(f"{DAYS}d")).outcome is Outcome.INCOMPLETE
        clock.at = NOON + timedelta(hours=1)
        assert (await harvester.run(f"{DAYS}d")).outcome is Outcome.COMPLETE
    await assert_equals_truth(engine, world, DAYS)


class Midnight(World):
    """A world in which a day ends, with a last click, once its total has been told."""

    clock: StillClock

    def group_clicks(self, group_guid: str, day: date) -> int:
        told = super().group_clicks(group_guid, day)
        if self.clock.at.date() == day:
            self.clock.at += timedelta(minutes=1)
            self.add_late("bit.ly/0", day, 1)
        return told


async def test_a_total_of_before_midnight_does_not_prove_a_list_of_after_it(
    engine: AsyncEngine,
) -> None:
    clicks = {(f"bit.ly/{number}", TODAY): 2 for number in range(100)} | {("bit.ly/100", TODAY): 1}
    world = Midnight.of({"Bg1": made(101, {}).links("Bg1")}, clicks, today=TODAY)
    assert isinstance(world, Midnight)
    world.clock = StillClock(NOON + timedelta(hours=11, minutes=59, seconds=30))
    async with running(world, clock=world.clock) as sandbox:
        await Harvester(sandbox, engine, world.clock).run("1d", facets=("clicks",))
    assert (await stored(engine, "clicks"))[str(TODAY), "Bg1", "bit.ly/100"] == 1


class Liar(World):
    """A world whose group forgets a part of its clicks."""

    def group_clicks(self, group_guid: str, day: date) -> int:
        return max(super().group_clicks(group_guid, day) - 2, 1)


async def test_a_total_below_its_links_is_told_and_not_believed_any_more(
    engine: AsyncEngine,
) -> None:
    honest = made(10, {(1, 2): 5, (2, 0): 3, (4, 1): 9})
    world = Liar.of(
        {guid: honest.links(guid) for guid in honest.groups},
        {(n, d): honest.clicks(n, d) for n in honest.names("Bg1") for d in days()},
        today=TODAY,
    )
    clock = StillClock()
    async with running(world, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        await harvester.run(f"{DAYS}d")
        told = [event.message for event in harvester.events if isinstance(event, Problem)]
        assert len(told) == 1
        assert "link by link" in told[0]
        clock.at = NOON + timedelta(hours=1)
        sandbox.requests.clear()
        await harvester.run(f"{DAYS}d")
        assert sandbox.requests[TOTALS] == 0
    for facet in DEFAULT:
        assert await stored(engine, facet) == facts_of(honest, facet)


def days() -> list[date]:
    return [TODAY - timedelta(days=back) for back in range(DAYS)]


def facts_of(world: World, facet: str) -> Facts:
    return {
        (str(day), "Bg1", name, *labels): clicks
        for name in world.names("Bg1")
        for day in days()
        for labels, clicks in world.rows(name, facet, day).items()
    }


@dataclass(frozen=True)
class Account:
    """A random account, and what becomes of it between the first and the second run."""

    world: World
    switches: Switches
    late: tuple[tuple[str, int], ...]
    history_days: int | None


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    links = draw(st.integers(0, 12))
    some_link, some_day = st.integers(0, max(links - 1, 0)), st.integers(0, DAYS - 1)
    clicks = draw(
        st.dictionaries(st.tuples(some_link, some_day), st.sampled_from([1, 2, 40]), max_size=20)
    )
    customs = draw(st.frozensets(some_link, max_size=3))
    gates = [TOTALS[1], LISTS[1], "cities"]
    refused = draw(st.sets(st.sampled_from(gates), max_size=2))
    history = draw(st.sampled_from([None, None, 1, 2, 3]))
    zeros, units = draw(st.booleans()), draw(st.booleans())
    late = draw(st.lists(st.tuples(some_link.map("bit.ly/{}".format), some_day), max_size=3))
    world = made(links, clicks, customs=customs)
    switches = Switches(
        refused=refused, history=history, history_as_zeros=zeros, history_units=units
    )
    # what is cut without a sign can be known by a person only
    is_silent = history is not None and zeros and not (units and TOTALS[1] not in refused)
    return Account(world, switches, tuple(late) if links else (), history if is_silent else None)


async def everything(engine: AsyncEngine) -> dict[str, list[tuple[object, ...]]]:
    """Return the public facts, and what is missing, as any reader sees them."""
    views = ("clicks_by_day_filled", "clicks_by_country", "clicks_by_city", "clicks_by_referrer")
    found = {
        view: sorted(map(tuple, await select(engine, f"SELECT * FROM {view}")), key=repr)
        for view in views
    }
    found["missing"] = sorted((await missing(engine)).items())
    return found


@pytest.mark.slow
@settings(
    max_examples=8 * TIMES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
async def test_both_strategies_end_with_the_same_facts(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, data: st.DataObject
) -> None:
    account = data.draw(accounts())
    folder: Path = tmp_path_factory.mktemp("both")
    for strategy in Strategy:
        copyfile(sqlite_template, folder / f"{strategy}.db")
    world, found = account.world, {}
    async with running(world, switches=account.switches, clock=StillClock()) as sandbox:
        for late in ((), account.late):
            for name, day in late:
                world.add_late(name, TODAY - timedelta(days=day), 3)
            for strategy in Strategy:
                clock = StillClock(NOON + timedelta(hours=bool(late)))
                async with opened(str(folder / f"{strategy}.db")) as engine:
                    harvester = Harvester(sandbox, engine, clock)
                    days = account.history_days
                    await harvester.run(f"{DAYS}d", strategy=strategy, history_days=days)
                    found[strategy] = await everything(engine)
                    shown = (account.switches.history or DAYS) - 1
                    filled = [str(day) for day, *_ in found[strategy]["clicks_by_day_filled"]]
                    assert min(filled, default="9") >= str(TODAY - timedelta(days=shown))
            assert found[Strategy.ECONOMICAL] == found[Strategy.EXHAUSTIVE]
