"""The entry of a run: who the account is, which of its groups, and which days of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.domain.errors import ConfigError
from harvester.domain.facets import proved_by
from harvester.domain.rosters import WATCHED
from harvester.domain.windows import Unit, holding
from harvester.harvest.job import Job
from harvester.harvest.plan import Goal, Scope, Strategy
from harvester.harvest.prelude import chosen, identity, unknown
from harvester.harvest.profile import known_profile
from harvester.harvest.quota import hold_to_month
from harvester.harvest.reach import settle_edges
from harvester.harvest.since import Days, days, last_day
from harvester.harvest.watching import Watching
from harvester.store import coverage
from harvester.store.entries import Entered, entered, save_entry
from harvester.store.watched import home


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known when an account has been entered; `groups` are (guid, key) -> days wanted."""

    began: datetime
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
        hourly = job.hourly_since(began.date())
        return [
            Scope(
                guid,
                group_id,
                Goal(
                    each.windows(),
                    fresh_since,
                    job.settle,
                    job.strategy,
                    began,
                    hourly_since=hourly,
                ),
            )
            for (guid, group_id), each in self.groups.items()
        ]


async def enter(job: Job, client: BitlyClient, engine: AsyncEngine, began: datetime) -> Entry:
    """Say who the account is, which of its groups are meant, and what its month allows.

    Most runs know all but the last from an earlier one. Raises what `identity` raises, ConfigError
    for groups or days that cannot be, StoreError.
    """
    known = await entered(engine, job.account)
    if known is None or _is_due(job, known, began):
        said = await identity(client, job.account)
        known = await save_entry(
            engine, job.account, said.user.login, said.organizations, said.groups, began
        )
    include, watching = _meant(job)
    groups = chosen(known.groups, include=include, exclude=job.exclude)
    if job.include and not include:
        groups = []
    api = await known_profile(engine, known.account_id)
    client.use(api.manners)
    await hold_to_month(job, client, engine, known, began, row_named=api.month_row)
    wanted = {group.guid: known.keys[group.guid] for group in groups}
    watch = Watching(job.account, known.account_id, job.watch, client, engine)
    if watching and await watch.wanted():
        of = next((group.organization_guid for group in known.groups), "")
        wanted[WATCHED] = await home(engine, known.account_id, of, began)
    await settle_edges(engine, known.account_id, wanted, began, set_days=job.history_days)
    return Entry(
        began,
        known.account_id,
        {group: await _days(job, engine, group[1], began) for group in wanted.items()},
    )


def _meant(job: Job) -> tuple[tuple[str, ...], bool]:
    """Return the groups that are named, and whether watched links are meant."""
    include = tuple(word for word in job.include if word != WATCHED)
    return include, not job.include or WATCHED in job.include


def _is_due(job: Job, known: Entered, now: datetime) -> bool:
    """Whether to ask anew: told to, long ago, or groups are meant that were not there then."""
    strangers = unknown(known.groups, (*_meant(job)[0], *job.exclude))
    return job.refresh or now >= known.at + job.refresh_every or bool(strangers)


def facets_of(job: Job) -> tuple[str, ...]:
    """Return the facets to ask: economical runs need series to know what else, wanted or not."""
    if job.strategy is Strategy.EXHAUSTIVE:
        return job.facets
    missing = [each for each in map(proved_by, job.facets) if each not in job.facets]
    return tuple(dict.fromkeys([*missing, *job.facets]))


async def _days(job: Job, engine: AsyncEngine, group_id: int, now: datetime) -> Days:
    """Return the days to harvest of a group; a new one gets those of a first run."""
    if job.since is not None:
        return days(job.since, job.until, now)
    first = await coverage.first_unsettled(
        engine, group_id, facets_of(job), job.hourly_since(now.date())
    )
    if first is None:
        today = holding(now, Unit.DAY)
        first = (today.start - job.first_run + timedelta(days=1)).date()
        _check_last(job, first, now)
    elif job.not_before is not None:
        first = max(first, job.not_before)
    return Days(first, last_day(job.until, now))


def _check_last(job: Job, first: date, now: datetime) -> None:
    """Raise ConfigError if a first harvest is to end before it begins: over no days at all."""
    last = last_day(job.until, now)
    if last < first:
        raise ConfigError(
            f"--until {job.until} is {last}, and a first harvest begins on {first}:"
            " say with --since where it should"
        )
