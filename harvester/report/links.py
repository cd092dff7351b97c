"""The backup of an account's bitlinks: each with all that Bitly told of it, under Bitly's names."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.report.cells import Column, Kind
from harvester.report.sources import ALL, Batch, Key, Stream, Wanted, selected
from harvester.store import backup

COLUMNS: Final = (
    Column("account", Kind.TEXT),
    Column("group_guid", Kind.TEXT),
    Column("id", Kind.TEXT),
    Column("link", Kind.TEXT),
    Column("custom_bitlinks", Kind.TEXTS),
    Column("long_url", Kind.TEXT),
    Column("title", Kind.TEXT),
    Column("archived", Kind.TRUTH),
    Column("created_at", Kind.INSTANT),
    Column("created_by", Kind.TEXT),
    Column("client_id", Kind.TEXT),
    Column("tags", Kind.TEXTS),
    Column("deeplinks", Kind.JSON),
    Column("campaign_ids", Kind.TEXTS),
    Column("launchpad_ids", Kind.TEXTS),
    Column("qr_code_ids", Kind.TEXTS),
    Column("expiration_at", Kind.TEXT),
    Column("dynamic_routing", Kind.JSON),
    Column("is_deleted", Kind.TRUTH),
    Column("first_seen_at", Kind.INSTANT),
    Column("last_seen_at", Kind.INSTANT),
    Column("unlisted_at", Kind.INSTANT),
    Column("gone_at", Kind.INSTANT),
)
"""Bitly's own fields; then when we saw the link first and last, and since when Bitly does not list
it, or does not know it any more."""


@dataclass(frozen=True, slots=True)
class Links:
    """Bitlinks, those that are gone included; custom back-halves are told with their links."""

    wanted: Wanted = ALL

    @asynccontextmanager
    async def opened(self, engine: AsyncEngine, after: Key) -> AsyncIterator[Stream]:
        """Read the links after a key. Raises StoreError."""
        first = after if isinstance(after, int) else 0
        query = backup.links(self.wanted.accounts, self.wanted.groups, after=first)
        async with selected(engine, query) as (_, batches):
            yield Stream(COLUMNS, _told(batches))


async def _told(batches: AsyncIterator[Sequence[Any]]) -> AsyncIterator[Batch]:
    async for rows in batches:
        yield Batch([_row(row._mapping) for row in rows], rows[-1].key)  # noqa: SLF001 - its API


def _row(stored: Any) -> tuple[Any, ...]:
    return tuple(_value(column, stored) for column in COLUMNS)


def _value(column: Column, stored: Any) -> Any:
    value = stored[column.name]
    if column.name == "custom_bitlinks":
        return _halves(value, stored["halves"])
    match column.kind:
        case Kind.INSTANT:
            return None if value is None else datetime.fromtimestamp(value, UTC)
        case Kind.TEXTS | Kind.JSON if value is not None:
            return json.loads(value)
        case Kind.TRUTH:
            return bool(value)
    return [] if column.kind is Kind.TEXTS or column.name == "deeplinks" else value


def _halves(told: str | None, names: str | None) -> list[str]:
    """Return custom back-halves as URLs, as Bitly writes them: its own list, or those we know."""
    halves: list[str] = json.loads(told) if told is not None else (names or "").splitlines()
    return [half if "://" in half else f"https://{half}" for half in halves]
