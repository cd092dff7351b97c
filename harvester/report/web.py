"""The page of the report as a daemon serves it: made anew for each request, with filters."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import tzinfo
from http import HTTPStatus
from typing import Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.clock import Clock
from harvester.domain.errors import ConfigError, HarvesterError
from harvester.report.asking import Asking
from harvester.report.assets import Filters, policy
from harvester.report.choosing import Asked, chosen_from, period_from
from harvester.report.figures import Figures
from harvester.report.period import Period
from harvester.report.reading import Wanted, days_stored, figures
from harvester.report.selection import Chosen
from harvester.store.engine import reading

MOST: Final = 300
"""Lines of a ranking on the page: more than there are countries."""

_LONGEST = 2_100  # letters of a value: a link may have as many
_MOST_VALUES = 100
_MOST_DAYS = 1_100  # three years
_ONCE = ("period", "since", "until")
_MANY = {name: f"{name}s" for name in ("account", "group", "tag", "campaign", "link")}
Handler = Callable[[web.Request], Awaitable[web.Response]]

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def report_handler(
    engine: AsyncEngine, clock: Clock, zone: tzinfo, draw: Callable[[Figures, Filters], str]
) -> Handler:
    """Return what answers GET /report: the page over `engine`, by filters in the query.

    What cannot be shown is said on the page, with status 400; 503 is for a database that is gone
    and for a harvester without the extra that draws. One page is drawn at a time, by `draw` in a
    thread: the loop goes on.
    """
    turn = asyncio.Lock()

    async def handle(request: web.Request) -> web.Response:
        given = list(request.query.items())
        try:
            async with turn:
                found, filters = await _read(engine, clock, zone, given)
                text = await asyncio.to_thread(draw, found, filters)
        except HarvesterError as error:
            return web.Response(text=f"{error}\n", status=HTTPStatus.SERVICE_UNAVAILABLE)
        headers = {**_HEADERS, "Content-Security-Policy": policy(live=True)}
        status = HTTPStatus.BAD_REQUEST if filters.error else HTTPStatus.OK
        return web.Response(text=text, content_type="text/html", status=status, headers=headers)

    return handle


async def _read(
    engine: AsyncEngine, clock: Clock, zone: tzinfo, given: Sequence[tuple[str, str]]
) -> tuple[Figures, Filters]:
    """Read what is asked for; where that cannot be, the usual, and why."""
    wanted, error = Wanted(await _usual(engine, clock), zone=zone), ""
    try:
        wanted = replace(await _wanted(engine, clock, asked_from(given)), zone=zone)
    except ConfigError as refused:
        error = str(refused)
    found = await figures(engine, wanted, clock.now())
    return found, Filters(dict(given), {"group": await _groups(engine)}, error)


def asked_from(given: Iterable[tuple[str, str]]) -> Asked:
    """Return what the pairs of a URL's query ask for; empty values ask for nothing.

    Raises ConfigError for a name that is none, one that stands twice, or a value out of bounds.
    """
    once: dict[str, str] = {}
    many: dict[str, list[str]] = {name: [] for name in _MANY.values()}
    for name, value in given:
        if len(value) > _LONGEST:
            raise ConfigError(f"{name[:20]}: longer than {_LONGEST} letters")
        if name not in _ONCE and name not in _MANY:
            raise ConfigError(f"{name[:20]!r} is no filter: {', '.join((*_ONCE, *_MANY))}")
        if not value.strip():
            continue
        if name in once:
            raise ConfigError(f"{name}: once is enough")
        if name in _ONCE:
            once[name] = value
        else:
            many[_MANY[name]].append(value)
    if sum(map(len, many.values())) > _MOST_VALUES:
        raise ConfigError(f"more than {_MOST_VALUES} filters")
    return Asked(
        once.get("period"),
        once.get("since"),
        once.get("until"),
        many["accounts"],
        many["groups"],
        many["tags"],
        many["campaigns"],
        many["links"],
    )


async def _usual(engine: AsyncEngine, clock: Clock) -> Period:
    return (await _wanted(engine, clock, Asked())).period


async def _wanted(engine: AsyncEngine, clock: Clock, asked: Asked) -> Wanted:
    now = clock.now()
    stored = await days_stored(engine) or Period(now.date(), now.date())
    period = period_from(asked, stored, now)
    if len(period.days()) > _MOST_DAYS:
        raise ConfigError(f"more than {_MOST_DAYS:,} days on one page")
    return Wanted(period, await chosen_from(engine, asked), MOST)


async def _groups(engine: AsyncEngine) -> list[str]:
    async with reading(engine) as connection:
        rows = await Asking(connection, Chosen())("groups")
    return [row.group_guid for row in rows[:_MOST_VALUES]]
