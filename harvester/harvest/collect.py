"""Collecting: the plan of each stage, streamed from the store through the workers to the writer."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import AccountStopped, QuotaUsedUp
from harvester.clock import Clock
from harvester.domain.events import Notify, StageStarted
from harvester.domain.snapshots import Reason
from harvester.harvest.afford import Choice, worth
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


Page = tuple[Scope, known.Known, Iterator[PlannedRequest]]


@dataclass(frozen=True, slots=True)
class Collected:
    """What a collection came to; `failed` counts the requests that brought nothing.

    `left` are requests that the quota did not suffice for, as far as they are known.
    """

    snapshots: int = 0
    rows: int = 0
    revisions: int = 0
    failed: Counter[Reason] = field(default_factory=Counter)
    stopped_by: AccountStopped | None = None
    left: int = 0


@dataclass(frozen=True, slots=True)
class Collection:
    """Asks for `facets` of all links in `scopes`, clicks first: they tell where others can be.

    `shown` is what of the scopes lies within the plan's history, once that has been looked at.
    What may not be sent now is put off: the most valuable requests are sent, see afford.py.
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
    put_off: set[str] = field(default_factory=set)  # stages that were not sent as a whole

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
            writer.snapshots,
            writer.rows,
            writer.revisions,
            asker.failed,
            asker.stopped_by,
            await self._left(asker),
        )

    async def _left(self, asker: Asker) -> int:
        """Count what the quota did not suffice for, as far as clicks tell."""
        if not isinstance(asker.stopped_by, QuotaUsedUp):
            return 0
        return (await self._counted(self.facets))[1]

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
        await self._stage("facets", self._others, asker)
        await writer.flush()
        await self._rest(asker, writer)

    async def _rest(self, asker: Asker, writer: Writer) -> None:
        """Spend what is left on what was put off, and stop the account if it does not suffice."""
        if not self.put_off or asker.stopped_by is not None:
            return
        self.put_off.clear()
        await self._clicks(asker, writer)
        await self._stage("facets", self._others, asker)
        await writer.flush()
        spent = self.client.limiter.purse.spent()
        if self.put_off and spent is not None:
            asker.stop(spent)

    async def _clicks(self, asker: Asker, writer: Writer) -> None:
        series = [facet for facet in self.facets if facet == SERIES]
        await self._stage(SERIES, series, asker, others=self._others)
        await writer.flush()

    @property
    def _others(self) -> list[str]:
        return [facet for facet in self.facets if facet != SERIES]

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

    async def _stage(
        self, name: str, facets: Sequence[str], asker: Asker, *, others: Sequence[str] = ()
    ) -> None:
        def stopped() -> bool:
            return self.interrupted.is_set() or asker.stopped_by is not None

        if not facets or stopped():
            return
        kept, total = await self._counted(facets)
        most = await self._affordable(total, others)
        if total > most:
            self.put_off.add(name)
            kept, total = await self._chosen(facets, most), most
        self.notify(StageStarted(self.account, name, total))
        await self.client.prepare(total)
        plan = _replayed(kept) if len(kept) == total else self._planned(facets)
        await fan_out(plan, asker.ask, workers=self.workers, stopped=stopped)

    async def _affordable(self, total: int, others: Sequence[str]) -> int:
        """Return how many of `total` requests may be sent now.

        The half of what is left is for the facets in `others` if they need it: each day asks for
        the clicks of days that are not settled anew, and facets would never have their turn.
        """
        purse = self.client.limiter.purse
        left = purse.left_today()
        if left is not None and total > left:
            await purse.read()
            left = purse.left_today()
        if left is None or total <= left // 2:
            return total
        if not others:
            return min(total, left)
        wanted = (await self._counted(others))[1]
        return min(total, max(left - wanted, left // 2))

    async def _chosen(self, facets: Sequence[str], most: int) -> list[PlannedRequest]:
        """Return the `most` valuable requests of the plan; memory holds twice as many."""
        choice, now = Choice(most), self.clock.now()
        async for scope, of_page, planned in self._pages(facets):
            for request in planned:
                choice.offer(request, worth(request, scope.goal, of_page, now))
        return choice.best()

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
        async for _, _, planned in self._pages(facets):
            for request in planned:
                yield request

    async def _pages(self, facets: Sequence[str]) -> AsyncGenerator[Page, None]:
        """Yield, page by page, what is known of its links and the requests that it takes."""
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
                yield scope, of_page, requests(page, granted, scope.goal, of_page, proved)


async def _replayed(requests: Iterable[PlannedRequest]) -> AsyncGenerator[PlannedRequest, None]:
    for request in requests:
        yield request
