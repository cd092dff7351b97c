"""Limits are fixed windows of the clock; the month is its own."""

from datetime import datetime, timedelta

from harvester.sandbox.limits import Limits
from tests.sandbox.asking import NOW

CLICKS = "/bitlinks/{bitlink}/clicks"
MINUTE = timedelta(minutes=1)


def taken(limits: Limits, count: int, at: datetime, endpoint: str = CLICKS) -> list[str | None]:
    return [limits.taken(endpoint, at) for _ in range(count)]


def test_a_minute_takes_a_tenth_of_the_hour() -> None:
    limits = Limits(per_hour=30)
    assert taken(limits, 4, NOW) == [None, None, None, "RATE_LIMIT_EXCEEDED"]
    assert limits.taken("/user", NOW) is None
    assert limits.taken(CLICKS, NOW + MINUTE) is None


def test_the_hour_turns_with_the_clock() -> None:
    limits = Limits(per_hour=2)
    assert [limits.taken(CLICKS, NOW + minute * MINUTE) for minute in (0, 1, 2, 29, 30)] == [
        None,
        None,
        "RATE_LIMIT_EXCEEDED",
        "RATE_LIMIT_EXCEEDED",
        None,
    ]
    assert limits.hour_count(CLICKS, NOW + 30 * MINUTE) == 1


def test_a_used_up_month_stops_what_is_metered_until_the_first() -> None:
    limits = Limits(per_month=10, used_before=8)
    assert taken(limits, 3, NOW) == [None, None, "API_USAGE_LIMIT_EXCEEDED"]
    assert limits.taken("/user", NOW) is None
    assert limits.used(NOW) == 10
    december = NOW.replace(month=12, day=1, hour=0, minute=0)
    assert taken(limits, 11, december) == [None] * 10 + ["API_USAGE_LIMIT_EXCEEDED"]


def test_unlimited_requests_are_counted_all_the_same() -> None:
    limits = Limits()
    assert taken(limits, 2_000, NOW) == [None] * 2_000
    assert limits.hour_count(CLICKS, NOW) == limits.used(NOW) == 2_000


def test_published_limits_are_per_endpoint() -> None:
    limits = Limits.published()
    assert limits.hourly("/groups/{group_guid}/bitlinks") == 1_500
    assert limits.hourly(CLICKS) == 1_000
