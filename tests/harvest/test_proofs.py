"""A proof is taken only where it holds, and nothing is proved by answers that do not fit."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.domain.proofs import Proof, Tally
from harvester.domain.windows import Window, day_window
from harvester.harvest.proofs import (
    Listed,
    Scans,
    Trust,
    Verdict,
    comparable,
    contradiction,
    customs_counted,
    fits,
    from_export,
    from_links,
    from_list,
    from_total,
    may_be_mixed,
    seen_apart,
    tied,
    verdict,
    with_customs,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
YESTERDAY, TODAY = day_window(date(2026, 11, 20)), day_window(date(2026, 11, 21))


def listed(
    clicks: dict[str, int],
    *,
    total: int | None = None,
    full: bool = False,
    over: bool = True,
    calm: bool = True,
) -> Listed:
    return Listed(clicks, full, total, over, over and calm)


@pytest.mark.parametrize(
    ("total", "before", "tally", "judged"),
    [
        (0, None, Tally(), Verdict.EMPTY),
        (0, 7, Tally(), Verdict.EMPTY),
        (0, None, Tally(links=3), Verdict.MOVED),  # we saw clicks: a zero is not believed
        (0, None, Tally(customs=3), Verdict.MOVED),
        (7, 7, Tally(links=7), Verdict.UNCHANGED),
        (8, 7, Tally(links=7), Verdict.MOVED),
        (7, None, Tally(links=7), Verdict.MOVED),  # never wholly known
    ],
)
def test_a_total_tells_whether_anything_moved(
    total: int, before: int | None, tally: Tally, judged: Verdict
) -> None:
    proof = None if before is None else Proof(NOW - timedelta(hours=6), before, customs=True)
    assert verdict(TODAY, total, proof, tally, Trust()) is judged


LATER = NOW + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("window", "tally", "judged"),
    [
        (TODAY, Tally(links=4, joined_at=LATER, left_at=LATER), Verdict.UNCHANGED),  # all known
        (TODAY, Tally(links=3), Verdict.UNCHANGED),  # the rest is of links gone before we came
        (TODAY, Tally(links=3, joined_at=LATER), Verdict.MOVED),
        (YESTERDAY, Tally(links=3, joined_at=LATER), Verdict.UNCHANGED),  # it came after the day
        (YESTERDAY, Tally(links=3, left_at=LATER), Verdict.MOVED),
        (YESTERDAY, Tally(links=3, left_at=NOW - timedelta(days=1)), Verdict.UNCHANGED),
        (TODAY, Tally(links=3, customs=1, joined_at=LATER), Verdict.UNCHANGED),
    ],
)
def test_the_same_total_is_not_the_same_clicks_if_links_came_or_went(
    window: Window, tally: Tally, judged: Verdict
) -> None:
    assert verdict(window, 4, Proof(NOW, 4, customs=True), tally, Trust(customs=True)) is judged


@pytest.mark.parametrize("customs", [None, False, True])
def test_a_total_covers_back_halves_only_if_it_was_seen_to_count_them(
    customs: bool | None,
) -> None:
    trust = Trust(customs=customs)
    before = Proof(NOW, 5, customs=True)
    assert from_total(0, None, trust, NOW).customs is (customs is True)
    assert from_total(5, before, trust, NOW).customs is (customs is True)
    assert not from_total(5, replace(before, customs=False), trust, NOW).customs


def test_back_halves_are_covered_once_each_was_asked_after_the_proof() -> None:
    proof = Proof(NOW, 5, customs=False)
    assert with_customs(proof, Tally(oldest_custom=NOW)).customs
    assert not with_customs(proof, Tally(oldest_custom=NOW - timedelta(seconds=1))).customs
    assert not with_customs(proof, Tally(oldest_custom=NOW, unknown_customs=1)).customs


def test_a_short_list_names_all_links_with_clicks_but_no_back_halves() -> None:
    proof = from_list(listed({"bit.ly/a": 3}, total=5), Trust(customs=True), NOW)
    assert proof == Proof(NOW, 5, customs=False)
    proof = from_list(listed({"bit.ly/a": 5}, total=5), Trust(customs=True), NOW)
    assert proof == Proof(NOW, 5, customs=True)
    proof = from_list(listed({"bit.ly/a": 5}, total=5), Trust(customs=None), NOW)
    assert proof == Proof(NOW, 5, customs=False)


def test_a_full_list_is_whole_only_if_it_adds_up_to_the_total_of_a_day_that_is_over() -> None:
    clicks = {f"bit.ly/{number}": 1 for number in range(100)}
    assert from_list(listed(clicks, full=True, total=100), Trust(), NOW)
    assert not from_list(listed(clicks, full=True, total=101), Trust(), NOW)
    assert not from_list(listed(clicks, full=True, total=100, over=False), Trust(), NOW)
    assert not from_list(listed(clicks, full=True), Trust(), NOW)


def test_an_empty_list_of_unknown_total_may_lie_beyond_the_plans_history() -> None:
    assert from_list(listed({}), Trust(), NOW) is None
    assert from_list(listed({}, total=4), Trust(), NOW) == Proof(NOW, 4, customs=False)


def test_what_cannot_be_true_together_is_told() -> None:
    assert (
        contradiction(listed({"bit.ly/a": 5}, total=4), []) == "its links have 5 clicks, itself 4"
    )
    lost = contradiction(listed({"bit.ly/a": 5}, total=5), ["bit.ly/a", "bit.ly/b"])
    assert lost == "bit.ly/b had clicks before and is not in the list"


def test_what_may_be_true_together_is_no_contradiction() -> None:
    clicks = {"bit.ly/a": 5}
    assert contradiction(listed(clicks, total=4, over=False), ["bit.ly/a"]) is None  # still clicked
    assert contradiction(listed(clicks, total=4, calm=False), ["bit.ly/a"]) is None  # late clicks
    assert contradiction(listed(clicks, total=9, full=True), ["bit.ly/b"]) is None  # cut off
    assert contradiction(listed(clicks, total=9), ["bit.ly/a"]) is None  # back-halves


def test_totals_teach_whether_back_halves_count() -> None:
    both, links = Tally(links=4, customs=3), Tally(links=4)
    assert customs_counted([(7, both), (4, links)]) is True
    assert customs_counted([(4, both), (7, both)]) is False
    assert customs_counted([(4, links)]) is None
    assert customs_counted([(5, both)]) is None
    assert customs_counted([(7, both), (5, links)]) is None  # deleted links count: so may they here


@pytest.mark.parametrize(
    ("total", "customs", "fit"),
    [(3, None, False), (4, None, True), (9, True, True), (6, True, False), (4, False, True)],
)
def test_a_total_below_its_links_is_no_total(total: int, customs: bool | None, fit: bool) -> None:
    assert fits(total, Tally(links=4, customs=3), Trust(customs=customs)) is fit


@pytest.mark.parametrize(
    ("rest", "scans", "taken"),
    [
        (5, {}, {"bit.ly/a": 4, "bit.ly/b": 1}),
        (5, {"bit.ly/a": 2}, {"bit.ly/a": 4, "bit.ly/b": 1}),  # the clicks hold the scans
        (7, {"bit.ly/a": 2}, {"bit.ly/a": 6, "bit.ly/b": 1}),  # they do not
        (6, {"bit.ly/a": 2}, None),
        (4, {}, None),
        (0, {}, None),
    ],
)
def test_an_export_is_taken_only_as_it_adds_up(
    rest: int, scans: dict[str, int], taken: dict[str, int] | None
) -> None:
    assert tied(rest, {"bit.ly/a": 4, "bit.ly/b": 1}, scans) == taken


def test_what_is_known_of_scans_is_not_guessed_again() -> None:
    clicks, scans = {"a": 4, "b": 1}, {"a": 2}
    assert tied(5, clicks, scans, Scans.WITHIN) == {"a": 4, "b": 1}
    assert tied(7, clicks, scans, Scans.APART) == {"a": 6, "b": 1}
    assert tied(5, clicks, scans, Scans.APART) is None
    assert tied(7, clicks, scans, Scans.WITHIN) is None


def test_an_export_of_nobody_adds_up_to_nothing() -> None:
    assert tied(0, {}, {}) == {}
    assert tied(1, {}, {}) is None


@given(
    clicks=st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 9)),
    scans=st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 9)),
    rest=st.integers(0, 40),
)
def test_what_is_taken_of_an_export_adds_up_and_is_what_it_said(
    clicks: dict[str, int], scans: dict[str, int], rest: int
) -> None:
    taken = tied(rest, clicks, scans)
    if taken is not None:
        assert sum(taken.values()) == rest
        assert taken.keys() == clicks.keys()
        for name, count in taken.items():
            assert count in {clicks[name], clicks[name] + scans.get(name, 0)}
    else:
        assert sum(clicks.values()) != rest


OWNERS = {"half": "link", "half2": "link2"}


@pytest.mark.parametrize(
    ("counts", "listed", "seen", "mixed"),
    [
        ({"half": 3, "link": 2}, {}, {"half", "link"}, True),
        ({"half": 3, "link2": 2}, {}, {"half", "link2"}, True),
        ({"half": 3, "half2": 1, "link2": 2}, {}, {"half2", "link2"}, True),  # rather its own
        ({"half": 3}, {"link2": 2}, {"half"}, True),  # nothing of the listed link is told twice
        ({"half": 3, "link": 0}, {}, set(), True),  # both's, perhaps
        ({"half": 0, "link": 3}, {}, set(), True),
        ({"link": 3}, {}, set(), True),
        ({"half": 0, "link": 0, "other": 5}, {}, set(), False),
        ({"half": 0}, {"link": 2}, set(), False),
        ({"half": 3}, {"link": 2}, {"half"}, False),
    ],
)
def test_clicks_of_a_back_half_and_its_link_are_told_apart_if_both_are_seen(
    counts: dict[str, int], listed: dict[str, int], seen: set[str], mixed: bool
) -> None:
    assert seen_apart(counts, listed, OWNERS) == seen
    assert may_be_mixed(counts, listed, OWNERS) is mixed


def test_an_export_proves_what_a_whole_list_does() -> None:
    assert from_export(5, Trust(customs=True), NOW) == Proof(NOW, 5, customs=True)
    assert from_export(5, Trust(customs=None), NOW) == Proof(NOW, 5, customs=False)


def test_links_that_were_all_asked_prove_the_day_for_the_next_run() -> None:
    tally = Tally(links=4, oldest=NOW)
    assert from_links(4, tally, NOW) == Proof(NOW, 4, customs=True)
    assert from_links(4, replace(tally, unknown=1), NOW) is None
    assert from_links(4, tally, NOW + timedelta(seconds=1)) is None


def test_only_whole_days_are_compared() -> None:
    proof = Proof(NOW, 7, customs=False)
    assert comparable(YESTERDAY, proof, Tally(links=7))
    assert not comparable(TODAY, proof, Tally(links=7))
    early = datetime.combine(NOW, time(5, 59), UTC)
    assert not comparable(YESTERDAY, Proof(early, 7, customs=False), Tally(links=7))
    assert not comparable(YESTERDAY, Proof(NOW, None, customs=False), Tally(links=7))
    assert not comparable(YESTERDAY, proof, Tally(links=7, unknown_customs=1))
    assert not comparable(YESTERDAY, proof, Tally(links=5, departed=2))
