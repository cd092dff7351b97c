"""Short words for what store tests make and read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.rosters import BitlinkDetails, GroupDetails
from harvester.domain.snapshots import Missing, Reading, Reason, Row, Snapshot
from harvester.domain.windows import Window, day_window
from harvester.store import rosters
from harvester.store.engine import in_transaction, reading
from harvester.store.facts import Recorded, record
from harvester.store.targets import target_pages

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
YESTERDAY = day_window(date(2026, 11, 20))
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shop:
    """An account with one group; `ids` are the keys of its targets by name."""

    engine: AsyncEngine
    account_id: int
    group_id: int
    ids: dict[str, int]

    async def record(self, *items: Snapshot | Missing) -> Recorded:
        """Record items in a transaction of their own."""
        learnt = [item for item in items if isinstance(item, Snapshot)]
        missed = [item for item in items if isinstance(item, Missing)]
        return await in_transaction(self.engine, lambda c: record(c, learnt, missed))

    async def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """Return what a query finds."""
        return await select(self.engine, sql, **values)


async def made_shop(engine: AsyncEngine, names: Sequence[str]) -> Shop:
    account_id = await rosters.save_account(engine, "shop", "somebody", NOW)
    groups = await rosters.save_groups(engine, account_id, [group("Bg1")], NOW)
    links = [link(name) for name in names]
    await rosters.save_bitlinks(engine, account_id, groups["Bg1"], links, NOW)
    return Shop(engine, account_id, groups["Bg1"], await targets(engine, groups["Bg1"]))


async def targets(engine: AsyncEngine, group_id: int) -> dict[str, int]:
    pages = [page async for page in target_pages(engine, group_id)]
    return {target.subject.name: target.id for page in pages for target in page}


async def select(engine: AsyncEngine, sql: str, **values: Any) -> list[tuple[Any, ...]]:
    async with reading(engine) as connection:
        return [tuple(row) for row in await connection.execute(text(sql), values)]


def group(guid: str) -> GroupDetails:
    return GroupDetails(guid, "Oo1", f"Group {guid}", "org-admin", True, NOW, None)


def link(name: str, *customs: str, title: str | None = None) -> BitlinkDetails:
    return BitlinkDetails(
        name, f"https://{name}", "https://shop.example/", title, NOW, custom_ids=customs
    )


def clicks(target: int, total: int, *, at: datetime = NOW, window: Window = YESTERDAY) -> Snapshot:
    return Snapshot(target, "clicks", Reading(window, total), at)


def countries(
    target: int,
    rows: Iterable[tuple[str | None, int]],
    *,
    at: datetime = NOW,
    window: Window = YESTERDAY,
    cut: bool = False,
) -> Snapshot:
    read = tuple(Row((country,), count) for country, count in rows)
    total = sum(row.clicks for row in read)
    return Snapshot(target, "countries", Reading(window, total, read, cut), at)


def lost(
    target: int, facet: str, reason: Reason, *, at: datetime = NOW, window: Window = YESTERDAY
) -> Missing:
    return Missing(target, facet, window, reason, f"it was {reason}", at)
