"""What people call periods, and what these are held against."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.domain.errors import ConfigError
from harvester.report.choosing import Asked, period_from
from harvester.report.period import Period, month_of, period_of

YESTERDAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
STORED = Period(date(2026, 11, 1), date(2026, 11, 21))
days = st.dates(date(2010, 1, 1), date(2040, 1, 1))


@pytest.mark.parametrize(
    ("word", "first", "last"),
    [
        ("7d", "2026-11-14", "2026-11-20"),
        ("2W", "2026-11-07", "2026-11-20"),
        ("month", "2026-10-01", "2026-10-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
    ],
)
def test_a_period_ends_with_the_last_whole_day(word: str, first: str, last: str) -> None:
    found = period_of(word, YESTERDAY)
    assert (str(found.first), str(found.last)) == (first, last)


def test_the_month_is_this_one_when_it_is_over() -> None:
    assert period_of("month", date(2026, 10, 31)) == month_of(date(2026, 10, 1))


@pytest.mark.parametrize("word", ["", "0d", "7", "month 3", "2026-13", "99999d", "9999w", "-1d"])
def test_what_is_no_period_is_refused(word: str) -> None:
    with pytest.raises(ConfigError, match="is no period"):
        period_of(word, YESTERDAY)


@given(first=days, length=st.integers(0, 400))
def test_the_period_before_ends_where_this_one_begins(first: date, length: int) -> None:
    period = Period(first, first + timedelta(days=length))
    assert period.before.last == first - timedelta(days=1)
    if period != month_of(first):
        assert len(period.before.days()) == len(period.days())


@given(day=days)
def test_a_month_is_held_against_the_month_before(day: date) -> None:
    month = month_of(day)
    assert month.before == month_of(month.first - timedelta(days=1))
    assert (month.last + timedelta(days=1)).day == month.first.day == 1


def test_days_that_were_never_stored_are_not_asked_for_by_themselves() -> None:
    assert period_from(Asked(), STORED, NOW) == Period(STORED.first, YESTERDAY)
    assert period_from(Asked("30d"), STORED, NOW) == Period(date(2026, 10, 22), YESTERDAY)
    today = Period(NOW.date(), NOW.date())
    assert period_from(Asked(), today, NOW) == today


def test_days_that_were_asked_for_are_shown_whatever_is_stored() -> None:
    asked = Asked(since="2026-10-01", until="2026-10-09")
    assert period_from(asked, STORED, NOW) == Period(date(2026, 10, 1), date(2026, 10, 9))
    assert period_from(Asked(since="3d"), STORED, NOW).last == NOW.date()
    assert period_from(Asked("7d", until="2026-11-10"), STORED, NOW).last == date(2026, 11, 10)
    with pytest.raises(ConfigError, match="one of them"):
        period_from(Asked("7d", since="3d"), STORED, NOW)
