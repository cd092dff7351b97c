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
from harvester.bitly.errors import (
    AccountStopped,
    BitlyError,
    QuotaUsedUp,
    Silent,
)
from harvester.clock import Clock
from harvester.domain.errors import first_of
from harvester.domain.events import AccountStarted, Notify, ignore
from harvester.domain.snapshots import Reason
from harvester.harvest.closing import Closing, Unasked
from harvester.harvest.collect import Collected, Collection
from harvester.harvest.discover import Discovery, Listing
from harvester.harvest.entry import Entry, enter, facets_of
from harvester.harvest.job import Job
from harvester.harvest.plan import Scope
from harvester.harvest.profile import keep_seen
from harvester.harvest.quota import charged, note_rest, quota_of, refuse_rest, stop_line
from harvester.harvest.rosters import RosterListing
from harvester.harvest.subjects import make_subjects
from harvester.harvest.summary import Counts, End, Outcome, Summary, ended_by
from harvester.store import coverage, runs
from harvester.store.entries import forget_entry


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
            return self._summary(began, ended_by(error))
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
        end, counts = await self._work(entry.account_id, scopes)
        await keep_seen(self.engine, entry.account_id, self.client.manners, self.clock.now())
        summary = self._summary(began, end, entry=entry, counts=counts)
        await self._record(run.id, summary)
        return summary

    async def _work(self, account_id: int, scopes: Sequence[Scope]) -> tuple[End, Counts]:
        """Discover, collect, close. Returns how it ended, and counts."""
        facets = facets_of(self.job)
        for scope in scopes:
            for windows, its in scope.goal.together(facets).items():
                await coverage.open_windows(self.engine, scope.group_id, its, windows)
        discovery, collected = self._discovery(account_id), Collected()
        rosters = self._rosters(account_id)
        listing = discovery.listing
        listing.unfinished.update(scope.guid for scope in scopes)
        try:
            if (spent := self.client.limiter.purse.spent()) is not None:
                raise spent
            await discovery.discover(scopes)
            await rosters.list_due(scopes)
            await make_subjects(self.engine, account_id, scopes, facets, self.clock.now())
            collected = await self._collection(account_id, scopes, facets, discovery).collect()
            ended, left = collected.stopped_by, collected.left
        except AccountStopped as stopped:
            ended, left = stopped, 0
        if isinstance(ended, Silent):  # so that the next run asks first whether anybody is there
            await forget_entry(self.engine, account_id)
        await note_rest(self.engine, account_id, ended, self.clock.now())
        counts = Counts(
            groups=len(scopes),
            bitlinks=listing.bitlinks,
            snapshots=collected.snapshots,
            rows=collected.rows,
            revisions=collected.revisions,
            failed=collected.failed.total(),
            missing=await Closing(account_id, self.job.settle, self.engine, self.clock).close(
                scopes, facets, listing.unfinished, self._why_unasked(ended)
            ),
        )
        return self._end(ended, left, counts, _unlisted(listing, rosters.failed)), counts

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

    def _rosters(self, account_id: int) -> RosterListing:
        return RosterListing(
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

    def _why_unasked(self, ended: AccountStopped | None) -> Unasked:
        if isinstance(ended, QuotaUsedUp):
            return Unasked(Reason.QUOTA, ended.until)
        stopped = ended is not None or self.interrupted.is_set()
        return Unasked(Reason.INTERRUPTED) if stopped else Unasked()

    def _end(self, ended: AccountStopped | None, left: int, counts: Counts, unlisted: str) -> End:
        if ended is not None:
            month = self.client.limiter.purse.month
            return ended_by(ended)._replace(detail=stop_line(ended, left, month, self.clock.now()))
        if self.interrupted.is_set():
            return End(Outcome.INTERRUPTED, "interrupted; the next run goes on from here")
        if unlisted or counts.missing or counts.failed:
            return End(Outcome.INCOMPLETE, unlisted)
        return End(Outcome.COMPLETE)

    def _summary(
        self,
        began: datetime,
        end: End,
        *,
        entry: Entry | None = None,
        counts: Counts | None = None,
    ) -> Summary:
        sent = {"requests": self.client.sent.total(), "retries": self.client.retried}
        return Summary(
            account=self.job.account,
            outcome=end.outcome,
            detail=end.detail,
            started_at=began,
            finished_at=self.clock.now(),
            since=entry.days.first if entry else None,
            until=entry.days.last if entry else None,
            counts=replace(counts or Counts(), **sent),
            quota=quota_of(self.client.limiter.purse, self.clock.now()),
            again_at=end.again_at,
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


def _unlisted(listing: Listing, rosters: Sequence[str]) -> str:
    """Return what could not be listed, and the first reason; empty if all was."""
    groups = sorted(listing.unfinished)
    if groups:
        why = next((f": {listing.why[guid]}" for guid in groups if guid in listing.why), "")
        return f"the bitlinks of {', '.join(groups)} could not be listed to the end{why}"
    more = f", nor {len(rosters) - 1} others" if len(rosters) > 1 else ""
    return f"{rosters[0]}{more}" if rosters else ""


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
