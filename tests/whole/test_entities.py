"""Rosters beside the links: harvested as they truly are, with what changed, once in a while."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
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
from harvester.store.engine import opened
from harvester.store.entities import details_of
from tests.whole.running import NOON, TODAY, Harvester, StillClock, select
from tests.whole.test_estimate import estimated

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WANTED = {"rosters": tuple(ROSTERS), "facets": ("clicks",)}
SCOPED = {"qr_codes", "qr_logo_images", "preferences"}
ENTITIES = "SELECT roster, scope, guid, details FROM entities WHERE unlisted_at IS NULL"
CHANGES = "SELECT roster, entity, field, old, new FROM roster_changes ORDER BY 1, 2, 3"


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
async def sandbox(clock: StillClock) -> AsyncIterator[Sandbox]:
    async with running(World(today=TODAY, groups=2, links=20, days=1), clock=clock) as sandbox:
        yield sandbox


@pytest.fixture
def harvester(sandbox: Sandbox, engine: AsyncEngine, clock: StillClock) -> Harvester:
    return Harvester(sandbox, engine, clock, WANTED)


@pytest.fixture
async def lone(sandbox: Sandbox, tmp_path: Path, clock: StillClock) -> AsyncIterator[Harvester]:
    """Yield one on SQLite alone: what it shows is not of the database."""
    async with opened(str(tmp_path / "lone.db")) as engine:
        yield Harvester(sandbox, engine, clock, WANTED)


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
    founded = int(datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp())
    dates = {"created_at": founded, "modified_at": founded}
    user = {"name": "Sandy Böx", "is_active": True, "default_group_guid": next(iter(world.groups))}
    told["users", "", world.login] = {**user, **dates}
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
    return +Counter({end: sandbox.requests["GET", end] for end in ENDPOINTS})


async def test_each_roster_is_stored_as_it_truly_is_with_what_changes_and_what_leaves(
    harvester: Harvester, sandbox: Sandbox, engine: AsyncEngine, clock: StillClock
) -> None:
    assert (await harvester.run("1d")).outcome is Outcome.COMPLETE
    assert await stored(engine) == truth(sandbox.world)
    assert await select(engine, CHANGES) == []
    assert CANARY not in repr(await select(engine, "SELECT * FROM entities"))
    rows = await select(engine, "SELECT group_guid, starts_at, used FROM feature_usage_by_period")
    month = NOON.replace(month=10, day=1, hour=0)
    used_then = {(guid, used) for guid, at, used in rows if str(at).startswith("2026-10-01")}
    assert used_then == {
        (each, made_in(sandbox.world, each, month)) for each in sandbox.world.groups
    }

    world, group = sandbox.world, next(iter(sandbox.world.groups))
    [campaign] = world.shelf.of("campaigns")
    wall, *others = world.shelf.of("qr_codes", group)
    world.shelf.change("campaigns", campaign.guid, name="Autumn \u202e", description=None)
    world.shelf.change("qr_codes", wall.guid, group, archived=True)
    world.shelf.take("qr_codes", others[0].guid, group)
    world.shelf.put("bsds", Entity("new.example"))
    clock.at += 7 * DAY
    await harvester.run("1d")
    assert await stored(engine) == truth(world)
    changes = [tuple(row) for row in await select(engine, CHANGES)]
    assert [change for change in changes if change[0] != "feature_usage"] == [
        ("campaigns", campaign.guid, "description", "all of it", None),
        ("campaigns", campaign.guid, "name", "Spring & Söhne 🌱", "Autumn \u202e"),
        ("qr_codes", wall.guid, "archived", None, "true"),
    ]
    query = "SELECT qr_code, unlisted_at FROM qr_code_details WHERE unlisted_at IS NOT NULL"
    [(left, when)] = await select(engine, query)
    assert left == others[0].guid
    assert str(when).startswith("2026-11-28")


async def test_what_a_link_was_like_is_known_and_when_it_was_seen_to_change(
    lone: Harvester, sandbox: Sandbox, clock: StillClock
) -> None:
    world = sandbox.world
    link = next(each for each in world.links(next(iter(world.groups))) if not each.custom_ids)
    new = {"title": "neu", "tags": ("x",), "long_url": "https://e.org/new", "campaign_ids": ("C9",)}
    await lone.run("1d")
    world.change_link(link.id, **new)
    clock.at += DAY
    await lone.run("1d")
    query = (
        "SELECT field, value, valid_from, valid_until FROM bitlink_history WHERE bitlink = :link"
    )
    rows = await select(lone.engine, query, link=link.id)
    then, now = "2026-11-21T12:00:00Z", "2026-11-22T12:00:00Z"
    told = {"tags": json.dumps(link.tags, ensure_ascii=False), "campaign_ids": None}
    for field, value in new.items():
        was = told.get(field, getattr(link, field))
        became = value if isinstance(value, str) else json.dumps(value)
        assert {tuple(row) for row in rows if row.field == field} == {
            (field, was, then, now),
            (field, became, now, None),
        }


async def test_what_is_due_and_what_the_plan_refuses_is_remembered_and_planned_for(
    lone: Harvester, sandbox: Sandbox, clock: StillClock
) -> None:
    sandbox.switches.refused = {"/campaigns", "/channels"}
    counts, planned = [], []
    for later, facets in ((DAY, {}), (6 * DAY, {"facets": ("clicks", "qr_scans")}), (DAY, {})):
        sandbox.requests.clear()
        plan = await estimated(sandbox, lone.engine, clock, "1d", **(WANTED | facets))
        planned.append(Counter({end: n for end, n in plan.by_endpoint.items() if end in ENDPOINTS}))
        await lone.run("1d", **facets)
        counts.append(asked(sandbox))
        clock.at += later
    first, daily, weekly = counts
    assert daily == Counter({"/groups/{group_guid}/qr-codes": 2})
    assert first["/campaigns"] == 1
    assert weekly == first - Counter({"/apps/{client_id}": first["/apps/{client_id}"]})
    assert planned[1:] == [Counter(), weekly]  # a plan lists itself what its metrics are of
    # which features there are is not known before the first harvest
    assert planned[0] == first - Counter({"/groups/{group_guid}/historical_usage": 2})


async def test_a_roster_that_is_not_answered_is_told_of_and_asked_again_by_the_next_run(
    lone: Harvester, sandbox: Sandbox, clock: StillClock
) -> None:
    sandbox.switches.script["/bsds"] = [404]
    sandbox.switches.script["/channels"] = [500, 500]
    summary = await lone.run("1d")
    assert summary.outcome is Outcome.INCOMPLETE
    assert summary.detail.startswith("channels could not be listed: Bitly answered 500")
    query = "SELECT roster, reason, retry_at IS NULL FROM harvest_rosters WHERE reason IS NOT NULL"
    assert sorted(map(tuple, await select(lone.engine, query))) == [
        ("bsds", Reason.GONE, False),
        ("channels", Reason.UNANSWERED, True),
    ]
    clock.at += HOUR
    assert (await lone.run("1d")).outcome is Outcome.COMPLETE
    expected = {key: told for key, told in truth(sandbox.world).items() if key[0] != "bsds"}
    assert await stored(lone.engine) == expected


async def test_a_job_without_rosters_asks_for_none(lone: Harvester, sandbox: Sandbox) -> None:
    await lone.run("1d", rosters=())
    assert asked(sandbox).total() == 0
