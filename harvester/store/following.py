"""Keeps what the views have to know of the settings: the reporting zone, and attributions."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.attribution import Attribution
from harvester.domain.links import spellings
from harvester.domain.zones import offsets as offsets_of
from harvester.store.engine import in_transaction, read
from harvester.store.instants import seconds
from harvester.store.tables import attributions, offsets, subjects

FIRST: Final = datetime(2008, 1, 1, tzinfo=UTC)
"""Bitly was founded in that year: no click is older."""

LAST: Final = datetime(2100, 1, 1, tzinfo=UTC)

Rows = list[dict[str, Any]]


async def follow(engine: AsyncEngine, zone: str, ranges: Sequence[Attribution]) -> None:
    """Bring the tables in step with the settings. What is in step already is not touched."""
    its_offsets = _offsets(zone)

    def found(connection: Connection) -> dict[Table, Rows]:
        wanted = {offsets: its_offsets, attributions: _attributions(connection, ranges)}
        return _changed(connection, wanted)

    if changed := await read(engine, found):
        await in_transaction(engine, lambda connection: _replace(connection, changed))


def _offsets(zone: str) -> Rows:
    return [
        {
            "zone": zone,
            "from_at": seconds(each.from_at),
            "until_at": seconds(each.until_at),
            "seconds": each.seconds,
        }
        for each in offsets_of(zone, FIRST, LAST)
    ]


def _attributions(connection: Connection, ranges: Sequence[Attribution]) -> Rows:
    """Return the ranges by the names that their links have in the store."""
    forms = {each.link: spellings(each.link) for each in ranges}
    names = {name for some in forms.values() for name in some}
    found = connection.scalars(select(subjects.c.name).where(subjects.c.name.in_(names)))
    stored = set(found) if names else set()
    return [
        {
            "bitlink": next((name for name in forms[each.link] if name in stored), each.link),
            "name": each.name,
            "since": each.since,
            "until": each.until,
        }
        for each in ranges
    ]


def _changed(connection: Connection, wanted: dict[Table, Rows]) -> dict[Table, Rows]:
    """Return those tables, with their rows, that hold something else."""
    return {
        table: rows
        for table, rows in wanted.items()
        if _kept(connection, table) != {frozenset(row.items()) for row in rows}
    }


def _replace(connection: Connection, changed: dict[Table, Rows]) -> None:
    for table, rows in changed.items():
        connection.execute(delete(table))
        if rows:
            connection.execute(insert(table), rows)


def _kept(connection: Connection, table: Table) -> set[frozenset[tuple[str, Any]]]:
    found = connection.execute(select(table)).mappings()
    return {frozenset(dict(row).items()) for row in found}
