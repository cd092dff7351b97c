"""When an account ticks: on time, once for all that was missed, right where clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.daemon.schedule import (
    Backoff,
    Means,
    Rhythm,
    Tick,
    first,
    following,
    gap,
    postponed,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]

shares = st.floats(0, 1)
instants = st.integers(0, 2 * 366 * 24 * 60).map(
    lambda m: datetime(2025, 1, 1, tzinfo=UTC) + m * MINUTE
)
lengths = st.integers(1, 3 * 24 * 60).map(lambda m: m * MINUTE)
rhythms = st.one_of(
    st.builds(Rhythm, lengths, jitter=lengths),
    st.builds(
        Rhythm,
        st.just(DAY),
        st.sampled_from(
            ["*/7 * * * *", "30 2 * * *", "0 */6 * * *", "15,45 2,3 * * SUN", "0 0 L * *"]
        ),
        st.sampled_from(ZONES),
        lengths,
    ),
)


def at(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def ticks(cron: str, zone: str, since: datetime, until: datetime) -> list[str]:
    """The ticks by cron in (since, until], as the clocks of the zone show them."""
    found, tick = [], Rhythm(DAY, cron, zone).after(since)
    while tick <= until:
        found.append(tick.astimezone(ZoneInfo(zone)).isoformat())
        tick = Rhythm(DAY, cron, zone).after(tick)
    return found


@given(rhythm=rhythms, instant=instants)
def test_a_tick_comes_after_the_one_before(rhythm: Rhythm, instant: datetime) -> None:
    one = rhythm.after(instant)
    assert instant < one < rhythm.after(one)


@given(rhythm=rhythms, due=instants, late=lengths)
def test_the_latest_tick_is_the_last_one_that_the_rhythm_comes_to(
    rhythm: Rhythm, due: datetime, late: timedelta
) -> None:
    due = rhythm.after(due)
    now, last = due + late, due
    while (tick := rhythm.after(last)) <= now:
        last = tick
    assert rhythm.latest(due, now) == last


def test_what_clocks_skip_comes_at_the_end_of_the_gap() -> None:
    start, end = at("2026-03-28T12:00", "Europe/Berlin"), at("2026-03-30T12:00", "Europe/Berlin")
    assert ticks("30 2 * * *", "Europe/Berlin", start, end) == [
        "2026-03-29T03:00:00+02:00",
        "2026-03-30T02:30:00+02:00",
    ]


def test_what_clocks_repeat_comes_once_unless_it_comes_each_hour() -> None:
    start, end = at("2026-10-25T01:00", "Europe/Berlin"), at("2026-10-25T04:00", "Europe/Berlin")
    assert ticks("30 2 * * *", "Europe/Berlin", start, end) == ["2026-10-25T02:30:00+02:00"]
    assert ticks("0 * * * *", "Europe/Berlin", start, end) == [
        "2026-10-25T02:00:00+02:00",
        "2026-10-25T02:00:00+01:00",
        "2026-10-25T03:00:00+01:00",
        "2026-10-25T04:00:00+01:00",
    ]


def test_a_tick_in_the_repeated_hour_is_not_repeated_by_one_who_asks_within_it() -> None:
    within = at("2026-10-25T02:10", "Europe/Berlin") + HOUR  # 02:10 for the second time
    end = within + 25 * HOUR
    assert ticks("30 2 * * *", "Europe/Berlin", within, end) == ["2026-10-26T02:30:00+01:00"]


@pytest.mark.parametrize(("at_start", "comes"), [(True, NOON), (False, NOON + 6 * HOUR)])
def test_the_first_tick_of_all_comes_at_start_or_as_planned(
    at_start: bool, comes: datetime
) -> None:
    assert first(Rhythm(6 * HOUR), None, NOON, at_start=at_start) == Tick(comes, comes)


def test_a_restart_keeps_the_rhythm_of_the_last_start() -> None:
    rhythm, last = Rhythm(6 * HOUR), NOON - 2 * HOUR
    assert first(rhythm, last, NOON, at_start=False) == Tick(NOON + 4 * HOUR, NOON + 4 * HOUR)
    assert first(rhythm, last, NOON, at_start=True) == Tick(NOON, NOON)


def test_what_was_missed_before_the_start_is_made_up_at_once() -> None:
    tick = first(Rhythm(6 * HOUR), NOON - 20 * HOUR, NOON, at_start=False)
    assert tick == Tick(NOON, NOON - 2 * HOUR, missed=True)


def test_a_clock_that_was_set_back_begins_anew() -> None:
    assert first(Rhythm(HOUR), NOON + DAY, NOON, at_start=False).at == NOON + HOUR


@given(rhythm=rhythms, due=instants, late=lengths, share=shares)
def test_missed_ticks_are_made_up_once_and_the_rhythm_goes_on(
    rhythm: Rhythm, due: datetime, late: timedelta, share: float
) -> None:
    due = rhythm.after(due)
    now = due + late
    tick = following(rhythm, due, now, share=share)
    assert tick.at >= now
    assert tick.missed is (rhythm.after(due) <= now)
    if tick.missed:
        assert tick.at == now
        assert due < tick.due <= now
        tick = following(rhythm, tick.due, now, share=share)
        assert not tick.missed
    assert now < tick.due <= tick.at < rhythm.after(tick.due)


@given(rhythm=rhythms, due=instants, share=shares)
def test_jitter_delays_a_tick_and_is_not_added_up(
    rhythm: Rhythm, due: datetime, share: float
) -> None:
    due = rhythm.after(due)
    tick = following(rhythm, due, due, share=share)
    assert tick.due == rhythm.after(due)
    assert timedelta() <= tick.at - tick.due <= rhythm.jitter


@pytest.mark.parametrize(
    ("failures", "share", "waits"),
    [(1, 1, 1), (1, 0, 0.5), (2, 1, 2), (3, 1, 4), (4, 1, 8), (5, 1, 10), (99, 1, 10), (99, 0, 5)],
)
def test_backing_off_doubles_up_to_its_longest(failures: int, share: float, waits: float) -> None:
    backoff = Backoff(MINUTE, 10 * MINUTE)
    assert backoff.until(failures, NOON, share=share) == NOON + waits * MINUTE


@given(left=st.integers(0, 10_000), costs=st.integers(0, 500))
def test_ticks_so_far_apart_last_until_the_month_turns(left: int, costs: int) -> None:
    apart = gap(Means(left, NOON + 9 * DAY, costs), NOON)
    ticks = round(9 * DAY / apart)
    assert costs * ticks <= max(left, costs)  # one that does not suffice waits for the turn
    assert costs * (ticks + 1) > left or costs == 0


@given(rhythm=rhythms, due=instants, wait=lengths, share=shares)
def test_a_postponed_tick_is_the_first_that_may_come(
    rhythm: Rhythm, due: datetime, wait: timedelta, share: float
) -> None:
    tick = following(rhythm, due, due, share=share)
    later = postponed(rhythm, tick, tick.at + wait, "why", share=share)
    assert later.at >= later.due >= tick.at + wait
    assert later.why == "why"
    if rhythm.cron is None:
        assert later.due == tick.at + wait
    assert postponed(rhythm, tick, tick.at, "why", share=share) is tick
