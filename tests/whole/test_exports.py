"""More links than a list names: exports tell of them, where what they tell adds up."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from shutil import copyfile
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.events import Problem
from harvester.domain.rosters import BitlinkDetails
from harvester.harvest.plan import Strategy
from harvester.harvest.summary import Outcome
from harvester.sandbox.server import Sandbox, running
from harvester.sandbox.switches import Exports, Switches
from harvester.sandbox.world import World
from harvester.store.engine import opened
from tests.times import TIMES
from tests.whole.running import (
    NOON,
    TODAY,
    Harvester,
    StillClock,
    assert_equals_truth,
    select,
    stored,
)

TOTALS = ("GET", "/groups/{group_guid}/clicks")
LISTS = ("GET", "/groups/{group_guid}/bitlinks/{sort}")
EXPORTS = ("POST", "/groups/{group_guid}/exports")
SERIES = ("GET", "/bitlinks/{bitlink}/clicks")
NIGHT = NOON + timedelta(hours=12, minutes=30)  # today has been over for half an hour
DAYS = 2
LINKS = 330
CLICKS = ("clicks",)
# Names that are asked by themselves, once, before an export is believed: that with the most scans,
# and a back-half with its link.
SCANNED, PAIR = 1, 2


def busy(
    links: int = LINKS,
    clicked: int = 150,
    customs: int | range = 0,
    days: int = DAYS,
) -> World:
    """Return a group of which so many links are clicked each day, others from day to day.

    The `customs`, or the first so many, have a back-half, which is clicked as often and once more.
    """
    customs = customs if isinstance(customs, range) else range(customs)
    listed, counts = [], {}
    for number in range(links):
        halves = (f"bit.ly/half{number}",) if number in customs else ()
        name = f"bit.ly/{number}"
        listed.append(BitlinkDetails(name, f"https://{name}", "https://e.org/", custom_ids=halves))
        for back in range(days):
            if (number + 7 * back) % links < clicked:
                counts[name, TODAY - timedelta(days=back)] = 1 + number % 4
                for half in halves:
                    counts[half, TODAY - timedelta(days=back)] = 2 + number % 4
    return World.of({"Bg1": listed}, counts, today=TODAY)


async def harvested(
    engine: AsyncEngine,
    world: World,
    switches: Switches | None = None,
    *,
    facets: tuple[str, ...] = CLICKS,
    days: int = DAYS,
) -> tuple[Sandbox, Harvester]:
    """Harvest once, in the night after the last day; nothing may be missing."""
    clock = StillClock(NIGHT)
    async with running(world, clock=clock, switches=switches) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        summary = await harvester.run(
            str(TODAY - timedelta(days=days - 1)), until=str(TODAY), facets=facets
        )
    assert summary.outcome is Outcome.COMPLETE
    found = {(name, day): n for (day, _, name), n in (await stored(engine, "clicks")).items()}
    assert found == {
        (name, str(day)): world.clicks(name, day)
        for name in world.names("Bg1")
        for day in (TODAY - timedelta(days=back) for back in range(days))
        if world.clicks(name, day)
    }
    return sandbox, harvester


async def test_exports_tell_of_all_links_for_a_few_requests(engine: AsyncEngine) -> None:
    sandbox, _ = await harvested(engine, busy())
    assert sandbox.requests[LISTS] == 1  # until it was seen that more than a hundred are clicked
    assert sandbox.requests[EXPORTS] == 2 + 2
    assert sandbox.requests[SERIES] == SCANNED
    assert "exports.scans" in await known_profile_names(engine)


async def test_all_facts_are_true_where_exports_told_of_the_clicks(engine: AsyncEngine) -> None:
    world = busy(210, 110, customs=30)
    clock = StillClock(NIGHT)
    async with running(world, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        await harvester.run(str(TODAY - timedelta(days=1)), until=str(TODAY))
        assert sandbox.requests[EXPORTS] > 0
    await assert_equals_truth(engine, world, DAYS)


async def test_back_halves_come_with_the_exports(engine: AsyncEngine) -> None:
    sandbox, _ = await harvested(engine, busy(customs=60))
    assert sandbox.requests[SERIES] == SCANNED + PAIR


@pytest.mark.parametrize(
    "how",
    [
        Exports(scans_apart=True),
        Exports(with_scheme=True),
        Exports({"button_clicks": "Button Clicks", "clicks": "Clicks", "link": "Short Link"}),
        Exports({"scans": "QR Scans", "link": "Link", "clicks": "Clicks"}, scans_apart=True),
    ],
)
async def test_exports_of_each_kind_add_up(engine: AsyncEngine, how: Exports) -> None:
    sandbox, _ = await harvested(engine, busy(), Switches(exports=how))
    assert sandbox.requests[SERIES] == SCANNED * ("scans" in how.columns)


@pytest.mark.parametrize(
    "how",
    [
        Exports(lacking=1),
        Exports(most=150),
        Exports({"link": "link", "clicks": "taps"}),
        Exports({"title": "title", "clicks": "clicks"}),
        Exports({"link": "link", "clicks": "clicks"}, scans_apart=True),
    ],
)
async def test_exports_of_no_use_are_told_of_and_left_alone_for_a_week(
    engine: AsyncEngine, how: Exports
) -> None:
    world, clock = busy(days=1), StillClock(NOON + timedelta(days=1))
    async with running(world, clock=clock, switches=Switches(exports=how)) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        for days, asked in ((1, True), (2, False), (9, True)):
            sandbox.requests.clear()
            clock.at = NOON + timedelta(days=days)
            world.add_late("bit.ly/1", TODAY, 1)  # or there would be nothing to ask
            summary = await harvester.run(
                str(TODAY), until=str(TODAY), facets=CLICKS, settle=timedelta(days=30)
            )
            assert summary.outcome is Outcome.COMPLETE
            assert bool(sandbox.requests[EXPORTS]) is asked
            assert sandbox.requests[SERIES] == LINKS - 100
            told = [each.message for each in harvester.events if isinstance(each, Problem)]
            assert len(told) == asked
    clicks = {name: n for (_, _, name), n in (await stored(engine, "clicks")).items()}
    assert clicks == {n: world.clicks(n, TODAY) for n in world.names("Bg1") if n in clicks}
    assert sum(clicks.values()) == world.group_clicks("Bg1", TODAY)


async def test_exports_that_the_plan_does_not_hold_are_asked_for_once(engine: AsyncEngine) -> None:
    sandbox, harvester = await harvested(engine, busy(), Switches(refused={EXPORTS[1]}))
    assert sandbox.requests[EXPORTS] == 1
    assert sandbox.requests[SERIES] == LINKS
    assert not [each for each in harvester.events if isinstance(each, Problem)]


async def test_a_server_that_fails_costs_series_but_is_asked_next_time(
    engine: AsyncEngine,
) -> None:
    switches = Switches(script={EXPORTS[1]: [503] * 4})
    sandbox, _ = await harvested(engine, busy(days=1), switches, days=1)
    assert (sandbox.requests[EXPORTS], sandbox.requests[SERIES]) == (4, LINKS - 100)
    rows = await select(engine, "SELECT count(*) FROM refusals")
    assert rows[0][0] == 0


async def known_profile_names(engine: AsyncEngine) -> set[str]:
    return {name for (name,) in await select(engine, "SELECT name FROM harvest_profile")}


async def assert_filled(engine: AsyncEngine, world: World) -> None:
    """Hold what readers see, zeros as well, against the truth."""
    rows = await select(engine, "SELECT day, bitlink, clicks FROM clicks_by_day_filled")
    days = {day for day, _, _ in rows}
    assert {(str(day), name): clicks for day, name, clicks in rows} == {
        (str(day), name): world.clicks(name, date.fromisoformat(str(day)))
        for name in world.names("Bg1")
        for day in days
    }


class Deleted(World):
    """A world whose group still counts a link that was deleted, on the first of its days."""

    def group_clicks(self, group_guid: str, day: date) -> int:
        return super().group_clicks(group_guid, day) + (day < TODAY)


async def test_one_day_that_does_not_add_up_is_left_to_series(engine: AsyncEngine) -> None:
    plain = busy()
    clicks = {
        (name, day): plain.clicks(name, day)
        for name in plain.names("Bg1")
        for day in (TODAY - timedelta(days=1), TODAY)
    }
    world = Deleted.of({"Bg1": plain.links("Bg1")}, clicks, today=TODAY)
    sandbox, harvester = await harvested(engine, world)
    assert sandbox.requests[EXPORTS] == 2 + 2
    assert sandbox.requests[SERIES] == LINKS - 100 + SCANNED
    assert not [each for each in harvester.events if isinstance(each, Problem)]


@pytest.mark.parametrize("halves", ["in link", "in half", "in both"])
async def test_clicks_of_back_halves_are_not_taken_for_their_links(
    engine: AsyncEngine, halves: Literal["in link", "in half", "in both"]
) -> None:
    switches = Switches(exports=Exports(halves=halves))
    sandbox, _ = await harvested(engine, busy(customs=60), switches)
    assert sandbox.requests[SERIES] == LINKS + 60


async def test_an_export_that_adds_up_by_chance_is_not_believed(engine: AsyncEngine) -> None:
    how = Exports(halves="in both", scans_apart=True)  # what is told twice makes up for the scans
    _, harvester = await harvested(engine, busy(101, 90, customs=3), Switches(exports=how))
    [told] = [each.message for each in harvester.events if isinstance(each, Problem)]
    assert re.search(r"bit.ly/\w+ itself has \d+ clicks, the export tells \d+", told)


class Growing(World):
    """A world in which all links are clicked once more when the first is asked by itself."""

    sandbox: Sandbox | None = None

    def clicks(self, name: str, day: date) -> int:
        asked = self.sandbox is not None and self.sandbox.requests[SERIES] > 0
        return super().clicks(name, day) + asked


async def test_clicks_that_come_before_a_name_is_asked_do_not_contradict_an_export(
    engine: AsyncEngine,
) -> None:
    plain, clock = busy(days=1), StillClock()
    clicks = {(name, TODAY): plain.clicks(name, TODAY) for name in plain.names("Bg1")}
    world = Growing.of({"Bg1": plain.links("Bg1")}, clicks, today=TODAY)
    assert isinstance(world, Growing)
    async with running(world, clock=clock) as sandbox:
        world.sandbox = sandbox
        harvester = Harvester(sandbox, engine, clock)
        await harvester.run("1d", facets=CLICKS)
    assert sandbox.requests[SERIES] == SCANNED
    assert not [each for each in harvester.events if isinstance(each, Problem)]
    assert "exports.scans" not in await known_profile_names(engine)


class Clicked(World):
    """A world in which somebody clicks before or after the group's clicks are told, in turn."""

    clicks_come: tuple[str, ...] = ()

    def group_clicks(self, group_guid: str, day: date) -> int:
        now, self.clicks_come = self.clicks_come[:1], self.clicks_come[1:]
        if now == ("before",):
            self.add_late("bit.ly/0", day, 1)
        told = super().group_clicks(group_guid, day)
        if now == ("after",):
            self.add_late("bit.ly/0", day, 1)
        return told


def clicked(*come: str) -> Clicked:
    plain = busy(days=1)
    clicks = {(name, TODAY): plain.clicks(name, TODAY) for name in plain.names("Bg1")}
    world = Clicked.of({"Bg1": plain.links("Bg1")}, clicks, today=TODAY)
    assert isinstance(world, Clicked)
    world.clicks_come = come
    return world


@pytest.mark.parametrize(
    ("come", "series"), [((), SCANNED), (("after",), SCANNED), (("after", "before"), LINKS - 100)]
)
async def test_while_clicks_come_in_an_export_is_held_against_a_total_of_after_it(
    engine: AsyncEngine, come: tuple[str, ...], series: int
) -> None:
    world, clock = clicked(*come), StillClock()
    async with running(world, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        await harvester.run("1d", facets=CLICKS)
    assert sandbox.requests[TOTALS] == 1 + bool(come)
    assert sandbox.requests[SERIES] == series
    assert not [each for each in harvester.events if isinstance(each, Problem)]
    found = {name: n for (_, _, name), n in (await stored(engine, "clicks")).items()}
    came_after_the_list = come.count("before")
    assert sum(found.values()) == World.group_clicks(world, "Bg1", TODAY) - came_after_the_list


async def test_the_next_night_knows_how_many_are_clicked(engine: AsyncEngine) -> None:
    world, clock = busy(days=3), StillClock(NIGHT - timedelta(days=1))
    async with running(world, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        yesterday = str(TODAY - timedelta(days=1))
        await harvester.run(yesterday, until=yesterday, facets=CLICKS)
        sandbox.requests.clear()
        clock.at = NIGHT
        await harvester.run(str(TODAY), until=str(TODAY), facets=CLICKS)
    assert (sandbox.requests[LISTS], sandbox.requests[EXPORTS]) == (0, 2)


async def test_idle_back_halves_are_known_by_the_export_that_leaves_nothing_for_them(
    engine: AsyncEngine,
) -> None:
    world = busy(customs=range(300, 330), days=1)
    sandbox, _ = await harvested(engine, world, days=1)
    assert (sandbox.requests[EXPORTS], sandbox.requests[SERIES]) == (2, SCANNED)
    await assert_filled(engine, world)


async def test_back_halves_of_a_day_with_few_clicked_links_are_exported_after_its_list(
    engine: AsyncEngine,
) -> None:
    world = busy(clicked=50, customs=60, days=1)
    sandbox, _ = await harvested(engine, world, days=1)
    assert sandbox.requests[LISTS] == sandbox.requests[EXPORTS] == 1
    assert sandbox.requests[SERIES] == SCANNED + 1  # a half: its link is in the list
    await assert_filled(engine, world)


async def test_that_back_halves_are_counted_apart_is_remembered(engine: AsyncEngine) -> None:
    world = busy(customs=range(100, 140), days=1)
    halves = [name for name in world.names("Bg1") if "half" in name]
    sandbox, _ = await harvested(engine, world, days=1)
    assert sandbox.requests[SERIES] == SCANNED + PAIR
    tomorrow = TODAY + timedelta(days=1)
    for number in range(150):  # nobody clicks on a back-half, and on no link that has none
        world.add_late(f"bit.ly/{number}", tomorrow, 2)
    clock = StillClock(NIGHT + timedelta(days=1))
    async with running(world, clock=clock) as sandbox:
        await Harvester(sandbox, engine, clock).run(
            str(tomorrow), until=str(tomorrow), facets=CLICKS
        )
    assert (sandbox.requests[EXPORTS], sandbox.requests[SERIES]) == (2, 0)
    found = {name for (day, _, name) in await stored(engine, "clicks") if day == str(tomorrow)}
    assert not found & set(halves)
    assert len(found) == 150


class LinksOnly(World):
    """A world whose groups do not count the clicks of back-halves."""

    def group_clicks(self, group_guid: str, day: date) -> int:
        return sum(self.clicks(link.id, day) for link in self.links(group_guid))


async def test_totals_without_back_halves_are_learnt_and_no_fault_of_exports(
    engine: AsyncEngine,
) -> None:
    plain = busy(customs=60)
    clicks = {
        (name, day): plain.clicks(name, day)
        for name in plain.names("Bg1")
        for day in (TODAY - timedelta(days=1), TODAY)
    }
    world = LinksOnly.of({"Bg1": plain.links("Bg1")}, clicks, today=TODAY)
    clock = StillClock(NIGHT - timedelta(days=1) + timedelta(hours=7))
    async with running(world, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        for day in (TODAY - timedelta(days=1), TODAY):
            sandbox.requests.clear()
            await harvester.run(str(day), until=str(day), facets=CLICKS)
            assert not [each for each in harvester.events if isinstance(each, Problem)]
            clock.at += timedelta(days=1)
    assert (sandbox.requests[EXPORTS], sandbox.requests[SERIES]) == (2, 60 + SCANNED)
    await assert_filled(engine, world)


async def test_clicks_that_vanish_in_an_export_are_told_and_the_group_is_asked_link_by_link(
    engine: AsyncEngine,
) -> None:
    await harvested(engine, busy(days=1), days=1)
    other = busy(clicked=151, days=1)
    clicks = {(name, TODAY): other.clicks(name, TODAY) for name in other.names("Bg1")}
    clicks["bit.ly/0", TODAY] = 0
    world = World.of({"Bg1": other.links("Bg1")}, clicks, today=TODAY)
    clock = StillClock(NIGHT + timedelta(hours=1))
    async with running(world, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        await harvester.run(str(TODAY), until=str(TODAY), facets=CLICKS)
    [told] = [each.message for each in harvester.events if isinstance(each, Problem)]
    assert "bit.ly/0 had clicks before" in told
    assert sandbox.requests[SERIES] == LINKS


async def test_a_link_that_was_deleted_is_not_exported(engine: AsyncEngine) -> None:
    world = busy(301, 150)
    clock = StillClock(NIGHT - timedelta(days=1))
    async with running(world, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock, {"refresh": True, "facets": CLICKS})
        for day in (TODAY - timedelta(days=1), TODAY):
            sandbox.requests.clear()
            await harvester.run(str(day), until=str(day))
            if day < TODAY:
                world.delete_link("bit.ly/299")
            clock.at += timedelta(days=1)
    assert (sandbox.requests[LISTS], sandbox.requests[EXPORTS]) == (1, 1)


async def test_an_answer_that_was_cut_is_not_taken_even_if_it_adds_up(engine: AsyncEngine) -> None:
    names = [f"bit.ly/{number:03}" for number in range(260)]
    links = [BitlinkDetails(name, f"https://{name}", "https://e.org/") for name in names]
    world = World.of({"Bg1": links}, {(name, TODAY): 1 for name in names[:110]}, today=TODAY)
    # of the 160 that no list names the last one, which is idle, is not told
    switches = Switches(exports=Exports(most=159))
    sandbox, _ = await harvested(engine, world, switches, days=1)
    assert (sandbox.requests[EXPORTS], sandbox.requests[SERIES]) == (1, 160)


@dataclass(frozen=True)
class Account:
    """A random account with many links, and how its exports are."""

    world: World
    exports: Exports
    late: tuple[tuple[str, int], ...]


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    links = draw(st.integers(100, 230))
    customs = draw(st.sampled_from([0, 0, 3, 40]))
    world = busy(links, draw(st.integers(90, links)), customs)
    exports = Exports(
        scans_apart=draw(st.booleans()),
        halves=draw(st.sampled_from(["apart", "apart", "in link", "in half", "in both"])),
        lacking=draw(st.sampled_from([0, 0, 0, 1])),
        most=draw(st.sampled_from([200, 200, 50])),
    )
    names = st.integers(0, links - 1).map("bit.ly/{}".format)
    late = draw(st.lists(st.tuples(names, st.integers(0, DAYS - 1)), max_size=3))
    return Account(world, exports, tuple(late))


@pytest.mark.slow
@settings(
    max_examples=4 * TIMES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(account=accounts(), hour=st.sampled_from([0, 1, 12]))
async def test_whatever_exports_are_like_the_facts_are_those_of_asking_for_everything(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, account: Account, hour: int
) -> None:
    folder: Path = tmp_path_factory.mktemp("both")
    for strategy in Strategy:
        copyfile(sqlite_template, folder / f"{strategy}.db")
    world, found = account.world, {}
    switches = Switches(exports=account.exports)
    async with running(world, switches=switches, clock=StillClock(NIGHT)) as sandbox:
        for late in ((), account.late):
            for name, day in late:
                world.add_late(name, TODAY - timedelta(days=day), 3)
            for strategy in Strategy:
                clock = StillClock(NIGHT + timedelta(hours=hour + bool(late)))
                async with opened(str(folder / f"{strategy}.db")) as engine:
                    await Harvester(sandbox, engine, clock).run(
                        str(TODAY - timedelta(days=1)),
                        until=str(TODAY),
                        strategy=strategy,
                        facets=CLICKS,
                    )
                    rows = await select(engine, "SELECT * FROM clicks_by_day_filled")
                    found[strategy] = sorted(map(tuple, rows), key=repr)
            assert found[Strategy.ECONOMICAL] == found[Strategy.EXHAUSTIVE]
