"""What a bitlink was used for, and when: ranges of days tell apart what it served in turn."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

OUTSIDE = "outside"
"""What days of such a bitlink are called that are in none of its ranges."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """A bitlink's clicks from `since` to `until`, both included, are those of `name`."""

    link: str
    name: str
    since: date
    until: date


def overlapping(ranges: Iterable[Attribution]) -> tuple[Attribution, Attribution] | None:
    """Return two ranges of one link that have a day in common, if there are any."""
    ordered = sorted(ranges, key=lambda each: (each.link, each.since, each.until))
    for one, other in pairwise(ordered):
        if one.link == other.link and other.since <= one.until:
            return one, other
    return None
