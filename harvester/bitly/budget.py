"""Turns of minute, hour and month, and the plan's row of the month's requests. Pure.

The month's limit resets "on the first of the month"; a minute's is a tenth of the hour's
(dev.bitly.com/docs/getting-started/rate-limits).
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from harvester.bitly.models import PlanLimit

MARGIN: Final = timedelta(seconds=1)  # requests reach Bitly a little later or earlier than sent
MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
LAST_ZONE: Final = timedelta(hours=12)  # behind UTC is the time zone in which months turn last
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


def renewed(at: datetime) -> datetime:
    """Return when a month's limit that was spent `at` has turned, wherever Bitly's clock may stand.

    In which time zone it turns is not documented, so we wait for the last one (UTC-12). What is
    spent in the first hours of a month in UTC may still be the month before.
    """
    first = at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first if at < first + LAST_ZONE else next_month(at)) + LAST_ZONE


def api_requests(limits: Iterable[PlanLimit], named: str | None = None) -> PlanLimit | None:
    """Return the plan's row about API requests, or None if it is not known which one that is.

    Its name is not documented: it is the one row that speaks of both "api" and "request" or
    "call", or failing that the one row that speaks of either. A limit below one bounds nothing.
    The row that a probe has `named` goes before all that.
    """
    bounded = [limit for limit in limits if limit.limit > 0]
    if by_name := [limit for limit in bounded if limit.name == named]:
        return by_name[0]
    words = [set(re.findall("[a-z]+", f"{row.name} {row.description}".lower())) for row in bounded]
    both = [row for row, said in zip(bounded, words, strict=True) if said & API and said & REQUEST]
    either = [row for row, said in zip(bounded, words, strict=True) if said & (API | REQUEST)]
    found = both or either
    return found[0] if len(found) == 1 else None
