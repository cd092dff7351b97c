"""Reads the figures of a report through the public views only: what any SQL client could ask."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.report.asking import Asking, as_day, as_instant
from harvester.report.figures import Anomaly, Figures, Gap, Ranking, Share
from harvester.report.knowledge import DayOfClicks, GroupDay, comparable, days_known
from harvester.report.period import Period
from harvester.report.selection import Chosen
from harvester.store.engine import reading

_LONG_AGO = date(2008, 1, 1)
_FRESH = timedelta(days=2)  # the newest day may not be over, and the one before may get late clicks


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a report is to be about; rankings hold at most `most` lines, hours are of `zone`."""

    period: Period
    chosen: Chosen = field(default_factory=Chosen)
    most: int = 10
    zone: tzinfo = UTC


async def figures(engine: AsyncEngine, wanted: Wanted, now: datetime) -> Figures:
    """Read the figures of a report, as they are `now`."""
    async with reading(engine) as connection:
        ask = Asking(connection, wanted.chosen)
        period, today = wanted.period, now.astimezone(UTC).date()
        groups = {
            (row.account, row.group_guid): _since(row.created_at) for row in await ask("groups")
        }
        days = await _days(ask, period, groups, today)
        earlier = await _days(ask, period.before, groups, today)
        uncomparable = comparable(days, earlier, today)
        compare = _Comparison(ask, period, wanted.most, usable=not uncomparable)
        return Figures(
            period=period,
            chosen=wanted.chosen.words(),
            made_at=now,
            days=days,
            earlier_days=earlier,
            uncomparable=uncomparable,
            links=await _links(compare),
            countries=await compare.ranking("countries"),
            cities=await compare.ranking("cities"),
            devices=await compare.ranking("devices"),
            referrers=await compare.ranking("referrers"),
            new_links=await _new_links(compare),
            quiet_links=None if uncomparable else await _quiet_links(compare),
            hours=await _hours(ask, wanted),
            zone=str(wanted.zone),
            anomalies=await _anomalies(ask, wanted),
            gaps=await _gaps(ask, period),
        )


async def days_stored(engine: AsyncEngine) -> Period | None:
    """Return the days of which the store knows anything; None if it is empty."""
    async with reading(engine) as connection:
        [row] = await Asking(connection, Chosen())("stored")
    return None if row.first is None else Period(as_day(row.first), as_day(row.last))


async def _days(
    ask: Asking, period: Period, groups: dict[tuple[str, str], date], today: date
) -> tuple[DayOfClicks, ...]:
    within = {"first": period.first, "last": period.last}
    clicks = {as_day(row.day): int(row.clicks) for row in await ask("days", **within)}
    stored = (
        GroupDay(
            as_day(row.day), (row.account, row.group_guid), row.status, row.missing, row.reason
        )
        for row in await ask("coverage", **within)
    )
    return days_known(period.days(), clicks, stored, groups, today)


def _since(created_at: object) -> date:
    return _LONG_AGO if created_at is None else as_instant(created_at).astimezone(UTC).date()


@dataclass(frozen=True, slots=True)
class _Comparison:
    """A period to rank, and the one before to hold it against where that is `usable`."""

    ask: Asking
    period: Period
    most: int
    usable: bool

    def within(self) -> dict[str, date]:
        return {"first": self.period.first, "last": self.period.last}

    async def ranking(self, name: str) -> Ranking:
        rows = await self.ask(name, **self.within())
        earlier: dict[str, int] = {}
        if self.usable:
            before = self.period.before
            found = await self.ask(name, first=before.first, last=before.last)
            earlier = {_label(row): int(row.clicks) for row in found}
        return Ranking(
            tuple(
                Share(
                    _label(row),
                    int(row.clicks),
                    earlier=earlier.get(_label(row), 0) if self.usable else None,
                )
                for row in rows[: self.most]
            ),
            count=len(rows),
            clicks=sum(int(row.clicks) for row in rows),
        )


def _label(row: Any) -> str:
    """Return what a row counts; a city with its region and country: there are many Springfields."""
    parts = (row.name, getattr(row, "region", ""), getattr(row, "country", ""))
    return ", ".join(part for part in parts if part)


async def _links(compare: _Comparison) -> Ranking:
    rows = await compare.ask("links", **compare.within(), most=compare.most)
    names = [row.name for row in rows] or [""]
    daily: dict[tuple[str, str], dict[date, int]] = defaultdict(dict)
    for row in await compare.ask("link_days", **compare.within(), names=names):
        daily[row.account, row.name][as_day(row.day)] = int(row.clicks)
    earlier: dict[tuple[str, str], int] = {}
    if compare.usable:
        before = compare.period.before
        found = await compare.ask(
            "earlier_links", first=before.first, last=before.last, names=names
        )
        earlier = {(row.account, row.name): int(row.clicks) for row in found}
    days = compare.period.days()
    lines = [
        replace(
            _share(row),
            earlier=earlier.get((row.account, row.name), 0) if compare.usable else None,
            daily=tuple(daily[row.account, row.name].get(day, 0) for day in days),
        )
        for row in rows
    ]
    return _ranked(rows, lines)


async def _new_links(compare: _Comparison) -> Ranking:
    start = datetime.combine(compare.period.first, time(), UTC)
    end = datetime.combine(compare.period.last, time(), UTC) + timedelta(days=1)
    rows = await compare.ask(
        "new_links", **compare.within(), start=start, end=end, most=compare.most
    )
    return _ranked(rows)


async def _quiet_links(compare: _Comparison) -> Ranking:
    before = compare.period.before.first
    return _ranked(
        await compare.ask("quiet_links", **compare.within(), before=before, most=compare.most)
    )


def _ranked(rows: Sequence[Any], lines: Sequence[Share] | None = None) -> Ranking:
    """Return a ranking of links: each row knows how many there are, and all their clicks."""
    shares = tuple(_share(row) for row in rows) if lines is None else tuple(lines)
    if not rows:
        return Ranking()
    return Ranking(shares, count=int(rows[0].links), clicks=int(rows[0].all_clicks))


def _share(row: Any) -> Share:
    return Share(row.name, int(row.clicks), row.title, row.link, row.account)


async def _hours(ask: Asking, wanted: Wanted) -> dict[tuple[int, int], int] | None:
    """Return clicks by weekday and hour of the zone; None where no hour was harvested.

    A weekday of which no day's hours were harvested has no number, not even zero.
    """
    within = {"first": wanted.period.first, "last": wanted.period.last}
    known = {as_day(row.day).weekday() for row in await ask("hours_known", **within)}
    cells = defaultdict(int, {(weekday, hour): 0 for weekday in known for hour in range(24)})
    for row in await ask("hours", **within):
        hour = as_instant(row.hour).astimezone(wanted.zone)
        cells[hour.weekday(), hour.hour] += int(row.clicks)
    return dict(cells) or None


async def _anomalies(ask: Asking, wanted: Wanted) -> tuple[Anomaly, ...] | None:
    """Return what is worth a look; None if the newest week does not end in the period."""
    period = wanted.period
    within = {"first": period.first, "last": period.last}
    [newest] = await ask("newest")
    if newest.day is None or not period.first <= as_day(newest.day) <= period.last + _FRESH:
        return None
    return tuple(
        Anomaly(
            as_day(row.day),
            row.kind,
            row.account,
            row.group_guid,
            row.name,
            row.title,
            int(row.clicks),
            int(row.usual),
            int(row.weeks),
        )
        for row in await ask("anomalies", **within, most=wanted.most)
    )


async def _gaps(ask: Asking, period: Period) -> tuple[Gap, ...]:
    rows = await ask("missing", first=period.first, last=period.last)
    return tuple(
        Gap(row.facet, row.reason, int(row.windows), as_day(row.first), as_day(row.last))
        for row in rows
    )
