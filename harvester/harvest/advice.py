"""Which of Bitly's plans would do, and how often one could harvest with it. Pure.

From what an account was seen to do: the days that were looked at tell how many links are clicked on
a day, and how much. A breakdown is asked anew when its link's clicks have moved since, so harvests
that come more often ask more.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

DAYS_A_MONTH: Final = 30.4
HOURLY, SIX_HOURLY, DAILY = 24, 4, 1
FREQUENCIES: Final[Mapping[str, int]] = {"daily": DAILY, "6-hourly": SIX_HOURLY, "hourly": HOURLY}


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as published: API requests a month, days of history. Free shows no metrics at all."""

    name: str
    requests: int
    history: int


PLANS: Final = (
    Plan("Free", 1_000, 0),
    Plan("Core", 5_000, 30),
    Plan("Growth", 25_000, 120),
    Plan("Premium", 50_000, 365),
)
"""bitly.com/pages/pricing."""


@dataclass(frozen=True, slots=True)
class Activity:
    """What an account does on a day, and what each harvest of it sends whatever was clicked.

    `clicked` is how many links have so many clicks on a day (on average, by clicks); `breakdowns`
    are asked of each. `fixed` requests go with each harvest, `first_day` with each past day that is
    harvested for the first time, beside the breakdowns.
    """

    clicked: Mapping[int, float]
    breakdowns: int
    fixed: int
    first_day: float

    def a_day(self, harvests: int) -> float:
        """Return the requests of a day with so many `harvests`, evenly spread over it."""
        moved = sum(links * _harvests_with(clicks, harvests) for clicks, links in self._items)
        return harvests * self.fixed + self.breakdowns * moved

    def first(self, days: int) -> int:
        """Return the requests of a first harvest of so many `days`."""
        links = sum(links for _, links in self._items)
        return math.ceil(self.fixed + days * (self.first_day + self.breakdowns * links))

    @property
    def _items(self) -> list[tuple[int, float]]:
        return [(clicks, links) for clicks, links in self.clicked.items() if clicks > 0]


@dataclass(frozen=True, slots=True)
class Advice:
    """What one plan would do: the share of it that each frequency takes, in per cent.

    The reserve is not part of it. `first` is what a first harvest of its whole history takes.
    """

    plan: Plan
    may_send: int
    first: int
    shares: Mapping[str, float]

    def fits(self, frequency: str) -> bool:
        """Whether a month at this frequency can be afforded; Free shows no metrics to harvest."""
        return self.plan.history > 0 and self.shares[frequency] <= 100  # noqa: PLR2004 - per cent


def advise(activity: Activity, reserve: int) -> list[Advice]:
    """Return what each plan would do if `reserve` per cent of it are left to others."""
    found = []
    for plan in PLANS:
        may_send = plan.requests * (100 - reserve) // 100
        shares = {
            name: 100 * DAYS_A_MONTH * activity.a_day(harvests) / max(may_send, 1)
            for name, harvests in FREQUENCIES.items()
        }
        found.append(Advice(plan, may_send, activity.first(plan.history), shares))
    return found


def _harvests_with(clicks: int, harvests: int) -> float:
    """Return after how many of a day's harvests a link has moved, if its clicks come evenly."""
    return harvests * (1 - (1 - 1 / harvests) ** clicks)
