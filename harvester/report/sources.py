"""What can be exported from the store, and how its rows are read: as a stream, in flat memory.

Rows come in the order of a key: a link's own, or the day of what has days. So what an export has
written when it breaks off is all up to some key, and it can go on `after` that.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Protocol

from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.report.cells import Column
from harvester.store.engine import reading

BATCH: Final = 2_000
Key = int | str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: of accounts and groups (guids), none of which means all; days, both included."""

    accounts: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None


ALL: Final = Wanted()


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows; `after` is the key up to which all have been told now, None if it has no key."""

    rows: Sequence[Sequence[Any]]
    after: Key = None


@dataclass(frozen=True, slots=True)
class Stream:
    """The columns, and the rows as they are read."""

    columns: tuple[Column, ...]
    batches: AsyncIterator[Batch]


class Source(Protocol):
    """Something that can be exported; its `repr` tells it from any other."""

    def opened(self, engine: AsyncEngine, after: Key) -> AbstractAsyncContextManager[Stream]:
        """Read what comes after a key, for the time of a block. Raises StoreError."""


@asynccontextmanager
async def selected(
    engine: AsyncEngine, query: Executable, values: dict[str, Any] | None = None
) -> AsyncIterator[tuple[list[str], AsyncIterator[Sequence[Sequence[Any]]]]]:
    """Yield the names of a query's columns, and its rows in batches, by a cursor of the server."""
    async with reading(engine) as connection:
        result = await connection.stream(query, values or {})
        yield list(result.keys()), result.partitions(BATCH)
