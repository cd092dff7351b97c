"""The plan asks for everything that is due, once, and for nothing else."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from harvester.domain.proofs import Proof
from harvester.domain.snapshots import Reason
from harvester.domain.subjects import Kind, Subject, Target
from harvester.domain.windows import Window, day_window
from harvester.harvest.expecting import expected
from harvester.harvest.plan import (
    MOST_UNITS,
    Goal,
    Key,
    PlannedRequest,
    Proofs,
    Strategy,
    requests,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SETTLE = timedelta(days=3)
FACETS = ("clicks", "countries", "cities")
DAYS = tuple(day_window(date(2026, 11, 21) - timedelta(days=back)) for back in range(9, -1, -1))
LINK = Target(1, Subject(Kind.BITLINK, "bit.ly/abc"), "Bg1")


@dataclass(frozen=True)
class Sight:
    total: int
    last_seen_at: datetime

    def is_fresh(self, day: Window) -> bool:
        return self.last_seen_at >= min(NOW, day.end + SETTLE)


@dataclass(frozen=True)
class Store:
    seen: dict[Key, Sight] = field(default_factory=dict)
    missing: dict[Key, tuple[Reason, datetime]] = field(default_factory=dict)


def goal(strategy: Strategy = Strategy.ECONOMICAL) -> Goal:
    return Goal(DAYS, fresh_since=NOW, settle=SETTLE, strategy=strategy)


def plan(
    known: Store,
    strategy: Strategy = Strategy.ECONOMICAL,
    proofs: Proofs | None = None,
    target: Target = LINK,
) -> list[PlannedRequest]:
    return list(requests([target], FACETS, goal(strategy), known, proofs or {}))


def asked(planned: list[PlannedRequest]) -> set[tuple[str, Window]]:
    return {(request.facet, window) for request in planned for window in request.windows}


def test_of_an_unknown_link_everything_is_asked_and_clicks_in_one_request() -> None:
    planned = plan(Store())
    assert len(planned) == 1 + 2 * len(DAYS)
    assert asked(planned) == {(facet, window) for facet in FACETS for window in DAYS}


def test_breakdowns_are_asked_newest_day_first() -> None:
    countries = [r.windows[0] for r in plan(Store()) if r.facet == "countries"]
    assert countries == list(reversed(DAYS))


def test_breakdowns_of_a_link_take_turns() -> None:
    planned = plan(Store(), Strategy.EXHAUSTIVE)
    breakdowns = [(r.facet, r.windows[0]) for r in planned if r.facet != "clicks"]
    assert breakdowns[:4] == [(f, d) for d in (DAYS[-1], DAYS[-2]) for f in FACETS[1:]]


def test_what_leaves_the_history_within_a_week_comes_first_and_its_oldest_before_all() -> None:
    few = replace(goal(), edge=DAYS[0].day - timedelta(days=5))
    asked_for = [r.windows[0] for r in requests([LINK], ["cities"], few, Store(), {})]
    assert asked_for == [DAYS[0], DAYS[1], *reversed(DAYS[2:])]


def test_what_lay_beyond_the_history_is_asked_again_once_that_has_moved_back() -> None:
    known = Store(missing={(1, "clicks", DAYS[0]): (Reason.HISTORY, NOW - timedelta(days=1))})
    for since, again in ((None, False), (NOW - timedelta(days=2), False), (NOW, True)):
        wanted = replace(goal(), shown_since=since)
        planned = list(requests([LINK], ["clicks"], wanted, known, {}))
        assert (("clicks", DAYS[0]) in asked(planned)) is again


def test_a_link_that_was_gone_and_has_come_back_is_asked_again() -> None:
    for at, again in ((NOW, False), (NOW - timedelta(seconds=1), True)):
        known = Store(missing={(1, "clicks", DAYS[0]): (Reason.GONE, at)})
        assert (("clicks", DAYS[0]) in asked(plan(known))) is again


def test_a_day_without_clicks_needs_no_breakdown_unless_all_is_asked() -> None:
    known = Store({(1, "clicks", day): Sight(int(day == DAYS[4]), NOW) for day in DAYS})
    assert asked(plan(known)) == {("countries", DAYS[4]), ("cities", DAYS[4])}
    everything = {(facet, day) for facet in FACETS[1:] for day in DAYS}
    assert asked(plan(known, Strategy.EXHAUSTIVE)) == everything


def test_an_old_zero_of_an_open_day_proves_nothing() -> None:
    known = Store({(1, "clicks", DAYS[-1]): Sight(0, NOW - timedelta(hours=6))})
    assert ("countries", DAYS[-1]) in asked(plan(known))


def test_a_settled_window_is_left_alone_to_the_second() -> None:
    edge = DAYS[0].end + SETTLE
    for late, due in ((timedelta(0), False), (timedelta(seconds=-1), True)):
        known = Store({(1, "clicks", DAYS[0]): Sight(5, edge + late)})
        assert (("clicks", DAYS[0]) in asked(plan(known))) is due


def test_what_was_missing_for_good_or_just_now_is_not_asked_again() -> None:
    earlier = NOW - timedelta(days=1)
    known = Store(
        missing={
            (1, "clicks", DAYS[0]): (Reason.HISTORY, earlier),
            (1, "clicks", DAYS[1]): (Reason.UNANSWERED, NOW),
            (1, "clicks", DAYS[2]): (Reason.UNANSWERED, earlier),
        }
    )
    clicks = {window for facet, window in asked(plan(known)) if facet == "clicks"}
    assert clicks == set(DAYS[2:])


def test_what_failed_although_it_is_known_is_asked_again_even_if_it_is_proved() -> None:
    today, earlier = DAYS[-1], NOW - timedelta(hours=6)
    known = Store(
        {(1, "clicks", today): Sight(0, earlier)},
        {(1, "clicks", today): (Reason.UNANSWERED, earlier)},
    )
    proofs = {day: Proof(NOW, 0, customs=True) for day in DAYS}
    assert ("clicks", today) in asked(plan(known, proofs=proofs))
    assert not plan(Store(known.seen), proofs=proofs)


def test_a_gap_does_not_split_a_series_but_its_largest_size_does() -> None:
    known = Store({(1, "clicks", day): Sight(1, NOW) for day in (DAYS[0], DAYS[3])})
    runs = [request.windows for request in plan(known) if request.facet == "clicks"]
    assert runs == [DAYS[1:]]
    long = tuple(day_window(date(2024, 1, 1) + timedelta(days=n)) for n in range(MOST_UNITS + 1))
    planned = list(requests([LINK], ["clicks"], Goal(long, NOW, SETTLE), Store(), {}))
    assert [len(request.windows) for request in planned] == [MOST_UNITS, 1]


def test_clicks_that_are_known_amidst_a_series_have_their_breakdowns_counted() -> None:
    known = Store({(1, "clicks", DAYS[3]): Sight(1, NOW)})
    found = expected([LINK], FACETS, Goal(DAYS, NOW, SETTLE), known, {})
    assert (found.series, found.breakdowns) == (1, {"countries": 1, "cities": 1})
    assert (found.unknown, found.clicked) == (len(DAYS) - 1, 1)


def test_a_proof_as_fresh_as_the_run_covers_links_and_back_halves_if_it_says_so() -> None:
    link = replace(LINK, joined_at=NOW - timedelta(days=5))
    custom = replace(link, custom=True)
    for target, customs, asked_for in ((link, False, 0), (custom, False, 1), (custom, True, 0)):
        proofs = {day: Proof(NOW, 0, customs) for day in DAYS}
        clicks = [r for r in plan(Store(), proofs=proofs, target=target) if r.facet == "clicks"]
        assert len(clicks) == asked_for
    assert not plan(Store(), proofs={day: Proof(NOW, 0, customs=False) for day in DAYS})


def test_a_proof_says_nothing_of_links_that_came_later_or_when_it_is_old() -> None:
    newcomer = replace(LINK, joined_at=NOW + timedelta(seconds=1))
    proofs = {day: Proof(NOW, 0, customs=True) for day in DAYS}
    assert plan(Store(), proofs=proofs, target=newcomer)
    earlier = {day: Proof(NOW - timedelta(hours=6), 0, customs=True) for day in DAYS}
    clicks = {window for facet, window in asked(plan(Store(), proofs=earlier)) if facet == "clicks"}
    assert clicks == {day for day in DAYS if day.end + SETTLE > NOW - timedelta(hours=6)}


def test_a_breakdown_is_asked_again_until_it_adds_up_or_has_settled() -> None:
    today, early = DAYS[-1], NOW - timedelta(hours=6)
    for breakdown, again in (
        (Sight(5, early), False),  # it adds up to the clicks
        (Sight(4, early), True),  # a click came since, or Bitly was late with it
        (Sight(4, NOW), False),  # asked in this run
    ):
        seen = {(1, "clicks", today): Sight(5, NOW), (1, "countries", today): breakdown}
        assert (("countries", today) in asked(plan(Store(seen)))) is again


sights = st.builds(
    Sight, st.integers(0, 2), st.integers(0, 400).map(lambda hours: NOW - timedelta(hours=hours))
)
keys = st.tuples(st.just(1), st.sampled_from(FACETS), st.sampled_from(DAYS))


@given(seen=st.dictionaries(keys, sights), strategy=st.sampled_from(Strategy))
def test_each_window_is_asked_once_or_known_or_proved(
    seen: dict[Key, Sight], strategy: Strategy
) -> None:
    planned = plan(Store(seen), strategy)
    wanted = asked(planned)
    assert sum(len(request.windows) for request in planned) == len(wanted)
    for facet in FACETS:
        for day in DAYS:
            sight, clicks = seen.get((1, facet, day)), seen.get((1, "clicks", day))
            fresh = sight and sight.is_fresh(day)
            told = (
                strategy is Strategy.ECONOMICAL
                and facet != "clicks"
                and clicks
                and clicks.is_fresh(day)
                and (clicks.total == 0 or (sight and sight.total == clicks.total))
            )
            if facet == "clicks" and fresh:
                continue  # it may lie between two that are asked by one series
            assert ((facet, day) in wanted) is not bool(fresh or told)
    ends = [each.windows[at] for each in planned if each.facet == "clicks" for at in (0, -1)]
    known = {day for day in DAYS if (sight := seen.get((1, "clicks", day))) and sight.is_fresh(day)}
    assert not known & set(ends)
