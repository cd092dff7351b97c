"""Windows lie on the calendar's boundaries, one beside the other."""

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import chain, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.domain.windows import (
    DAY,
    Unit,
    Window,
    covering,
    day_window,
    days_of,
    holding,
    packed,
    spanning,
    whole,
)

instants = st.datetimes(
    datetime(1971, 1, 1),  # noqa: DTZ001 - hypothesis wants naive bounds and adds the zone
    datetime(2099, 1, 1),  # noqa: DTZ001
    timezones=st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours))),
)


@given(instant=instants, unit=st.sampled_from(Unit))
def test_an_instant_lies_in_its_window_and_the_window_on_its_own_start(
    instant: datetime, unit: Unit
) -> None:
    window = holding(instant, unit)
    assert window.start <= instant < window.end
    assert holding(window.start, unit) == window
    assert holding(window.end, unit).start == window.end


@given(instant=instants, unit=st.sampled_from(Unit), length=st.integers(1, 40))
def test_a_span_is_unbroken_and_packs_into_full_runs(
    instant: datetime, unit: Unit, length: int
) -> None:
    first = holding(instant, unit)
    last = first
    for _ in range(length - 1):
        last = holding(last.end, unit)
    windows = list(spanning(first, last))
    assert len(windows) == length
    assert all(a.end == b.start for a, b in pairwise(windows))
    runs = list(packed(windows, most=7))
    assert list(chain.from_iterable(runs)) == windows
    assert [len(run) for run in runs[:-1]] == [7] * (len(runs) - 1)


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    instant = datetime(2026, 11, 21, 23, 59, tzinfo=UTC)
    assert str(holding(instant, Unit.WEEK)) == "week of 2026-11-16T00:00Z"
    assert holding(instant, Unit.MONTH).end == datetime(2026, 12, 1, tzinfo=UTC)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError, match="no time zone"):
        holding(datetime(2026, 11, 21), Unit.DAY)  # noqa: DTZ001 - that is the point


def days(*numbers: int) -> list[Window]:
    return [day_window(date(2026, 11, number)) for number in numbers]


def test_what_lies_between_is_covered_along_with_it() -> None:
    assert list(covering(days(1, 3, 4), most=9)) == [days(1, 2, 3, 4)]
    assert list(covering(days(1, 3, 4), most=3)) == [days(1, 2, 3), days(4)]
    assert list(covering([], most=9)) == []


@given(numbers=st.sets(st.integers(1, 30)), most=st.integers(1, 12))
def test_each_window_is_covered_once_by_runs_that_are_not_too_long(
    numbers: set[int], most: int
) -> None:
    wanted = days(*sorted(numbers))
    runs = list(covering(wanted, most=most))
    covered = list(chain.from_iterable(runs))
    assert set(wanted) <= set(covered)
    assert len(set(covered)) == len(covered)
    assert all(0 < len(run) <= most for run in runs)
    assert all(b.start - a.start == DAY for run in runs for a, b in pairwise(run))
    assert all({run[0], run[-1]} <= set(wanted) for run in runs)


@given(instant=instants, unit=st.sampled_from([Unit.DAY, Unit.WEEK, Unit.MONTH]))
def test_the_days_of_a_window_make_it_up(instant: datetime, unit: Unit) -> None:
    window = holding(instant, unit)
    days = days_of(window)
    assert (days[0].start, days[-1].end) == (window.start, window.end)
    assert {day.unit for day in days} == {Unit.DAY}
    assert whole(days) == window


def test_days_that_are_no_week_or_month_make_up_nothing() -> None:
    days = days_of(holding(datetime(2026, 11, 4, tzinfo=UTC), Unit.WEEK))
    with pytest.raises(ValueError, match="2026-11-02 to 2026-11-07 is neither"):
        whole(days[:-1])
