"""Which requests to send. Pure: what the store knows and what a run wants go in, requests come out.

`exhaustive` asks for each (bitlink, facet, window) that is not settled. `economical` asks for the
series of clicks first, one request for many windows, and for the other facets only where clicks
were seen: a link without clicks in a window has no countries, cities or referrers in it either.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from harvester.domain.snapshots import Reason
from harvester.domain.subjects import Target
from harvester.domain.windows import Window, packed

# The one facet that comes as a series, and that tells where the others can have anything.
SERIES = "clicks"
# Bitly publishes no largest `units` for a series; v3 took up to 1,000. A leap year is within it.
MOST_UNITS = 366

Key = tuple[int, str, Window]


class Strategy(StrEnum):
    """How much is taken as proved rather than asked."""

    ECONOMICAL = "economical"
    EXHAUSTIVE = "exhaustive"


class Seen(Protocol):
    """What is stored of one window of one facet."""

    @property
    def total(self) -> int:
        """The window's clicks."""
        ...

    @property
    def last_seen_at(self) -> datetime:
        """When the API last said so."""
        ...


class Known(Protocol):
    """What the store knows of the targets and windows at hand, by (target id, facet, window)."""

    @property
    def seen(self) -> Mapping[Key, Seen]:
        """The current snapshots."""
        ...

    @property
    def missing(self) -> Mapping[Key, tuple[Reason, datetime]]:
        """What was asked for in vain: why, and when last."""
        ...


@dataclass(frozen=True, slots=True)
class PlannedRequest:
    """One request to come: one facet of one target for a run of adjacent windows."""

    target: Target
    facet: str
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """What a run wants: `windows`, oldest first, and what counts as known already.

    What was seen at or after `fresh_since` was seen by this run, or by the one that it carries on.
    A window seen `settle` or more after its end is settled and never asked for again.
    """

    windows: tuple[Window, ...]
    fresh_since: datetime
    settle: timedelta
    strategy: Strategy = Strategy.ECONOMICAL

    def holds(self, seen: Seen, window: Window) -> bool:
        """Whether what was seen of `window` needs no asking in this run."""
        return seen.last_seen_at >= min(self.fresh_since, window.end + self.settle)


def requests(
    targets: Iterable[Target], facets: Sequence[str], goal: Goal, known: Known
) -> Iterator[PlannedRequest]:
    """Yield the requests still needed for `facets` of `targets`, target by target.

    Newer windows come first: they are what people look at, and what changes.
    """
    for target in targets:
        for facet in facets:
            if facet == SERIES:
                wanted = [w for w in goal.windows if _due(target.id, facet, w, goal, known)]
                for run in packed(wanted, most=MOST_UNITS):
                    yield PlannedRequest(target, facet, tuple(run))
            else:
                for window in reversed(goal.windows):
                    if _due(target.id, facet, window, goal, known):
                        yield PlannedRequest(target, facet, (window,))


def _due(target_id: int, facet: str, window: Window, goal: Goal, known: Known) -> bool:
    seen = known.seen.get((target_id, facet, window))
    if seen is not None and goal.holds(seen, window):
        return False
    missing = known.missing.get((target_id, facet, window))
    if missing is not None and (missing[0].final or missing[1] >= goal.fresh_since):
        return False
    if facet == SERIES or goal.strategy is Strategy.EXHAUSTIVE:
        return True
    return not proved_empty(known.seen.get((target_id, SERIES, window)), window, goal)


def proved_empty(clicks: Seen | None, window: Window, goal: Goal) -> bool:
    """Whether a link's own series, as fresh as this run, says that `window` holds no clicks."""
    return clicks is not None and clicks.total == 0 and goal.holds(clicks, window)
