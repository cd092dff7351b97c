"""Collecting: the plan of each stage, streamed from the store through the workers to the writer."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import AccountStopped
from harvester.clock import Clock
from harvester.domain.events import Notify, StageStarted
from harvester.domain.snapshots import Reason
from harvester.harvest.dealing import Dealing
from harvester.harvest.notes import Notes
from harvester.harvest.plan import SERIES, PlannedRequest, Scope, Strategy, requests
from harvester.harvest.survey import Survey
from harvester.harvest.workers import Asker, fan_out
from harvester.store import known, proofs, rosters
from harvester.store.writer import Writer

# Items in a batch: what a kill -9 may cost is asked again, so a batch is small.
AT_RISK = 80

# Links that are planned together: at most a page, and no more than so many (link, facet, window).
PAGE = 500
PLACES = 100_000

# A plan of at most so many requests is kept when it is counted, not made anew to be sent.
KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Collected:
    """What a collection came to; `failed` counts the requests that brought nothing."""

    snapshots: int = 0
    rows: int = 0
    revisions: int = 0
    failed: Counter[Reason] = field(default_factory=Counter)
    stopped_by: AccountStopped | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """Asks for `facets` of all links in `scopes`, clicks first: they tell where others can be.

    `shown` is what of the scopes lies within the plan's history, once that has been looked at.
    """

    account: str
    account_id: int
    scopes: Sequence[Scope]
    facets: Sequence[str]
    workers: int
    client: BitlyClient
    engine: AsyncEngine
    clock: Clock
    notify: Notify
    interrupted: asyncio.Event
    shown: list[Scope] = field(default_factory=list)

    async def collect(self) -> Collected:
        """Send what the plan holds. Whatever was learnt is committed when this returns.

        Ends early when `interrupted` is set or the account is stopped. Raises StoreError, alone or
        in an ExceptionGroup, if the database fails.
        """
        writer = Writer(self.engine, self.clock, most=AT_RISK)
        notes = Notes(self.engine, self.clock, self._keys())
        asker = Asker(
            account=self.account,
            facets=self.facets,
            client=self.client,
            sink=writer,
            remember=notes,
            clock=self.clock,
            notify=self.notify,
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(writer.run(), name="writer")
            try:
                await self._all(asker, self._survey(writer, notes), writer)
            finally:
                await writer.close()
        return Collected(
            writer.snapshots, writer.rows, writer.revisions, asker.failed, asker.stopped_by
        )

    async def _all(self, asker: Asker, survey: Survey, writer: Writer) -> None:
        try:
            self.shown.extend([await survey.survey(scope) for scope in self.scopes])
            await writer.flush()
            await self._clicks(asker, writer)
            economical = [s for s in self.shown if s.goal.strategy is Strategy.ECONOMICAL]
            fit = [await survey.compare(scope) for scope in economical]
            if not all(fit):
                await self._clicks(asker, writer)
        except AccountStopped as stopped:
            asker.stop(stopped)
        others = [facet for facet in self.facets if facet != SERIES]
        await self._stage("facets", others, asker)
        await writer.flush()

    async def _clicks(self, asker: Asker, writer: Writer) -> None:
        await self._stage(SERIES, [facet for facet in self.facets if facet == SERIES], asker)
        await writer.flush()

    def _survey(self, writer: Writer, notes: Notes) -> Survey:
        return Survey(
            Dealing(
                self.account,
                self.account_id,
                self.client,
                self.engine,
                writer,
                notes,
                self.clock,
                self.notify,
                self.interrupted,
            )
        )

    def _keys(self) -> Mapping[str, int]:
        return {scope.guid: scope.group_id for scope in self.scopes}

    async def _stage(self, name: str, facets: Sequence[str], asker: Asker) -> None:
        def stopped() -> bool:
            return self.interrupted.is_set() or asker.stopped_by is not None

        if not facets or stopped():
            return
        kept, total = await self._counted(facets)
        self.notify(StageStarted(self.account, name, total))
        await self.client.prepare(total)
        plan = _replayed(kept) if len(kept) == total else self._planned(facets)
        await fan_out(plan, asker.ask, workers=self.workers, stopped=stopped)

    async def _counted(self, facets: Sequence[str]) -> tuple[list[PlannedRequest], int]:
        """Return the first requests of the plan, at most `KEPT`, and how many there are in all."""
        kept: list[PlannedRequest] = []
        total = 0
        async for request in self._planned(facets):
            total += 1
            if total <= KEPT:
                kept.append(request)
        return kept, total

    async def _planned(self, facets: Sequence[str]) -> AsyncGenerator[PlannedRequest, None]:
        """Stream the plan from the store; memory holds a page of links."""
        for scope in self.shown:
            refused = await known.refusals(self.engine, scope.group_id)
            now = self.clock.now()
            granted = [facet for facet in facets if facet not in refused or refused[facet] <= now]
            looked_at = {*granted, SERIES}
            if not granted:
                continue
            proved = await proofs.proofs(self.engine, scope.group_id, scope.goal.windows)
            places = len(looked_at) * len(scope.goal.windows)
            size = max(min(PLACES // max(places, 1), PAGE), 1)
            async for page in rosters.target_pages(self.engine, scope.group_id, size):
                of_page = await known.known(
                    self.engine, page, sorted(looked_at), scope.goal.windows
                )
                for request in requests(page, granted, scope.goal, of_page, proved):
                    yield request


async def _replayed(requests: Iterable[PlannedRequest]) -> AsyncGenerator[PlannedRequest, None]:
    for request in requests:
        yield request
