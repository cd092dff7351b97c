"""The outlook of a harvest to come: what it will know, and what it will have to ask."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.clock import Clock
from harvester.domain.facets import by_kind
from harvester.domain.proofs import Proof
from harvester.domain.subjects import Kind
from harvester.domain.windows import Window
from harvester.harvest.expecting import Expected, expected
from harvester.harvest.plan import SERIES, Goal, PlannedRequest, Scope, Strategy, requests
from harvester.store import gates, known, proofs, targets

SOON: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Outlook:
    """Looks ahead for `facets`; nothing is asked.

    What is `put_off` of a group (by guid) will be proved, and is counted by whoever put it off.
    """

    engine: AsyncEngine
    clock: Clock
    facets: Sequence[str]
    put_off: Mapping[str, Iterable[Window]]

    async def expected(self, scope: Scope) -> Expected:
        """Return what the links of the scope come to."""
        granted, total = by_kind(await self.granted(scope)).get(Kind.BITLINK, []), Expected()
        goal, proved = await self.later(scope)
        async for page in targets.target_pages(self.engine, scope.group_id, 100):
            of_page = await known.known(self.engine, page, granted, goal.windows)
            total += expected(page, granted, goal, of_page, proved)
        return total

    async def unknown(self, scope: Scope) -> AsyncGenerator[PlannedRequest, None]:
        """Yield the requests for the clicks of links that nothing is known of in some window."""
        if scope.goal.strategy is Strategy.EXHAUSTIVE or SERIES not in await self.granted(scope):
            return
        goal, proved = await self.later(scope)
        async for page in targets.target_pages(self.engine, scope.group_id, 100):
            of_page = await known.known(self.engine, page, [SERIES], goal.windows)
            for request in requests(page, [SERIES], goal, of_page, proved):
                place = (request.target.id, SERIES)
                if any((*place, window) not in of_page.seen for window in request.windows):
                    yield request

    async def first(self, scope: Scope, facet: str) -> PlannedRequest | None:
        """Return the first request for a breakdown of a link that is known to have clicks."""
        goal, proved = await self.later(scope)
        async for page in targets.target_pages(self.engine, scope.group_id, 100):
            of_page = await known.known(self.engine, page, [SERIES, facet], goal.windows)
            for request in requests(page, [facet], goal, of_page, proved):
                seen = of_page.seen.get((request.target.id, SERIES, request.windows[0]))
                if seen is not None and seen.total:
                    return request
        return None

    async def clicked(self, request: PlannedRequest) -> int:
        """Return in how many windows of `request` there were clicks."""
        told = await known.known(self.engine, [request.target], [SERIES], request.windows)
        return sum(1 for seen in told.seen.values() if seen.total)

    async def granted(self, scope: Scope) -> list[str]:
        """Return the facets that are not refused at present."""
        refused, now = await gates.refusals(self.engine, scope.group_id), self.clock.now()
        return [each for each in self.facets if each not in refused or refused[each] <= now]

    async def later(self, scope: Scope) -> tuple[Goal, Mapping[Window, Proof]]:
        """Return the goal of a harvest to come, and what will be proved by then.

        Its totals will be those of now, so what they prove now they will prove again.
        """
        at = self.clock.now().replace(microsecond=0) + SOON
        stored = await proofs.proofs(self.engine, scope.group_id, scope.goal.windows)
        counted = (await proofs.trust(self.engine, scope.group_id)).customs is True
        proved = {
            window: replace(proof, seen_at=at, customs=proof.customs and counted)
            if proof.seen_at >= scope.goal.fresh_since
            else proof
            for window, proof in stored.items()
        }
        put_off = self.put_off.get(scope.guid, ())
        proved |= {window: Proof(at, None, customs=True) for window in put_off}
        return replace(scope.goal, fresh_since=at, began=at), proved
