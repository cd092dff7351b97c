"""Whatever happened before: once the faults stop, the next run ends with the truth.

And whatever is stored on the way was true when it was seen: never more clicks than there are.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from shutil import copyfile

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from harvester.bitly.facets import DEFAULT
from harvester.domain.events import Asked, Event
from harvester.domain.rosters import BitlinkDetails
from harvester.harvest.plan import Strategy
from harvester.harvest.summary import Outcome
from harvester.sandbox.server import Sandbox, running
from harvester.sandbox.world import World
from harvester.store.engine import opened
from tests.fakes import FakeClock
from tests.times import TIMES
from tests.whole.running import NOON, TODAY, Harvester, assert_equals_truth, stored, truth

DAYS = 4
GATES = ("/groups/{group_guid}/clicks", "/groups/{group_guid}/bitlinks/{sort}", "cities", "clicks")


@dataclass(frozen=True)
class Storm:
    """One run, and what comes over it."""

    late: tuple[tuple[int, int], ...] = ()  # (which name, days back) that get three clicks more
    new_links: int = 0
    errors: float = 0.0
    broken: float = 0.0
    refused: frozenset[str] = frozenset()
    interrupted_after: int | None = None
    strategy: Strategy = Strategy.ECONOMICAL


storms = st.builds(
    Storm,
    late=st.lists(st.tuples(st.integers(0, 30), st.integers(0, DAYS - 1)), max_size=3).map(tuple),
    new_links=st.integers(0, 2),
    errors=st.sampled_from([0.0, 0.0, 0.1, 0.5]),
    broken=st.sampled_from([0.0, 0.0, 0.2]),
    refused=st.frozensets(st.sampled_from(GATES), max_size=2),
    interrupted_after=st.none() | st.integers(0, 60),
    strategy=st.sampled_from([Strategy.ECONOMICAL, Strategy.ECONOMICAL, Strategy.EXHAUSTIVE]),
)


def small_world(links: int, clicks: dict[tuple[int, int], int], customs: frozenset[int]) -> World:
    """Return two groups of links, some with back-halves; `clicks` are by (name, days back)."""
    listed: dict[str, list[BitlinkDetails]] = {"Bg1": [], "Bg2": []}
    names = []
    for number in range(links):
        name = f"bit.ly/{number}"
        custom = (f"bit.ly/c{number}",) if number in customs else ()
        link = BitlinkDetails(name, f"https://{name}", "https://e.org/", custom_ids=custom)
        listed[f"Bg{1 + number % 2}"].append(link)
        names += [name, *custom]
    counts = {
        (names[which % len(names)], TODAY - timedelta(days=back)): count
        for (which, back), count in clicks.items()
        if names
    }
    return World.of(listed, counts, today=TODAY)


def come_over(world: World, storm: Storm, number: int) -> None:
    """Let the world change before a run."""
    for guid in world.groups:
        for new in range(storm.new_links):
            name = f"bit.ly/new{guid}{number}{new}"
            world.add_link(guid, BitlinkDetails(name, f"https://{name}", "https://e.org/"))
    names = [name for guid in world.groups for name in world.names(guid)]
    for which, back in storm.late:
        if names:
            world.add_late(names[which % len(names)], TODAY - timedelta(days=back), 3)


def rage(sandbox: Sandbox, storm: Storm, harvester: Harvester) -> None:
    """Turn on what goes wrong during a run."""
    sandbox.switches.error_rate, sandbox.switches.broken_rate = storm.errors, storm.broken
    sandbox.switches.refused = set(storm.refused)
    harvester.stop = asyncio.Event()
    left = storm.interrupted_after

    def watch(event: Event) -> None:
        nonlocal left
        if left is not None and isinstance(event, Asked):
            left -= 1
            if left < 0:
                harvester.stop.set()

    if left == 0:
        harvester.stop.set()
    harvester.watch = watch


@pytest.mark.slow
@settings(
    max_examples=10 * TIMES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    links=st.integers(0, 9),
    clicks=st.dictionaries(
        st.tuples(st.integers(0, 12), st.integers(0, DAYS - 1)), st.integers(1, 9), max_size=12
    ),
    customs=st.frozensets(st.integers(0, 8), max_size=3),
    weather=st.lists(storms, max_size=3),
)
@example(  # what an interrupted run saw is older than the total that the next one asks for
    links=0,
    clicks={},
    customs=frozenset(),
    weather=[
        Storm(new_links=1),
        Storm(interrupted_after=1, strategy=Strategy.EXHAUSTIVE),
        Storm(late=((0, 0),)),
    ],
)
async def test_after_any_storm_the_next_run_ends_with_the_truth(
    tmp_path_factory: pytest.TempPathFactory,
    sqlite_template: Path,
    links: int,
    clicks: dict[tuple[int, int], int],
    customs: frozenset[int],
    weather: list[Storm],
) -> None:
    file = copyfile(sqlite_template, tmp_path_factory.mktemp("storm") / "facts.db")
    world = small_world(links, clicks, customs)
    clock = FakeClock(NOON)
    async with running(world, clock=clock) as sandbox, opened(str(file)) as engine:
        harvester = Harvester(sandbox, engine, clock)
        for number, storm in enumerate(weather):
            come_over(world, storm, number)
            rage(sandbox, storm, harvester)
            await harvester.run(f"{DAYS}d", strategy=storm.strategy)
            for facet in DEFAULT:
                true = truth(world, facet, DAYS)
                assert all(
                    count <= true[key] for key, count in (await stored(engine, facet)).items()
                )
            await clock.sleep(timedelta(hours=1))
        rage(sandbox, Storm(), harvester)
        await clock.sleep(timedelta(seconds=1))
        # a refusal of yesterday's plan holds for a day
        async with engine.begin() as connection:
            await connection.exec_driver_sql("DELETE FROM refusals")
        assert (await harvester.run(f"{DAYS}d")).outcome is Outcome.COMPLETE
        if weather and weather[-1].interrupted_after is not None:
            # it went on from a run that was interrupted, and took what that had seen as it was
            await clock.sleep(timedelta(minutes=1))
            assert (await harvester.run(f"{DAYS}d")).outcome is Outcome.COMPLETE
        await assert_equals_truth(engine, world, DAYS)
