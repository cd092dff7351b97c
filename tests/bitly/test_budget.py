"""Turns come after now, a minute has a tenth of the hour, the month keeps its reserve."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.bitly.budget import (
    Month,
    api_requests,
    next_hour,
    next_minute,
    next_month,
    per_minute,
)
from harvester.bitly.errors import ReserveReached
from harvester.bitly.models import PlanLimit

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("hour", "minute"), [(1, 1), (9, 1), (1000, 100), (1500, 150)])
def test_minute_is_a_tenth_of_the_hour_and_at_least_one(hour: int, minute: int) -> None:
    assert per_minute(hour) == minute


def test_turns_of_minute_hour_and_month_come_after_now() -> None:
    at = datetime(2026, 12, 31, 23, 59, 59, 5, tzinfo=UTC)
    assert next_minute(at) == next_hour(at) == next_month(at) == datetime(2027, 1, 1, tzinfo=UTC)
    assert next_minute(NOON) == NOON + MINUTE
    assert next_month(datetime(2028, 2, 1, tzinfo=UTC)) == datetime(2028, 3, 1, tzinfo=UTC)


def test_month_stops_before_its_reserve_and_says_when_to_go_on() -> None:
    month = Month(limit=10, used=6, reserve=2, until=next_month(NOON))
    charge(month, 2)
    with pytest.raises(ReserveReached, match="8 of the month's 10") as caught:
        month.check(NOON)
    assert caught.value.until == datetime(2026, 12, 1, tzinfo=UTC)


def test_month_begins_anew_on_the_first() -> None:
    month = Month(limit=10, used=10, reserve=0, until=next_month(NOON))
    charge(month, at=datetime(2026, 12, 1, tzinfo=UTC))
    assert (month.used, month.until) == (1, datetime(2027, 1, 1, tzinfo=UTC))


@given(limit=st.integers(0, 50), used=st.integers(0, 60), reserve=st.integers(0, 60))
def test_month_never_touches_the_reserve(limit: int, used: int, reserve: int) -> None:
    month = Month(limit, used, reserve, next_month(NOON))
    charge(month, limit - reserve - used)
    with pytest.raises(ReserveReached):
        month.check(NOON)


def charge(month: Month, times: int = 1, *, at: datetime = NOON) -> None:
    for _ in range(times):
        month.check(at)
        month.count()


ENCODES = PlanLimit("encodes", 500, 3)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([], None),
        ([ENCODES], None),
        ([ENCODES, PlanLimit("api_requests", 1000, 5)], "api_requests"),
        ([ENCODES, PlanLimit("x", 1000, 5, "API calls per month")], "x"),
        ([PlanLimit("requests", 9, 1), PlanLimit("y", 9, 1, "API requests")], "y"),
        ([PlanLimit("api_links", 9, 1), PlanLimit("api_codes", 9, 1)], None),
        ([PlanLimit("api_requests", -1, 5)], None),
        ([PlanLimit("capital", 10, 5)], None),
    ],
)
def test_row_of_api_requests_is_found_or_not_known(
    rows: list[PlanLimit], found: str | None
) -> None:
    row = api_requests(rows)
    assert (row.name if row else None) == found
