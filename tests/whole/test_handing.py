"""Bitly's own exports are handed on whole, however many parts it takes."""

from collections.abc import AsyncIterator
from datetime import timedelta
from random import Random

import pytest

from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import UnexpectedShape
from harvester.bitly.exports import ENGAGEMENTS, LISTS
from harvester.bitly.limiter import Limiter
from harvester.domain.rosters import BitlinkDetails
from harvester.harvest.handing import Handing
from harvester.sandbox.server import Sandbox, running
from harvester.sandbox.world import World
from tests.whole.running import NOON, TODAY, StillClock

DAYS = 3
SPAN = (int((NOON - timedelta(days=DAYS)).timestamp()), int(NOON.timestamp()))


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    world = World(today=TODAY, links=40, groups=1, days=DAYS)
    async with running(world, clock=StillClock()) as sandbox:
        sandbox.switches.exports.most = 9
        yield sandbox


async def told(
    sandbox: Sandbox, export_type: str, span: tuple[int, int] | None = None
) -> list[dict[str, str]]:
    clock, [guid] = StillClock(), list(sandbox.world.groups)
    limiter = Limiter(clock, requests_per_hour=None)
    client = BitlyClient(
        sandbox.token, base_url=sandbox.url, clock=clock, dice=Random(1), limiter=limiter
    )
    async with client:
        parts = [part async for part in Handing(client, guid, export_type, span).parts(NOON)]
    return [dict(zip(part.columns, row, strict=True)) for part in parts for row in part.rows]


@pytest.mark.parametrize(
    ("export_type", "span"), [(LISTS[0], None), (LISTS[0], SPAN), (ENGAGEMENTS, SPAN)]
)
async def test_each_link_is_told_once_in_however_many_parts(
    sandbox: Sandbox, export_type: str, span: tuple[int, int] | None
) -> None:
    rows = await told(sandbox, export_type, span)
    links = {each.id: each for each in sandbox.world.links(next(iter(sandbox.world.groups)))}
    names = [row["link"].removeprefix("https://") for row in rows]
    assert sorted(names) == sorted(links)
    if export_type in LISTS:
        titles = {name: row["title"] for name, row in zip(names, rows, strict=True)}
        assert titles == {name: link.title or "" for name, link in links.items()}
    if span:
        assert all(row["clicks"].isdecimal() for row in rows)
        assert sandbox.requests["POST", "/groups/{group_guid}/exports"] > 5


async def test_qr_codes_are_told_like_links(sandbox: Sandbox) -> None:
    [guid] = sandbox.world.groups
    rows = await told(sandbox, LISTS[1])
    there = {each.guid for each in sandbox.world.shelf.of("qr_codes", guid)}
    assert {row["qrcode_id"] for row in rows} == there != set()


async def test_more_than_can_be_told_of_one_second_is_an_error_and_no_short_list(
    sandbox: Sandbox,
) -> None:
    [guid] = sandbox.world.groups
    for number in range(10):
        name = f"bit.ly/same{number}"
        link = BitlinkDetails(name, f"https://{name}", "https://e.org/", created_at=NOON)
        sandbox.world.add_link(guid, link)
    with pytest.raises(UnexpectedShape, match="more was made at 2026-11-21T12:00:00Z than"):
        await told(sandbox, LISTS[0], SPAN)
