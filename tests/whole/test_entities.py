"""Rosters beside the links: harvested as they truly are, with what changed, once in a while."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.rosters import ROSTERS
from harvester.domain.entities import Entity
from harvester.domain.snapshots import Reason
from harvester.harvest.summary import Outcome
from harvester.sandbox.rosters import CANARY, ENDPOINTS, made_in, usage
from harvester.sandbox.server import Sandbox, running
from harvester.sandbox.world import World
from harvester.store.entities import details_of
from tests.whole.running import NOON, TODAY, Harvester, StillClock, select

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SCOPED = {"qr_codes", "qr_logo_images", "preferences"}
ENTITIES = "SELECT roster, scope, guid, details FROM entities WHERE unlisted_at IS NULL"
CHANGES = "SELECT roster, entity, field, old, new FROM roster_changes ORDER BY 1, 2, 3"


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
async def sandbox(clock: StillClock) -> AsyncIterator[Sandbox]:
    async with running(World(today=TODAY, groups=2, links=30, days=2), clock=clock) as sandbox:
        yield sandbox


@pytest.fixture
def harvester(sandbox: Sandbox, engine: AsyncEngine, clock: StillClock) -> Harvester:
    return Harvester(sandbox, engine, clock, {"rosters": tuple(ROSTERS), "facets": ("clicks",)})


Truth = dict[tuple[str, str, str], dict[str, Any]]


def truth(world: World) -> Truth:
    """Return the details of all entities of a world by roster, scope and guid."""
    shelf = world.shelf
    scopes = [(roster, "") for roster in ("campaigns", "channels", "bsds")]
    scopes += [("campaign_channels", each.guid) for each in shelf.of("campaigns")]
    scopes += [("channel_bitlinks", each.guid) for each in shelf.of("channels")]
    scopes += [("webhooks", world.organization.guid)]
    scopes += [(roster, guid) for guid in world.groups for roster in SCOPED]
    found = {place: shelf.of(*place) for place in scopes}
    told = {(*place, each.guid): details_of(each) for place in found for each in found[place]}
    return told | of_links(world) | of_features(world)


def of_links(world: World) -> Truth:
    """Return the tags of the links of each group, and the apps that made them."""
    found: Truth = {}
    listed = [(group, link) for group in world.groups for link in world.links(group)]
    for group, link in listed:
        found |= {("tags", group, tag): {} for tag in link.tags}
        if link.client_id:
            app = {"name": f"App {link.client_id[:4]}", "link": "https://app.example/"}
            found["apps", link.client_id, link.client_id] = app
    return found


def of_features(world: World) -> Truth:
    return {
        ("feature_usage", guid, name): {"description": f"{name} of the group", "used": used}
        for guid in world.groups
        for name, used in usage(world, guid).items()
    }


async def stored(engine: AsyncEngine) -> Truth:
    rows = await select(engine, ENTITIES)
    found = {(row[0], row[1], row[2]): json.loads(row[3]) for row in rows}
    return {key: told for key, told in found.items() if key[0] != "historical_usage"}


def asked(sandbox: Sandbox) -> Counter[str]:
    return Counter({end: sandbox.requests["GET", end] for end in ENDPOINTS})


async def test_each_roster_is_stored_as_it_truly_is(
    harvester: Harvester, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    assert (await harvester.run("1d")).outcome is Outcome.COMPLETE
    assert await stored(engine) == truth(sandbox.world)
    rows = await select(engine, ENTITIES + " AND roster = 'historical_usage'")
    counts = Counter({(row[1], row[2]): json.loads(row[3])["used"] for row in rows})
    [guid, *_] = sandbox.world.groups
    month = NOON.replace(month=10, day=1, hour=0)
    assert counts[guid, "links month 2026-10-01"] == made_in(sandbox.world, guid, month)
    assert await select(engine, CHANGES) == []


async def test_what_changes_in_mid_life_is_kept_and_what_leaves_is_marked(
    harvester: Harvester, sandbox: Sandbox, engine: AsyncEngine, clock: StillClock
) -> None:
    await harvester.run("1d")
    world, group = sandbox.world, next(iter(sandbox.world.groups))
    shelf = world.shelf
    [campaign] = shelf.of("campaigns")
    wall, *others = shelf.of("qr_codes", group)
    shelf.change("campaigns", campaign.guid, name="Autumn \u202e", description=None)
    shelf.change("qr_codes", wall.guid, group, archived=True)
    shelf.take("qr_codes", others[0].guid, group)
    shelf.put("bsds", Entity("new.example"))
    clock.at += 7 * DAY
    await harvester.run("1d")
    assert await stored(engine) == truth(world)
    changes = [tuple(row) for row in await select(engine, CHANGES)]
    told = [change for change in changes if change[0] != "feature_usage"]
    assert told == [
        ("campaigns", campaign.guid, "description", "all of it", None),
        ("campaigns", campaign.guid, "name", "Spring & Söhne 🌱", "Autumn \u202e"),
        ("qr_codes", wall.guid, "archived", None, "true"),
    ]
    query = "SELECT qr_code, unlisted_at FROM qr_code_details WHERE unlisted_at IS NOT NULL"
    [(left, when)] = await select(engine, query)
    assert left == others[0].guid
    assert str(when).startswith("2026-11-28")


async def test_rosters_are_listed_once_a_week_what_is_new_of_qr_codes_daily_and_apps_once(
    harvester: Harvester, sandbox: Sandbox, clock: StillClock
) -> None:
    totals, codes, apps = [], [], []
    for _ in range(9):
        sandbox.requests.clear()
        await harvester.run("1d")
        of_codes, of_apps = "/groups/{group_guid}/qr-codes", "/apps/{client_id}"
        totals.append(asked(sandbox).total() - asked(sandbox)[of_codes] - asked(sandbox)[of_apps])
        codes.append(asked(sandbox)[of_codes])
        apps.append(asked(sandbox)[of_apps])
        clock.at += DAY
    assert totals == [totals[0], 0, 0, 0, 0, 0, 0, totals[0], 0]
    assert codes == [2] * 9
    assert apps[0] > 0
    assert not any(apps[1:])


async def test_what_the_plan_refuses_is_asked_again_a_week_later_or_with_another_plan(
    harvester: Harvester, sandbox: Sandbox, engine: AsyncEngine, clock: StillClock
) -> None:
    sandbox.switches.refused = {"/campaigns", "/channels"}
    counts = []
    for later in (DAY, 6 * DAY + HOUR, HOUR):
        sandbox.requests.clear()
        assert (await harvester.run("1d")).outcome is Outcome.COMPLETE
        counts.append(asked(sandbox)["/campaigns"])
        clock.at += later
    assert counts == [1, 0, 1]
    query = "SELECT roster, reason, retry_at IS NULL FROM harvest_rosters WHERE reason IS NOT NULL"
    refused = await select(engine, query)
    no = Reason.NOT_IN_PLAN.value
    assert sorted(map(tuple, refused)) == [("campaigns", no, False), ("channels", no, False)]


async def test_a_roster_that_is_not_answered_is_told_of_and_asked_again_by_the_next_run(
    harvester: Harvester, sandbox: Sandbox, engine: AsyncEngine, clock: StillClock
) -> None:
    sandbox.switches.script["/bsds"] = [503] * 4
    summary = await harvester.run("1d")
    assert summary.outcome is Outcome.INCOMPLETE
    assert summary.detail.startswith("bsds could not be listed: Bitly answered 503")
    clock.at += HOUR
    assert (await harvester.run("1d")).outcome is Outcome.COMPLETE
    assert await stored(engine) == truth(sandbox.world)


async def test_no_secret_reaches_the_database(harvester: Harvester, engine: AsyncEngine) -> None:
    await harvester.run("1d")
    for row in await select(engine, "SELECT * FROM entities"):
        assert CANARY not in repr(row)


async def test_a_job_without_rosters_asks_for_none(harvester: Harvester, sandbox: Sandbox) -> None:
    await harvester.run("1d", rosters=())
    assert asked(sandbox).total() == 0
