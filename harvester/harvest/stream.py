"""The plan, streamed from the store: memory holds a page of subjects, however many there are."""

from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.clock import Clock
from harvester.domain.facets import by_kind, proved_by
from harvester.domain.subjects import Kind
from harvester.harvest.adapt import uncovered
from harvester.harvest.afford import Choice, is_sure, worth
from harvester.harvest.plan import PlannedRequest, Scope, Strategy, requests
from harvester.store import gates, known, proofs, targets
from harvester.store.coarse import covers

# Links that are planned together: at most a page, and no more than so many (link, facet, window).
PAGE = 500
PLACES = 100_000

# A plan of at most so many requests is kept when it is counted, not made anew to be sent.
KEPT = 10_000

Page = tuple[Scope, known.Known, Iterator[PlannedRequest]]


@dataclass(frozen=True, slots=True)
class Stream:
    """What has to be asked of `facets` in `scopes`.

    With `sure`, only what is known to be there: for when clicks were put off, which tell of it.
    Of the facets in `coarse`, what is stored by the week or month is not asked for by the day.
    """

    engine: AsyncEngine
    clock: Clock
    scopes: Sequence[Scope]
    facets: Sequence[str]
    sure: bool = False
    coarse: frozenset[str] = frozenset()

    async def requests(self) -> AsyncGenerator[PlannedRequest, None]:
        """Yield all requests, group by group and link by link."""
        async for _, _, planned in self._pages():
            for request in planned:
                yield request

    async def counted(self) -> tuple[list[PlannedRequest], int]:
        """Return the first requests of the plan, at most `KEPT`, and how many there are in all."""
        kept: list[PlannedRequest] = []
        total = 0
        async for request in self.requests():
            total += 1
            if total <= KEPT:
                kept.append(request)
        return kept, total

    async def best(self, most: int) -> list[PlannedRequest]:
        """Return the `most` valuable requests, the best first; memory holds twice as many."""
        choice, now = Choice(most), self.clock.now()
        async for scope, of_page, planned in self._pages():
            for request in planned:
                choice.offer(request, worth(request, scope.goal, of_page, now))
        return choice.best()

    async def _pages(self) -> AsyncGenerator[Page, None]:
        """Yield, page by page, what is known of its subjects and the requests that it takes."""
        for scope in self.scopes:
            refused = await gates.refusals(self.engine, scope.group_id)
            now = self.clock.now()
            granted = [each for each in self.facets if each not in refused or refused[each] <= now]
            for kind, facets in by_kind(granted).items():
                async for of_page, planned in self._of_kind(scope, kind, facets):
                    yield scope, of_page, planned

    async def _of_kind(
        self, scope: Scope, kind: Kind, facets: Sequence[str]
    ) -> AsyncGenerator[tuple[known.Known, Iterator[PlannedRequest]], None]:
        goal = scope.goal
        looked_at = sorted({*facets, *map(proved_by, facets)})
        windows = list(dict.fromkeys(window for each in looked_at for window in goal.of(each)))
        proved = await proofs.proofs(self.engine, scope.group_id, goal.windows)
        size = max(min(PLACES // max(len(looked_at) * len(windows), 1), PAGE), 1)
        async for page in targets.target_pages(self.engine, scope.group_id, size, kind):
            of_page = await known.known(self.engine, page, looked_at, windows)
            planned = requests(page, facets, goal, of_page, proved)
            if self.coarse:
                stored = await covers(self.engine, [target.id for target in page])
                planned = (each for each in planned if uncovered(each, stored))
            if self.sure and goal.strategy is Strategy.ECONOMICAL:
                planned = _sure(planned, of_page)
            yield of_page, planned


def _sure(planned: Iterable[PlannedRequest], of_page: known.Known) -> Iterator[PlannedRequest]:
    return (request for request in planned if is_sure(request, of_page))


async def replayed(requests: Iterable[PlannedRequest]) -> AsyncGenerator[PlannedRequest, None]:
    """Yield requests that are at hand."""
    for request in requests:
        yield request
