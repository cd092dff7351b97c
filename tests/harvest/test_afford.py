"""What cannot all be afforded is chosen by value: the order, group by group, in bounded memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from harvester.domain.subjects import Kind, Subject, Target
from harvester.domain.windows import day_window
from harvester.harvest.afford import Choice, Urgency, Worth, worth
from harvester.harvest.plan import SERIES, Goal, PlannedRequest
from harvester.store.known import Known, Seen

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
GOAL = Goal((), NOW, settle=3 * DAY)


def target(number: int = 1, group: str = "B1") -> Target:
    return Target(number, Subject(Kind.BITLINK, f"bit.ly/{number}"), group)


def back(days: int) -> date:
    return (NOW - days * DAY).date()


def request(*days: int, of: Target | None = None, facet: str = "countries") -> PlannedRequest:
    """Return a request for the windows so many days back."""
    return PlannedRequest(of or target(), facet, tuple(day_window(back(each)) for each in days))


@dataclass
class Stored:
    """What is known: clicks by (link, days back), and breakdowns that are there."""

    known: Known = field(default_factory=Known)

    def clicks(self, link: int, days: int, count: int, facet: str = SERIES) -> "Stored":
        self.known.seen[link, facet, day_window(back(days))] = Seen(count, NOW - DAY)
        return self


def value(of: PlannedRequest, stored: Stored | None = None, edge: date | None = None) -> Worth:
    return worth(of, replace(GOAL, edge=edge), (stored or Stored()).known, NOW)


def test_windows_about_to_leave_come_first_the_soonest_before_the_others() -> None:
    edge = back(29)
    ordered = [request(29), request(26), request(23), request(0), request(3), request(22)]
    assert sorted(ordered, key=lambda each: value(each, edge=edge)) == ordered
    assert value(request(23), edge=edge).urgency is Urgency.LEAVING
    assert value(request(22), edge=edge).urgency is Urgency.PAST
    assert value(request(30), edge=edge).urgency is Urgency.PAST  # it cannot be had any more


def test_windows_that_are_not_over_or_not_settled_come_before_newer_ones_of_the_rest() -> None:
    assert [value(request(days)).urgency for days in (0, 1, 3, 4)] == [
        Urgency.OPEN,
        Urgency.OPEN,
        Urgency.OPEN,
        Urgency.PAST,
    ]
    assert value(request(5)) < value(request(6))


def test_more_clicked_links_come_first_on_the_same_day() -> None:
    stored = Stored().clicks(1, 5, 10).clicks(2, 5, 30)
    assert value(request(5, of=target(2)), stored) < value(request(5), stored)
    assert value(request(4), stored) < value(request(5, of=target(2)), stored)


def test_what_is_not_known_comes_before_what_is_asked_again() -> None:
    stored = Stored().clicks(1, 0, 50).clicks(1, 0, 50, "countries").clicks(2, 1, 3)
    assert value(request(1, of=target(2)), stored) < value(request(0), stored)


def test_series_is_worth_what_the_best_of_its_windows_is() -> None:
    stored = Stored().clicks(1, 9, 4).clicks(1, 8, 5)
    best = value(request(29), edge=back(29))
    found = value(request(*range(29, -1, -1), facet=SERIES), stored, back(29))
    assert (found.urgency, found.known, found.age) == (best.urgency, best.known, best.age)
    assert found.clicks == -9


def chosen(offers: Sequence[tuple[PlannedRequest, Worth]], most: int) -> list[PlannedRequest]:
    choice = Choice(most)
    for each, its_worth in offers:
        choice.offer(each, its_worth)
    return choice.best()


def test_every_group_gets_its_turn_but_urgent_ones_go_before() -> None:
    past, now = Worth(Urgency.PAST, False, 5, 0), Worth(Urgency.OPEN, False, 0, 0)
    big = [(request(5, of=target(number, "big")), past) for number in range(10)]
    small = [(request(5, of=target(number, "small")), past) for number in range(20, 22)]
    urgent = (request(0, of=target(9, "big")), now)
    found = chosen([*big, *small, urgent], 6)
    assert [each.target.group_guid for each in found] == [
        "big",  # the urgent one
        *("big", "small", "big", "small"),
        "big",
    ]
    assert found[0] is urgent[0]


worths = st.builds(
    Worth,
    urgency=st.sampled_from(Urgency),
    known=st.booleans(),
    age=st.integers(-3, 3),
    clicks=st.integers(-3, 0),
)
groups = st.sampled_from(["a", "b", "c"])


@given(offered=st.lists(st.tuples(groups, worths), max_size=120), most=st.integers(0, 30))
def test_choice_in_bounded_memory_is_the_beginning_of_the_whole_order(
    offered: list[tuple[str, Worth]], most: int
) -> None:
    offers = [
        (request(0, of=target(number, group)), each) for number, (group, each) in enumerate(offered)
    ]
    assert chosen(offers, most) == chosen(offers, len(offers))[:most]


@given(offered=st.lists(st.tuples(groups, worths), max_size=60), most=st.integers(1, 30))
def test_nothing_is_chosen_before_something_more_urgent_or_more_valuable_of_its_group(
    offered: list[tuple[str, Worth]], most: int
) -> None:
    offers = [
        (request(0, of=target(number, group)), each) for number, (group, each) in enumerate(offered)
    ]
    of_target = {each.target.id: its for each, its in offers}
    found = chosen(offers, most)
    assert len(found) == min(most, len(offers))
    values = [of_target[each.target.id] for each in found]
    assert [each.urgency for each in values] == sorted(each.urgency for each in values)
    left = [each for each, _ in offers if each not in found]
    for one in left:
        for other in found:
            if one.target.group_guid == other.target.group_guid:
                assert of_target[other.target.id] <= of_target[one.target.id]
