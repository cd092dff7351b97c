"""No limit is passed in any minute or hour, however it is cut; Bitly's count is heeded."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.bitly.rates import Others, Rate

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
    assert most_within(sent, MINUTE) <= max(per_hour // 10, 1)


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
    rate.resize(200)
    assert rate.free_at(NOON) == NOON
    rate.resize(50)
    assert rate.free_at(NOON) == NOON + MINUTE + SECOND


def test_what_was_counted_before_us_may_all_have_been_sent_in_this_minute_and_hour() -> None:
    rate = Rate(100)
    rate.counted(9, NOON)
    assert rate.free_at(NOON) == NOON + MINUTE + SECOND
    rate = Rate(100)
    rate.counted(100, NOON)
    assert rate.free_at(NOON + 2 * MINUTE) == NOON + HOUR + SECOND


def watched(per_hour: int, others: int, at: datetime = NOON) -> Rate:
    """Return a rate that has seen `others` requests of others in a minute until `at`."""
    rate = Rate(per_hour)
    rate.counted(0, at - MINUTE)
    rate.counted(others, at)
    return rate


def test_others_have_their_part_of_the_minute_and_of_the_rest_of_the_hour() -> None:
    assert watched(1000, others=0).pace == 98
    rate = watched(1000, others=4, at=NOON + 30 * MINUTE)
    assert rate.pace == 100 - 9  # one and a half times (4 + 1), and one
    at = rate.free_at(NOON + 31 * MINUTE)
    sent = 0
    while at < NOON + HOUR:
        rate.charge(at)
        at, sent = rate.free_at(at), sent + 1
    assert sent == 1000 - 4 - 4 * 30


def test_fallen_count_shows_that_an_hour_has_begun_and_what_was_sent_before_is_over() -> None:
    rate = watched(100, others=0)
    for minutes in range(50, 60):
        for _ in range(10):
            rate.charge(NOON + minutes * MINUTE)
    rate.counted(100, NOON + 59 * MINUTE + 10 * SECOND)
    turn = NOON + HOUR + SECOND
    assert rate.free_at(turn) > NOON + HOUR + 49 * MINUTE
    rate.counted(0, turn)
    assert rate.free_at(turn) == turn


def test_count_that_stays_at_zero_frees_nothing() -> None:
    rate = watched(10, others=0)
    for minutes in range(10):
        rate.charge(NOON + minutes * 2 * MINUTE)
    rate.counted(0, NOON + 40 * MINUTE)
    assert rate.free_at(NOON + 40 * MINUTE) == NOON + HOUR + SECOND


def test_count_that_was_seen_to_follow_is_believed_though_it_did_not_fall() -> None:
    rate = watched(20, others=0)
    for minutes in (0, 1):
        rate.charge(NOON + minutes * MINUTE)
    rate.counted(2, NOON + 2 * MINUTE)
    for minutes in range(3, 21):
        rate.charge(NOON + minutes * MINUTE)
    rate.counted(2, NOON + 22 * MINUTE)
    assert rate.free_at(NOON + 30 * MINUTE) == NOON + 30 * MINUTE


def test_what_is_under_way_while_the_count_is_read_still_counts() -> None:
    rate, at = watched(40, others=0), NOON + 30 * MINUTE
    rate.counted(30, at)
    for _ in range(4):
        rate.charge(at + MINUTE)
    rate.counted(0, at + MINUTE + SECOND)
    rate.resize(4)
    assert rate.free_at(at + 5 * MINUTE) == at + MINUTE + SECOND + HOUR + SECOND


def test_others_are_told_from_what_was_under_way_at_the_turn() -> None:
    rate = watched(1000, others=0)
    rate.counted(50, NOON + 58 * MINUTE)
    turn = NOON + HOUR + 10 * SECOND
    rate.charge(turn - 3 * SECOND)
    rate.charge(turn)
    rate.counted(1, turn)
    rate.counted(2, turn + MINUTE)
    assert rate.pace == 100 - 3  # of 50 within 58 minutes; none came since
    rate.counted(12, turn + 2 * MINUTE)
    assert rate.pace == 100 - 18


def test_after_doubt_a_fallen_count_frees_nothing_for_a_day() -> None:
    rate = watched(10, others=0)
    rate.counted(10, NOON + MINUTE)
    rate.doubt(NOON + MINUTE)
    rate.counted(0, NOON + 30 * MINUTE)
    assert rate.free_at(NOON + 30 * MINUTE) == NOON + HOUR + MINUTE + SECOND
    rate.counted(10, NOON + 25 * HOUR)
    rate.counted(0, NOON + 25 * HOUR + 30 * MINUTE)
    assert rate.free_at(NOON + 26 * HOUR) == NOON + 26 * HOUR


def spent(at: datetime, others: int = 0) -> Rate:
    """Return a rate of which nothing is left, since before `at`; the count was read `at`."""
    rate = watched(100, others=0, at=at - 2 * MINUTE)
    rate.counted(others, at - MINUTE)
    rate.counted(100, at)
    return rate


@pytest.mark.parametrize(
    ("others", "at", "due"),
    [
        (0, NOON + 13 * MINUTE, False),
        (0, NOON + 16 * MINUTE, True),  # the turn of this hour was not seen: it may be now
        (0, NOON + HOUR, False),
        (0, NOON + HOUR + SECOND, True),
    ],
)
def test_spent_limit_is_watched_at_the_turn_and_until_a_turn_was_seen(
    others: int, at: datetime, *, due: bool
) -> None:
    rate = spent(NOON + 11 * MINUTE, others)
    if at > NOON + 59 * MINUTE:
        rate.counted(100, NOON + 59 * MINUTE)
    assert rate.due(at) is due


def test_seen_turn_is_not_watched_for_again_before_the_next_unless_others_send() -> None:
    for others, due in ((0, False), (3, True)):
        rate = spent(NOON - 30 * MINUTE, others)
        rate.counted(0, NOON + SECOND)
        for second in range(100):
            rate.charge(NOON + MINUTE + second * SECOND)
        rate.counted(100, NOON + 10 * MINUTE)
        assert rate.due(NOON + 20 * MINUTE) is due


def test_turn_that_is_seen_amidst_the_hour_is_where_the_next_is_looked_for() -> None:
    rate = spent(NOON + 11 * MINUTE)
    rate.counted(0, NOON + 16 * MINUTE)
    for second in range(100):
        rate.charge(NOON + 17 * MINUTE + second * SECOND)
    rate.counted(100, NOON + 30 * MINUTE)
    assert not rate.due(NOON + HOUR + 15 * MINUTE)
    assert rate.due(NOON + HOUR + 16 * MINUTE + SECOND)


def test_count_is_read_after_a_minutes_share_and_sooner_while_others_are_not_known() -> None:
    begun = Rate(1000)
    begun.counted(0, NOON)
    for rate, share in ((watched(1000, 0), 100), (Rate(1000), 100), (begun, 25)):
        seen = []
        for _ in range(share):
            seen.append(rate.due(NOON))
            rate.charge(NOON)
        assert not any(seen)
        assert rate.due(NOON)


def test_others_that_have_just_begun_are_watched_anew() -> None:
    others = Others()
    others.saw(0, NOON, NOON + 10 * MINUTE)
    assert others.known()
    others.saw(5, NOON + 10 * MINUTE, NOON + 10 * MINUTE + 30 * SECOND)
    assert not others.known()
    others.saw(5, NOON + 10 * MINUTE + 30 * SECOND, NOON + 11 * MINUTE)
    assert others.expected(HOUR) == 600
    assert others.most_a_minute() == 18


def test_others_are_forgotten_after_an_hour() -> None:
    others = Others()
    others.saw(30, NOON, NOON + 10 * MINUTE)
    others.saw(0, NOON + 60 * MINUTE, NOON + 71 * MINUTE)
    assert (others.most_a_minute(), others.expected(HOUR)) == (0, 0)
