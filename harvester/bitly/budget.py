"""Turns of minute, hour and month, and the month's requests of an account. Pure.

The month's limit resets "on the first of the month"; a minute's is a tenth of the hour's
(dev.bitly.com/docs/getting-started/rate-limits).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from harvester.bitly.errors import ReserveReached
from harvester.bitly.models import PlanLimit

MARGIN: Final = timedelta(seconds=1)  # requests reach Bitly a little later or earlier than sent
MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
API: Final = frozenset({"api", "apis"})
REQUEST: Final = frozenset({"request", "requests", "call", "calls"})


def per_minute(per_hour: int) -> int:
    """Return the minute's share of an hourly limit: a tenth, and at least one request."""
    return max(per_hour // 10, 1)


def next_minute(at: datetime) -> datetime:
    """Return the first turn of the minute after `at`."""
    return at.replace(second=0, microsecond=0) + MINUTE


def next_hour(at: datetime) -> datetime:
    """Return the first turn of the hour after `at`."""
    return at.replace(minute=0, second=0, microsecond=0) + HOUR


def next_month(at: datetime) -> datetime:
    """Return midnight UTC of the first of the month after `at`."""
    first = at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)


@dataclass(slots=True)
class Month:
    """The month's requests of an account: `reserve` of `limit` is left to its other users."""

    limit: int
    used: int
    reserve: int
    until: datetime

    def check(self, at: datetime) -> None:
        """Return if a request may be sent `at`. Raises ReserveReached if only the reserve is left.

        Nothing is held back after the turn of the month, until the new month's use is known.
        """
        if at >= self.until:
            self.used, self.until = 0, next_month(at)
        if self.used >= self.limit - self.reserve:
            raise ReserveReached(
                f"{self.used} of the month's {self.limit} API requests are used and {self.reserve} "
                f"are left to others; the next month begins on {self.until:%Y-%m-%d}",
                until=self.until,
            )

    def count(self) -> None:
        """Count a request that is sent now."""
        self.used += 1


def api_requests(limits: Iterable[PlanLimit]) -> PlanLimit | None:
    """Return the plan's row about API requests, or None if it is not known which one that is.

    Its name is not documented: it is the one row that speaks of both "api" and "request" or
    "call", or failing that the one row that speaks of either. A limit below one bounds nothing.
    """
    bounded = [limit for limit in limits if limit.limit > 0]
    words = [set(re.findall("[a-z]+", f"{row.name} {row.description}".lower())) for row in bounded]
    both = [row for row, said in zip(bounded, words, strict=True) if said & API and said & REQUEST]
    either = [row for row, said in zip(bounded, words, strict=True) if said & (API | REQUEST)]
    found = both or either
    return found[0] if len(found) == 1 else None
