"""What a tick is for: what is open each time, the rest at paces of its own, no day left out."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.daemon.errands import Done, Errand, Paces, errand, first_day, got_through

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PACES = Paces(settle=3 * DAY, settle_every=DAY, backfill_every=7 * DAY)
FRESH = Done(NOON, NOON, NOON)


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (HOUR, Errand.OPEN),
        (DAY - timedelta(milliseconds=1), Errand.OPEN),
        (DAY, Errand.SETTLING),
        (7 * DAY - timedelta(milliseconds=1), Errand.SETTLING),
        (7 * DAY, Errand.BACKFILL),
    ],
)
def test_each_errand_has_its_own_pace(later: timedelta, expected: Errand) -> None:
    now = NOON + later
    assert errand(FRESH, PACES, now, now + HOUR) is expected


def test_the_first_tick_of_all_is_about_everything() -> None:
    assert errand(Done(), PACES, NOON, NOON + HOUR) is Errand.BACKFILL
    assert first_day(Errand.BACKFILL, Done(), PACES) is None


@pytest.mark.parametrize(("hours", "expected"), [(11, Errand.SETTLING), (12, Errand.BACKFILL)])
def test_where_requests_are_short_a_backfill_waits_for_the_last_tick_of_the_day(
    hours: int, expected: Errand
) -> None:
    assert errand(Done(short=True), PACES, NOON, NOON + hours * HOUR) is expected


@pytest.mark.parametrize(
    ("errand", "day"),
    [
        (Errand.OPEN, date(2026, 11, 21)),
        (Errand.SETTLING, date(2026, 11, 18)),
        (Errand.BACKFILL, None),
    ],
)
def test_an_errand_begins_where_the_last_one_of_its_kind_left_off(
    errand: Errand, day: date | None
) -> None:
    assert first_day(errand, FRESH, PACES) == day


@given(
    gaps=st.lists(st.integers(1, 200), min_size=1, max_size=40),
    settle=st.integers(0, 5),
    settle_every=st.integers(0, 72),
)
def test_every_day_is_seen_after_its_end_and_after_it_has_settled(
    gaps: list[int], settle: int, settle_every: int
) -> None:
    paces = Paces(settle * DAY, settle_every * HOUR, 400 * DAY)
    now, done = NOON, FRESH
    seen: dict[date, datetime] = {NOON.date(): NOON}
    settled_by = NOON
    for hours in gaps:
        now += hours * HOUR
        task = errand(done, paces, now, now + HOUR)
        day = first_day(task, done, paces)
        while day is not None and day <= now.date():
            seen[day] = now
            day += DAY
        settled_by = now if task is Errand.SETTLING else settled_by
        done = got_through(done, task, now)
    for back in range((now - NOON).days):
        day = (NOON + back * DAY).date()
        end = datetime(day.year, day.month, day.day, tzinfo=UTC) + DAY
        assert end > now or seen[day] >= end
        assert end + settle * DAY > settled_by or seen[day] >= end + settle * DAY
