"""Links come, leave, move and come back, mostly unseen: no fact is wrong for it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.rosters import BitlinkDetails
from harvester.harvest.plan import Strategy
from harvester.sandbox.server import Sandbox, running
from harvester.sandbox.switches import Switches
from harvester.sandbox.world import World
from harvester.store.engine import opened
from tests.times import TIMES
from tests.whole.running import NOON, TODAY, Harvester, StillClock, select

DAYS = 4
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LISTING = ("GET", "/groups/{group_guid}/bitlinks")
MANY = {"small": 0}  # even groups of a few links are listed as large ones are


def link(number: int, *, made: datetime = NOON - 90 * DAY, custom: bool = False) -> BitlinkDetails:
    name = f"bit.ly/{number}"
    customs = (f"bit.ly/custom{number}",) if custom else ()
    return BitlinkDetails(
        name, f"https://{name}", "https://e.org/", created_at=made, custom_ids=customs
    )


def made(groups: dict[str, list[int]], clicks: dict[tuple[int, int], int]) -> World:
    """Return groups of links by number; clicks are by (link, days back)."""
    return World.of(
        {guid: [link(number) for number in numbers] for guid, numbers in groups.items()},
        {(f"bit.ly/{n}", TODAY - back * DAY): count for (n, back), count in clicks.items()},
        today=TODAY,
    )


Change = Callable[[World], None]


def more(number: int | str, back: int, clicks: int) -> Change:
    return lambda world: world.add_late(f"bit.ly/{number}", TODAY - back * DAY, clicks)


def leaves(number: int) -> Change:
    return lambda world: world.delete_link(f"bit.ly/{number}")


def comes(to: str, number: int, when: datetime = NOON - 90 * DAY) -> Change:
    def come(world: World) -> None:
        if not world.knows(f"bit.ly/{number}"):
            world.add_link(to, link(number, made=when))

    return come


def moves(number: int, to: str) -> Change:
    def move(world: World) -> None:
        found, _ = world.found(f"bit.ly/{number}")
        world.delete_link(found.id)
        world.add_link(to, found)

    return move


async def facts(engine: AsyncEngine) -> set[tuple[object, ...]]:
    """Return all clicks by day, country and referrer, wherever the links are now."""
    found: set[tuple[object, ...]] = set()
    for view, label in (("day", "''"), ("country", "country"), ("referrer", "referrer")):
        query = f"SELECT '{view}', day, bitlink, {label}, clicks FROM clicks_by_{view}"
        found.update(map(tuple, await select(engine, query)))
    return found


async def of_all(engine: AsyncEngine, world: World) -> list[tuple[object, ...]]:
    """Return all that is known, and what is missing, of the links that there are."""
    zeros = await select(
        engine, "SELECT day, group_guid, bitlink, clicks FROM clicks_by_day_filled"
    )
    gaps = await select(engine, "SELECT day, group_guid, bitlink, facet FROM harvest_missing")
    return sorted((tuple(row) for row in (*zeros, *gaps) if world.knows(row[2])), key=repr)


@dataclass
class Both:
    """One account, harvested in both ways at the same times."""

    sandbox: Sandbox
    engines: dict[Strategy, AsyncEngine]
    clock: StillClock

    async def run(self, **options: object) -> None:
        for strategy, engine in self.engines.items():
            harvester = Harvester(self.sandbox, engine, self.clock, MANY)
            await harvester.run(f"{DAYS}d", strategy=strategy, **options)

    async def check(self) -> None:
        economical, exhaustive = [await facts(engine) for engine in self.engines.values()]
        assert economical == exhaustive

    async def check_all(self) -> None:
        world = self.sandbox.world
        economical, exhaustive = [await of_all(each, world) for each in self.engines.values()]
        assert economical == exhaustive


LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
CHANGES: dict[str, list[list[Change]]] = {  # between one run and the next, and the one after it
    "one left, and another got as many clicks": [[leaves(1), more(2, 1, 5)]],
    "one left, and all in all there are more": [[leaves(1), more(2, 1, 9)]],
    "the only one with clicks left": [[leaves(3)]],
    "one moved": [[moves(1, "Bg2")]],
    "one moved, and another got as many clicks": [[moves(1, "Bg2"), more(2, 1, 5)]],
    "one moved the other way": [[moves(11, "Bg1")]],
    "two changed places": [[moves(1, "Bg2"), moves(11, "Bg1")]],
    "one left and came back": [[leaves(1)], [comes("Bg1", 1), more(1, 1, 2)]],
    "one came back that was clicked meanwhile": [[leaves(4)], [comes("Bg1", 4), more(4, 2, 2)]],
    "one moved and came back": [[moves(1, "Bg2")], [moves(1, "Bg1"), more(1, 1, 2)]],
    "an old one was brought in": [[comes("Bg1", 20), more(20, 1, 3)]],
    "one without a date was brought in": [[comes("Bg1", 20, LONG_AGO), more(20, 1, 3)]],
}


@pytest.mark.parametrize("what", CHANGES)
async def test_whatever_became_of_links_unseen_clicks_are_as_if_all_had_been_asked(
    tmp_path: Path, sqlite_template: Path, what: str
) -> None:
    clicks = {(1, 1): 5, (2, 1): 2, (3, 2): 4, (11, 1): 5, (11, 2): 4}
    world = made({"Bg1": [1, 2, 3, 4], "Bg2": [11, 12]}, clicks)
    clock = StillClock()
    async with (
        opened(str(copyfile(sqlite_template, tmp_path / "a.db"))) as economical,
        opened(str(copyfile(sqlite_template, tmp_path / "b.db"))) as exhaustive,
        running(world, clock=clock) as sandbox,
    ):
        both = Both(
            sandbox,
            {Strategy.ECONOMICAL: economical, Strategy.EXHAUSTIVE: exhaustive},
            clock,
        )
        await both.run()
        for changes in CHANGES[what]:
            for change in changes:
                change(world)
            clock.at += 2 * HOUR
            await both.run()
            await both.check()
        clock.at += HOUR
        await both.run(refresh=True)
        await both.check()
        await both.check_all()
        called = await select(economical, "SELECT detail FROM trust WHERE contradictions > 0")
        assert called == []  # it was our roster that was old


@dataclass(frozen=True)
class Story:
    """A random account, and what becomes of its links before each further run."""

    world: World
    switches: Switches
    chapters: list[list[Change]]


NUMBERS = range(9)
GUIDS = ("Bg1", "Bg2")


@st.composite
def stories(draw: st.DrawFn) -> Story:
    some, back = st.sampled_from(NUMBERS), st.integers(0, DAYS - 1)
    name = st.one_of(some.map(str), some.map("custom{}".format))
    clicks = draw(st.dictionaries(st.tuples(name, back), st.sampled_from([1, 2, 3]), max_size=12))
    customs = draw(st.frozensets(some, max_size=2))
    homes = {number: draw(st.sampled_from(GUIDS)) for number in draw(st.sets(some))}
    change = st.one_of(
        st.builds(leaves, some),
        st.builds(moves, some, st.sampled_from(GUIDS)),
        st.builds(comes, st.sampled_from(GUIDS), some, st.sampled_from([NOON - 90 * DAY, NOON])),
        st.builds(more, name, back, st.sampled_from([1, 2, 3])),
    )
    refused = draw(st.sets(st.sampled_from(["/groups/{group_guid}/bitlinks/{sort}", "cities"])))
    world = World.of(
        {
            g: [link(n, custom=n in customs) for n, home in homes.items() if home == g]
            for g in GUIDS
        },
        {(f"bit.ly/{n}", TODAY - each * DAY): count for (n, each), count in clicks.items()},
        today=TODAY,
    )
    chapters = draw(st.lists(st.lists(change, max_size=4), min_size=1, max_size=3))
    return Story(world, Switches(refused=refused), chapters)


@pytest.mark.slow
@settings(
    max_examples=3 * TIMES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
async def test_both_strategies_end_with_the_same_facts_whatever_becomes_of_links(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, data: st.DataObject
) -> None:
    story = data.draw(stories())
    folder: Path = tmp_path_factory.mktemp("both")
    clock = StillClock()
    async with (
        opened(str(copyfile(sqlite_template, folder / "a.db"))) as economical,
        opened(str(copyfile(sqlite_template, folder / "b.db"))) as exhaustive,
        running(story.world, switches=story.switches, clock=clock) as sandbox,
    ):
        both = Both(
            sandbox,
            {Strategy.ECONOMICAL: economical, Strategy.EXHAUSTIVE: exhaustive},
            clock,
        )
        await both.run()
        for chapter in story.chapters:
            for change in chapter:
                with suppress(KeyError, ValueError):  # one that is not there cannot leave
                    change(story.world)
            clock.at += 2 * HOUR
            await both.run()
            await both.check()
        clock.at += HOUR
        await both.run(refresh=True)
        await both.check()
        await both.check_all()
