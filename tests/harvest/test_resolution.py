"""Weeks and months take the place of days only where days cannot be afforded, and never overlap."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from harvester.domain.windows import Unit, Window, day_window, holding
from harvester.harvest.resolution import (
    Choice,
    Need,
    Span,
    affordable,
    choose,
    coarsened,
    is_urgent,
    saving,
)

MONDAY = date(2026, 6, 1)
SPAN = Span(MONDAY, MONDAY + timedelta(days=61))


def days(*numbers: int) -> tuple[Window, ...]:
    return tuple(day_window(MONDAY + timedelta(days=number)) for number in sorted(numbers))


def need(
    *numbers: int,
    link: int = 1,
    clicks: int = 1,
    span: Span = SPAN,
    covered: tuple[Window, ...] = (),
) -> Need:
    return Need(link, "countries", days(*numbers), clicks, span, covered)


def week(number: int) -> Window:
    return holding(day_window(MONDAY + timedelta(days=7 * number)).start, Unit.WEEK)


JUNE = holding(day_window(MONDAY).start, Unit.MONTH)


def test_days_that_can_be_afforded_stay_days() -> None:
    few = need(0, 1, 2)
    assert choose([few], 3).choices == [Choice(few, few.days)]


def test_a_week_takes_the_place_of_its_days_and_a_lonely_day_stays() -> None:
    assert coarsened(need(0, 3, 8), 1) == (week(0), *days(8))


def test_a_month_takes_the_place_of_weeks_and_days_and_no_week_overlaps_it() -> None:
    # 29 and 30 June and 1 to 3 July are one week: the month has the first two of these days
    assert coarsened(need(0, 8, 28, 29, 30, 31), 1)[-1] == week(4)
    early = Span(MONDAY, MONDAY + timedelta(days=50))
    assert coarsened(need(0, 8, 28, 29, 30, 31, span=early), 2) == (JUNE, *days(30, 31))


def test_the_least_clicked_links_lose_detail_first_and_no_more_than_it_takes() -> None:
    little, much = need(0, 1, 2, link=1, clicks=1), need(0, 1, 2, link=2, clicks=9)
    chosen = choose([much, little], 4)
    assert {each.need.target_id: each.windows for each in chosen.choices} == {
        1: (week(0),),
        2: much.days,
    }
    assert not chosen.lost


def test_what_cannot_be_afforded_in_any_unit_is_named() -> None:
    little, much = need(0, link=1, clicks=1), need(3, link=2, clicks=9)
    chosen = choose([little, much], 1)
    assert [each.need for each in chosen.lost] == [little]
    assert [each.need for each in chosen.choices] == [much]


def test_what_a_coarser_resolution_would_save_is_counted() -> None:
    found = saving([need(0, 1, 2, link=1), need(0, 1, 2, link=2), need(9, link=3)], 3)
    assert (found.needed, found.affordable, found.requests) == (7, 3, 3)
    assert (found.weeks, found.months, found.lost, found.lost_even_so) == (2, 0, 4, 0)


def test_a_week_is_urgent_while_its_monday_is_shown_for_less_than_a_week() -> None:
    sunday = days(6)[0]
    assert is_urgent(sunday, MONDAY - timedelta(days=6))
    assert not is_urgent(sunday, MONDAY - timedelta(days=7))


def test_a_week_may_take_its_share_of_the_month_and_of_the_next_one() -> None:
    now = datetime(2026, 6, 3, tzinfo=UTC)
    assert affordable(2800, 3000, now + timedelta(days=28), now) == 700
    assert affordable(50, 3000, now + timedelta(days=3), now) == 50 + 400
    assert affordable(-5, 3000, now + timedelta(days=9), now) == 0


needs = st.builds(
    lambda numbers, clicks, edge: (numbers, clicks, edge),
    st.sets(st.integers(0, 60), min_size=1, max_size=30),
    st.integers(1, 5),
    st.booleans(),
)


@given(
    drawn=st.lists(needs, max_size=5),
    allowance=st.integers(0, 60),
    edge=st.integers(-5, 40),
    settled=st.integers(20, 70),
)
def test_choices_keep_to_the_allowance_the_history_and_the_finest_unit_that_it_affords(
    drawn: list[tuple[set[int], int, bool]], allowance: int, edge: int, settled: int
) -> None:
    span = Span(MONDAY + timedelta(days=edge), MONDAY + timedelta(days=settled))
    wanted = [
        need(*numbers, link=link, clicks=clicks, span=span, covered=(week(2),) if covered else ())
        for link, (numbers, clicks, covered) in enumerate(drawn)
    ]
    chosen = choose(wanted, allowance)
    assert chosen.cost <= allowance
    assert len(chosen.choices) + len(chosen.lost) == len(wanted)
    for choice in chosen.choices:
        assert_covers_once(choice)
        assert all(span.holds(window) for window in choice.coarse)
        if choice.coarse and not chosen.lost:
            by_day = len(choice.need.days) - len(choice.windows)
            assert chosen.cost + by_day > allowance
    if sum(len(each.days) for each in wanted) <= allowance:
        assert all(choice.windows == choice.need.days for choice in chosen.choices)


def assert_covers_once(choice: Choice) -> None:
    """Each day of the need lies in one window, and no coarse one overlaps what is stored."""
    for day in choice.need.days:
        assert sum(w.start <= day.start < w.end for w in choice.windows) == 1
    every = sorted((*choice.windows, *(choice.need.covered if choice.coarse else ())))
    coarse = [window for window in every if window.unit is not Unit.DAY]
    for one, other in pairwise(coarse):
        assert one.end <= other.start
    for day in (window for window in choice.windows if window.unit is Unit.DAY):
        assert not any(w.start <= day.start < w.end for w in choice.coarse)
