"""Spans are calendar buckets counted back from the one that holds the reference."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.domain.windows import Unit
from harvester.sandbox.spans import Ask, Refused, Span, asked, spanned
from tests.sandbox.asking import NOW

FIRST_DAY = date(2026, 10, 1)
REFERENCE = "&unit_reference=2026-11-20T23:59:59%2B0000"


def span(query: str, history: int | None = None, *, cut: bool = True) -> Span:
    return spanned(asked(query), NOW, first_day=FIRST_DAY, history=history, cut=cut)


@pytest.mark.parametrize(
    ("query", "starts"),
    [
        (f"unit=day&units=2{REFERENCE}", ["2026-11-19", "2026-11-20"]),
        (f"unit=week&units=2{REFERENCE}", ["2026-11-09", "2026-11-16"]),
        (f"unit=month&units=3{REFERENCE}", ["2026-09-01", "2026-10-01", "2026-11-01"]),
        ("units=1&unit_reference=2026-11-20T23:59:59-0700", ["2026-11-21"]),
        ("units=1&unit_reference=", ["2026-11-20"]),
        ("unit=month&units=1&unit_reference=2026-01-31T00:00:00%2B0000", ["2026-01-01"]),
        (
            "unit=month&units=2&unit_reference=2026-01-31T00:00:00%2B0000",
            ["2025-12-01", "2026-01-01"],
        ),
    ],
)
def test_buckets_end_with_the_one_that_holds_the_reference(query: str, starts: list[str]) -> None:
    found = span(query)
    assert [str(window.day) for window in found.windows()] == starts
    assert found.units == len(starts)


def test_hours_end_with_the_present_one() -> None:
    hours = [window.start.hour for window in span("unit=hour&units=3").windows()]
    assert hours == [13, 14, 15]


@given(
    unit=st.sampled_from(Unit),
    units=st.integers(1, 400),
    reference=st.datetimes(datetime(2020, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
)
def test_a_span_has_as_many_buckets_as_were_asked(
    unit: Unit, units: int, reference: datetime
) -> None:
    found = spanned(Ask(unit, units, reference), NOW, first_day=FIRST_DAY, history=None)
    windows = list(found.windows())
    assert len(windows) == units == found.units
    assert windows[-1].start <= reference < windows[-1].end
    assert (windows[0].start, windows[-1].end) == (found.start, found.end)


def test_history_cuts_the_span_and_the_units_tell() -> None:
    found = span(f"units=30{REFERENCE}", history=7)
    assert (found.units, found.start.date()) == (7, date(2026, 11, 14))


def test_a_span_wholly_before_the_history_has_no_buckets() -> None:
    found = span("units=2&unit_reference=2026-10-05T00:00:00%2B0000", history=7)
    assert (found.units, list(found.windows())) == (0, [])


def test_history_can_be_hidden_behind_the_units_asked_for() -> None:
    found = span("units=30", history=7, cut=False)
    assert (found.units, found.seen_from.date()) == (30, date(2026, 11, 14))


def test_all_units_are_echoed_and_sparse_without_a_history_limit() -> None:
    found = span("unit=day")
    assert (found.units, found.sparse, found.start.date()) == (-1, True, FIRST_DAY)


def test_all_units_become_finite_and_dense_with_a_history_limit() -> None:
    found = span("unit=day&units=-1", history=134)
    assert (found.units, found.sparse) == (134, False)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("unit=year", "INVALID_ARG_UNIT"),
        ("unit=days", "INVALID_ARG_UNIT"),
        ("units=-2", "INVALID_ARG_UNITS"),
        ("units=0", "INVALID_ARG_UNITS"),
        ("units=many", "INVALID_ARG_UNITS"),
        ("unit_reference=asdd", "INVALID_ARG_UNIT_REFERENCE"),
        ("unit_reference=-2", "INVALID_ARG_UNIT_REFERENCE"),
        ("unit_reference=2026-11-20T23:59:59+0000", "INVALID_ARG_UNIT_REFERENCE"),
        ("unit_reference=2026-11-20T23:59:59", "INVALID_ARG_UNIT_REFERENCE"),
    ],
)
def test_ill_put_questions_are_refused_by_name(query: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        asked(query)
    assert (refused.value.status, refused.value.code) == (400, code)


def test_the_year_one_is_an_internal_error() -> None:
    with pytest.raises(Refused) as refused:
        asked("unit_reference=0001-01-02T00:00:00%2B0000")
    assert refused.value.status == 500
