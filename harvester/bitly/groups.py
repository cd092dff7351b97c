"""What Bitly tells of a whole group at once: its clicks, and its most clicked links. Pure.

Source: dev.bitly.com/api-reference, "Groups". No recorded answer of a group's clicks is known: the
form of `ts` is not documented, so a date and unix seconds are both taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec

from harvester.bitly.errors import UnexpectedShape
from harvester.bitly.facets import MOST_ROWS, Answer, Answered, series
from harvester.bitly.manners import LONGEST
from harvester.bitly.models import Bitlink, Count, bitlink, instant, shaped
from harvester.domain.rosters import BitlinkDetails
from harvester.domain.subjects import bitlink_id
from harvester.domain.windows import Window

GROUP_CLICKS: Final = "/groups/{group_guid}/clicks"
SORTED: Final = "/groups/{group_guid}/bitlinks/{sort}"
EXPORTS: Final = "/groups/{group_guid}/exports"


@dataclass(frozen=True, slots=True)
class SortedList:
    """The most clicked links of a group in a span: clicks by id, and what `links` tells of them.

    `full` is True if the list is as long as it may be, so that more links may have clicks.
    """

    clicks: Mapping[str, int]
    links: tuple[BitlinkDetails, ...]
    full: bool


class _Count(msgspec.Struct):
    ts: str | int
    count: Count


class _Counts(Answered, kw_only=True):
    data: Annotated[list[_Count], MOST_ROWS]


class _SortedLink(msgspec.Struct):
    id: str
    clicks: Count


class _SortedLinks(msgspec.Struct):
    sorted_links: Annotated[list[_SortedLink], MOST_ROWS]
    links: Annotated[list[Bitlink], MOST_ROWS] = []


def group_clicks(json_value: object, windows: Sequence[Window]) -> Answer:
    """Return the group's clicks in each of the adjacent `windows` asked for, oldest first.

    Raises UnexpectedShape rather than return a zero that was not said.
    """
    answer = shaped(json_value, _Counts)
    dated = [(start(each.ts), each.count) for each in answer.data]
    return series(answer, dated, windows)


def sorted_links(json_value: object, *, size: int = LONGEST) -> SortedList:
    """Return the links with clicks; one that ends in a zero has named all that have any."""
    answer = shaped(json_value, _SortedLinks)
    clicks: dict[str, int] = {}
    for each in answer.sorted_links:
        try:
            name = bitlink_id(each.id)
        except ValueError as error:
            raise UnexpectedShape(str(error)[:200]) from None
        if clicks.setdefault(name, each.clicks) != each.clicks:
            raise UnexpectedShape(f"two different counts for {name[:100]}")
    full = len(answer.sorted_links) >= size and min(clicks.values(), default=0) > 0
    return SortedList(clicks, tuple(bitlink(each) for each in answer.links), full)


def start(ts: str | int) -> datetime:
    """Return when a bucket begins, in either form. Raises UnexpectedShape."""
    if isinstance(ts, str):
        return instant(ts)
    try:
        return datetime.fromtimestamp(ts, UTC)
    except (ValueError, OverflowError, OSError):
        raise UnexpectedShape(f"not an instant: {ts}") from None
