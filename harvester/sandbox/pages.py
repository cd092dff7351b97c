"""Pages of a group's bitlinks: filters, and the cursor that `search_after` carries.

The cursor names the last bitlink of a page by its place in the order, so that pages stay right
when bitlinks come or go in between. An empty one is no cursor: the first page comes again
(dev.bitly.com/docs/getting-started/changes-to-retrieve-bitlinks-by-group).
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from harvester.domain.rosters import BitlinkDetails
from harvester.sandbox.spans import LARGEST, Refused, invalid, number, page_size
from harvester.sandbox.world import newest_first

_NEVER = 1 << 40


@dataclass(frozen=True, slots=True)
class Page:
    """Bitlinks, and the cursor to what follows them: empty after the last one."""

    links: Sequence[BitlinkDetails]
    search_after: str
    size: int


def page(
    links: Sequence[BitlinkDetails],
    given: Mapping[str, str],
    *,
    most: int = LARGEST,
    overlap: int = 0,
) -> Page:
    """Return the page of `links` (newest first) that the arguments ask for, or raise Refused.

    A page that is not the first begins with the last `overlap` bitlinks of the one before.
    """
    size = page_size(given, most=most)
    matches = _Filter(given).matches
    start = _place(given["search_after"], links) if "search_after" in given else 0
    start = max(start - overlap, 0)
    found = list(islice(filter(matches, islice(links, start, None)), size + 1))
    more = len(found) > size
    return Page(found[:size], _cursor(found[size - 1]) if more else "", size)


class _Filter:
    def __init__(self, given: Mapping[str, str]) -> None:
        archived = given.get("archived", "off")  # archived ones are left out unless asked for
        if archived not in {"on", "off", "both"}:
            raise invalid("archived")
        self._archived = None if archived == "both" else archived == "on"
        self._after = number(given, "created_after", 0)
        self._before = number(given, "created_before", _NEVER)

    def matches(self, link: BitlinkDetails) -> bool:
        if self._archived is not None and link.archived is not self._archived:
            return False
        created = -newest_first(link)[0]
        return self._after <= created < self._before


def _cursor(link: BitlinkDetails) -> str:
    order, name = newest_first(link)
    return urlsafe_b64encode(f"{order} {name}".encode()).decode()


def _place(cursor: str, links: Sequence[BitlinkDetails]) -> int:
    try:
        order, _, name = urlsafe_b64decode(cursor).decode().partition(" ")
        after = (float(order), name)
    except ValueError:
        raise Refused(400, "INVALID_ARG_SEARCH_AFTER", "search_after") from None
    return bisect_right(links, after, key=newest_first)
