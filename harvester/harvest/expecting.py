"""What a plan comes to: the requests that it holds, and what cannot be told yet. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from harvester.bitly.facets import FACETS
from harvester.domain.facets import SERIES_OF, kind_of, proved_by
from harvester.domain.subjects import Target
from harvester.domain.windows import Window
from harvester.harvest.plan import MOST_UNITS, Goal, Known, Proofs, Strategy, due, requests

# More of a link in a window are counted as so many: what matters is how often they come.
MANY_CLICKS = 64


@dataclass(frozen=True, slots=True)
class Expected:
    """What a plan of subjects of one kind comes to before they are asked.

    `series` (of what proves others empty) and `breakdowns` (all else, by facet) are requests. Of
    the (link, window) of the plan `known` are
    known to have clicks or none, and `unknown` are neither: what is to be asked again is taken to
    be as it was. `clicks` are how many have so many of them, up to `MANY_CLICKS`. `everything` is
    what asking for all would take.
    """

    series: int = 0
    breakdowns: Counter[str] = field(default_factory=Counter)
    known: int = 0
    clicks: Counter[int] = field(default_factory=Counter)
    unknown: int = 0
    everything: int = 0

    @property
    def clicked(self) -> int:
        """How many (link, window) are known to have clicks."""
        return self.clicks.total()

    def __add__(self, other: "Expected") -> "Expected":
        return Expected(
            self.series + other.series,
            self.breakdowns + other.breakdowns,
            self.known + other.known,
            self.clicks + other.clicks,
            self.unknown + other.unknown,
            self.everything + other.everything,
        )


def expected(
    targets: Iterable[Target], facets: Sequence[str], goal: Goal, known: Known, proofs: Proofs
) -> Expected:
    """Count what `requests` would yield, and what cannot be told yet. `facets` are of one kind."""
    found = Expected()
    if not facets:
        return found
    first = SERIES_OF[kind_of(facets[0])]
    runs = -(-len(goal.windows) // MOST_UNITS)
    everything = sum(runs if FACETS[each].series else len(goal.of(each)) for each in facets)
    for target in targets:
        series, breakdowns, asked = 0, Counter[str](), set[Window]()
        counts = {w: known.seen.get((target.id, first, w)) for w in goal.windows}
        for request in requests([target], facets, goal, known, proofs):
            window = request.windows[0]
            if request.facet == first:
                series += 1
                asked.update(
                    w for w in request.windows if due(target, first, w, goal, known, proofs)
                )
            elif _is_sure(request.facet, first, window, asked, goal):
                breakdowns[request.facet] += 1
            elif clicks := counts[window]:
                seen = known.seen.get((target.id, request.facet, window))
                breakdowns[request.facet] += clicks.total not in {0, seen and seen.total}
        literal = goal.strategy is Strategy.EXHAUSTIVE
        unknown = 0 if literal else sum(counts[window] is None for window in asked)
        clicked = Counter(min(each.total, MANY_CLICKS) for each in counts.values() if each)
        del clicked[0]
        known_ones = len(goal.windows) - unknown
        found += Expected(series, breakdowns, known_ones, clicked, unknown, everything)
    return found


def _is_sure(facet: str, first: str, window: Window, asked: set[Window], goal: Goal) -> bool:
    """Whether a request is sent whatever the series `first` will tell."""
    is_told = window in asked and proved_by(facet) == first
    return not is_told or goal.strategy is Strategy.EXHAUSTIVE
