"""Which requests to send. Pure: what the store knows and what a run wants go in, requests come out.

`exhaustive` asks for each (bitlink, facet, window) that is not settled. `economical` asks for
clicks where no proof covers them, one request for many windows, and for the other facets only where
clicks were seen that they do not yet add up to: a link without clicks in a window has no countries,
cities or referrers in it either, and clicks that did not move have the same ones as before.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from harvester.domain.proofs import Proof
from harvester.domain.snapshots import Reason
from harvester.domain.subjects import Target
from harvester.domain.windows import Window, covering

# The one facet that comes as a series, and that tells where the others can have anything.
SERIES = "clicks"
# Bitly publishes no largest `units` for a series; v3 took up to 1,000. A leap year is within it.
MOST_UNITS = 366
# What leaves the plan's history within so many days is asked first.
LEAVING = timedelta(days=7)

# More of a link in a window are counted as so many: what matters is how often they come.
MANY_CLICKS = 64

Key = tuple[int, str, Window]
Proofs = Mapping[Window, Proof]


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

    What was seen at or after `fresh_since` was seen by this run, or by the one that it carries on;
    what failed is not tried twice by the run that `began` then (None: at `fresh_since`), but once
    more by one that carries on. A window seen `settle` or more after its end is settled and never
    asked for again.

    `edge` is the first day that the plan's history shows, `shown_since` when it last moved back:
    what lay beyond it before then is worth asking again. None where it is not known.
    """

    windows: tuple[Window, ...]
    fresh_since: datetime
    settle: timedelta
    strategy: Strategy = Strategy.ECONOMICAL
    began: datetime | None = None
    edge: date | None = None
    shown_since: datetime | None = None

    def in_turn(self) -> list[Window]:
        """Return the windows in the order to ask: what leaves the history soon, then the newest."""
        if self.edge is None:
            return list(reversed(self.windows))
        soon = self.edge + LEAVING
        leaving = [window for window in self.windows if window.day < soon]
        return leaving + [window for window in reversed(self.windows) if window.day >= soon]

    def gave_up(self, reason: Reason, instant: datetime) -> bool:
        """Whether what could not be had at `instant` is left as it is by this run.

        Only links that are there are asked: what was gone has come back.
        """
        if reason is Reason.HISTORY:
            return self.shown_since is None or instant >= self.shown_since
        return self.tried(instant) or (reason.final and reason is not Reason.GONE)

    def tried(self, instant: datetime) -> bool:
        """Whether an attempt at `instant` was made by this very run."""
        return instant >= (self.began or self.fresh_since)

    def holds(self, instant: datetime, window: Window) -> bool:
        """Whether what was seen of `window` at `instant` needs no asking in this run."""
        return instant >= min(self.fresh_since, window.end + self.settle)


@dataclass(frozen=True, slots=True)
class Scope:
    """One group of a run: its guid, the store's key, and what is wanted of it."""

    guid: str
    group_id: int
    goal: Goal


def requests(
    targets: Iterable[Target], facets: Sequence[str], goal: Goal, known: Known, proofs: Proofs
) -> Iterator[PlannedRequest]:
    """Yield the requests still needed for `facets` of `targets` of one group, target by target.

    What leaves the history soon comes first, the oldest of it before all; then newer windows come
    before older ones: they are what people look at, and what changes.
    """
    for target in targets:
        for facet in facets:
            if facet == SERIES:
                wanted = [w for w in goal.windows if _due(target, facet, w, goal, known, proofs)]
                for run in covering(wanted, most=MOST_UNITS):
                    yield PlannedRequest(target, facet, tuple(run))
            else:
                for window in goal.in_turn():
                    if _due(target, facet, window, goal, known, proofs):
                        yield PlannedRequest(target, facet, (window,))


def _due(
    target: Target, facet: str, window: Window, goal: Goal, known: Known, proofs: Proofs
) -> bool:
    seen = known.seen.get((target.id, facet, window))
    if seen is not None and goal.holds(seen.last_seen_at, window):
        return False
    missing = known.missing.get((target.id, facet, window))
    if missing is not None and goal.gave_up(*missing):
        return False
    # what failed although something is stored would be missing for ever, proved or not
    if goal.strategy is Strategy.EXHAUSTIVE or (missing is not None and seen is not None):
        return True
    is_covered = covered(target, window, goal, proofs.get(window))
    if facet == SERIES:
        return not is_covered
    clicks = known.seen.get((target.id, SERIES, window))
    if not is_covered and not (clicks and goal.holds(clicks.last_seen_at, window)):
        return True
    # a breakdown of the clicks that are known now adds up to them; Bitly may be late with one
    return clicks is not None and clicks.total not in {0, seen and seen.total}


def covered(target: Target, window: Window, goal: Goal, proof: Proof | None) -> bool:
    """Whether a proof, as fresh as this run, speaks of `target`: no count stored means none."""
    if proof is None or not goal.holds(proof.seen_at, window):
        return False
    if target.custom and not proof.customs:
        return False
    joined = target.joined_at is None or target.joined_at <= proof.seen_at
    return joined and (target.left_at is None or proof.seen_at < target.left_at)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a plan comes to before links are asked.

    `series` and `breakdowns` (by facet) are requests. Of the (link, window) of the plan `known` are
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
    """Count what `requests` would yield, and what cannot be told yet."""
    found = Expected()
    for target in targets:
        series, breakdowns, asked = 0, Counter[str](), set[Window]()
        counts = {w: known.seen.get((target.id, SERIES, w)) for w in goal.windows}
        for request in requests([target], facets, goal, known, proofs):
            if request.facet == SERIES:
                series += 1
                asked.update(
                    w for w in request.windows if _due(target, SERIES, w, goal, known, proofs)
                )
            elif request.windows[0] not in asked or goal.strategy is Strategy.EXHAUSTIVE:
                breakdowns[request.facet] += 1
            elif clicks := counts[request.windows[0]]:
                seen = known.seen.get((target.id, request.facet, request.windows[0]))
                breakdowns[request.facet] += clicks.total not in {0, seen and seen.total}
        literal = goal.strategy is Strategy.EXHAUSTIVE
        unknown = 0 if literal else sum(counts[window] is None for window in asked)
        clicked = Counter(min(each.total, MANY_CLICKS) for each in counts.values() if each)
        del clicked[0]
        runs = -(-len(goal.windows) // MOST_UNITS) if SERIES in facets else 0
        others = len(facets) - (SERIES in facets)
        found += Expected(
            series,
            breakdowns,
            len(goal.windows) - unknown,
            clicked,
            unknown,
            runs + others * len(goal.windows),
        )
    return found
