"""Collecting: the plan of each stage, streamed from the store through the workers to the writer."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import AccountStopped
from harvester.clock import Clock
from harvester.domain.events import Notify, StageStarted
from harvester.domain.snapshots import Reason
from harvester.harvest.notes import Notes
from harvester.harvest.plan import SERIES, Goal, PlannedRequest, requests
from harvester.harvest.workers import Asker, fan_out
from harvester.store import known, rosters
from harvester.store.writer import Writer

# Items in a batch: what a kill -9 may cost is asked again, so a batch is small.
AT_RISK = 50


@dataclass(frozen=True, slots=True)
class Scope:
    """One group of a run: its guid, the store's key, and what is wanted of it."""

    guid: str
    group_id: int
    goal: Goal


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
    """Asks for `facets` of all links in `scopes`, clicks first: they tell where others can be."""

    account: str
    scopes: Sequence[Scope]
    facets: Sequence[str]
    workers: int
    client: BitlyClient
    engine: AsyncEngine
    clock: Clock
    notify: Notify
    interrupted: asyncio.Event

    async def collect(self) -> Collected:
        """Send what the plan holds. Whatever was learnt is committed when this returns.

        Ends early when `interrupted` is set or the account is stopped. Raises StoreError, alone or
        in an ExceptionGroup, if the database fails.
        """
        writer = Writer(self.engine, self.clock, most=AT_RISK)
        asker = Asker(
            account=self.account,
            facets=self.facets,
            client=self.client,
            sink=writer,
            remember=Notes(self.engine, self.clock, self._keys()),
            clock=self.clock,
            notify=self.notify,
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(writer.run(), name="writer")
            try:
                for name, facets in self._stages().items():
                    await self._stage(name, facets, asker)
                    await writer.flush()
            finally:
                await writer.close()
        return Collected(
            writer.snapshots, writer.rows, writer.revisions, asker.failed, asker.stopped_by
        )

    def _keys(self) -> Mapping[str, int]:
        return {scope.guid: scope.group_id for scope in self.scopes}

    def _stages(self) -> Mapping[str, Sequence[str]]:
        return {
            SERIES: [facet for facet in self.facets if facet == SERIES],
            "facets": [facet for facet in self.facets if facet != SERIES],
        }

    async def _stage(self, name: str, facets: Sequence[str], asker: Asker) -> None:
        def stopped() -> bool:
            return self.interrupted.is_set() or asker.stopped_by is not None

        if not facets or stopped():
            return
        total = 0
        async for _ in self._planned(facets):
            total += 1
        self.notify(StageStarted(self.account, name, total))
        await fan_out(self._planned(facets), asker.ask, workers=self.workers, stopped=stopped)

    async def _planned(self, facets: Sequence[str]) -> AsyncGenerator[PlannedRequest, None]:
        """Stream the plan from the store; memory holds a page of links."""
        for scope in self.scopes:
            refused = await known.refusals(self.engine, scope.group_id)
            now = self.clock.now()
            granted = [facet for facet in facets if facet not in refused or refused[facet] <= now]
            looked_at = {*granted, SERIES}
            if not granted:
                continue
            async for page in rosters.target_pages(self.engine, scope.group_id):
                of_page = await known.known(
                    self.engine, page, sorted(looked_at), scope.goal.windows
                )
                for request in requests(page, granted, scope.goal, of_page):
                    yield request
