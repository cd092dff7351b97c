"""What a harvest would cost, by endpoint, beside what the month and the limits allow.

The survey is made, which is cheap and keeps; see counting.py.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import UsageLimitExceeded
from harvester.bitly.facets import FACETS
from harvester.bitly.groups import EXPORTS, SORTED
from harvester.bitly.limiter import DEFAULT_PER_HOUR
from harvester.bitly.purse import PLAN_LIMITS, PLATFORM_LIMITS, READ_AFTER
from harvester.clock import Clock
from harvester.domain.events import AccountStarted, Notify, ignore
from harvester.domain.facets import breakdowns
from harvester.harvest.adapt import Adaptation
from harvester.harvest.advice import Activity
from harvester.harvest.counting import Counted, Counting
from harvester.harvest.discover import LISTING, Discovery
from harvester.harvest.entry import enter, facets_of
from harvester.harvest.job import Budget, Job
from harvester.harvest.plan import SERIES
from harvester.harvest.profile import keep_seen
from harvester.harvest.quota import charged, note_rest, paced, quota_of, refuse_rest
from harvester.harvest.reckoning import readings
from harvester.harvest.resolution import Resolution, Saving
from harvester.harvest.rosters import RosterListing
from harvester.harvest.since import Days
from harvester.harvest.subjects import make_subjects
from harvester.harvest.summary import Quota

MINUTES = 60


@dataclass(frozen=True, slots=True)
class Estimate:
    """The requests that a harvest of `days` would send, by endpoint; `sent` were sent to know.

    `exhaustive` is what asking for everything would take. `hourly` are the limits of endpoints in
    requests an hour, as far as Bitly tells them. `reserve` of the month is left to others. `today`
    are those that the budget has for today, and by `done` all can be sent, if that is known. It may
    be `off_by` so many where links are reckoned by a sample; `activity` is what a day is like.
    `coarser` is what weeks and months would save of the days that leave Bitly's reach soon, None if
    they can all be afforded.
    """

    account: str
    days: Days
    by_endpoint: Mapping[str, int]
    exhaustive: int
    sent: int
    hourly: Mapping[str, int]
    quota: Quota | None
    reserve: int
    today: int | None = None
    done: date | None = None
    off_by: int = 0
    activity: Activity | None = None
    coarser: Saving | None = None

    @property
    def requests(self) -> int:
        """All requests to come."""
        return sum(self.by_endpoint.values())

    @property
    def left(self) -> int | None:
        """Requests of this month that may be sent; None if the plan does not tell."""
        if self.quota is None:
            return None
        return max(self.quota.limit - self.reserve - self.quota.used, 0)

    @property
    def too_many(self) -> int:
        """Requests that this month cannot afford."""
        return 0 if self.left is None else max(self.requests - self.left, 0)

    @property
    def minutes(self) -> float:
        """How long the limits of the endpoints make it last: a tenth of an hour's each minute."""
        return max(
            (
                _minutes(count, self.hourly[endpoint])
                for endpoint, count in self.by_endpoint.items()
                if endpoint in self.hourly
            ),
            default=0.0,
        )


def _minutes(requests: int, hourly: int) -> float:
    hours, rest = divmod(requests, hourly)
    return hours * MINUTES + min(rest / max(hourly / 10, 1), MINUTES)


async def estimate(
    job: Job,
    client: BitlyClient,
    engine: AsyncEngine,
    clock: Clock,
    *,
    stop: asyncio.Event,
    notify: Notify = ignore,
) -> Estimate:
    """Say what a harvest would send; sends itself what it takes to know: totals, lists, exports.

    Of lists and exports no more than `job.planned` for each group; the rest is reckoned by these.
    Raises BitlyError if the account cannot be asked, ConfigError, StoreError.
    """
    async with charged(job.account, client, engine, clock) as account_id:
        await refuse_rest(engine, account_id, clock.now())
        try:
            return await _estimate(job, client, engine, clock, stop=stop, notify=notify)
        except UsageLimitExceeded as spent:
            await note_rest(engine, account_id, spent, clock.now())
            raise


async def _estimate(
    job: Job,
    client: BitlyClient,
    engine: AsyncEngine,
    clock: Clock,
    *,
    stop: asyncio.Event,
    notify: Notify,
) -> Estimate:
    began = clock.now()
    notify(AccountStarted(job.account))
    # what is sent to know is not held to today's share: without it there is nothing to say
    entry = await enter(replace(job, budget=Budget.GREEDY), client, engine, began)
    entered = client.sent[PLAN_LIMITS]
    limits = await client.platform_limits()
    client.limiter.learn(limits)
    scopes = entry.scopes(job, began.replace(microsecond=0))
    discovery = Discovery(job, entry.account_id, client, engine, clock, notify, stop)
    await discovery.discover(scopes)
    rosters = RosterListing(job, entry.account_id, client, engine, clock, notify, stop)
    await replace(rosters, job=replace(job, rosters=())).list_due(scopes)  # what metrics need
    await make_subjects(engine, entry.account_id, scopes, facets_of(job), clock.now())
    of_rosters = await rosters.requests(scopes)
    listed = of_rosters + Counter({LISTING: await discovery.pages_next(scopes)})
    counting = Counting(
        job.account,
        entry.account_id,
        scopes,
        facets_of(job),
        client,
        engine,
        clock,
        notify,
        stop,
        discovery,
        job.planned,
    )
    found = await counting.count()
    await keep_seen(engine, entry.account_id, client.manners, clock.now())
    hourly = {
        limit.endpoint.removeprefix("/v4"): limit.limit
        for limit in limits
        if limit.ours and limit.limit > 0
    }
    counts = found.by_endpoint + listed
    again = counts.total() // READ_AFTER if client.limiter.purse.month else 0
    counts[PLAN_LIMITS] += entered * (1 + again)
    if client.limiter.learns:
        counts[PLATFORM_LIMITS] += _readings(counts, hourly)
    month = client.limiter.purse.month
    daily = breakdowns(facets_of(job))
    adaptation = Adaptation(entry.account_id, engine, clock, daily)
    offer = (
        await adaptation.offer(counting.shown, await adaptation.allowance(month))
        if job.resolution is Resolution.DAY
        else None
    )
    today, done = paced(counts.total(), month, clock.now(), job.budget) if month else (None, None)
    return Estimate(
        account=job.account,
        days=entry.days,
        by_endpoint=dict(+counts),
        exhaustive=found.exhaustive + (counts - found.by_endpoint).total(),
        off_by=found.off_by,
        activity=_activity(found, counts - of_rosters, entry.days, len(scopes), len(daily)),
        sent=client.sent.total(),
        hourly=hourly,
        quota=quota_of(client.limiter.purse, clock.now()),
        reserve=month.reserve if month else 0,
        today=today,
        done=done,
        coarser=offer,
    )


def _activity(
    found: Counted, counts: Counter[str], days: Days, groups: int, facets: int
) -> Activity:
    """Return what a day is like, going by the days that were looked at."""
    lasted = max((days.last - days.first).days + 1, 1)
    known = found.clicks.total()
    scale = found.places / known / lasted if known else 0.0
    of_links = {endpoint for endpoint in counts if endpoint.startswith("/bitlinks/")}
    fixed = sum(n for each, n in counts.items() if each not in {*of_links, SORTED, EXPORTS})
    return Activity(
        clicked={clicks: links * scale for clicks, links in found.clicks.items()},
        breakdowns=facets,
        fixed=fixed + groups,
        first_day=float(groups),
    )


def _readings(counts: Mapping[str, int], hourly: Mapping[str, int]) -> int:
    """Return how often the limiter reads Bitly's limits while all that is sent."""
    stages: dict[str, tuple[int, int]] = {}
    for endpoint, requests in counts.items():
        stage = endpoint if endpoint == FACETS[SERIES].endpoint else endpoint.split("/")[1]
        there = requests, hourly.get(endpoint, DEFAULT_PER_HOUR)
        stages[stage] = max(stages.get(stage, there), there)
    return readings(list(stages.values()))
