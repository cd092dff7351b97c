"""Exports of a group by Bitly, whole: what is cut at its size is asked for in narrower parts.

An export tells at most 1,000 rows, 200 of them with metrics, and no way to the others but another
filter. So the time in which links were made is halved until each part is told whole.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from harvester.bitly.client import BitlyClient
from harvester.bitly.csvs import Export, export
from harvester.bitly.errors import UnexpectedShape
from harvester.bitly.exports import ListFilter, list_request

_BEGAN: Final = int(datetime(2008, 7, 1, tzinfo=UTC).timestamp())  # some are dated 1970
Made = tuple[int, int]
"""The unix seconds between which something was made, the last one not included."""


@dataclass(frozen=True, slots=True)
class Handing:
    """Asks for all of one export of a group; `span` is that of its metrics, in unix seconds."""

    client: BitlyClient
    group_guid: str
    export_type: str
    span: tuple[int, int] | None = None

    async def parts(self, now: datetime) -> AsyncIterator[Export]:
        """Yield the parts, the earliest made first. The first one may be empty.

        Raises BitlyError; UnexpectedShape also if a single second holds more than can be told, or
        the parts have different columns.
        """
        columns: tuple[str, ...] | None = None
        left: list[Made] = [(0, int(now.timestamp()) + 1)]
        while left:
            made = left.pop()
            told = await self._asked(made)
            if columns is not None and told.columns != columns:
                raise UnexpectedShape("the parts of an export have different columns")
            columns = told.columns
            if told.truncated:
                left += reversed(_halves(made))
            else:
                yield told

    async def _asked(self, made: Made) -> Export:
        by = ListFilter(archived="both", created_after=made[0], created_before=made[1])
        request = list_request(self.group_guid, self.export_type, by, self.span)
        return await self.client.answer(request, export)


def _halves(made: Made) -> tuple[Made, Made]:
    """Return the two parts that a time is made of; what came before Bitly is one of them."""
    begin, end = made
    if end - begin <= 1:
        when = datetime.fromtimestamp(begin, UTC)
        raise UnexpectedShape(f"more was made at {when:%Y-%m-%dT%H:%M:%SZ} than an export tells")
    middle = _BEGAN if begin < _BEGAN < end else (begin + end) // 2
    return (begin, middle), (middle, end)
