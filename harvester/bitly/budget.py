"""What may be sent, and when: per minute and hour of an endpoint, per month of an account. Pure.

Limits hold "per endpoint" and "reset once each hour and once each minute", a minute's limit being
a tenth of the hour's; the month's "on the first of the month" (dev.bitly.com/docs/getting-started/
rate-limits). Whether the resets are aligned to the clock is not documented: counting over any
sixty minutes is right in both cases.
"""

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from harvester.bitly.errors import ReserveReached
from harvester.bitly.models import PlanLimit

MARGIN: Final = timedelta(seconds=1)  # requests reach Bitly a little later or earlier than sent
MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
NEVER: Final = datetime.min.replace(tzinfo=UTC)
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


class Rate:
    """The requests sent to one endpoint, held against its hourly limit and a tenth a minute."""

    def __init__(self, per_hour: int) -> None:
        """Allow `per_hour` requests an hour, at least one."""
        self.per_hour = max(per_hour, 1)
        self.per_minute = per_minute(self.per_hour)
        self._sent: deque[datetime] = deque(maxlen=self.per_hour)
        self._foreign = 0
        self._foreign_until = NEVER

    def free_at(self, at: datetime) -> datetime:
        """Return the first instant, not before `at`, at which one more request may be sent."""
        free = max(at, self._turn(self.per_minute, MINUTE), self._turn(self.per_hour, HOUR))
        if free >= self._foreign_until:
            return free
        own = self.per_hour - self._foreign
        shared = self._turn(own, HOUR) if own > 0 else self._foreign_until
        return max(free, min(shared, self._foreign_until))

    def charge(self, at: datetime) -> None:
        """Count a request sent `at`."""
        self._sent.append(at)

    def resized(self, per_hour: int) -> "Rate":
        """Return the same history under another limit."""
        rate = Rate(per_hour)
        rate._sent.extend(self._sent)
        return rate

    def counted(self, count: int, at: datetime) -> None:
        """Learn that Bitly counted `count` requests by `at`; what we did not send, others did.

        Their share is held back until the turn of the hour.
        """
        hour = next_hour(at) - HOUR
        self._foreign = max(count - sum(sent >= hour for sent in self._sent), 0)
        self._foreign_until = next_hour(at)

    def _turn(self, most: int, period: timedelta) -> datetime:
        """Return when fewer than `most` requests will lie within the last `period`."""
        if len(self._sent) < most:
            return NEVER
        return self._sent[-most] + period + MARGIN


@dataclass(slots=True)
class Month:
    """The month's requests of an account: `reserve` of `limit` is left to its other users."""

    limit: int
    used: int
    reserve: int
    until: datetime

    def charge(self, at: datetime) -> None:
        """Count a request to be sent `at`. Raises ReserveReached instead of touching the reserve.

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
