"""The figures of a report, read through the public views only: what any SQL client could ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.store.engine import reading


@dataclass(frozen=True, slots=True)
class DayOfClicks:
    """All clicks of one UTC day, and whether each group's window of it is complete."""

    day: str
    clicks: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Share:
    """One line of a ranking: what, how it is called by people, how many clicks."""

    name: str
    title: str
    clicks: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What a report shows of the days from `first` to `last`, both included."""

    first: date
    last: date
    days: tuple[DayOfClicks, ...]
    links: tuple[Share, ...]
    countries: tuple[Share, ...]
    referrers: tuple[Share, ...]

    @property
    def clicks(self) -> int:
        """All clicks of the range."""
        return sum(day.clicks for day in self.days)


_DAYS = """
SELECT coverage.day AS day, max(coalesce(of_day.clicks, 0)) AS clicks,
       min(CASE WHEN coverage.status = 'open' THEN 0 ELSE 1 END) AS complete
FROM harvest_coverage AS coverage
LEFT JOIN (SELECT day, sum(clicks) AS clicks FROM clicks_by_day WHERE unit = 'day' GROUP BY day)
       AS of_day ON of_day.day = coverage.day
WHERE coverage.unit = 'day' AND coverage.day BETWEEN :first AND :last
GROUP BY coverage.day ORDER BY coverage.day
"""
_LINKS = """
SELECT clicks.bitlink AS name, max(coalesce(details.title, '')) AS title,
       max(clicks.total) AS clicks
FROM (SELECT account, bitlink, sum(clicks) AS total FROM clicks_by_day
      WHERE unit = 'day' AND day BETWEEN :first AND :last GROUP BY account, bitlink) AS clicks
LEFT JOIN bitlink_details AS details
       ON details.account = clicks.account AND details.bitlink = clicks.bitlink
GROUP BY clicks.account, clicks.bitlink ORDER BY 3 DESC, 1 LIMIT :most
"""
_COUNTRIES = """
SELECT coalesce(country, '') AS name, '' AS title, sum(clicks) AS clicks FROM clicks_by_country
WHERE day BETWEEN :first AND :last GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT :most
"""
_REFERRERS = """
SELECT coalesce(referrer, '') AS name, '' AS title, sum(clicks) AS clicks FROM clicks_by_referrer
WHERE day BETWEEN :first AND :last GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT :most
"""


async def figures(engine: AsyncEngine, first: date, last: date, *, most: int = 10) -> Figures:
    """Read the figures of the days from `first` to `last`; rankings hold at most `most` lines."""
    return Figures(
        first,
        last,
        tuple(
            DayOfClicks(str(row.day), int(row.clicks), bool(row.complete))
            for row in await _rows(engine, _DAYS, first=first, last=last)
        ),
        await _shares(engine, _LINKS, first, last, most),
        await _shares(engine, _COUNTRIES, first, last, most),
        await _shares(engine, _REFERRERS, first, last, most),
    )


async def days_stored(engine: AsyncEngine) -> tuple[date, date] | None:
    """Return the first and the last day of which the store knows anything; None if it is empty."""
    sql = "SELECT min(day) AS first, max(day) AS last FROM harvest_coverage WHERE unit = 'day'"
    row = (await _rows(engine, sql))[0]
    if row.first is None:
        return None
    return date.fromisoformat(str(row.first)), date.fromisoformat(str(row.last))


async def _shares(
    engine: AsyncEngine, sql: str, first: date, last: date, most: int
) -> tuple[Share, ...]:
    rows = await _rows(engine, sql, first=first, last=last, most=most)
    return tuple(Share(row.name, row.title, int(row.clicks)) for row in rows)


async def _rows(engine: AsyncEngine, sql: str, **values: Any) -> Sequence[Any]:
    """Run one query; days go as text to SQLite, which has no dates, and as dates elsewhere."""
    if engine.dialect.name == "sqlite":
        values = {k: v.isoformat() if isinstance(v, date) else v for k, v in values.items()}
    async with reading(engine) as connection:
        return (await connection.execute(text(sql), values)).all()
