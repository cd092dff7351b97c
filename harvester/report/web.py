"""The page of the report as a daemon serves it: made anew for each request, with filters."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus
from typing import Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.clock import Clock
from harvester.domain.errors import ConfigError
from harvester.report.asking import Asking
from harvester.report.choosing import Asked, chosen_from, period_from
from harvester.report.figures import Figures
from harvester.report.page import Filters, page, policy
from harvester.report.period import Period
from harvester.report.reading import Wanted, days_stored, figures
from harvester.report.selection import Chosen
from harvester.store.engine import reading

MOST: Final = 200
"""Lines of a ranking on the page."""

_LONGEST = 2_100  # letters of a value: a link may have as many
_MOST_VALUES = 100
_MOST_DAYS = 1_100  # three years
_ONCE = ("period", "since", "until")
_MANY = {"account": "accounts", "group": "groups", "tag": "tags", "link": "links"}
Handler = Callable[[web.Request], Awaitable[web.Response]]

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def report_handler(engine: AsyncEngine, clock: Clock) -> Handler:
    """Return what answers GET /report: the page over `engine`, by filters in the query.

    What cannot be shown is said on the page, with status 400. One page is drawn at a time, in a
    thread: the loop goes on.
    """
    drawing = asyncio.Lock()

    async def handle(request: web.Request) -> web.Response:
        given = list(request.query.items())
        try:
            found, error = await _figures(engine, clock, asked_from(given)), ""
        except ConfigError as refused:
            found, error = await _figures(engine, clock, Asked(), most=1), str(refused)
        filters = Filters(dict(given), {"group": await _groups(engine)}, error)
        async with drawing:
            text = await asyncio.to_thread(page, found, filters)
        headers = {**_HEADERS, "Content-Security-Policy": policy(live=True)}
        status = HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK
        return web.Response(text=text, content_type="text/html", status=status, headers=headers)

    return handle


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
        many["links"],
    )


async def _figures(engine: AsyncEngine, clock: Clock, asked: Asked, *, most: int = MOST) -> Figures:
    now = clock.now()
    stored = await days_stored(engine) or Period(now.date(), now.date())
    wanted = Wanted(period_from(asked, stored, now), await chosen_from(engine, asked), most)
    if len(wanted.period.days()) > _MOST_DAYS:
        raise ConfigError(f"more than {_MOST_DAYS:,} days on one page")
    return await figures(engine, wanted, now)


async def _groups(engine: AsyncEngine) -> list[str]:
    async with reading(engine) as connection:
        rows = await Asking(connection, Chosen())("groups")
    return [row.group_guid for row in rows[:_MOST_VALUES]]
