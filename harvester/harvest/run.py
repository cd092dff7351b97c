"""One run of one account, from the prelude to the close: the way of each datum, in order.

settings -> account -> group -> bitlink -> planned request -> limiter -> HTTP -> typed model ->
snapshot -> batch -> commit -> view. Each step calls the next; nothing reaches back.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import AccountStopped, BitlyError, Forbidden, NotAuthorised
from harvester.clock import Clock
from harvester.domain.errors import HarvesterError
from harvester.domain.events import AccountStarted, Notify, ignore
from harvester.domain.snapshots import Reason
from harvester.domain.windows import Unit, holding
from harvester.harvest import since
from harvester.harvest.collect import Collected, Collection
from harvester.harvest.discover import Discovery, Listing
from harvester.harvest.job import Job
from harvester.harvest.plan import SERIES, Goal, Scope, Strategy
from harvester.harvest.prelude import Prelude, chosen, month_of, prelude
from harvester.harvest.summary import Counts, Outcome, Quota, Summary
from harvester.store import coverage, rosters, runs


@dataclass(frozen=True, slots=True)
class Run:
    """Joins the ends of one run: what to do, whom to ask, where to keep it, when to stop."""

    job: Job
    client: BitlyClient
    engine: AsyncEngine
    clock: Clock
    interrupted: asyncio.Event
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
            said = await prelude(self.client, self.job.account)
        except BitlyError as error:
            return self._summary(began, _ended_by(error), str(error))
        groups = chosen(said.groups, include=self.job.include, exclude=self.job.exclude)
        quota = self._learn_limits(said)
        account_id = await rosters.save_account(
            self.engine, self.job.account, said.user.login, began
        )
        keys = await rosters.save_groups(self.engine, account_id, said.groups, began)
        days = [await self._days(keys[group.guid], began) for group in groups]
        whole = since.Days(
            min((each.first for each in days), default=began.date()),
            max((each.last for each in days), default=began.date()),
        )
        run = await runs.start_run(
            self.engine,
            account_id,
            began,
            since=whole.first,
            until=whole.last,
            strategy=self.job.strategy,
        )
        scopes = [
            Scope(group.guid, keys[group.guid], self._goal(each, run.fresh_since))
            for group, each in zip(groups, days, strict=True)
        ]
        outcome, detail, counts = await self._work(account_id, scopes)
        summary = self._summary(began, outcome, detail, days=whole, counts=counts, quota=quota)
        await self._record(run.id, summary)
        return summary

    async def _work(self, account_id: int, scopes: Sequence[Scope]) -> tuple[Outcome, str, Counts]:
        """Discover, collect, close. Returns the outcome, where it is a bad one why, and counts."""
        facets = self._facets()
        for scope in scopes:
            await coverage.open_windows(self.engine, scope.group_id, facets, scope.goal.windows)
        listing, collected = Listing(unfinished={scope.guid for scope in scopes}), Collected()
        try:
            listing = await self._discovery(account_id).discover(
                {scope.guid: scope.group_id for scope in scopes}
            )
            scopes = [
                replace(scope, listed=scope.guid not in listing.unfinished) for scope in scopes
            ]
            collected = await self._collection(account_id, scopes, facets).collect()
            ended = collected.stopped_by
        except AccountStopped as stopped:
            ended = stopped
        counts = Counts(
            groups=len(scopes),
            bitlinks=listing.bitlinks,
            snapshots=collected.snapshots,
            rows=collected.rows,
            revisions=collected.revisions,
            failed=collected.failed.total(),
            missing=await self._close(scopes, facets, listing, ended),
        )
        return *self._outcome(ended, listing, counts), counts

    def _discovery(self, account_id: int) -> Discovery:
        return Discovery(
            self.job.account,
            account_id,
            self.client,
            self.engine,
            self.clock,
            self.notify,
            self.interrupted,
        )

    def _collection(
        self, account_id: int, scopes: Sequence[Scope], facets: Sequence[str]
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
        )

    async def _close(
        self,
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
                listed=scope.guid not in listing.unfinished,
            )
        return missing

    def _facets(self) -> tuple[str, ...]:
        """Economical runs need the clicks to know what else to ask, whether wanted or not."""
        facets = self.job.facets
        if self.job.strategy is Strategy.ECONOMICAL and SERIES not in facets:
            return (SERIES, *facets)
        return facets

    async def _days(self, group_id: int, now: datetime) -> since.Days:
        """Return the days to harvest of a group; a new one gets those of a first run."""
        if self.job.since is not None:
            return since.days(self.job.since, self.job.until, now)
        first = await coverage.first_unsettled(self.engine, group_id)
        if first is None:
            today = holding(now, Unit.DAY)
            first = (today.start - self.job.first_run + timedelta(days=1)).date()
        return since.Days(first, since.last_day(self.job.until, now))

    def _goal(self, days: since.Days, fresh_since: datetime) -> Goal:
        return Goal(days.windows(), fresh_since, self.job.settle, self.job.strategy)

    def _learn_limits(self, said: Prelude) -> Quota | None:
        self.client.limiter.learn(said.platform_limits)
        quota = month_of(said, self.job.month_requests)
        if quota is not None:
            reserve = quota.limit * self.job.reserve // 100
            self.client.limiter.set_month(quota.limit, quota.used, reserve)
        return quota

    def _outcome(
        self, ended: AccountStopped | None, listing: Listing, counts: Counts
    ) -> tuple[Outcome, str]:
        if ended is not None:
            return _ended_by(ended), str(ended)
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
        days: since.Days | None = None,
        counts: Counts | None = None,
        quota: Quota | None = None,
    ) -> Summary:
        sent = {"requests": self.client.sent.total(), "retries": self.client.retried}
        return Summary(
            account=self.job.account,
            outcome=outcome,
            detail=detail,
            started_at=began,
            finished_at=self.clock.now(),
            since=days.first if days else None,
            until=days.last if days else None,
            counts=replace(counts or Counts(), **sent),
            quota=quota,
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
        return await Run(job, client, engine, clock, stop, notify).harvest()
    except ExceptionGroup as group:
        raise _first(group) from group


def _first(group: ExceptionGroup[Exception]) -> Exception:
    """Return the first named error in `group`, or else its first error of all."""
    named = group.subgroup(HarvesterError) or group
    error = named.exceptions[0]
    return _first(error) if isinstance(error, ExceptionGroup) else error
