"""Adaptive resolution: weeks and months asked for in place of days that would be lost.

What is chosen is decided in resolution.py; here the store is asked what is needed, and the month's
requests what can be afforded.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.budget import next_month
from harvester.bitly.facets import FACETS
from harvester.bitly.month import Month
from harvester.clock import Clock
from harvester.domain.subjects import Target
from harvester.domain.windows import Window, days_of
from harvester.harvest.plan import LEAVING, SERIES, Known, PlannedRequest, Scope, requests
from harvester.harvest.resolution import (
    Chosen,
    Need,
    Saving,
    Span,
    affordable,
    choose,
    is_urgent,
    saving,
)
from harvester.store import gates, known, proofs, targets
from harvester.store.coarse import Covers, covers
from harvester.store.ledger import spent_besides

PAGE = 500


@dataclass(frozen=True, slots=True)
class Adapted:
    """What to ask by the week and month, and whether days of stored ones can be afforded, too."""

    requests: tuple[PlannedRequest, ...] = ()
    refines: bool = True


@dataclass(frozen=True, slots=True)
class Adaptation:
    """Finds out for `facets` of an account's links what leaves the history soon."""

    account_id: int
    engine: AsyncEngine
    clock: Clock
    facets: Sequence[str]

    async def allowance(self, month: Month | None) -> int | None:
        """Return the requests that what leaves soon may take; None where no limit is known.

        What a week takes besides, for lists, totals and clicks, is taken to be what the last took.
        """
        if month is None:
            return None
        now = self.clock.now()
        grants = affordable(month.left(now), month.limit - month.reserve, next_month(now), now)
        ours = [FACETS[facet].endpoint for facet in self.facets]
        today = now.date()
        besides = await spent_besides(self.engine, self.account_id, ours, today - LEAVING, today)
        return max(grants - besides, 0)

    async def adapt(self, scopes: Iterable[Scope], allowed: int | None) -> Adapted:
        """Choose what to ask by the week or month where `allowed` requests do not suffice by day.

        Days of a stored week or month are needed too, if all can be afforded.
        """
        if allowed is None:
            return Adapted()
        found = [each for scope in scopes async for each in self.needs(scope)]
        if sum(len(need.days) for _, need in found) <= allowed:
            return Adapted()
        bare = [(target, _bare(need)) for target, need in found]
        chosen = choose([need for _, need in bare if need.days], allowed)
        targets = {need.target_id: target for target, need in bare}
        return Adapted(_requests(chosen, targets), refines=False)

    async def offer(self, scopes: Iterable[Scope], allowed: int | None) -> Saving | None:
        """Return what adaptive resolution would save; None if all can be afforded by the day."""
        found = [_bare(need) for scope in scopes async for _, need in self.needs(scope)]
        due = [need for need in found if need.days]
        if allowed is None or sum(len(need.days) for need in due) <= allowed:
            return None
        return saving(due, allowed)

    async def needs(self, scope: Scope) -> AsyncIterator[tuple[Target, Need]]:
        """Yield what breakdowns of a group's links are due on days that leave soon."""
        goal = scope.goal
        if goal.edge is None:
            return
        days = tuple(day for day in goal.windows if is_urgent(day, goal.edge))
        refused = await gates.refusals(self.engine, scope.group_id)
        now = self.clock.now()
        granted = [each for each in self.facets if each not in refused or refused[each] <= now]
        if not days or not granted:
            return
        span = Span(goal.edge, (now - goal.settle).date())
        soon = replace(goal, windows=days)
        proved = await proofs.proofs(self.engine, scope.group_id, days)
        async for page in targets.target_pages(self.engine, scope.group_id, PAGE):
            of_page = await known.known(self.engine, page, [SERIES, *granted], days)
            stored = await covers(self.engine, [target.id for target in page])
            for target in page:
                due = requests([target], granted, soon, of_page, proved)
                for need in _needs(target, due, of_page, span, stored):
                    yield target, need


def uncovered(request: PlannedRequest, stored: Covers) -> bool:
    """Whether no stored week or month holds what a request asks for."""
    held = stored.get((request.target.id, request.facet), ())
    return not any(_holds(window, request.windows[0]) for window in held)


def _needs(
    target: Target, due: Iterable[PlannedRequest], seen: Known, span: Span, stored: Covers
) -> Iterable[Need]:
    """Gather the requests of one link by facet; days of which no clicks are known do not count."""
    days: dict[str, list[Window]] = {}
    clicks: dict[str, int] = {}
    for request in due:
        for window in request.windows:
            counted = seen.seen.get((target.id, SERIES, window))
            if counted is not None and counted.total:
                days.setdefault(request.facet, []).append(window)
                clicks[request.facet] = clicks.get(request.facet, 0) + counted.total
    for facet, windows in days.items():
        held = tuple(stored.get((target.id, facet), ()))
        yield Need(target.id, facet, tuple(sorted(windows)), clicks[facet], span, held)


def _bare(need: Need) -> Need:
    """Return a need without the days that are stored by the week or month."""
    days = (day for day in need.days if not any(_holds(each, day) for each in need.covered))
    return replace(need, days=tuple(days))


def _holds(coarse: Window, day: Window) -> bool:
    return coarse.start <= day.start < coarse.end


def _requests(chosen: Chosen, targets: Mapping[int, Target]) -> tuple[PlannedRequest, ...]:
    """Return a request for each week and month, of the most clicked links first."""
    return tuple(
        PlannedRequest(targets[choice.need.target_id], choice.need.facet, days_of(window))
        for choice in reversed(chosen.choices)
        for window in choice.coarse
    )
