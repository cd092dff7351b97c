"""The edge of a plan's history: what is set, seen and guessed, and what an answer teaches."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.domain.windows import Window, day_window
from harvester.harvest.history import (
    RETEST,
    SHORTEST,
    Edge,
    Sight,
    Source,
    Told,
    edge_of,
    learnt,
    published_days,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TODAY = NOW.date()
GUESS = Edge(120, Source.TIER, sure=False)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def told(asked: int, shown: int, clicks: dict[int, int] | None = None, **more: set[int]) -> Told:
    """An answer for the last `asked` days whose `units` are `shown`; `clicks` are by days back."""
    windows = [day_window(ago(back)) for back in reversed(range(asked))]
    said = {day_window(ago(back)): (clicks or {}).get(back, 0) for back in range(shown)}
    clicked = {day_window(ago(back)) for back in more.get("clicked", ())}
    return Told(NOW, windows, said, clicked)


@pytest.mark.parametrize(
    ("names", "days"),
    [
        (("core", "Core"), 30),
        (("growth_annual", ""), 120),
        (("basic", "Premium"), 365),
        (("enterprise", "Enterprise"), 730),
        (("free", "Free"), None),
        (("", ""), None),
    ],
)
def test_a_plan_is_known_by_the_words_of_its_tier(names: tuple[str, str], days: int | None) -> None:
    assert published_days(*names) == days


def test_thirty_days_are_this_day_and_the_29_before() -> None:
    assert Edge(30, Source.SET, sure=True).first(NOW) == ago(29)


def test_what_a_person_sets_goes_over_what_was_seen_and_that_over_what_is_published() -> None:
    seen = Sight(133, more=False, at=NOW)
    assert edge_of(seen, 120, NOW, set_days=60) == Edge(60, Source.SET, sure=True)
    assert edge_of(seen, 120, NOW, set_days=0) is None
    assert edge_of(seen, 120, NOW) == Edge(133, Source.SEEN, sure=True)
    assert edge_of(None, 120, NOW) == GUESS
    assert edge_of(None, None, NOW) is None


def test_a_cut_that_was_seen_long_ago_is_not_sure_any_more() -> None:
    seen = Sight(29, more=False, at=NOW)
    for later, sure in ((RETEST, False), (RETEST - timedelta(seconds=1), True)):
        assert edge_of(seen, None, NOW + later) == Edge(29, Source.SEEN, sure=sure)


def test_more_than_is_published_moves_a_guess_and_less_does_not() -> None:
    assert edge_of(Sight(150, more=True, at=NOW), 120, NOW) == Edge(150, Source.SEEN, sure=False)
    assert edge_of(Sight(90, more=True, at=NOW), 120, NOW) == GUESS
    assert edge_of(Sight(90, more=True, at=NOW), None, NOW) is None


@pytest.mark.parametrize("edge", [None, GUESS, Edge(300, Source.SEEN, sure=True)])
def test_units_tell_of_a_cut_whose_first_day_may_be_a_part_of_one(edge: Edge | None) -> None:
    assert learnt(told(200, 134), edge) == Sight(133, more=False, at=NOW)


def test_today_is_shown_however_short_the_history() -> None:
    assert learnt(told(5, 1), None) == Sight(1, more=False, at=NOW)


def test_an_answer_that_lies_wholly_beyond_says_so_of_its_days_only() -> None:
    windows = [day_window(ago(back)) for back in (42, 41, 40)]
    found = learnt(Told(NOW, windows, {}), None)
    assert found == Sight(40, more=False, at=NOW)
    assert Edge(found.days, Source.SEEN, sure=True).first(NOW) == ago(39)


def test_clicks_beyond_a_guess_move_it_to_their_day() -> None:
    assert learnt(told(200, 200, {150: 3, 130: 9}), GUESS) == Sight(151, more=True, at=NOW)


def test_zeros_beyond_a_guess_prove_nothing_though_units_do_not_tell_of_a_cut() -> None:
    assert learnt(told(200, 200, {119: 3}), GUESS) is None


def test_a_sure_edge_is_not_moved_by_what_is_within_it() -> None:
    assert learnt(told(20, 20, {3: 1}), Edge(29, Source.SEEN, sure=True)) is None


def test_a_cut_that_units_tell_of_no_more_is_gone() -> None:
    stale = Edge(29, Source.SEEN, sure=False)
    was = Sight(29, more=False, at=NOW - RETEST)
    assert learnt(told(90, 90), stale, was) == Sight(90, more=True, at=NOW)
    assert learnt(told(20, 20), stale, was) is None


def test_old_zeros_where_clicks_are_stored_tell_of_a_silent_cut() -> None:
    seen = learnt(told(60, 60, {30: 2}, clicked={50, 45, 30}), None)
    assert seen == Sight(44, more=False, at=NOW)


def test_a_zero_where_clicks_are_stored_is_a_bad_day_if_young_or_if_older_days_have_some() -> None:
    young = (SHORTEST - timedelta(days=1)).days
    assert learnt(told(60, 60, clicked={young}), None) is None
    assert learnt(told(60, 60, {55: 1}, clicked={50}), None) is None


@given(
    asked=st.integers(1, 400),
    history=st.integers(1, 400),
    published=st.sampled_from([None, 30, 120]),
    clicks=st.dictionaries(st.integers(0, 399), st.integers(1, 9), max_size=5),
    silent=st.booleans(),
)
def test_what_is_learnt_never_shows_a_day_that_is_cut_nor_hides_one_with_clicks(
    asked: int, history: int, published: int | None, clicks: dict[int, int], silent: bool
) -> None:
    shown = {back: n for back, n in clicks.items() if back < min(asked, history)}
    said = told(asked, asked if silent else min(asked, history), shown)
    guess = edge_of(None, published, NOW)
    sight = learnt(said, guess)
    edge = edge_of(sight, published, NOW) if sight else guess
    first = edge.first(NOW) if edge else said.windows[0].day
    if not silent or (published or 400) <= history:
        days: list[Window] = [w for w in said.windows if w.day >= first]
        assert all(w.day >= ago(history - 1) for w in days)
    margin = 0 if silent or history >= asked else 1
    lost = [back for back in shown if ago(back) < first and back < history - margin]
    assert not lost
