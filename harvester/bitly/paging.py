"""Lists that come in pages, each of which names the next by a cursor."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

from harvester.bitly.errors import RepeatedCursor

T = TypeVar("T")


async def paged(
    ask: Callable[[str], Awaitable[tuple[Sequence[T], str]]], name: str
) -> AsyncIterator[list[T]]:
    """Yield what the pages of a list hold; `ask` returns the page of a cursor, and the next one.

    `name` says what is asked. Raises RepeatedCursor rather than read the same pages for ever: an
    empty cursor leads to the first page (dev.bitly.com/docs/getting-started/
    changes-to-retrieve-bitlinks-by-group).
    """
    cursor, seen = "", {""}
    while True:
        found, cursor = await ask(cursor)
        yield list(found)
        if not cursor:
            return
        if cursor in seen:
            error = RepeatedCursor(f"page {len(seen)} of the list leads back to an earlier one")
            error.add_request(name, 1)
            raise error
        seen.add(cursor)
