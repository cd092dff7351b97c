"""A whole harvest equals the sandbox's own truth, row by row in every view, on both engines."""

from datetime import date, timedelta
from pathlib import Path
from shutil import copyfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.events import Asked, StageStarted
from harvester.domain.rosters import BitlinkDetails
from harvester.harvest import stream
from harvester.harvest.plan import Strategy
from harvester.harvest.summary import Outcome
from harvester.sandbox.server import running
from harvester.sandbox.world import World
from harvester.store.engine import opened
from tests.times import TIMES
from tests.whole.running import (
    NOON,
    TODAY,
    Harvester,
    StillClock,
    assert_equals_truth,
    facet_requests,
    missing,
    select,
    statuses,
)

LINKS = 300 if TIMES > 1 else 110  # more than a list of the most clicked has


async def test_many_links_over_fourteen_days(engine: AsyncEngine) -> None:
    world = World(7, today=TODAY, links=LINKS, days=20, control_characters=True)
    async with running(world, clock=StillClock()) as sandbox:
        sandbox.switches.raw_control_characters = True
        summary = await Harvester(sandbox, engine, StillClock()).run()
    assert summary.outcome is Outcome.COMPLETE
    assert summary.counts.bitlinks == LINKS
    assert summary.counts.missing == 0
    assert summary.counts.requests == sum(sandbox.requests.values())
    await assert_equals_truth(engine, world)
    assert not await missing(engine)
    assert set((await statuses(engine)).values()) == {"complete", "settled"}


async def test_asking_for_everything_gives_the_same_facts(engine: AsyncEngine) -> None:
    world = World(8, today=TODAY, links=20, days=20)
    async with running(world, clock=StillClock()) as sandbox:
        harvester = Harvester(sandbox, engine, StillClock())
        summary = await harvester.run("5d", strategy=Strategy.EXHAUSTIVE)
        names = sum(1 for guid in world.groups for _ in world.names(guid))
        assert facet_requests(sandbox) == names * (1 + 5 * 5)
    assert summary.outcome is Outcome.COMPLETE
    await assert_equals_truth(engine, world, days=5)


async def test_a_plan_too_long_to_be_kept_is_made_anew_and_asks_the_same(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "KEPT", 7)
    world = World(8, today=TODAY, links=20, days=20)
    async with running(world, clock=StillClock()) as sandbox:
        harvester = Harvester(sandbox, engine, StillClock())
        summary = await harvester.run("5d", strategy=Strategy.EXHAUSTIVE)
    assert harvester.events[-1] == summary.told()
    planned = [event.requests for event in harvester.events if isinstance(event, StageStarted)]
    assert sum(planned) == facet_requests(sandbox)
    assert sum(isinstance(event, Asked) for event in harvester.events) == sum(planned)
    await assert_equals_truth(engine, world, days=5)


async def test_rosters_hold_every_link_and_back_half(engine: AsyncEngine) -> None:
    world = World(9, today=TODAY, links=120)
    async with running(world, clock=StillClock()) as sandbox:
        await Harvester(sandbox, engine, StillClock()).run("1d")
    rows = await select(
        engine, "SELECT group_guid, bitlink, custom_of, title, archived FROM bitlink_details"
    )
    found = {(row.group_guid, row.bitlink): row for row in rows}
    for guid in world.groups:
        for link in world.links(guid):
            row = found.pop((guid, link.id))
            assert (row.custom_of, row.title) == (None, link.title)
            assert bool(row.archived) is link.archived
            for custom in link.custom_ids:
                assert found.pop((guid, custom)).custom_of == link.id
    assert not found


async def test_a_second_run_repeats_only_what_is_not_settled(engine: AsyncEngine) -> None:
    world = World(10, today=TODAY, links=40, days=20)
    clock = StillClock()
    async with running(world, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock, {"strategy": Strategy.EXHAUSTIVE})
        first = await harvester.run("6d")
        clock.at = NOON + timedelta(hours=6)
        sandbox.requests.clear()
        second = await harvester.run(None)
        assert second.since == TODAY - timedelta(days=3)  # ended less than three days ago
        names = sum(1 for guid in world.groups for _ in world.names(guid))
        assert facet_requests(sandbox) == names * (1 + 5 * 4)
    assert first.counts.snapshots > 0
    assert (second.counts.snapshots, second.counts.rows, second.counts.revisions) == (0, 0, 0)
    await assert_equals_truth(engine, world, days=6)


async def test_where_nothing_moved_no_link_is_asked_again(engine: AsyncEngine) -> None:
    world = World(10, today=TODAY, links=40, days=20)
    clock = StillClock()
    async with running(world, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        await harvester.run()
        clock.at = NOON + timedelta(days=4)
        sandbox.requests.clear()
        again = await harvester.run(until="2026-11-21")
        assert facet_requests(sandbox) == 0
        assert sandbox.requests["GET", "/groups/{group_guid}/clicks"] == len(world.groups)
    assert again.outcome is Outcome.COMPLETE
    assert again.counts.revisions == 0
    await assert_equals_truth(engine, world)
    assert set((await statuses(engine)).values()) == {"settled"}


async def test_late_clicks_become_a_revision_and_the_old_one_stays(engine: AsyncEngine) -> None:
    world = World(11, today=TODAY, links=10, days=20)
    clock = StillClock()
    async with running(world, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        await harvester.run()
        guid = next(iter(world.groups))
        name = max(world.names(guid), key=lambda each: world.clicks(each, TODAY))
        before = world.clicks(name, TODAY)
        world.add_late(name, TODAY, 5)
        clock.at = NOON + timedelta(hours=1)
        second = await harvester.run("1d")
    assert second.counts.revisions == 6  # the clicks, and five facets that hold them
    await assert_equals_truth(engine, world)
    rows = await select(
        engine,
        "SELECT total, superseded_at IS NULL AS current FROM snapshot_history"
        " WHERE bitlink = :name AND facet = 'clicks' AND day = :day ORDER BY observed_at",
        name=name,
        day=TODAY if engine.dialect.name == "postgresql" else str(TODAY),
    )
    assert [(row.total, bool(row.current)) for row in rows] == [(before, False), (before + 5, True)]


async def test_links_that_come_and_go_between_runs(engine: AsyncEngine) -> None:
    world = World(12, today=TODAY, links=10, days=20)
    clock = StillClock()
    guid = next(iter(world.groups))
    lost = world.links(guid)[0].id
    async with running(world, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        await harvester.run("3d")
        world.delete_link(lost)
        world.add_link(guid, BitlinkDetails("bit.ly/new", "https://bit.ly/new", "https://e.org/"))
        clock.at = NOON + timedelta(hours=1)
        again = await harvester.run("3d")
    assert again.outcome is Outcome.INCOMPLETE
    details = await select(
        engine,
        "SELECT bitlink, gone_at IS NULL AS there FROM bitlink_details WHERE bitlink IN (:a, :b)",
        a=lost,
        b="bit.ly/new",
    )
    assert {name: bool(there) for name, there in details} == {lost: False, "bit.ly/new": True}
    assert {reason for _, reason in await missing(engine)} == {"gone"}


odd_text = st.sampled_from(["", "direct", 'Müller\'s "Shop"', "مرحبا", "🦊 fox", "x" * 2000, " "])
counts = st.sampled_from([0, 0, 0, 1, 2, 17, 2**31, 2**53])


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A small account with odd names, odd values and many empty days."""
    links: dict[str, list[BitlinkDetails]] = {}
    clicks: dict[tuple[str, date], int] = {}
    rows: dict[tuple[str, str, date], dict[tuple[str | None, ...], int]] = {}
    for number in range(draw(st.integers(1, 3))):
        guid, listed = f"Bg{number}", []
        for link in range(draw(st.integers(0, 4))):
            name = f"bit.ly/{'Ab' if link % 2 else 'aB'}{number}{link // 2}"
            custom = (f"shop.example/{number}-{link}",) if draw(st.booleans()) else ()
            title, archived = draw(odd_text), draw(st.booleans())
            listed.append(
                BitlinkDetails(
                    name, f"https://{name}", "https://e.org/", title,
                    archived=archived, custom_ids=custom,
                )
            )  # fmt: skip
            for each in (name, *custom):
                for back in range(4):
                    when = TODAY - timedelta(days=back)
                    count = clicks[each, when] = draw(counts)
                    if count:
                        rows[each, "referrers", when] = {(draw(odd_text),): count}
        links[guid] = listed
    return World.of(links, clicks, rows, today=TODAY)


@pytest.mark.slow
@settings(
    max_examples=8 * TIMES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(world=worlds(), strategy=st.sampled_from(Strategy))
async def test_any_small_account_is_harvested_exactly(
    tmp_path_factory: pytest.TempPathFactory,
    sqlite_template: Path,
    world: World,
    strategy: Strategy,
) -> None:
    file = copyfile(sqlite_template, tmp_path_factory.mktemp("world") / "facts.db")
    async with running(world, clock=StillClock()) as sandbox, opened(str(file)) as engine:
        summary = await Harvester(sandbox, engine, StillClock()).run("4d", strategy=strategy)
        assert summary.outcome is Outcome.COMPLETE
        await assert_equals_truth(engine, world, days=4)
