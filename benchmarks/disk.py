"""Bytes on disk per metric row, everything included: indexes, labels, rosters, empty windows.

    python benchmarks/disk.py [rows]

Writes a made-up account through the writer, a day at a time as a daemon would: each link's clicks
(most of them zero), and five facets of about ten rows for each link that was clicked. Prints the
figures for SQLite and, if a server can be had as in the tests, for PostgreSQL.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

sys.path.insert(0, str(Path(__file__).parents[1]))  # to be run from a checkout as it stands

from harvester.clock import SystemClock
from harvester.domain.rosters import BitlinkDetails, GroupDetails
from harvester.domain.snapshots import Reading, Row, Snapshot
from harvester.domain.windows import Window, day_window
from harvester.store import rosters, targets
from harvester.store.engine import opened, reading
from harvester.store.writer import Writer
from tests.postgres import server_url

GOAL = 25.0  # bytes a row on SQLite
LINKS = 2_000
CLICKED = 0.2  # of the links, on a day
START = datetime(2026, 10, 1, tzinfo=UTC)
SIZE = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}
# rows of a snapshot, distinct values in all, columns
FACETS = {
    "countries": (12, 200, 1),
    "cities": (20, 5_000, 4),
    "devices": (3, 4, 1),
    "referrers": (8, 300, 1),
    "referring_domains": (7, 400, 1),
}


def day_of(targets: list[int], window: Window, dice: Random) -> Iterator[list[Snapshot]]:
    """Yield one day's answers: the clicks of all links, then the facets of those clicked."""
    seen = window.end + timedelta(hours=3)
    clicked = set(dice.sample(targets, int(len(targets) * CLICKED)))
    for target in targets:
        total = int(dice.paretovariate(0.8)) if target in clicked else 0
        yield [Snapshot(target, "clicks", Reading(window, min(total, 10**6)), seen)]
    for target in sorted(clicked):
        for facet, (size, values, columns) in FACETS.items():
            rows = tuple(row(facet, columns, value, dice) for value in picked(size, values, dice))
            total = sum(each.clicks for each in rows)
            yield [Snapshot(target, facet, Reading(window, total, rows), seen)]


def picked(size: int, values: int, dice: Random) -> set[int]:
    """Return about `size` of `values` different ones, the first of them most often."""
    return {int(values * dice.random() ** 3) for _ in range(min(size * 5 // 4, values * 4))}


def row(facet: str, columns: int, value: int, dice: Random) -> Row:
    """Return one row with labels as long as they really are."""
    labels = (f"{facet} no. {value}", None, f"region {value % 90}", f"{value % 200:02x}")[:columns]
    return Row(labels, 1 + int(dice.paretovariate(1)) % 5_000)


async def roster(engine: AsyncEngine) -> list[int]:
    """Store the account's links; return the keys of its targets."""
    account = await rosters.save_account(engine, "shop", "shop", START)
    group = GroupDetails(
        "Bg1", "Oo1", "Shop", "org-admin", is_active=True, created_at=START, modified_at=None
    )
    group_id = (await rosters.save_groups(engine, account, [group], START))["Bg1"]
    links = [
        BitlinkDetails(
            f"bit.ly/{n:07x}",
            f"https://bit.ly/{n:07x}",
            f"https://shop.example/item/{n}?utm_source=mail",
            f"Item {n}",
            START,
        )
        for n in range(LINKS)
    ]
    await rosters.save_bitlinks(engine, account, group_id, links, START)
    return [target.id async for page in targets.target_pages(engine, group_id) for target in page]


async def fill(engine: AsyncEngine, most: int) -> Writer:
    """Write days until there are `most` metric rows."""
    writer, dice = Writer(engine, SystemClock()), Random(1)  # noqa: S311 - made up, no secret
    targets, window = await roster(engine), day_window(START.date())
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(writer.run())
        while writer.rows < most:
            for answer in day_of(targets, window, dice):
                await writer.put(answer)
            window = Window(window.end, window.unit)
        await writer.close()
    return writer


async def measured(url: str, most: int) -> None:
    """Fill the database at `url` and print what it takes."""
    async with opened(url) as engine:
        began = time.perf_counter()
        writer = await fill(engine, most)
        took = time.perf_counter() - began
        name = engine.dialect.name
        async with reading(engine) as connection:
            size = (await connection.execute(text(SIZE[name]))).scalar_one()
    print(
        f"{name}: {writer.rows:,} metric rows, {writer.snapshots:,} snapshots,"
        f" {size / 1e6:.1f} MB = {size / writer.rows:.1f} bytes a metric row;"
        f" {(writer.rows + writer.snapshots) / took:,.0f} rows/s, the making of them included"
    )
    if name == "sqlite":
        print(f"goal: {GOAL} bytes: {'reached' if size / writer.rows <= GOAL else 'MISSED'}")


def main() -> None:
    """Measure both engines."""
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measured(f"{folder}/harvester.db", most))
    try:
        with server_url() as url:
            asyncio.run(measured(url, most))
    except RuntimeError as error:
        print(f"postgresql: not measured: {error}")


if __name__ == "__main__":
    main()
