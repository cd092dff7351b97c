"""The month keeps its reserve, a day keeps to its share, and what is left has a date."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.bitly.errors import ReserveReached, ShareSpent
from harvester.bitly.month import Month, done_by

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
TODAY = NOON.date()


def charge(month: Month, times: int = 1, *, at: datetime = NOON, keep: int | None = None) -> None:
    for _ in range(times):
        month.check(at, keep=keep)
        month.count()


def test_month_stops_before_its_reserve_and_says_when_to_go_on() -> None:
    month = Month(limit=10, reserve=2, day=TODAY, counted=6)
    charge(month, 2)
    with pytest.raises(ReserveReached, match="8 of the month's 10") as caught:
        month.check(NOON, keep=None)
    assert caught.value.until == DECEMBER


def test_month_begins_anew_on_the_first() -> None:
    month = Month(limit=10, reserve=0, day=TODAY, counted=10, ours=10, today=3)
    charge(month, at=DECEMBER)
    assert (month.used, month.today, month.day) == (1, 1, DECEMBER.date())


def test_whoever_counted_more_is_believed() -> None:
    assert Month(100, 0, TODAY, counted=50, ours=60).left(NOON) == 40
    assert Month(100, 0, TODAY, counted=70, ours=60).left(NOON) == 30


def test_share_of_a_day_is_even_over_the_days_left_today_included() -> None:
    month = Month(limit=130, reserve=20, day=TODAY, counted=10, even=True)
    assert month.share(NOON) == month.left_today(NOON) == 10  # the 21st to the 30th
    charge(month, 10, keep=0)
    with pytest.raises(ShareSpent, match="10 of 10") as caught:
        month.check(NOON, keep=0)
    assert caught.value.until == datetime(2026, 11, 22, tzinfo=UTC)
    assert month.left_today(NOON + DAY) == 10


def test_part_of_a_share_can_be_kept_for_something_else() -> None:
    month = Month(limit=100, reserve=0, day=TODAY, even=True)
    charge(month, 6, keep=4)
    with pytest.raises(ShareSpent):
        month.check(NOON, keep=4)
    charge(month, 4, keep=0)


def test_what_a_day_leaves_goes_to_the_days_after_it() -> None:
    month = Month(limit=100, reserve=0, day=TODAY, even=True)
    assert month.share(NOON) == 10
    assert month.share(NOON + 5 * DAY) == 20
    assert month.share(NOON + 9 * DAY) == 100


def test_lists_and_totals_may_exceed_the_share_and_later_days_pay_for_it() -> None:
    month = Month(limit=100, reserve=0, day=TODAY, even=True)
    charge(month, 46)
    assert (month.share(NOON), month.left_today(NOON)) == (10, 0)
    assert month.share(NOON + DAY) == 6


def test_greedy_spends_all_at_once() -> None:
    month = Month(limit=100, reserve=20, day=TODAY, counted=30, even=False)
    charge(month, 50, keep=0)
    with pytest.raises(ReserveReached):
        month.check(NOON, keep=0)


@given(
    limit=st.integers(0, 400),
    counted=st.integers(0, 300),
    reserve=st.integers(0, 200),
    wanted=st.lists(st.integers(0, 60), min_size=10, max_size=10),
)
def test_a_month_of_even_days_spends_what_it_may_and_no_more(
    limit: int, counted: int, reserve: int, wanted: list[int]
) -> None:
    month = Month(limit, reserve, TODAY, counted=counted, even=True)
    may, sent, refused = max(limit - reserve - counted, 0), 0, False
    for number, requests in enumerate(wanted):
        at = NOON + number * DAY
        granted = min(requests, month.left_today(at))
        refused = granted < requests
        charge(month, granted, at=at, keep=0)
        sent += granted
    assert sent <= may
    if refused:  # on the last day all that is left may be sent
        assert sent == may


@pytest.mark.parametrize(
    ("requests", "month", "day"),
    [
        (1, Month(100, 0, TODAY, counted=50, today=5, even=True), date(2026, 11, 22)),
        (50, Month(100, 0, TODAY, counted=50, today=5, even=True), date(2026, 11, 30)),
        (51, Month(100, 0, TODAY, counted=50, today=5, even=True), date(2026, 12, 1)),
        (150, Month(100, 0, TODAY, counted=50, today=5, even=True), date(2026, 12, 31)),
        (100, Month(100, 0, TODAY, counted=100), date(2026, 12, 1)),
        (101, Month(100, 0, TODAY, counted=100), date(2027, 1, 1)),
        (1, Month(100, 100, TODAY), None),
        (10**9, Month(100, 0, TODAY, counted=100), None),
    ],
)
def test_what_is_left_can_be_done_by(requests: int, month: Month, day: date | None) -> None:
    assert done_by(requests, month, NOON) == day


def test_on_the_last_day_what_is_left_is_for_the_next_month() -> None:
    last = datetime(2026, 11, 30, 12, tzinfo=UTC)
    month = Month(310, 0, last.date(), counted=310, today=10, even=True)
    assert done_by(10, month, last) == date(2026, 12, 1)
    assert done_by(11, month, last) == date(2026, 12, 2)
