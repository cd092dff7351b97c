"""One run of one account, from the prelude to the close: the way of each datum, in order.

settings -> account -> group -> bitlink -> planned request -> limiter -> HTTP -> typed model ->
snapshot -> batch -> commit -> view. Each step calls the next; nothing reaches back.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import AccountStopped, BitlyError, Forbidden, NotAuthorised, QuotaUsedUp
from harvester.clock import Clock
from harvester.domain.errors import first_of
from harvester.domain.events import AccountStarted, Notify, ignore
from harvester.domain.snapshots import Reason
from harvester.harvest.collect import Collected, Collection
from harvester.harvest.discover import Discovery, Listing
from harvester.harvest.entry import Entry, enter, facets_of
from harvester.harvest.job import Job
from harvester.harvest.plan import Scope
from harvester.harvest.profile import keep_seen
from harvester.harvest.quota import charged, note_rest, quota_of, refuse_rest, stop_line
from harvester.harvest.reach import edge
from harvester.harvest.summary import Counts, Outcome, Summary
from harvester.store import coverage, runs


@dataclass(frozen=True, slots=True)
class Run:
    """Joins the ends of one run: what to do, whom to ask, where to keep it, when to stop."""

    job: Job
    client: BitlyClient
    engine: AsyncEngine
    clock: Clock
    interrupted: asyncio.Event
    account_id: int
    notify: Notify = ignore

    async def harvest(self) -> Summary:
        """Run the job to its end and return what it came to.

        Ends early, with what was learnt stored, when `interrupted` is set, when the account is
        stopped (token, quota) or nobody answers. Raises ConfigError for groups or days that cannot
        be, StoreError if the database fails.
        """
        began = self.clock.now()
        self.notify(AccountStarted(self.job.account))
        try:
            await refuse_rest(self.engine, self.account_id, began)
            entry = await enter(self.job, self.client, self.engine, began)
        except BitlyError as error:
            await note_rest(self.engine, self.account_id, error, began)
            return self._summary(began, _ended_by(error), str(error))
        run = await runs.start_run(
            self.engine,
            entry.account_id,
            began,
            since=entry.days.first,
            until=entry.days.last,
            strategy=self.job.strategy,
        )
        scopes = entry.scopes(self.job, run.fresh_since)
        if run.fresh_since < began.replace(microsecond=0):
            await self.client.prepare()  # the run that this one carries on may have sent many
        outcome, detail, counts = await self._work(entry.account_id, scopes)
        await keep_seen(self.engine, entry.account_id, self.client.manners, self.clock.now())
        summary = self._summary(began, outcome, detail, entry=entry, counts=counts)
        await self._record(run.id, summary)
        return summary

    async def _work(self, account_id: int, scopes: Sequence[Scope]) -> tuple[Outcome, str, Counts]:
        """Discover, collect, close. Returns the outcome, where it is a bad one why, and counts."""
        facets = facets_of(self.job)
        for scope in scopes:
            await coverage.open_windows(self.engine, scope.group_id, facets, scope.goal.windows)
        discovery, collected = self._discovery(account_id), Collected()
        listing = discovery.listing
        listing.unfinished.update(scope.guid for scope in scopes)
        try:
            if (spent := self.client.limiter.purse.spent()) is not None:
                raise spent
            await discovery.discover(scopes)
            collected = await self._collection(account_id, scopes, facets, discovery).collect()
            ended, left = collected.stopped_by, collected.left
        except AccountStopped as stopped:
            ended, left = stopped, 0
        await note_rest(self.engine, account_id, ended, self.clock.now())
        counts = Counts(
            groups=len(scopes),
            bitlinks=listing.bitlinks,
            snapshots=collected.snapshots,
            rows=collected.rows,
            revisions=collected.revisions,
            failed=collected.failed.total(),
            missing=await self._close(account_id, scopes, facets, listing, ended),
        )
        return *self._outcome(ended, left, listing, counts), counts

    def _discovery(self, account_id: int) -> Discovery:
        return Discovery(
            self.job,
            account_id,
            self.client,
            self.engine,
            self.clock,
            self.notify,
            self.interrupted,
        )

    def _collection(
        self,
        account_id: int,
        scopes: Sequence[Scope],
        facets: Sequence[str],
        discovery: Discovery,
    ) -> Collection:
        return Collection(
            self.job.account,
            account_id,
            scopes,
            facets,
            self.job.workers,
            self.client,
            self.engine,
            self.clock,
            self.notify,
            self.interrupted,
            discovery,
            resolution=self.job.resolution,
        )

    async def _close(
        self,
        account_id: int,
        scopes: Sequence[Scope],
        facets: Sequence[str],
        listing: Listing,
        ended: AccountStopped | None,
    ) -> int:
        """Mark what is complete and settled; return how many (link, facet, window) are missing."""
        reason = None
        if ended is not None and _ended_by(ended) is Outcome.QUOTA:
            reason = Reason.QUOTA
        elif ended is not None or self.interrupted.is_set():
            reason = Reason.INTERRUPTED
        missing = 0
        for scope in scopes:
            missing += await coverage.close_windows(
                self.engine,
                scope.group_id,
                facets,
                scope.goal.windows,
                at=self.clock.now(),
                settle=self.job.settle,
                reason=reason,
                retry_at=ended.until if isinstance(ended, QuotaUsedUp) else None,
                listed=scope.guid not in listing.unfinished,
                edge=await edge(self.engine, account_id, scope.guid, self.clock.now()),
            )
        return missing

    def _outcome(
        self, ended: AccountStopped | None, left: int, listing: Listing, counts: Counts
    ) -> tuple[Outcome, str]:
        if ended is not None:
            month = self.client.limiter.purse.month
            return _ended_by(ended), stop_line(ended, left, month, self.clock.now())
        if self.interrupted.is_set():
            return Outcome.INTERRUPTED, "interrupted; the next run goes on from here"
        if listing.unfinished:
            names = ", ".join(sorted(listing.unfinished))
            return Outcome.INCOMPLETE, f"the bitlinks of {names} could not be listed to the end"
        if counts.missing or counts.failed:
            return Outcome.INCOMPLETE, ""
        return Outcome.COMPLETE, ""

    def _summary(
        self,
        began: datetime,
        outcome: Outcome,
        detail: str,
        *,
        entry: Entry | None = None,
        counts: Counts | None = None,
    ) -> Summary:
        sent = {"requests": self.client.sent.total(), "retries": self.client.retried}
        return Summary(
            account=self.job.account,
            outcome=outcome,
            detail=detail,
            started_at=began,
            finished_at=self.clock.now(),
            since=entry.days.first if entry else None,
            until=entry.days.last if entry else None,
            counts=replace(counts or Counts(), **sent),
            quota=quota_of(self.client.limiter.purse),
        )

    async def _record(self, run_id: int, summary: Summary) -> None:
        counts = summary.counts
        await runs.finish_run(
            self.engine,
            run_id,
            summary.finished_at,
            outcome=summary.outcome,
            requests=counts.requests,
            retries=counts.retries,
            snapshots=counts.snapshots,
            rows=counts.rows,
            missing=counts.missing,
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
        async with charged(job.account, client, engine, clock) as account_id:
            summary = await Run(job, client, engine, clock, stop, account_id, notify).harvest()
    except ExceptionGroup as group:
        raise first_of(group) from group
    notify(summary.told())
    return summary
