"""Which requests come first when not all can be afforded. Pure.

First what would be lost first: windows about to leave the plan's history. Then windows that are not
over, or not settled; then newer ones; then more clicked links. Every group gets its turn.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from harvester.bitly.facets import FACETS
from harvester.domain.facets import proved_by
from harvester.domain.windows import Window
from harvester.harvest.plan import LEAVING, Goal, Known, PlannedRequest


class Urgency(IntEnum):
    """What would be lost by waiting; the smallest is asked for first."""

    LEAVING = 0
    OPEN = 1
    PAST = 2


@dataclass(frozen=True, slots=True, order=True)
class Worth:
    """How much a request is worth: what is less comes first.

    Among equally urgent ones that of which nothing is stored goes before one that is asked again.
    """

    urgency: Urgency
    known: bool
    age: int
    clicks: int


def worth(request: PlannedRequest, goal: Goal, known: Known, now: datetime) -> Worth:
    """Return what the most valuable window of `request` is worth; clicks of all are added up."""
    target, best = request.target.id, None
    series, clicks = proved_by(request.facet), 0
    for window in request.windows:
        counted = known.seen.get((target, series, window))
        clicks += counted.total if counted else 0
        urgency = _urgency(window, goal, now)
        age = (now.date() - window.day).days
        is_known = (target, request.facet, window) in known.seen
        # of what leaves the oldest goes first, of all else the newest
        found = Worth(urgency, is_known, -age if urgency is Urgency.LEAVING else age, 0)
        best = found if best is None else min(best, found)
    if best is None:
        raise ValueError("a request without windows is worth nothing")
    return Worth(best.urgency, best.known, best.age, -clicks)


def is_sure(request: PlannedRequest, known: Known) -> bool:
    """Whether a breakdown is of clicks that are known, and not yet broken down; a series always is.

    Where the clicks of a link were put off, its breakdowns would be asked for in the dark.
    """
    series = proved_by(request.facet)
    if FACETS[request.facet].series or request.facet == series:
        return True
    target, window = request.target.id, request.windows[0]
    clicks = known.seen.get((target, series, window))
    seen = known.seen.get((target, request.facet, window))
    return clicks is not None and clicks.total not in {0, seen and seen.total}


def _urgency(window: Window, goal: Goal, now: datetime) -> Urgency:
    if goal.edge is not None and goal.edge <= window.day < goal.edge + LEAVING:
        return Urgency.LEAVING
    return Urgency.OPEN if window.end + goal.settle > now else Urgency.PAST


@dataclass(frozen=True, slots=True)
class _Offer:
    worth: Worth
    number: int
    group: str
    request: PlannedRequest


@dataclass(slots=True)
class Choice:
    """Keeps the best `most` of the requests offered; memory holds at most twice as many."""

    most: int
    _offers: list[_Offer] = field(default_factory=list)
    _groups: dict[str, int] = field(default_factory=dict)
    _number: int = 0

    def offer(self, request: PlannedRequest, worth: Worth) -> None:
        """Take `request` into account."""
        group = request.target.group_guid
        self._groups.setdefault(group, len(self._groups))
        self._offers.append(_Offer(worth, self._number, group, request))
        self._number += 1
        if len(self._offers) > 2 * self.most:
            self._offers = self._best()

    def best(self) -> list[PlannedRequest]:
        """Return the best, the most valuable first."""
        return [offer.request for offer in self._best()]

    def _best(self) -> list[_Offer]:
        """Return the best offers.

        What is dropped never comes back: an offer that comes later can only move others back.
        """
        ranked = self._ranked(sorted(self._offers, key=lambda each: (each.worth, each.number)))
        return [offer for _, offer in ranked[: self.most]]

    def _ranked(self, offers: Sequence[_Offer]) -> list[tuple[tuple[int, int, int], _Offer]]:
        """Order by urgency, and within it group by group: the best of each, the next of each."""
        ranks: Counter[tuple[str, Urgency]] = Counter()
        placed = []
        for offer in offers:
            urgency = offer.worth.urgency
            place = (urgency, ranks[offer.group, urgency], self._groups[offer.group])
            ranks[offer.group, urgency] += 1
            placed.append((place, offer))
        return sorted(placed, key=lambda each: each[0])
