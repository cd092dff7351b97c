"""The entry of a run: who the account is, which of its groups, and which days of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.budget import Month, next_month
from harvester.bitly.client import BitlyClient
from harvester.domain.windows import Unit, holding
from harvester.harvest.job import Job
from harvester.harvest.plan import SERIES, Goal, Scope, Strategy
from harvester.harvest.prelude import Prelude, chosen, month_of, prelude
from harvester.harvest.reach import settle_edges
from harvester.harvest.since import Days, days, last_day
from harvester.harvest.summary import Quota
from harvester.store import coverage, rosters


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known when an account has been entered; `groups` are (guid, key) -> days wanted."""

    began: datetime
    said: Prelude
    quota: Quota | None
    account_id: int
    groups: Mapping[tuple[str, int], Days]

    @property
    def days(self) -> Days:
        """The days from the first to the last of any group."""
        ranges = list(self.groups.values()) or [Days(self.began.date(), self.began.date())]
        return Days(min(each.first for each in ranges), max(each.last for each in ranges))

    def scopes(self, job: Job, fresh_since: datetime) -> list[Scope]:
        """Return what is wanted of each group; what was seen since `fresh_since` is fresh."""
        began = self.began.replace(microsecond=0)  # as the store keeps instants
        return [
            Scope(
                guid, group_id, Goal(each.windows(), fresh_since, job.settle, job.strategy, began)
            )
            for (guid, group_id), each in self.groups.items()
        ]


async def enter(job: Job, client: BitlyClient, engine: AsyncEngine, began: datetime) -> Entry:
    """Ask who the account is, tell the limiter its limits, store its groups.

    Raises what `prelude` raises, ConfigError for groups or days that cannot be, StoreError.
    """
    said = await prelude(client, job.account)
    groups = chosen(said.groups, include=job.include, exclude=job.exclude)
    client.limiter.learn(said.platform_limits)
    quota = month_of(said, job.month_requests)
    if quota is not None:
        reserve = quota.limit * job.reserve // 100
        client.limiter.purse.month = Month(quota.limit, quota.used, reserve, next_month(began))
    account_id = await rosters.save_account(engine, job.account, said.user.login, began)
    keys = await rosters.save_groups(engine, account_id, said.groups, began)
    await rosters.save_organizations(engine, account_id, said.organizations, began)
    wanted = {group.guid: keys[group.guid] for group in groups}
    await settle_edges(engine, account_id, wanted, began, set_days=job.history_days)
    return Entry(
        began,
        said,
        quota,
        account_id,
        {group: await _days(job, engine, group[1], began) for group in wanted.items()},
    )


def facets_of(job: Job) -> tuple[str, ...]:
    """Return the facets to ask: economical runs need clicks to know what else, wanted or not."""
    if job.strategy is Strategy.ECONOMICAL and SERIES not in job.facets:
        return (SERIES, *job.facets)
    return job.facets


async def _days(job: Job, engine: AsyncEngine, group_id: int, now: datetime) -> Days:
    """Return the days to harvest of a group; a new one gets those of a first run."""
    if job.since is not None:
        return days(job.since, job.until, now)
    first = await coverage.first_unsettled(engine, group_id)
    if first is None:
        today = holding(now, Unit.DAY)
        first = (today.start - job.first_run + timedelta(days=1)).date()
    return Days(first, last_day(job.until, now))
