"""What Bitly tells of a whole group at once: its clicks, and its most clicked links. Pure.

Source: dev.bitly.com/api-reference, "Groups".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from harvester.bitly.facets.answers import MOST_ROWS
from harvester.bitly.facets.groups import GROUP_CLICKS, SORTED, SortedLinks, group_clicks
from harvester.bitly.manners import LONGEST
from harvester.bitly.models import Bitlink, bitlink, shaped
from harvester.domain.rosters import BitlinkDetails

EXPORTS: Final = "/groups/{group_guid}/exports"


@dataclass(frozen=True, slots=True)
class SortedList:
    """The most clicked links of a group in a span: clicks by id, and what `links` tells of them.

    `full` is True if the list is as long as it may be, so that more links may have clicks.
    """

    clicks: Mapping[str, int]
    links: tuple[BitlinkDetails, ...]
    full: bool


class _SortedLinks(SortedLinks, kw_only=True):
    links: Annotated[list[Bitlink], MOST_ROWS] = msgspec.field(default_factory=list)


def sorted_links(json_value: object, *, size: int = LONGEST) -> SortedList:
    """Return the links with clicks; one that ends in a zero has named all that have any."""
    answer = shaped(json_value, _SortedLinks)
    clicks = answer.ranked
    full = len(answer.sorted_links) >= size and min(clicks.values(), default=0) > 0
    return SortedList(clicks, tuple(bitlink(each) for each in answer.links), full)


__all__ = ["EXPORTS", "GROUP_CLICKS", "SORTED", "SortedList", "group_clicks", "sorted_links"]
