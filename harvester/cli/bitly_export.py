"""`harvest export --bitly TYPE`: Bitly's own CSV of a group, asked for and handed on."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.csvs import Export
from harvester.bitly.errors import FacetRefused
from harvester.bitly.exports import ENGAGEMENTS
from harvester.cli.asking import asking
from harvester.cli.options import accounts_from, settings_from
from harvester.cli.output import say
from harvester.clock import SystemClock
from harvester.config import Account, Settings
from harvester.domain.errors import ConfigError
from harvester.domain.naming import named_groups
from harvester.harvest.handing import Handing
from harvester.harvest.since import days
from harvester.report.cells import Column, Kind
from harvester.report.export import Exported, Format
from harvester.report.sources import Batch, Key, Source, Stream
from harvester.store.engine import opened

Write = Callable[
    [AsyncEngine, Source, Path, Format, Mapping[str, Any]], Coroutine[Any, Any, Exported]
]
"""How a source is written."""


@dataclass(frozen=True, slots=True)
class Handed:
    """An export of Bitly's as a source: what it is called and holds is Bitly's."""

    handing: Handing
    now: datetime

    @asynccontextmanager
    async def opened(self, _engine: AsyncEngine, _after: Key) -> AsyncIterator[Stream]:
        """Ask for the first part: it tells what the columns are. Raises BitlyError."""
        parts = self.handing.parts(self.now)
        first = await anext(parts)
        self._warn(first)

        async def batches() -> AsyncIterator[Batch]:
            yield Batch(first.rows)
            async for part in parts:
                yield Batch(part.rows)

        yield Stream(tuple(Column(name, Kind.TEXT) for name in first.columns), batches())

    def _warn(self, told: Export) -> None:
        """Say if Bitly tells of less than was asked for: the plan shows no more."""
        span = self.handing.span
        if span is not None and told.unix_from is not None and told.unix_from > span[0]:
            seen = datetime.fromtimestamp(told.unix_from, UTC)
            say(f"harvest: warning: Bitly's metrics begin {seen:%Y-%m-%d %H:%M} UTC", err=True)


def handed_on(options: Mapping[str, Any], path: Path, form: Format, write: Write) -> Exported:
    """Ask for the export that `options` name, and write it. Raises BitlyError, ConfigError."""
    if len(options["groups"]) != 1:
        raise ConfigError("an export of Bitly's is one of a group: say which, with --group NAME")
    span = _span(options)
    settings = settings_from(options)
    account = accounts_from(settings, options["accounts"])[0]
    return asyncio.run(_run(settings, account, options, span, (path, form, write)))


def _span(options: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return the seconds of the days that are named; None if a list is to have no metrics."""
    if options["since"] is None:
        if options["bitly"] == ENGAGEMENTS:
            raise ConfigError(f"{ENGAGEMENTS} tells of a span: say from when on, with --since")
        return None
    now = SystemClock().now()
    meant = days(options["since"], options["until"], now)
    begin = datetime.combine(meant.first, time(), UTC)
    end = datetime.combine(meant.last + timedelta(days=1), time(), UTC)
    return int(begin.timestamp()), int(min(end, now).timestamp()) - 1


async def _run(
    settings: Settings,
    account: Account,
    options: Mapping[str, Any],
    span: tuple[int, int] | None,
    to: tuple[Path, Format, Write],
) -> Exported:
    path, form, write = to
    async with (
        opened(settings.database.url) as engine,
        asking(account, settings, engine) as client,
    ):
        [group] = named_groups(await client.groups(), options["groups"])
        handing = Handing(client, group.guid, options["bitly"], span)
        source = Handed(handing, SystemClock().now())
        try:
            return await write(engine, source, path, form, options)
        except FacetRefused as refused:
            raise FacetRefused(
                f"the plan of group {group.guid} has no exports of Bitly's: {refused};"
                " `harvest export links` and `harvest export metrics` need none"
            ) from refused
