"""Links in none of the account's groups are harvested if they are named, and prove nothing."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.rosters import WATCHED, BitlinkDetails
from harvester.harvest.plan import Strategy
from harvester.sandbox.server import Sandbox, running
from harvester.sandbox.world import World
from harvester.store.watched import unwatch, watch, watched_links
from tests.whole.running import NOON, TODAY, Harvester, StillClock, day, select

HOME, OTHER = "Bhome", "Bother"
OWN, FOREIGN, QUIET = "bit.ly/own", "bit.ly/foreign", "bit.ly/quiet"
CLICKS = """SELECT day, bitlink, clicks FROM clicks_by_day WHERE group_guid = 'watched'"""
DETAIL = "/bitlinks/{bitlink}"


def link(name: str) -> BitlinkDetails:
    return BitlinkDetails(name, f"https://{name}", f"https://e.org/{name}", created_at=NOON)


@pytest.fixture
def world() -> World:
    """Two groups; the runs here harvest one of them, so that the links of the other are foreign."""
    clicks = {(OWN, day(1)): 5, (FOREIGN, day(1)): 7, (FOREIGN, day(2)): 2}
    groups = {HOME: [link(OWN)], OTHER: [link(FOREIGN), link(QUIET)]}
    return World.of(groups, clicks, today=TODAY)


@pytest.fixture
async def sandbox(world: World) -> AsyncIterator[Sandbox]:
    async with running(world, clock=StillClock(), keep_log=True) as sandbox:
        yield sandbox


@pytest.fixture
def harvester(sandbox: Sandbox, engine: AsyncEngine) -> Harvester:
    only = {"exclude": (OTHER,), "watch": (FOREIGN,), "facets": ("clicks", "countries")}
    return Harvester(sandbox, engine, StillClock(), only)


async def test_a_watched_link_is_harvested_beside_the_groups(
    harvester: Harvester, engine: AsyncEngine
) -> None:
    summary = await harvester.run("3d")
    assert summary.outcome == "complete"
    rows = [(str(day), name, clicks) for day, name, clicks in await select(engine, CLICKS)]
    assert sorted(rows) == [(str(day(2)), FOREIGN, 2), (str(day(1)), FOREIGN, 7)]
    countries = "SELECT sum(clicks) FROM clicks_by_country WHERE bitlink = :name"
    assert (await select(engine, countries, name=FOREIGN))[0][0] == 9
    details = "SELECT long_url FROM bitlink_details WHERE group_guid = 'watched'"
    assert await select(engine, details) == [("https://e.org/bit.ly/foreign",)]
    covered = "SELECT DISTINCT status FROM harvest_coverage WHERE group_guid = 'watched'"
    assert (await select(engine, covered))[0][0] in {"complete", "settled"}


async def test_nothing_is_asked_of_the_group_that_is_none(
    harvester: Harvester, sandbox: Sandbox
) -> None:
    facets = ("clicks", "countries", "group_clicks", "group_countries")
    for strategy in Strategy:
        assert (await harvester.run("3d", strategy=strategy, facets=facets)).outcome == "complete"
    assert sandbox.log
    assert not [asked.path for asked in sandbox.log if WATCHED in asked.path]


async def test_what_bitly_tells_of_a_watched_link_is_asked_once_a_week(
    harvester: Harvester, sandbox: Sandbox
) -> None:
    clock = harvester.clock
    assert isinstance(clock, StillClock)
    for days, asked in ((0, 1), (1, 1), (7, 2)):
        clock.at = NOON + timedelta(days=days)
        await harvester.run("2d")
        assert sandbox.requests["GET", DETAIL] == asked


async def test_a_link_of_a_harvested_group_is_not_harvested_twice(
    harvester: Harvester, engine: AsyncEngine, sandbox: Sandbox
) -> None:
    assert (await harvester.run("3d")).outcome == "complete"
    assert (await harvester.run("3d", watch=(OWN, FOREIGN))).outcome == "complete"
    query = "SELECT group_guid FROM bitlink_details WHERE bitlink = :name"
    assert await select(engine, query, name=OWN) == [(HOME,)]
    assert sandbox.requests["GET", DETAIL] == 1


async def test_links_are_watched_by_import_until_they_are_removed(
    harvester: Harvester, engine: AsyncEngine
) -> None:
    assert await watch(engine, "shop", [QUIET, FOREIGN], NOON) == 2
    assert await watch(engine, "shop", [QUIET], NOON) == 0
    await harvester.run("3d", watch=())
    names = "SELECT bitlink FROM bitlink_details WHERE group_guid = 'watched' AND gone_at IS NULL"
    assert sorted(await select(engine, names)) == [(FOREIGN,), (QUIET,)]
    assert await unwatch(engine, "shop", [QUIET, "bit.ly/never"]) == 1
    assert await watched_links(engine, "shop") == [FOREIGN]
    assert (await harvester.run("3d", watch=())).outcome == "complete"
    assert await select(engine, names) == [(FOREIGN,)]


async def test_a_link_that_is_somebody_elses_is_missing_with_its_reason(
    harvester: Harvester, engine: AsyncEngine, sandbox: Sandbox
) -> None:
    sandbox.switches.forbidden = {FOREIGN}
    summary = await harvester.run("2d")
    assert summary.outcome == "incomplete"
    reasons = "SELECT DISTINCT bitlink, reason FROM harvest_missing"
    assert await select(engine, reasons) == [(FOREIGN, "forbidden")]


async def test_watched_links_alone_are_harvested_if_they_are_named(
    harvester: Harvester, engine: AsyncEngine, sandbox: Sandbox
) -> None:
    assert (await harvester.run("3d", include=(WATCHED,), exclude=())).outcome == "complete"
    assert sandbox.requests["GET", "/groups/{group_guid}/bitlinks"] == 0
    assert len(await select(engine, CLICKS)) == 2
