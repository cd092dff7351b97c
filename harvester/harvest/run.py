"""One run of one account, from the prelude to the close: the way of each datum, in order.

settings -> account -> group -> bitlink -> planned request -> limiter -> HTTP -> typed model ->
snapshot -> batch -> commit -> view. Each step calls the next; nothing reaches back.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import AccountStopped, BitlyError, Forbidden, NotAuthorised
from harvester.clock import Clock
from harvester.domain.errors import HarvesterError
from harvester.domain.events import AccountStarted, Notify, StageStarted, ignore
from harvester.domain.snapshots import Reason
from harvester.domain.windows import Unit, holding
from harvester.harvest import since
from harvester.harvest.discover import Discovery, Listing
from harvester.harvest.job import Job
from harvester.harvest.notes import Notes
from harvester.harvest.plan import SERIES, Goal, PlannedRequest, Strategy, requests
from harvester.harvest.prelude import Prelude, chosen, prelude
from harvester.harvest.summary import Counts, Outcome, Quota, Summary
from harvester.harvest.workers import Asker, fan_out
from harvester.store import coverage, known, rosters, runs
from harvester.store.writer import Writer

# Items in a batch: what a kill -9 may cost is asked again, so a batch is small.
AT_RISK = 50


@dataclass(slots=True)
class Run:
    """A run under way: the ends it joins, and what it has come to so far."""

    job: Job
    client: BitlyClient
    engine: AsyncEngine
    clock: Clock
    stop: asyncio.Event
    notify: Notify = ignore
    counts: Counts = field(default_factory=Counts)
    quota: Quota | None = None
    days: since.Days | None = None

    async def harvest(self) -> Summary:
        """Run the job to its end and return what it came to.

        Ends early, with what was learnt stored, when `stop` is set, when the account is stopped
        (token, quota) or nobody answers. Raises ConfigError for groups or days that cannot be,
        StoreError if the database fails.
        """
        began = self.clock.now().replace(microsecond=0)
        self.notify(AccountStarted(self.job.account))
        try:
            said = await prelude(self.client, self.job.account)
        except BitlyError as error:
            return self._summary(began, _ended_by(error), str(error))
        groups = chosen(said.groups, include=self.job.include, exclude=self.job.exclude)
        self._learn_limits(said)
        account_id = await rosters.save_account(
            self.engine, self.job.account, said.user.login, began
        )
        keys = await rosters.save_groups(self.engine, account_id, said.groups, began)
        self.days = await self._days(account_id, began)
        started = await runs.start_run(
            self.engine,
            account_id,
            began,
            since=self.days.first,
            until=self.days.last,
            strategy=self.job.strategy,
        )
        goal = Goal(self.days.windows(), started.fresh_since, self.job.settle, self.job.strategy)
        chosen_keys = {group.guid: keys[group.guid] for group in groups}
        outcome, detail = await self._collect(account_id, chosen_keys, goal)
        summary = self._summary(began, outcome, detail)
        await self._record(started.id, summary)
        return summary

    async def _collect(
        self, account_id: int, groups: Mapping[str, int], goal: Goal
    ) -> tuple[Outcome, str]:
        """Discover, fan out, close. Returns the outcome and, where it is a bad one, why."""
        facets = self._facets()
        for group_id in groups.values():
            await coverage.open_windows(self.engine, group_id, facets, goal.windows)
        discovery = Discovery(
            self.job.account,
            account_id,
            self.client,
            self.engine,
            self.clock,
            self.notify,
            self.stop,
        )
        listing = Listing(unfinished=set(groups))
        try:
            listing = await discovery.discover(groups)
            ended = await self._fan_out(groups, facets, goal)
        except AccountStopped as stopped:
            ended = stopped
        missing = await self._close(groups, facets, goal, listing, ended)
        self.counts = replace(
            self.counts, groups=len(groups), bitlinks=listing.bitlinks, missing=missing
        )
        return self._outcome(ended, listing)

    async def _close(
        self,
        groups: Mapping[str, int],
        facets: Sequence[str],
        goal: Goal,
        listing: Listing,
        ended: AccountStopped | None,
    ) -> int:
        """Mark what is complete and settled; return how many (link, facet, window) are missing."""
        reason = None
        if ended is not None and _ended_by(ended) is Outcome.QUOTA:
            reason = Reason.QUOTA
        elif ended is not None or self.stop.is_set():
            reason = Reason.INTERRUPTED
        missing = 0
        for guid, group_id in groups.items():
            missing += await coverage.close_windows(
                self.engine,
                group_id,
                facets,
                goal.windows,
                at=self.clock.now(),
                settle=self.job.settle,
                reason=reason,
                listed=guid not in listing.unfinished,
            )
        return missing

    async def _fan_out(
        self, groups: Mapping[str, int], facets: Sequence[str], goal: Goal
    ) -> AccountStopped | None:
        """Send what the plan holds, clicks first: they tell where the other facets can be.

        Returns what stopped the account, if something did. Whatever was put is committed.
        """
        writer = Writer(self.engine, self.clock, most=AT_RISK)
        asker = Asker(
            account=self.job.account,
            facets=facets,
            client=self.client,
            sink=writer,
            remember=Notes(self.engine, self.clock, groups),
            clock=self.clock,
            notify=self.notify,
            stop=self.stop,
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(writer.run(), name="writer")
            try:
                await self._stages(groups, facets, goal, asker, writer)
            finally:
                await writer.close()
        self.counts = replace(
            self.counts,
            failed=asker.failed.total(),
            snapshots=writer.snapshots,
            rows=writer.rows,
            revisions=writer.revisions,
        )
        return asker.stopped_by

    async def _stages(
        self,
        groups: Mapping[str, int],
        facets: Sequence[str],
        goal: Goal,
        asker: Asker,
        writer: Writer,
    ) -> None:
        stages = {
            SERIES: [facet for facet in facets if facet == SERIES],
            "facets": [facet for facet in facets if facet != SERIES],
        }
        for name, of_stage in stages.items():
            if not of_stage or self.stop.is_set():
                continue
            total = 0
            async for _ in self._planned(groups, of_stage, goal):
                total += 1
            self.notify(StageStarted(self.job.account, name, total))
            await fan_out(
                self._planned(groups, of_stage, goal),
                asker.ask,
                workers=self.job.workers,
                stop=self.stop,
            )
            await writer.flush()

    async def _planned(
        self, groups: Mapping[str, int], facets: Sequence[str], goal: Goal
    ) -> AsyncGenerator[PlannedRequest, None]:
        """Stream the plan from the store; memory holds a page of links."""
        for group_id in groups.values():
            refused = await known.refusals(self.engine, group_id)
            now = self.clock.now()
            open_to_us = [f for f in facets if f not in refused or refused[f] <= now]
            if not open_to_us:
                continue
            asked = [*open_to_us, *([] if SERIES in open_to_us else [SERIES])]
            async for page in rosters.target_pages(self.engine, group_id):
                of_page = await known.known(self.engine, page, asked, goal.windows)
                for request in requests(page, open_to_us, goal, of_page):
                    yield request

    def _facets(self) -> tuple[str, ...]:
        """Economical runs need the clicks to know what else to ask, whether wanted or not."""
        facets = self.job.facets
        if self.job.strategy is Strategy.ECONOMICAL and SERIES not in facets:
            return (SERIES, *facets)
        return facets

    async def _days(self, account_id: int, now: datetime) -> since.Days:
        if self.job.since is not None:
            return since.days(self.job.since, self.job.until, now)
        first = await coverage.first_unsettled(self.engine, account_id)
        if first is None:
            today = holding(now, Unit.DAY)
            first = (today.start - self.job.first_run + timedelta(days=1)).date()
        return since.Days(first, since.last_day(self.job.until, now, first=first))

    def _learn_limits(self, said: Prelude) -> None:
        self.client.limiter.learn(said.platform_limits)
        month = said.month
        limit = self.job.month_requests or (month.limit if month else None)
        if limit is None:
            return
        used = month.count if month else 0
        self.quota = Quota(limit, used)
        self.client.limiter.set_month(limit, used, limit * self.job.reserve // 100)

    def _outcome(self, ended: AccountStopped | None, listing: Listing) -> tuple[Outcome, str]:
        if ended is not None:
            return _ended_by(ended), str(ended)
        if self.stop.is_set():
            return Outcome.INTERRUPTED, "interrupted; the next run goes on from here"
        if listing.unfinished:
            names = ", ".join(sorted(listing.unfinished))
            return Outcome.INCOMPLETE, f"the bitlinks of {names} could not be listed to the end"
        if self.counts.missing or self.counts.failed:
            return Outcome.INCOMPLETE, ""
        return Outcome.COMPLETE, ""

    def _summary(self, began: datetime, outcome: Outcome, detail: str) -> Summary:
        return Summary(
            account=self.job.account,
            outcome=outcome,
            detail=detail,
            started_at=began,
            finished_at=self.clock.now(),
            since=self.days.first if self.days else None,
            until=self.days.last if self.days else None,
            counts=replace(
                self.counts, requests=self.client.sent.total(), retries=self.client.retried
            ),
            quota=self.quota,
        )

    async def _record(self, run_id: int, summary: Summary) -> None:
        await runs.finish_run(
            self.engine,
            run_id,
            summary.finished_at,
            outcome=summary.outcome,
            requests=summary.counts.requests,
            retries=summary.counts.retries,
            snapshots=summary.counts.snapshots,
            rows=summary.counts.rows,
            missing=summary.counts.missing,
            detail=summary.detail,
        )


def _ended_by(error: BitlyError) -> Outcome:
    if isinstance(error, NotAuthorised | Forbidden):
        return Outcome.NOT_AUTHORISED
    return Outcome.QUOTA if isinstance(error, AccountStopped) else Outcome.UNANSWERED


async def harvest(
    job: Job,
    client: BitlyClient,
    engine: AsyncEngine,
    clock: Clock,
    *,
    stop: asyncio.Event,
    notify: Notify = ignore,
) -> Summary:
    """Harvest one account; see `Run.harvest`. An error of one of its tasks comes out as itself."""
    try:
        return await Run(job, client, engine, clock, stop, notify).harvest()
    except ExceptionGroup as group:
        raise _first(group) from group


def _first(group: ExceptionGroup[Exception]) -> Exception:
    """Return the first named error in `group`, or else its first error of all."""
    named = group.subgroup(HarvesterError) or group
    error = named.exceptions[0]
    return _first(error) if isinstance(error, ExceptionGroup) else error
