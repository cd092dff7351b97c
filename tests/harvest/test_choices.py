"""The cheapest of lists, exports and series is taken, and each window is seen to."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.domain.windows import Window, day_window
from harvester.harvest.choices import (
    Case,
    Choice,
    Means,
    Way,
    cheapest,
    expected_clicked,
    options,
    shared,
)

FIRST = date(2026, 11, 1)


def day(number: int) -> Window:
    return day_window(FIRST + timedelta(days=number))


def choice(means: Means, *cases: Case) -> Choice:
    return cheapest({day(number): case for number, case in enumerate(cases)}, means)


def steps(found: Choice) -> list[tuple[Way, ...]]:
    return [found.options[window].steps for window in sorted(found.options)]


L, E, S = Way.LIST, Way.EXPORT, Way.SERIES


@pytest.mark.parametrize(
    ("links", "clicked", "taken", "requests"),
    [
        (1_000, 50, [(L,)], 1),  # few are clicked: a list names them
        (1_000, None, [(L,)], 1),  # a list will tell
        (1_000, 200, [(E,)], 5),  # a list would save no batch
        (1_100, 200, [(L, E)], 6),  # as many, and the list may do
        (250, 200, [(L, E)], 2),
        (150, 120, [(E,)], 1),
        (100, 100, [(L,)], 1),
        (1, 1, [(L,)], 1),
    ],
)
def test_one_window_of_a_group(
    links: int, clicked: int | None, taken: list[tuple[Way, ...]], requests: int
) -> None:
    found = choice(Means(links, 0), Case(links, 0, clicked))
    assert (steps(found), found.requests) == (taken, requests)


def test_a_long_backfill_of_few_links_is_asked_by_series() -> None:
    found = choice(Means(20, 0), *[Case(20, 0, 10)] * 30)
    assert (found.requests, found.next) == (20, None)


def test_a_long_backfill_of_many_links_is_asked_window_by_window() -> None:
    cases = [Case(1_000, 0, 20 if number % 2 else 300) for number in range(30)]
    found = choice(Means(1_000, 0), *cases)
    assert found.requests == found.alone == 15 + 15 * 5
    assert found.next == (day(29), L)


def test_without_exports_many_windows_with_many_clicked_links_are_series() -> None:
    found = choice(Means(1_000, 0, exports=False), *[Case(1_000, 0, 300)] * 3)
    assert (found.requests, found.next) == (1_000, None)


def test_without_exports_one_such_window_is_listed_first() -> None:
    means = Means(1_000, 0, exports=False)
    found = choice(means, Case(1_000, 0, 300), Case(1_000, 0, 20))
    assert (steps(found), found.requests) == ([(L,), (L,)], 2 + 900)


def test_a_window_that_is_not_over_is_not_exported() -> None:
    found = choice(Means(1_000, 0), Case(1_000, 0, 300), Case(1_000, 0, 300, provable=False))
    assert (steps(found), found.requests) == ([(E,), (L,)], 5 + 1 + 900)
    assert found.alone == 5 + 1


def test_the_rest_of_a_list_is_exported() -> None:
    case = Case(900, 0, 300, listed=True)
    assert choice(Means(1_000, 0), case).next == (day(0), E)


def test_a_list_may_be_longer_where_a_probe_has_found_so() -> None:
    case = Case(1_000, 0, 300)
    assert steps(choice(Means(1_000, 0, longest=500), case)) == [(L,)]


def test_back_halves_are_exported_with_the_links_or_after_the_list() -> None:
    found = choice(Means(1_000, 30), Case(1_000, 30, 20), Case(0, 30, listed=True))
    assert (steps(found), found.requests) == ([(L, E), (E,)], 3)


def test_back_halves_that_totals_do_not_count_are_left_to_their_series() -> None:
    found = choice(Means(1_000, 30, counted=False), Case(1_000, 30, 20), Case(1_000, 30, 500))
    assert (steps(found), found.requests) == ([(L,), (E,)], 1 + 5 + 30)


def test_without_lists_and_exports_all_is_left_to_series() -> None:
    found = choice(Means(5, 1, lists=False, exports=False), Case(5, 1, 2))
    assert (steps(found), found.requests, found.next) == ([(S,)], 6, None)


def test_nothing_to_look_at_costs_nothing() -> None:
    assert choice(Means(5, 0)) == Choice(0, {})


@st.composite
def accounts(draw: st.DrawFn) -> tuple[Means, list[Case]]:
    links, customs = draw(st.integers(0, 1_200)), draw(st.sampled_from([0, 0, 3, 300]))
    yes_or_no = st.booleans()
    means = Means(links, customs, *(draw(yes_or_no) for _ in range(3)))
    count = st.none() | st.integers(0, 1_200)
    fresh = st.builds(
        Case, st.just(links), st.just(customs), count, st.just(False), provable=yes_or_no
    )
    rest = st.sampled_from([0, max(links - 100, 0)])
    listed = st.builds(Case, rest, st.just(customs), count, st.just(True), provable=yes_or_no)
    return means, draw(st.lists(fresh | listed, max_size=4))


@given(account=accounts())
def test_no_other_choice_costs_less(account: tuple[Means, list[Case]]) -> None:
    means, cases = account
    found = choice(means, *cases)
    every = product(*(list(options(case, means)) for case in cases))
    costs = [sum(each.requests for each in chosen) + shared(chosen, means) for chosen in every]
    assert found.requests == min(costs)
    chosen = [found.options[window] for window in sorted(found.options)]
    assert sum(each.requests for each in chosen) + shared(chosen, means) == found.requests


@given(account=accounts())
def test_every_name_of_every_window_is_told_by_a_step_or_left_to_a_series(
    account: tuple[Means, list[Case]],
) -> None:
    means, cases = account
    found = choice(means, *cases)
    assert len(found.options) == len(cases)
    for case, option in zip(cases, (found.options[w] for w in sorted(found.options)), strict=True):
        if case.customs and option.customs == 0:
            assert E in option.steps
            assert means.counted
        if case.links and option.links == 0:
            assert E in option.steps or L in option.steps
        assert E not in option.steps or (case.provable and means.exports)
        assert L not in option.steps or (means.lists and not case.listed)


@given(account=accounts())
def test_more_means_never_cost_more(account: tuple[Means, list[Case]]) -> None:
    means, cases = account
    fewer = Means(means.links, means.customs, lists=False, exports=False)
    assert choice(means, *cases).requests <= choice(fewer, *cases).requests


@pytest.mark.parametrize(
    ("total", "seen", "clicked"),
    [
        (None, [(10, 5)], None),
        (40, [], 40),  # no more links than clicks
        (500, [], None),
        (500, [(480, 130), (5_000, 150)], 130),
        (4_000, [(480, 130), (5_000, 150)], 150),
        (120, [(480, 130)], 120),
    ],
)
def test_the_day_most_like_it_tells_how_many_links_are_clicked(
    total: int | None, seen: list[tuple[int, int]], clicked: int | None
) -> None:
    assert expected_clicked(total, seen) == clicked
