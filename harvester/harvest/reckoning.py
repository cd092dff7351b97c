"""Reckoning what a harvest sends beside what its plan holds. Pure.

What nobody knows before the links are asked (custom back-halves that never were) is reckoned by a
sample of them; the rest is what each run sends of itself.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from harvester.bitly.budget import per_minute
from harvester.bitly.limiter import FEW
from harvester.harvest.expecting import Expected

CLOSE: Final = 0.04  # of all requests: how far off a sample may leave the estimate
SURE: Final = 2.5  # standard errors


@dataclass(frozen=True, slots=True)
class Sample:
    """Of `of` links that nothing is known of some were asked: in `clicked` windows each had some.

    `known` tells of all other places: how many, and in how many there were clicks.
    """

    of: int
    clicked: Sequence[int]

    @property
    def left(self) -> int:
        """How many links are not asked yet."""
        return self.of - len(self.clicked)

    @property
    def mean(self) -> float:
        """Windows with clicks for a link."""
        return sum(self.clicked) / len(self.clicked) if self.clicked else 0.0

    @property
    def off_by(self) -> float:
        """How many windows with clicks the links not asked may have more, or less, than reckoned.

        Infinite while too few were asked to tell.
        """
        asked = len(self.clicked)
        if not self.left:
            return 0.0
        if asked < 2:  # noqa: PLR2004 - there is no spread in one
            return math.inf
        spread = sum((each - self.mean) ** 2 for each in self.clicked) / (asked - 1)
        finite = self.left / self.of  # the more of them were asked, the less is open
        return SURE * self.left * math.sqrt(max(spread, 1 / asked) / asked * finite)


def is_close(off_by: float, requests: float) -> bool:
    """Whether an estimate of so many `requests` is good enough if it may be `off_by` so many."""
    return off_by <= CLOSE * max(requests, 1)


def reckoned(found: Sequence[Expected]) -> int:
    """Return how many of the unknown (link, window) probably have clicks, by those that do."""
    known_places = sum(each.known for each in found)
    clicked = sum(each.clicked for each in found)
    unknown = sum(each.unknown for each in found)
    return round(unknown * clicked / known_places) if known_places else unknown


def readings(busiest: Sequence[tuple[int, int]]) -> int:
    """Return how often the limiter reads Bitly's counts in a run.

    `busiest` are, stage by stage, the requests to the endpoint that takes longest, and its limit an
    hour. It reads before many requests, then each time a minute's share was sent; at first, until
    it is known what others send, more often.
    """
    if sum(requests for requests, _ in busiest) <= FEW:
        return 0
    shares = [requests / max(per_minute(hourly), 20) for requests, hourly in busiest]
    return 1 + round(sum(shares)) + min(round(2 * sum(shares)), 2)
