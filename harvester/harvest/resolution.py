"""Which breakdowns are asked for by the week or the month, so that they are not lost. Pure.

Days that leave the plan's history soon are *needed*: one request for each day of each facet of each
link with clicks. Where the requests do not suffice for all of them, the least clicked links lose
detail first: a week (Monday to Sunday) in one request, then a calendar month. Clicks stay daily.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from harvester.domain.windows import Unit, Window, holding
from harvester.harvest.plan import LEAVING

COARSE: Final = (Unit.WEEK, Unit.MONTH)
MONTH: Final = timedelta(days=30)


class Resolution(StrEnum):
    """How fine the breakdowns are: by the day, or coarser where a day cannot be afforded."""

    DAY = "day"
    ADAPTIVE = "adaptive"


@dataclass(frozen=True, slots=True)
class Span:
    """Where a coarse window may lie: from `edge` on, over and settled (`settled` is exclusive)."""

    edge: date
    settled: date

    def holds(self, window: Window) -> bool:
        """Whether all of the window is shown by the plan, and will not change."""
        return window.day >= self.edge and window.end.date() <= self.settled


@dataclass(frozen=True, slots=True)
class Need:
    """One facet of one link on `days` that leave soon, oldest first; `clicks` weigh it.

    `span` is where its coarse windows may lie, `covered` are those that are stored of it.
    """

    target_id: int
    facet: str
    days: tuple[Window, ...]
    clicks: int
    span: Span
    covered: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """What to ask for a need: `windows` do not overlap, `level` is how far it is coarsened."""

    need: Need
    windows: tuple[Window, ...]
    level: int = 0

    @property
    def coarse(self) -> tuple[Window, ...]:
        """The weeks and months among the windows."""
        return tuple(window for window in self.windows if window.unit is not Unit.DAY)


@dataclass(slots=True)
class Chosen:
    """The choices for all needs, and those that cannot be afforded in any unit."""

    choices: list[Choice] = field(default_factory=list)
    lost: list[Choice] = field(default_factory=list)

    @property
    def cost(self) -> int:
        """Requests that the choices take."""
        return sum(len(choice.windows) for choice in self.choices)


def is_urgent(day: Window, edge: date) -> bool:
    """Whether a day, or one of its week, leaves the history within a week.

    A week can be asked for as one only as long as its Monday is shown.
    """
    return holding(day.start, Unit.WEEK).day < edge + LEAVING


def choose(needs: Sequence[Need], allowance: int) -> Chosen:
    """Choose the windows to ask, for at most `allowance` requests.

    All days, if they can be afforded; else weeks and then months in place of days, for the least
    clicked links first and for no more of them than it takes. What cannot be afforded even so is
    left out, the least clicked first.
    """
    order = sorted(needs, key=lambda need: (need.clicks, need.target_id, need.facet))
    chosen = {(each.target_id, each.facet): Choice(each, each.days) for each in order}
    cost = sum(len(need.days) for need in order)
    for level in range(1, len(COARSE) + 1):
        for need in order:
            if cost <= allowance:
                break
            key = need.target_id, need.facet
            found = Choice(need, coarsened(need, level), level)
            if len(found.windows) < len(chosen[key].windows):
                cost += len(found.windows) - len(chosen[key].windows)
                chosen[key] = found
    cost = _refine(chosen, order, cost, allowance)
    return _afforded([chosen[need.target_id, need.facet] for need in order], cost, allowance)


def coarsened(need: Need, level: int) -> tuple[Window, ...]:
    """Return the windows that cover the days of a need: with weeks (level 1), or months too (2).

    None of them overlaps another, nor what is stored by the week or month already. A coarse window
    stands for two or more of the days, lies within the history and has settled.
    """
    left, found = list(need.days), list[Window]()
    for unit in reversed(COARSE[:level]):
        for window in dict.fromkeys(holding(day.start, unit) for day in left):
            within = [day for day in left if window.start <= day.start < window.end]
            taken = (*need.covered, *found)
            if len(within) > 1 and need.span.holds(window) and not _overlaps(window, taken):
                found.append(window)
                left = [day for day in left if day not in within]
    return tuple(sorted((*left, *found), key=lambda window: window.start))


def _overlaps(window: Window, others: Iterable[Window]) -> bool:
    return any(other.start < window.end and window.start < other.end for other in others)


def _refine(
    chosen: dict[tuple[int, str], Choice],
    order: Sequence[Need],
    cost: int,
    allowance: int,
) -> int:
    """Take back what need not have been coarsened, for the most clicked first; return the cost."""
    for need in reversed(order):
        now = chosen[need.target_id, need.facet]
        for level in range(now.level):
            windows = coarsened(need, level)
            more = len(windows) - len(now.windows)
            if cost + more <= allowance:
                chosen[need.target_id, need.facet] = Choice(need, windows, level)
                cost += more
                break
    return cost


def _afforded(choices: Sequence[Choice], cost: int, allowance: int) -> Chosen:
    """Leave out whole needs, the least clicked first, until the rest can be afforded."""
    result = Chosen()
    for choice in choices:
        if cost > allowance:
            cost -= len(choice.windows)
            result.lost.append(choice)
        else:
            result.choices.append(choice)
    return result


@dataclass(frozen=True, slots=True)
class Saving:
    """What a coarser resolution would save, of the days that leave soon.

    `needed` requests by the day, `affordable` of them; `requests` with weeks and months, of which
    there are `weeks` and `months`. `lost` link-days would be lost by the day, `lost_even_so` in any
    unit; a link-day is one facet of one link on one day.
    """

    needed: int
    affordable: int
    requests: int
    weeks: int
    months: int
    lost: int
    lost_even_so: int


def saving(needs: Sequence[Need], allowance: int) -> Saving:
    """Return what `resolution = "adaptive"` would save; pure, for `harvest plan` to offer it."""
    chosen = choose(needs, allowance)
    coarse = [window for choice in chosen.choices for window in choice.coarse]
    needed = sum(len(need.days) for need in needs)
    return Saving(
        needed=needed,
        affordable=min(needed, allowance),
        requests=chosen.cost,
        weeks=sum(window.unit is Unit.WEEK for window in coarse),
        months=sum(window.unit is Unit.MONTH for window in coarse),
        lost=max(needed - allowance, 0),
        lost_even_so=sum(len(choice.need.days) for choice in chosen.lost),
    )


def affordable(left: int, monthly: int, turns: datetime, now: datetime) -> int:
    """Return the requests that a week from `now` may take, if they are spread over the days.

    `left` may still be sent until the month `turns`; the next one allows `monthly` of them.
    """
    before = max(turns - now, timedelta(seconds=1))
    share = min(LEAVING / before, 1.0)
    after = max(LEAVING - before, timedelta())
    return int(max(left, 0) * share + monthly * (after / MONTH))
