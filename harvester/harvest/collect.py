"""Collecting: the plan of each stage, streamed from the store through the workers to the writer."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import AccountStopped, QuotaUsedUp, ShareSpent
from harvester.bitly.facets import FACETS
from harvester.clock import Clock
from harvester.domain.events import Notify, StageStarted
from harvester.domain.facets import CLICKS, breakdowns, proved_by
from harvester.domain.snapshots import Reason
from harvester.harvest.adapt import Adaptation
from harvester.harvest.dealing import Dealing
from harvester.harvest.discover import Discovery
from harvester.harvest.notes import Notes
from harvester.harvest.plan import SERIES, PlannedRequest, Scope, Strategy
from harvester.harvest.resolution import Resolution
from harvester.harvest.stream import Stream, replayed
from harvester.harvest.survey import Survey
from harvester.harvest.workers import Asker, fan_out
from harvester.store.coarse import supersede_coarse
from harvester.store.writer import Writer

# Items in a batch: what a kill -9 may cost is asked again, so a batch is small.
AT_RISK = 80

SURVEY = "survey"


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
    discovery: Discovery
    resolution: Resolution = Resolution.DAY
    shown: list[Scope] = field(default_factory=list)
    put_off: set[str] = field(default_factory=set)  # stages that were not sent as a whole
    coarse: set[str] = field(default_factory=set)  # facets whose stored weeks stay as they are

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
        return (await self._stream(self.facets, sure=True).counted())[1]

    async def _all(self, asker: Asker, survey: Survey, writer: Writer) -> None:
        try:
            await self._look(survey)
            await writer.flush()
            await self._ask(asker, survey, writer)
            if any(map(survey.surprised, self._economical())):
                await self._ask(asker, survey, writer)
        except AccountStopped as stopped:
            asker.stop(stopped)
        await self._rest(asker, writer)
        for scope in self.shown:
            await supersede_coarse(self.engine, scope.group_id, self.clock.now())

    async def _ask(self, asker: Asker, survey: Survey, writer: Writer) -> None:
        """Ask for clicks until they fit what was said of the groups, then for all else."""
        try:
            if not self.put_off:
                await self._settled(asker, survey, writer)
        except AccountStopped as stopped:
            asker.stop(stopped)
        await self._weeks(asker)
        await writer.flush()
        await self._stage("facets", self._others, asker)
        await writer.flush()

    async def _weeks(self, asker: Asker) -> None:
        """Ask for weeks and months in place of days that would be lost, if that is wanted."""
        if self.resolution is Resolution.DAY or self._stopped(asker):
            return
        purse = self.client.limiter.purse
        daily = breakdowns(self.facets)
        adaptation = Adaptation(self.account_id, self.engine, self.clock, daily)
        allowed = await adaptation.allowance(purse.month)
        adapted = await adaptation.adapt(self.shown, allowed)
        if not adapted.refines:
            self.coarse.update(daily)
        planned = adapted.requests[: purse.left_today()]
        if planned:
            self.notify(StageStarted(self.account, "weeks and months", len(planned)))
            await self._fan_out(replayed(planned), asker)

    async def _look(self, survey: Survey) -> None:
        """Survey all groups; the half of today's share is kept for what is asked of their links.

        Where a day's share does not suffice even for this, clicks are left to another day: what the
        survey will prove then need not be asked of each link now.
        """
        with self.client.limiter.purse.keeping():
            for scope in self.scopes:
                try:
                    if SURVEY not in self.put_off and self._of_links:
                        self.shown.append(await survey.survey(scope))
                        continue
                except ShareSpent:
                    self.put_off.add(SURVEY)
                self.shown.append(await survey.reach.clipped(scope, self.clock.now()))

    async def _rest(self, asker: Asker, writer: Writer) -> None:
        """Spend what is left on what was put off, and stop the account if it does not suffice."""
        if not self.put_off or asker.stopped_by is not None:
            return
        if SURVEY not in self.put_off and self.client.limiter.purse.spent() is None:
            self.put_off.clear()
            await self._clicks(asker, writer)
            await self._stage("facets", self._others, asker)
            await writer.flush()
        if self.put_off and (why := self.client.limiter.purse.not_enough()):
            asker.stop(why)

    def _economical(self) -> list[Scope]:
        return [scope for scope in self.shown if scope.goal.strategy is Strategy.ECONOMICAL]

    async def _settled(self, asker: Asker, survey: Survey, writer: Writer) -> None:
        """Ask for clicks until all that was said of a group and of its links was compared."""
        await self._clicks(asker, writer)
        left = self._economical()
        while left := [scope for scope in left if not await survey.compare(scope)]:
            await self._clicks(asker, writer)

    async def _clicks(self, asker: Asker, writer: Writer) -> None:
        series = [facet for facet in self.facets if FACETS[facet].series]
        await self._stage(SERIES, series, asker, others=self._others)
        await writer.flush()

    @property
    def _others(self) -> list[str]:
        return [facet for facet in self.facets if not FACETS[facet].series]

    @property
    def _of_links(self) -> bool:
        """Whether anything is wanted that a survey tells of."""
        return any(proved_by(facet) == CLICKS for facet in self.facets)

    def _survey(self, writer: Writer, notes: Notes) -> Survey:
        return Survey(
            facets=self.facets,
            dealing=Dealing(
                self.account,
                self.account_id,
                self.client,
                self.engine,
                writer,
                notes,
                self.clock,
                self.notify,
                self.interrupted,
                self.discovery,
            ),
        )

    def _keys(self) -> Mapping[str, int]:
        return {scope.guid: scope.group_id for scope in self.scopes}

    async def _stage(
        self, name: str, facets: Sequence[str], asker: Asker, *, others: Sequence[str] = ()
    ) -> None:
        if not facets or self._stopped(asker):
            return
        stream = self._stream(facets, sure=bool(self.put_off))
        kept, total = await stream.counted()
        most = await self._affordable(total, others)
        if total > most:
            self.put_off.add(name)
            kept = await stream.best(most)
            total = len(kept)
        self.notify(StageStarted(self.account, name, total))
        await self.client.prepare(total)
        plan = replayed(kept) if len(kept) == total else stream.requests()
        await self._fan_out(plan, asker)

    def _stopped(self, asker: Asker) -> bool:
        return self.interrupted.is_set() or asker.stopped_by is not None

    async def _fan_out(self, plan: AsyncGenerator[PlannedRequest, None], asker: Asker) -> None:
        def stopped() -> bool:
            return self._stopped(asker)

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
        wanted = (await self._stream(others, sure=True).counted())[1]
        return min(total, max(left - wanted, left // 2))

    def _stream(self, facets: Sequence[str], *, sure: bool) -> Stream:
        coarse = frozenset(self.coarse)
        return Stream(self.engine, self.clock, self.shown, facets, sure, coarse)
