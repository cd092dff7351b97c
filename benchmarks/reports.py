"""Typical reports over ten million metric rows, by the views and by hand on the tables beneath.

    python benchmarks/reports.py [--rows 10000000] [--keep FOLDER]

Makes an account of 2,000 links in five groups, a fifth of them clicked a day, with five breakdowns
of fifty rows each: about 500 days. Prints how long each report takes, the best of three, on SQLite
and on PostgreSQL. The rows are put in in bulk: how fast the writer is, rate.py and disk.py tell.
"""

import argparse
import asyncio
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

sys.path.insert(0, str(Path(__file__).parents[1]))  # to be run from a checkout as it stands

from benchmarks.common import verdict
from harvester.domain.rosters import BitlinkDetails, GroupDetails
from harvester.domain.windows import day_window
from harvester.store import rosters
from harvester.store.clicked import rebuild
from harvester.store.engine import in_transaction, opened, reading, writing
from tests.postgres import server_url

GOAL = 1.0  # seconds
GROUPS, LINKS, CLICKED = 5, 2_000, 400
LAST = date(2026, 11, 20)
# rows of a snapshot, distinct values in all, columns
FACETS = {
    "countries": (12, 200, 1),
    "cities": (20, 5_000, 4),
    "devices": (3, 4, 1),
    "referrers": (8, 300, 1),
    "referring_domains": (7, 400, 1),
}
ROWS_A_DAY = CLICKED * sum(size for size, _, _ in FACETS.values())

Rows = Iterable[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Report:
    """A question, asked of the views and of the tables."""

    title: str
    views: str
    tables: str


_QUARTER = "BETWEEN '2026-08-23' AND '2026-11-20'"
_MONTH = "BETWEEN '2026-10-22' AND '2026-11-20'"
_YEAR = "BETWEEN '2025-11-21' AND '2026-11-20'"


def _countries(period: str) -> tuple[str, str]:
    return (
        f"""
        SELECT country, sum(clicks) AS clicks FROM clicks_by_country
        WHERE day {period} GROUP BY country ORDER BY clicks DESC LIMIT 10
        """,  # noqa: S608 - our own
        f"""
        SELECT labels.c1, best.clicks FROM (
            SELECT m.label_id, sum(m.clicks) AS clicks
            FROM windows w
            JOIN clicked c ON c.window_id = w.id
            JOIN snapshots s ON s.subject_id = c.subject_id AND s.window_id = w.id
                AND s.facet_id = (SELECT id FROM facets WHERE name = 'countries')
                AND s.superseded_at IS NULL
            JOIN metrics m ON m.snapshot_id = s.id
            WHERE w.day {period} GROUP BY m.label_id ORDER BY clicks DESC LIMIT 10
        ) AS best JOIN labels ON labels.id = best.label_id ORDER BY best.clicks DESC
        """,  # noqa: S608
    )


REPORTS = (
    Report(
        "clicks per day, 90 days",
        f"SELECT day, sum(clicks) FROM clicks_by_day WHERE day {_QUARTER} GROUP BY day ORDER BY 1",  # noqa: S608
        f"""
        SELECT w.day, sum(c.clicks) FROM windows w JOIN clicked c ON c.window_id = w.id
        WHERE w.day {_QUARTER} GROUP BY w.day ORDER BY w.day
        """,  # noqa: S608
    ),
    Report(
        "top links, 90 days",
        f"""
        SELECT bitlink, sum(clicks) AS clicks FROM clicks_by_day
        WHERE day {_QUARTER} GROUP BY bitlink ORDER BY clicks DESC LIMIT 10
        """,  # noqa: S608
        f"""
        SELECT subjects.name, best.clicks FROM (
            SELECT c.subject_id, sum(c.clicks) AS clicks
            FROM windows w JOIN clicked c ON c.window_id = w.id
            WHERE w.day {_QUARTER} GROUP BY c.subject_id ORDER BY clicks DESC LIMIT 10
        ) AS best JOIN subjects ON subjects.id = best.subject_id ORDER BY best.clicks DESC
        """,  # noqa: S608
    ),
    Report("top countries, 30 days", *_countries(_MONTH)),
    Report("top countries, 90 days", *_countries(_QUARTER)),
    Report("top countries, a year", *_countries(_YEAR)),
    Report(
        "one link's history",
        "SELECT day, clicks FROM clicks_by_day_filled WHERE bitlink = 'bit.ly/00003e8' ORDER BY 1",
        """
        SELECT w.day, s.total FROM snapshots s JOIN windows w ON w.id = s.window_id
        WHERE s.subject_id = (SELECT id FROM subjects WHERE account_id = 1 AND kind = 'bitlink'
                AND name = 'bit.ly/00003e8')
            AND s.facet_id = (SELECT id FROM facets WHERE name = 'clicks')
            AND s.superseded_at IS NULL ORDER BY w.day
        """,
    ),
    Report(
        "months by group, all days",
        "SELECT month, group_guid, clicks FROM group_totals_by_month ORDER BY 1, 2",
        """
        SELECT of_day.month, groups.guid, sum(of_day.clicks) FROM (
            SELECT substr(CAST(w.day AS TEXT), 1, 7) AS month, j.group_id, sum(c.clicks) AS clicks
            FROM clicked c JOIN windows w ON w.id = c.window_id
            JOIN subjects j ON j.id = c.subject_id
            GROUP BY w.day, j.group_id
        ) AS of_day JOIN groups ON groups.id = of_day.group_id
        GROUP BY of_day.month, groups.guid ORDER BY 1, 2
        """,
    ),
    Report(
        "totals of all links, the best ten",
        "SELECT bitlink, clicks, clicks_30d FROM bitlink_totals ORDER BY clicks DESC LIMIT 10",
        """
        SELECT subjects.name, best.clicks, best.clicks_30d FROM (
            SELECT c.subject_id, sum(c.clicks) AS clicks,
                sum(CASE WHEN w.day > '2026-10-21' THEN c.clicks ELSE 0 END) AS clicks_30d
            FROM clicked c JOIN windows w ON w.id = c.window_id
            GROUP BY c.subject_id ORDER BY clicks DESC LIMIT 10
        ) AS best JOIN subjects ON subjects.id = best.subject_id ORDER BY best.clicks DESC
        """,
    ),
    Report(
        "tags, all days",
        "SELECT tag, clicks, clicks_30d FROM tag_totals ORDER BY clicks DESC, tag",
        """
        SELECT b.tags, sum(c.clicks) AS clicks,
            sum(CASE WHEN w.day > '2026-10-21' THEN c.clicks ELSE 0 END) AS clicks_30d
        FROM clicked c
        JOIN windows w ON w.id = c.window_id
        JOIN bitlinks b ON b.subject_id = c.subject_id
        GROUP BY b.tags ORDER BY clicks DESC
        """,
    ),
    Report(
        "coverage of 90 days",
        f"""
        SELECT status, count(*), sum(clicks) FROM harvest_coverage
        WHERE day {_QUARTER} GROUP BY status ORDER BY status
        """,  # noqa: S608
        f"""
        SELECT worst.rank, count(*), sum(of_day.clicks) FROM (
            SELECT g.group_id, g.window_id,
                min(CASE g.status WHEN 'open' THEN 0 WHEN 'complete' THEN 1 ELSE 2 END) AS rank
            FROM group_windows g JOIN windows w ON w.id = g.window_id
            WHERE w.day {_QUARTER} GROUP BY g.group_id, g.window_id
        ) AS worst LEFT JOIN (
            SELECT j.group_id, c.window_id, sum(c.clicks) AS clicks
            FROM windows w JOIN clicked c ON c.window_id = w.id
            JOIN subjects j ON j.id = c.subject_id
            WHERE w.day {_QUARTER} GROUP BY j.group_id, c.window_id
        ) AS of_day ON of_day.group_id = worst.group_id AND of_day.window_id = worst.window_id
        GROUP BY worst.rank ORDER BY 1
        """,  # noqa: S608
    ),
)


class Facts:
    """The made-up snapshots and metric rows, with the keys that they have in the database."""

    def __init__(self, links: Sequence[int], windows: Sequence[int]) -> None:
        """`links` and `windows` are keys."""
        self._links, self._windows = links, windows
        self._counts = [1 + int(Random(2).paretovariate(1)) % 500 for _ in range(4096)]  # noqa: S311

    def snapshots(self) -> Iterator[tuple[Any, ...]]:
        """Yield rows of snapshots, whose ids count from 1."""
        for number, (subject, facet, window, rows) in enumerate(self._each(), 1):
            seen = 1_600_000_000 + 86400 * window
            total = sum(count for _, count in rows) if facet else rows[0][1] if rows else 0
            yield number, subject, facet + 1, window, total, False, seen, seen, None

    def metrics(self) -> Iterator[tuple[int, int, int]]:
        """Yield rows of metrics."""
        for number, (_, facet, _, rows) in enumerate(self._each(), 1):
            if facet:
                for label, count in rows:
                    yield number, label, count

    def _each(self) -> Iterator[tuple[int, int, int, list[tuple[int, int]]]]:
        dice, counts = Random(1), self._counts  # noqa: S311 - made up, no secret
        offsets = [0]
        for _, values, _ in FACETS.values():
            offsets.append(offsets[-1] + values)
        for window in self._windows:
            clicked = set(dice.sample(self._links, CLICKED))
            for link in self._links:
                yield link, 0, window, [(0, dice.choice(counts))] if link in clicked else []
            for link in sorted(clicked):
                for facet, (size, values, _) in enumerate(FACETS.values(), 1):
                    first, at = dice.randrange(values), dice.randrange(2048)
                    some = min(size, values)
                    yield (
                        link,
                        facet,
                        window,
                        [
                            (1 + offsets[facet - 1] + (first + place) % values, counts[at + place])
                            for place in range(some)
                        ],
                    )


def labels() -> Iterator[tuple[Any, ...]]:
    """Yield rows of labels, whose ids count from 1."""
    number = 0
    for facet, (name, (_, values, columns)) in enumerate(FACETS.items(), 2):
        for value in range(values):
            number += 1
            texts = (f"{name} no. {value}", None, f"region {value % 90}", f"{value % 200:02x}")
            cells = (*texts[:columns], None, None, None)[:4]
            yield (number, facet, number.to_bytes(16), *cells)


async def made(engine: AsyncEngine, rows: int) -> None:
    """Fill a database that is empty."""
    at = datetime(2026, 11, 21, tzinfo=UTC)
    account = await rosters.save_account(engine, "shop", "shop", at)
    groups = [
        GroupDetails(f"Bg{n}", "Oo1", f"Group {n}", "org-admin", True, at, None)  # noqa: FBT003
        for n in range(GROUPS)
    ]
    for place, group in enumerate(
        (await rosters.save_groups(engine, account, groups, at)).values()
    ):
        links = [
            BitlinkDetails(
                f"bit.ly/{n:07x}",
                f"https://bit.ly/{n:07x}",
                f"https://shop.example/item/{n}?utm_source=mail&utm_campaign=c{n % 9}",
                f"Item {n}",
                at,
                tags=(f"tag {n % 20}",),
            )
            for n in range(place, LINKS, GROUPS)
        ]
        await rosters.save_bitlinks(engine, account, group, links, at - timedelta(days=900))
    days = -(-rows // ROWS_A_DAY)
    spans = [day_window(LAST - timedelta(days=back)) for back in reversed(range(days))]
    facts = Facts(range(1, LINKS + 1), range(1, days + 1))
    await copied(engine, "facets", ("id", "name"), enumerate(("clicks", *FACETS), 1))
    await copied(
        engine,
        "windows",
        ("id", "unit", "starts_at", "day"),
        ((n, "day", int(each.start.timestamp()), each.day) for n, each in enumerate(spans, 1)),
    )
    await copied(engine, "labels", ("id", "facet_id", "digest", "c1", "c2", "c3", "c4"), labels())
    await copied(
        engine,
        "group_windows",
        ("group_id", "facet_id", "window_id", "status", "links", "missing", "closed_at"),
        (
            (group, facet, window, "settled" if window < days - 2 else "complete", 400, 0, 1)
            for group in range(1, GROUPS + 1)
            for facet in range(1, len(FACETS) + 2)
            for window in range(1, days + 1)
        ),
    )
    names = "id subject_id facet_id window_id total cut observed_at last_seen_at superseded_at"
    await copied(engine, "snapshots", names.split(), facts.snapshots())
    await copied(engine, "metrics", ("snapshot_id", "label_id", "clicks"), facts.metrics())
    await in_transaction(engine, rebuild)


async def copied(engine: AsyncEngine, table: str, columns: Sequence[str], rows: Rows) -> None:
    """Put rows into a table, by the fastest way that an engine has."""
    if engine.dialect.name == "postgresql":
        async with writing(engine) as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver
            waiting = iter(rows)
            while some := list(islice(waiting, 200_000)):
                await driver.copy_records_to_table(table, records=some, columns=list(columns))
        return
    with closing(sqlite3.connect(engine.url.database or "")) as database, database:
        database.execute("PRAGMA synchronous=OFF")
        places = ", ".join("?" * len(columns))
        insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608
        database.executemany(insert, rows)


async def timed(connection: AsyncConnection, sql: str) -> tuple[float, list[Any]]:
    """Return the least of three times, in seconds, and what was found."""
    best, found = float("inf"), []
    for _ in range(3):
        began = time.perf_counter()
        found = list(await connection.execute(text(sql)))
        best = min(best, time.perf_counter() - began)
    return best, found


async def measured(database: str, rows: int) -> None:
    """Fill the database if it is empty, and print the times."""
    async with opened(database) as engine:
        async with reading(engine) as connection:
            empty = not (await connection.execute(text("SELECT count(*) FROM windows"))).scalar()
        if empty:
            began = time.perf_counter()
            await made(engine, rows)
            async with writing(engine) as connection:
                await connection.execute(text("ANALYZE"))
            print(f"{engine.dialect.name}: made in {time.perf_counter() - began:.0f} s")
        slow = []
        async with reading(engine) as connection:
            for report in REPORTS:
                views, told = await timed(connection, report.views)
                tables, known = await timed(connection, report.tables)
                slow += [report.title] * (views >= GOAL)
                same = "" if len(told) == len(known) else "  DIFFERENT"
                times = f"{views * 1e3:8.0f} ms   by hand {tables * 1e3:8.0f} ms{same}"
                print(f"  {report.title:36}{times}", flush=True)
        print(f"each below {GOAL:.0f} s: {verdict(reached=not slow)} {', '.join(slow)}")


def main() -> None:
    """Measure both engines."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--keep", help="folder to keep the SQLite file in, for another look")
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.only != "postgresql":
            asyncio.run(measured(f"{options.keep or folder}/reports.db", options.rows))
    if options.only != "sqlite":
        with server_url() as url:
            asyncio.run(measured(url, options.rows))


if __name__ == "__main__":
    main()
