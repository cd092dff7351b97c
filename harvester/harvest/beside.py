"""Counting what a harvest would send beside the links: of groups, organizations, QR codes, ...

Their series are asked, as far as there are few: they keep, and tell which breakdowns there will be.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from harvester.bitly.facets import FACETS
from harvester.domain.facets import SERIES_OF, breakdowns, by_kind, proved_by
from harvester.domain.subjects import Kind, Target
from harvester.harvest.expecting import Expected, expected
from harvester.harvest.outlook import Outlook
from harvester.harvest.plan import Goal, PlannedRequest, Scope, Strategy, requests
from harvester.harvest.reckoning import reckoned
from harvester.harvest.workers import Asker
from harvester.store import known, targets
from harvester.store.writer import Writer

PAGE: Final = 100
MOST_ASKED: Final = 200  # subjects of a kind and a group
MANY: Final = 5  # requests for a breakdown, before it is tried if the plan includes it


@dataclass(frozen=True, slots=True)
class Beside:
    """Counts for `outlook`'s facets; `may_ask` says if so many requests may be sent to know."""

    outlook: Outlook
    asker: Asker
    writer: Writer
    may_ask: Callable[[int], bool]

    async def count(self, scopes: Sequence[Scope]) -> tuple[Counter[str], int]:
        """Return the requests to come by endpoint, and how many asking for everything takes.

        Raises AccountStopped.
        """
        counts, everything = Counter[str](), 0
        for scope in scopes:
            for kind, facets in await self._kinds(scope):
                await self._ask(scope, kind, [each for each in facets if FACETS[each].series])
                found = await self._expected(scope, kind, facets)
                await self._try(scope, kind, found)
            for kind, facets in await self._kinds(scope):
                found = await self._expected(scope, kind, facets)
                everything += found.everything
                if not self._is_surveyed(scope, kind):
                    counts[FACETS[SERIES_OF[kind]].endpoint] += found.series
                for facet, sure in found.breakdowns.items():
                    counts[FACETS[facet].endpoint] += sure
                likely = reckoned([found])
                for facet in facets:
                    if proved_by(facet) == SERIES_OF[kind] != facet:
                        counts[FACETS[facet].endpoint] += likely
        return counts, everything

    async def _kinds(self, scope: Scope) -> list[tuple[Kind, list[str]]]:
        kinds = by_kind(await self.outlook.granted(scope)).items()
        return [(kind, facets) for kind, facets in kinds if kind is not Kind.BITLINK]

    def _is_surveyed(self, scope: Scope, kind: Kind) -> bool:
        """Whether the survey, which is counted by itself, will tell a kind's series."""
        economical = scope.goal.strategy is Strategy.ECONOMICAL
        return kind is Kind.GROUP and economical and bool(breakdowns(self.outlook.facets))

    async def _ask(self, scope: Scope, kind: Kind, facets: Sequence[str], most: int = 0) -> None:
        """Ask what is due of `facets`, of not too many subjects."""
        asked = 0
        async for request in self._requests(scope, kind, facets):
            if asked >= (most or MOST_ASKED) or not self.may_ask(1):
                break
            await self.asker.ask(request)
            asked += 1
            if self.asker.stopped_by is not None:
                raise self.asker.stopped_by
        await self.writer.flush()

    async def _try(self, scope: Scope, kind: Kind, found: Expected) -> None:
        """Ask once for each breakdown that much is wanted of: a plan may not include it."""
        for facet, count in found.breakdowns.items():
            if count >= MANY and not FACETS[facet].series:
                await self._ask(scope, kind, [facet], most=1)

    async def _requests(
        self, scope: Scope, kind: Kind, facets: Sequence[str]
    ) -> AsyncIterator[PlannedRequest]:
        async for page, of_page in self._pages(scope, kind, facets, scope.goal):
            for request in requests(page, facets, scope.goal, of_page, {}):
                yield request

    async def _expected(self, scope: Scope, kind: Kind, facets: Sequence[str]) -> Expected:
        goal, _ = await self.outlook.later(scope)
        total = Expected()
        async for page, of_page in self._pages(scope, kind, facets, goal):
            total += expected(page, facets, goal, of_page, {})
        return total

    async def _pages(
        self, scope: Scope, kind: Kind, facets: Sequence[str], goal: Goal
    ) -> AsyncIterator[tuple[list[Target], known.Known]]:
        engine = self.outlook.engine
        looked_at = sorted({*facets, *map(proved_by, facets)})
        windows = list(dict.fromkeys(window for each in looked_at for window in goal.of(each)))
        async for page in targets.target_pages(engine, scope.group_id, PAGE, kind):
            yield page, await known.known(engine, page, looked_at, windows)
