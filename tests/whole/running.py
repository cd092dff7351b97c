"""Whole runs against the sandbox: what a harvest needs, in one place."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.facets import DEFAULT
from harvester.bitly.limiter import Limiter
from harvester.clock import Clock
from harvester.domain.events import Event
from harvester.domain.windows import day_window
from harvester.harvest.job import Job
from harvester.harvest.run import harvest
from harvester.harvest.summary import Summary
from harvester.sandbox.server import Sandbox
from harvester.sandbox.world import World

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TODAY = NOON.date()

VIEWS = {
    "clicks": ("clicks_by_day", ()),
    "countries": ("clicks_by_country", ("country",)),
    "cities": ("clicks_by_city", ("city", "subregion", "region", "country")),
    "devices": ("clicks_by_device", ("device_type",)),
    "referrers": ("clicks_by_referrer", ("referrer",)),
    "referring_domains": ("clicks_by_referring_domain", ("domain",)),
}

Facts = dict[tuple[Any, ...], int]


class StillClock:
    """A clock that stands still unless a test moves it; waiting is real, and short."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    async def sleep(self, duration: timedelta) -> None:
        await asyncio.sleep(duration.total_seconds())  # noqa: TID251 - the writer's timer


@dataclass
class Harvester:
    """One account's harvester: run it as often as you like against one sandbox and one store."""

    sandbox: Sandbox
    engine: AsyncEngine
    clock: Clock
    options: Mapping[str, Any] = field(default_factory=dict)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    watch: Callable[[Event], None] | None = None
    events: list[Event] = field(default_factory=list)
    timeout: timedelta = timedelta(seconds=30)

    async def run(self, since: str | None = "14d", **options: Any) -> Summary:
        self.events = []
        wanted = {"account": "shop", "facets": DEFAULT, **self.options, **options}
        client = BitlyClient(
            self.sandbox.token,
            base_url=self.sandbox.url,
            clock=self.clock,
            dice=Random(1),
            limiter=Limiter(self.clock, requests_per_hour=None),
            timeout=self.timeout,
        )
        async with client:
            return await harvest(
                Job(since=since, **wanted),
                client,
                self.engine,
                self.clock,
                stop=self.stop,
                notify=self.watch or self.events.append,
            )


def truth(world: World, facet: str, days: int) -> Facts:
    """What the view of `facet` must hold: (day, group, bitlink, *labels) -> clicks."""
    return {
        (str(day), guid, name, *labels): clicks
        for guid in world.groups
        for name in world.names(guid)
        for day in (TODAY - timedelta(days=back) for back in range(days))
        for labels, clicks in world.rows(name, facet, day).items()
    }


async def stored(engine: AsyncEngine, facet: str) -> Facts:
    """What the view of `facet` does hold; fails if it holds anything twice."""
    view, columns = VIEWS[facet]
    names = ", ".join(("day", "group_guid", "bitlink", *columns, "clicks"))
    rows = await select(engine, f"SELECT {names} FROM {view} WHERE account = 'shop'")
    found = {(str(row[0]), *row[1:-1]): int(row[-1]) for row in rows}
    assert len(found) == len(rows)
    return found


async def select(engine: AsyncEngine, sql: str, **values: Any) -> list[Any]:
    """Run one query, as any SQL client would."""
    async with engine.connect() as connection:
        return list((await connection.execute(text(sql), values)).all())


async def assert_equals_truth(engine: AsyncEngine, world: World, days: int = 14) -> None:
    """Hold each public view of facts against the sandbox's truth, row by row."""
    for facet in DEFAULT:
        assert await stored(engine, facet) == truth(world, facet, days), facet
    filled = await select(engine, "SELECT day, bitlink, clicks FROM clicks_by_day_filled")
    names = [name for guid in world.groups for name in world.names(guid)]
    assert len(filled) == len(names) * days
    assert {(str(day), name): clicks for day, name, clicks in filled} == {
        (str(day), name): world.clicks(name, day)
        for name in names
        for day in (TODAY - timedelta(days=back) for back in range(days))
    }


async def assert_conserved(engine: AsyncEngine, world: World, days: int = 14) -> None:
    """Hold each day, link and facet against the truth: stored as it is, or missing with a reason.

    Of a link that was not listed yet, at least its group's day is open.
    """
    rows = await select(engine, "SELECT facet, day, bitlink FROM harvest_missing")
    gaps = {(row.facet, str(row.day), row.bitlink) for row in rows}
    listed = {row.bitlink for row in await select(engine, "SELECT bitlink FROM bitlink_details")}
    closed = {place for place, status in (await statuses(engine)).items() if status != "open"}
    for facet in DEFAULT:
        found, true = await stored(engine, facet), truth(world, facet, days)
        for key in found.keys() | true.keys():
            if found.get(key) == true.get(key):
                continue
            day_, guid, name, *_ = key
            is_open = name not in listed and (guid, day_) not in closed
            assert (facet, day_, name) in gaps or is_open, (facet, key, found.get(key))


async def missing(engine: AsyncEngine) -> Counter[tuple[str, str]]:
    """How many windows are missing, by (facet, reason)."""
    rows = await select(
        engine, "SELECT facet, reason, count(*) FROM harvest_missing GROUP BY facet, reason"
    )
    return Counter({(facet, reason): count for facet, reason, count in rows})


async def statuses(engine: AsyncEngine) -> dict[tuple[str, str], str]:
    """The status of each (group, day)."""
    rows = await select(engine, "SELECT group_guid, day, status FROM harvest_coverage")
    return {(guid, str(day)): status for guid, day, status in rows}


def facet_requests(sandbox: Sandbox) -> int:
    """How many requests for metrics the sandbox has seen."""
    return sum(
        count
        for (_, endpoint), count in sandbox.requests.items()
        if endpoint.startswith("/bitlinks/")
    )


def day(back: int) -> date:
    """Return the day so many days before today."""
    return day_window(TODAY - timedelta(days=back)).day
