"""No limit is passed in any minute or hour, however it is cut; the month keeps its reserve."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.bitly.budget import (
    Month,
    Rate,
    api_requests,
    next_hour,
    next_minute,
    next_month,
    per_minute,
)
from harvester.bitly.errors import ReserveReached
from harvester.bitly.models import PlanLimit

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


def sent_by(rate: Rate, idle: list[int]) -> list[datetime]:
    """Send as soon as is allowed after each idle time, in seconds."""
    at, sent = NOON, []
    for seconds in idle:
        at = rate.free_at(at + timedelta(seconds=seconds))
        rate.charge(at)
        sent.append(at)
    return sent


def most_within(sent: list[datetime], period: timedelta) -> int:
    return max(sum(start <= at <= start + period for at in sent) for start in sent)


@given(per_hour=st.integers(1, 60), idle=st.lists(st.integers(0, 900), min_size=1, max_size=80))
def test_no_sliding_minute_or_hour_holds_more_than_its_limit(
    per_hour: int, idle: list[int]
) -> None:
    sent = sent_by(Rate(per_hour), idle)
    assert most_within(sent, HOUR) <= per_hour
    assert most_within(sent, MINUTE) <= per_minute(per_hour)


def test_a_free_rate_lets_go_at_once_and_a_spent_one_when_the_oldest_is_an_hour_old() -> None:
    rate = Rate(20)
    assert sent_by(rate, [0, 0]) == [NOON, NOON]
    assert rate.free_at(NOON) == NOON + MINUTE + SECOND
    for minutes in range(18):
        rate.charge(NOON + minutes * 2 * MINUTE)
    assert rate.free_at(NOON + 50 * MINUTE) == NOON + HOUR + SECOND


def test_history_stays_under_a_new_limit() -> None:
    rate = Rate(100)
    sent_by(rate, [0] * 10)
    assert rate.resized(200).free_at(NOON) == NOON
    assert rate.resized(50).free_at(NOON) == NOON + MINUTE + SECOND


def test_what_others_sent_is_held_back_until_the_turn_of_the_hour() -> None:
    rate, at = Rate(100), NOON + 20 * MINUTE
    rate.charge(at)
    rate.counted(99, at)
    assert rate.free_at(at) == at
    rate.charge(at)
    assert rate.free_at(at) == NOON + HOUR
    assert rate.free_at(NOON + HOUR) == NOON + HOUR


def test_limit_spent_by_others_frees_at_the_turn_of_the_hour() -> None:
    rate = Rate(100)
    rate.counted(100, NOON)
    assert rate.free_at(NOON) == NOON + HOUR


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
    month.charge(NOON)
    month.charge(NOON)
    with pytest.raises(ReserveReached, match="8 of the month's 10") as caught:
        month.charge(NOON)
    assert caught.value.until == datetime(2026, 12, 1, tzinfo=UTC)


def test_month_begins_anew_on_the_first() -> None:
    month = Month(limit=10, used=10, reserve=0, until=next_month(NOON))
    month.charge(datetime(2026, 12, 1, tzinfo=UTC))
    assert (month.used, month.until) == (1, datetime(2027, 1, 1, tzinfo=UTC))


@given(limit=st.integers(0, 50), used=st.integers(0, 60), reserve=st.integers(0, 60))
def test_month_never_touches_the_reserve(limit: int, used: int, reserve: int) -> None:
    month = Month(limit, used, reserve, next_month(NOON))
    for _granted in range(limit - reserve - used):
        month.charge(NOON)
    with pytest.raises(ReserveReached):
        month.charge(NOON)


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
