"""What follows from a tick: sooner after an outage, later where requests are short."""

from datetime import UTC, datetime, timedelta

import pytest

from harvester.daemon.course import Course, End, Result
from harvester.daemon.errands import Done, Errand
from harvester.daemon.schedule import Rhythm, Tick

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TURN = datetime(2026, 12, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
RHYTHM = Rhythm(6 * HOUR)
STEADY = Course(Tick(NOON, NOON), NOON - 6 * HOUR, Done(NOON, NOON, NOON))


def after(
    result: Result,
    course: Course = STEADY,
    *,
    errand: Errand = Errand.OPEN,
    rhythm: Rhythm = RHYTHM,
    now: datetime = NOON + MINUTE,
) -> Course:
    return course.after(errand, result, rhythm, now, share=1)


def test_a_tick_that_gets_through_is_followed_by_the_next_in_its_rhythm() -> None:
    course = after(Result(End.THROUGH, requests=7), Course(Tick(NOON, NOON), failures=3))
    assert course.tick == Tick(NOON + 6 * HOUR, NOON + 6 * HOUR)
    assert (course.taken, course.done) == (NOON, Done(opened_at=NOON))
    assert (course.failures, course.costs, course.spread) == (0, 7, False)


@pytest.mark.parametrize("end", [each for each in End if each is not End.THROUGH])
def test_only_a_tick_that_gets_through_has_done_something(end: End) -> None:
    course = after(Result(end, again_at=TURN))
    assert course.done == STEADY.done
    assert course.taken == NOON


def test_an_outage_of_an_hour_is_over_soon_after_its_end() -> None:
    course, now, waits = STEADY, NOON, []
    while now < NOON + HOUR:
        course = after(Result(End.UNANSWERED), course, now=now)
        waits.append((course.tick.at - now) / MINUTE)
        now = course.tick.at
        assert (course.tick.due, course.tick.missed) == (NOON, False)
    assert waits == [1, 2, 4, 8, 15, 15, 15]
    back = after(Result(End.THROUGH), course, now=now)
    assert (back.failures, back.tick.at) == (0, NOON + 6 * HOUR)


def test_trying_again_never_takes_the_place_of_a_tick_that_comes_sooner() -> None:
    course = after(
        Result(End.UNANSWERED), Course(Tick(NOON, NOON), failures=9), rhythm=Rhythm(HOUR)
    )
    assert course.tick.at == NOON + 16 * MINUTE
    late = NOON + 50 * MINUTE
    course = after(
        Result(End.UNANSWERED), Course(Tick(NOON, NOON), failures=9), rhythm=Rhythm(HOUR), now=late
    )
    assert course.tick == Tick(NOON + HOUR, NOON + HOUR)


def test_a_database_that_is_gone_is_looked_for_sooner() -> None:
    course = after(Result(End.DATABASE))
    assert course.tick.at == NOON + MINUTE + timedelta(seconds=1)


def test_a_spent_account_waits_for_new_requests() -> None:
    course = after(Result(End.SPENT, again_at=NOON + 12 * HOUR), errand=Errand.BACKFILL)
    assert (course.tick.at, course.tick.missed) == (NOON + 12 * HOUR, False)
    assert course.spread
    assert course.done.short
    assert not after(Result(End.SPENT, again_at=NOON + 12 * HOUR)).done.short


def test_ticks_are_spread_where_the_months_rest_does_not_suffice_for_the_rhythm() -> None:
    course = after(Result(End.THROUGH, 50, left=500, turn=TURN))
    assert course.tick.at - (NOON + MINUTE) == (TURN - NOON - MINUTE) / 10
    assert course.spread
    assert course.tick.why == "the month's last 500 requests suffice for 10 ticks of 50"
    again = after(Result(End.THROUGH, 50, left=500, turn=TURN), course, now=course.tick.at)
    assert not again.tick.missed


def test_ticks_are_not_spread_where_it_does() -> None:
    course = after(Result(End.THROUGH, 50, left=5_000, turn=TURN))
    assert course.tick == Tick(NOON + 6 * HOUR, NOON + 6 * HOUR)
    assert not course.spread


def test_a_backfill_says_nothing_of_what_a_tick_costs() -> None:
    result = Result(End.THROUGH, 400, left=500, turn=TURN)
    assert not after(result, errand=Errand.BACKFILL).spread
    assert after(result).spread


def test_by_cron_a_spread_tick_is_still_one_of_the_rhythm() -> None:
    rhythm = Rhythm(DAY, "0 */6 * * *")
    course = after(Result(End.THROUGH, 50, left=500, turn=TURN), rhythm=rhythm)
    assert course.tick.at == datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_refused_token_is_noted_until_one_is_taken() -> None:
    refused = after(Result(End.REFUSED))
    assert refused.refused
    assert refused.tick.at == NOON + 6 * HOUR
    assert not after(Result(End.THROUGH), refused).refused
