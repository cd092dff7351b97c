"""From what a person asked of a report to what its queries take: for words and for URLs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.errors import ConfigError
from harvester.domain.links import link_id, spellings
from harvester.harvest.since import days, last_day
from harvester.report.asking import Asking
from harvester.report.period import Period, period_of
from harvester.report.selection import Chosen
from harvester.store.engine import reading

USUAL = "30d"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked for, in words: texts as they were typed."""

    period: str | None = None
    since: str | None = None
    until: str | None = None
    accounts: Sequence[str] = ()
    groups: Sequence[str] = ()
    tags: Sequence[str] = ()
    campaigns: Sequence[str] = ()
    links: Sequence[str] = ()


def period_from(asked: Asked, stored: Period, now: datetime) -> Period:
    """Return the days that were asked for; the last 30 that are over and stored, if none were.

    Raises ConfigError for words that name no day, and for a length together with a first day.
    """
    today = now.astimezone(UTC).date()
    if asked.since is not None:
        if asked.period is not None:
            raise ConfigError("--period and --since: one of them")
        wanted = days(asked.since, asked.until, now)
        return Period(wanted.first, wanted.last)
    last = today - timedelta(days=1)
    if asked.until is not None:
        last = last_day(asked.until, now)
    found = period_of(asked.period or USUAL, last)
    if asked.period is not None:
        return found
    first = max(found.first, min(stored.first, today))
    return Period(first, max(found.last, first))


async def chosen_from(engine: AsyncEngine, asked: Asked) -> Chosen:
    """Return the filters that were asked for; groups go by guid or name, links by any form.

    Raises ConfigError if nothing that is stored fits.
    """
    async with reading(engine) as connection:
        groups = await Asking(connection, Chosen(accounts=tuple(asked.accounts)))("groups")
        chosen = Chosen(
            accounts=tuple(asked.accounts),
            groups=tuple(_guids(asked.groups, [(row.group_guid, row.name) for row in groups])),
            tags=tuple(asked.tags),
            campaigns=tuple(asked.campaigns),
            links=tuple(name for link in asked.links for name in _spelled(link)),
            said=tuple(asked.links),
        )
        [fitting] = await Asking(connection, chosen)("fitting")
    if chosen.words() and not fitting.links:
        words = ", ".join(f"{name} {' or '.join(said)}" for name, said in chosen.words().items())
        raise ConfigError(f"no link that is stored fits: {words}")
    return chosen


def _guids(wanted: Iterable[str], groups: Sequence[tuple[str, str]]) -> Iterable[str]:
    for word in wanted:
        found = [guid for guid, name in groups if word in {guid, name}]
        if not found:
            there = ", ".join(f"{guid} ({name})" for guid, name in groups[:10])
            raise ConfigError(f"no group {word!r}; there are: {there}")
        yield from found


def _spelled(link: str) -> tuple[str, ...]:
    try:
        return spellings(link_id(link))
    except ValueError as error:
        raise ConfigError(str(error)) from None
