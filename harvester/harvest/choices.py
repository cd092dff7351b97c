"""The cheapest way to learn what a group's windows hold: lists, exports or series. Pure.

Each of them proves as much, and costs otherwise:

    a list     1 request for a window; tells of the 100 most clicked links, and so of all of them if
               no more than that have clicks. Tells nothing of custom back-halves
    an export  1 request for a window and 200 names; taken only if it adds up to the group's clicks
    a series   1 request for a name and all windows at once (up to 366)

So series are dear, and shared: once all links are asked for one window, the others cost nothing.
What is counted is what is expected: how many links have clicks in a window is known only
afterwards, so the choice is made anew after each answer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from harvester.bitly.exports import BATCH
from harvester.bitly.manners import LONGEST
from harvester.domain.windows import Window

NEVER: Final = 2**62  # requests


class Way(StrEnum):
    """What is asked next of a window."""

    LIST = "list"
    EXPORT = "export"
    SERIES = "series"


@dataclass(frozen=True, slots=True)
class Means:
    """What may be asked of a group of so many `links` and custom back-halves (`customs`).

    A list names `longest` links at most. `counted` is False if the group's clicks are known not to
    hold those of back-halves: an export of these cannot be held against anything then.
    """

    links: int
    customs: int
    lists: bool = True
    exports: bool = True
    counted: bool = True
    longest: int = LONGEST


@dataclass(frozen=True, slots=True)
class Case:
    """A window to look at: of so many `links` and `customs` nothing is known yet.

    `clicked` is how many links are expected to have clicks (None: cannot be told), `listed` whether
    its list was asked, `provable` whether an export could be held against the group's clicks.
    """

    links: int
    customs: int
    clicked: int | None = None
    listed: bool = False
    provable: bool = True


@dataclass(frozen=True, slots=True)
class Option:
    """One way to go about a window: `steps`, so many requests, and the names left to series."""

    steps: tuple[Way, ...]
    requests: int
    links: int
    customs: int


@dataclass(frozen=True, slots=True)
class Choice:
    """The cheapest of all ways: the requests expected, and the option taken for each window."""

    requests: int
    options: Mapping[Window, Option]

    @property
    def alone(self) -> int:
        """The requests among them that are no series."""
        return sum(option.requests for option in self.options.values())

    @property
    def next(self) -> tuple[Window, Way] | None:
        """The newest window that has something to ask by itself; None if the rest are series."""
        for window in sorted(self.options, reverse=True):
            if self.options[window].steps[0] is not Way.SERIES:
                return window, self.options[window].steps[0]
        return None


@dataclass(frozen=True, slots=True)
class PutOff:
    """A window that is not looked at yet: requests that it will take, and links that it may show.

    `clicked` are those expected to have clicks of which that is not known yet.
    """

    lists: int
    exports: int
    clicked: int


def put_off(option: Option, case: Case, known: int) -> PutOff:
    """Return what an option comes to that is not taken now; `known` links have clicks."""
    lists = int(Way.LIST in option.steps)
    clicked = case.links + known if case.clicked is None else case.clicked
    return PutOff(lists, option.requests - lists, max(clicked - known, 0))


def options(case: Case, means: Means) -> Iterator[Option]:
    """Yield each way to go about a window; of two that cost the same the first is taken."""
    if means.lists and not case.listed and case.links:
        few = case.clicked is None or case.clicked <= means.longest
        links = 0 if few else max(case.links - means.longest, 0)
        yield Option((Way.LIST,), 1, links, case.customs)
        yield from _exported(case, means, links, (Way.LIST,))
    yield from _exported(case, means, case.links, ())
    yield Option((Way.SERIES,), 0, case.links, case.customs)


def _exported(case: Case, means: Means, links: int, before: tuple[Way, ...]) -> Iterator[Option]:
    asked = links + (case.customs if means.counted else 0)
    if means.exports and case.provable and asked:
        left = 0 if means.counted else case.customs
        requests = len(before) + -(-asked // BATCH)
        yield Option((*before, Way.EXPORT), requests, 0, left)


def shared(chosen: Iterable[Option], means: Means) -> int:
    """Return the series needed beside the chosen options: one for each name, for all windows.

    Which links two windows leave is not known: taken together, all.
    """
    left = [option.links for option in chosen if option.links]
    links = means.links if len(left) > 1 else sum(left)
    return links + max((option.customs for option in chosen), default=0)


def cheapest(cases: Mapping[Window, Case], means: Means) -> Choice:
    """Return the cheapest way for windows that one series covers."""
    ways = {window: list(options(case, means)) for window, case in cases.items()}
    alone = {window: _best(of, links=0, customs=0) for window, of in ways.items()}
    halves = {window: _best(of, links=0, customs=NEVER) for window, of in ways.items()}
    series = {window: of[-1] for window, of in ways.items()}
    found = (alone, halves, _with_one(halves, ways), series)
    counted = [(_requests(each.values(), means), each) for each in found]
    requests, chosen = min(counted, key=lambda each: each[0])
    return Choice(requests, chosen)


def _with_one(
    chosen: Mapping[Window, Option], ways: Mapping[Window, Sequence[Option]]
) -> dict[Window, Option]:
    """Return the choice with the one window that gains most by leaving links to series.

    Not with two: then all windows may as well be asked by series.
    """
    must = [window for window, option in chosen.items() if option.links]
    best = {w: _best(ways[w], links=NEVER, customs=NEVER) for w in must or ways}
    gains = {w: chosen[w].requests - each.requests - each.links for w, each in best.items()}
    window = max(gains, key=gains.__getitem__, default=None)
    return {**chosen} if window is None else {**chosen, window: best[window]}


def _best(of: Sequence[Option], *, links: int, customs: int) -> Option:
    """Return the option with the fewest requests among those that leave no more to series."""
    fit = [each for each in of if each.links <= links and each.customs <= customs]
    return min(fit, key=lambda each: each.requests + each.links, default=of[-1])


def _requests(chosen: Iterable[Option], means: Means) -> int:
    taken = list(chosen)
    return sum(option.requests for option in taken) + shared(taken, means)


def expected_clicked(
    total: int | None, seen: Iterable[tuple[int, int]], longest: int = LONGEST
) -> int | None:
    """Return how many links probably have clicks in a window with `total` clicks; None: no idea.

    `seen` are windows of the same group: their total and how many links had clicks. The one with
    the most similar total counts: a day's clicks are heavy-tailed, its number of links is not.
    """
    if total is None:
        return None
    if total <= longest:
        return total
    nearest = min(seen, key=lambda each: abs(each[0] - total), default=None)
    return None if nearest is None else min(nearest[1], total)
