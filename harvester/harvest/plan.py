"""Which requests to send. Pure: what the store knows and what a run wants go in, requests come out.

`exhaustive` asks for each (bitlink, facet, window) that is not settled. `economical` asks for
clicks where no proof covers them, one request for many windows, and for the other facets only where
clicks were seen that they do not yet add up to: a link without clicks in a window has no countries,
cities or referrers in it either, and clicks that did not move have the same ones as before.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import zip_longest
from typing import Protocol

from harvester.bitly.facets import FACETS
from harvester.domain.facets import CLICKS, HOURS, proved_by
from harvester.domain.proofs import Proof
from harvester.domain.rosters import WATCHED
from harvester.domain.snapshots import Reason
from harvester.domain.subjects import Target
from harvester.domain.windows import Unit, Window, covering, holding

# The clicks of links: they come as a series, and tell where the others can have anything.
SERIES = CLICKS
# Bitly publishes no largest `units` for a series; v3 took up to 1,000. A leap year is within it.
MOST_UNITS = 366
# What leaves the plan's history within so many days is asked first.
LEAVING = timedelta(days=7)

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
    what lay beyond it before then is worth asking again. None where it is not known. Clicks by the
    hour are wanted from `hourly_since` on; None: of no day.
    """

    windows: tuple[Window, ...]
    fresh_since: datetime
    settle: timedelta
    strategy: Strategy = Strategy.ECONOMICAL
    began: datetime | None = None
    edge: date | None = None
    shown_since: datetime | None = None
    hourly_since: date | None = None

    def of(self, facet: str) -> tuple[Window, ...]:
        """Return the windows that are wanted of a facet, oldest first.

        Those of the goal, but for what goes back less far and what is told of the present alone.
        """
        if facet == HOURS:
            first = self.hourly_since
            return tuple(w for w in self.windows if first is not None and w.day >= first)
        if FACETS[facet].bare:
            today = holding(self.began or self.fresh_since, Unit.DAY)
            return (holding(today.start, FACETS[facet].unit),) if today in self.windows else ()
        return self.windows

    def together(self, facets: Iterable[str]) -> Mapping[tuple[Window, ...], list[str]]:
        """Return the facets by the windows that are wanted of them."""
        found: dict[tuple[Window, ...], list[str]] = {}
        for facet in facets:
            found.setdefault(self.of(facet), []).append(facet)
        return found

    def in_turn(self, facet: str) -> list[Window]:
        """Return the windows in the order to ask: what leaves the history soon, then the newest."""
        windows = self.of(facet)
        if self.edge is None:
            return list(reversed(windows))
        soon = self.edge + LEAVING
        leaving = [window for window in windows if window.day < soon]
        return leaving + [window for window in reversed(windows) if window.day >= soon]

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

    @property
    def watched(self) -> bool:
        """Whether it is no group, but holds links that are watched: Bitly knows nothing of it."""
        return self.guid == WATCHED


def requests(
    targets: Iterable[Target], facets: Sequence[str], goal: Goal, known: Known, proofs: Proofs
) -> Iterator[PlannedRequest]:
    """Yield the requests still needed for `facets` of `targets` of one group, target by target.

    The targets are of one kind, the facets of that kind.

    What leaves the history soon comes first, the oldest of it before all; then newer windows come
    before older ones: they are what people look at, and what changes. Facets take turns, since each
    endpoint has a limit of its own: all the windows of one would wait while others stand idle.
    """
    turns = {facet: goal.in_turn(facet) for facet in facets if not FACETS[facet].series}
    rounds = list(zip_longest(*turns.values()))
    for target in targets:
        for facet in facets:
            if facet not in turns:
                wanted = [w for w in goal.windows if due(target, facet, w, goal, known, proofs)]
                for run in covering(wanted, most=MOST_UNITS):
                    yield PlannedRequest(target, facet, tuple(run))
        for windows in rounds:
            for facet, window in zip(turns, windows, strict=True):
                if window is not None and due(target, facet, window, goal, known, proofs):
                    yield PlannedRequest(target, facet, (window,))


def due(
    target: Target, facet: str, window: Window, goal: Goal, known: Known, proofs: Proofs
) -> bool:
    """Whether a window of one facet of `target` has to be asked for."""
    seen = known.seen.get((target.id, facet, window))
    if seen is not None and goal.holds(seen.last_seen_at, window):
        return False
    missing = known.missing.get((target.id, facet, window))
    if missing is not None and goal.gave_up(*missing):
        return False
    # what failed although something is stored would be missing for ever, proved or not
    if goal.strategy is Strategy.EXHAUSTIVE or (missing is not None and seen is not None):
        return True
    series = proved_by(facet)
    is_covered = series == CLICKS and covered(target, window, goal, proofs.get(window))
    if facet == series:
        return not is_covered
    clicks = known.seen.get((target.id, series, window))
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
