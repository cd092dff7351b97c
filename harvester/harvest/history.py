"""How far back Bitly shows a group's clicks: the edge of its history. Pure.

Bitly cuts silently: what is older is answered with zeros, or left out. The `units` that it returns
are the only sign, and a plan's length is published, not promised (decision 10). So an edge is set
by a person, or seen, or guessed from the organization's tier, and what lies beyond it is never
taken for a zero.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from harvester.domain.windows import Unit, Window, holding

PUBLISHED: Final[Mapping[str, int]] = MappingProxyType(
    {"core": 30, "growth": 120, "premium": 365, "enterprise": 730}
)
"""Days of history by plan (bitly.com/pages/pricing); the shortest that "4 months" can mean."""

SHORTEST: Final = timedelta(days=min(PUBLISHED.values()))
RETEST: Final = timedelta(days=30)
"""A cut that was seen so long ago is tested again: plans change."""


class Source(StrEnum):
    """How an edge is known; from the one that is trusted most."""

    SET = "set"  # by a person
    SEEN = "seen"  # in Bitly's answers
    TIER = "tier"  # guessed from the plan's name


@dataclass(frozen=True, slots=True)
class Sight:
    """What an answer showed `at` an instant: `days` whole days up to that one, it included.

    With `more` there was no cut: at least so many days are shown.
    """

    days: int
    more: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Edge:
    """`days` whole UTC days are shown, the present one included.

    One that is not `sure` is a guess: what is older is believed where it tells clicks, not where it
    tells none.
    """

    days: int
    source: Source
    sure: bool

    def first(self, now: datetime) -> date:
        """Return the first day that is shown at `now`."""
        return holding(now, Unit.DAY).day - timedelta(days=self.days - 1)


def published_days(*names: str) -> int | None:
    """Return the days of history of the plan that a tier's names speak of; None if unknown."""
    words = " ".join(names).casefold()
    return next((days for plan, days in PUBLISHED.items() if plan in words), None)


def edge_of(
    sight: Sight | None, published: int | None, now: datetime, *, set_days: int | None = None
) -> Edge | None:
    """Return the edge by what is set, seen or published; None if none is known.

    `set_days` of 0 says that there is none.
    """
    if set_days is not None:
        return Edge(set_days, Source.SET, sure=True) if set_days else None
    if sight is not None and not sight.more:
        return Edge(sight.days, Source.SEEN, sure=now < sight.at + RETEST)
    if published is None:
        return None
    if sight is not None and sight.days > published:
        return Edge(sight.days, Source.SEEN, sure=False)
    return Edge(published, Source.TIER, sure=False)


@dataclass(frozen=True, slots=True)
class Told:
    """What a group's totals said `at` an instant of adjacent `windows`, oldest first.

    `clicks` holds those that the answer's `units` do not leave out. `clicked` are windows that are
    stored with clicks.
    """

    at: datetime
    windows: Sequence[Window]
    clicks: Mapping[Window, int]
    clicked: Collection[Window] = ()


def learnt(told: Told, edge: Edge | None, sight: Sight | None = None) -> Sight | None:
    """Return what an answer teaches beside the `edge` that is believed in, by an earlier `sight`.

    None if it teaches nothing. The first day that a cut answer shows may be cut in the middle, so
    it is not taken for shown.
    """
    beyond = [window for window in told.windows if window not in told.clicks]
    if beyond:
        newest = beyond[-1]
        is_all = newest == told.windows[-1]
        return _cut(told.at, newest.end.date() if is_all else _next(newest.end.date()))
    if lost := _lost(told):
        return _cut(told.at, _next(lost.end.date()))
    if edge is None or edge.sure:
        return None
    older = [w for w in told.windows if w.day < edge.first(told.at)]
    if older and sight is not None and not sight.more:
        # `units` told of a cut before, and do not any more
        return _shown(told.at, older[0].day)
    return next((_shown(told.at, w.day) for w in older if told.clicks[w]), None)


def _lost(told: Told) -> Window | None:
    """Return the newest window up to which all is zero although clicks are stored; None if none.

    A younger one than the shortest history is Bitly's bad day.
    """
    lost = None
    for window in told.windows:
        if told.clicks[window] or told.at < window.end + SHORTEST:
            return lost
        if window in told.clicked:
            lost = window
    return lost


def _next(day: date) -> date:
    return day + timedelta(days=1)


def _cut(at: datetime, first: date) -> Sight:
    return Sight(_days(at, first), more=False, at=at)


def _shown(at: datetime, first: date) -> Sight:
    return Sight(_days(at, first), more=True, at=at)


def _days(at: datetime, first: date) -> int:
    """Return the days from `first` to the present one; the present day is always shown."""
    return max((holding(at, Unit.DAY).day - first).days + 1, 1)
