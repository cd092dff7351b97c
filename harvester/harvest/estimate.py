"""What a harvest would cost. The survey is made, which is cheap and keeps; no link is asked.

Where a link's clicks are not known even after it, its breakdowns are reckoned by the share of links
and days that are known to have clicks.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import UsageLimitExceeded
from harvester.bitly.facets import FACETS
from harvester.clock import Clock
from harvester.domain.errors import first_of
from harvester.domain.events import AccountStarted, Notify, ignore
from harvester.domain.proofs import Proof
from harvester.domain.windows import Window
from harvester.harvest.dealing import Dealing
from harvester.harvest.discover import Discovery
from harvester.harvest.entry import enter, facets_of
from harvester.harvest.job import Budget, Job
from harvester.harvest.notes import Notes
from harvester.harvest.plan import SERIES, Expected, Scope, expected
from harvester.harvest.quota import charged, note_rest, paced, quota_of, refuse_rest
from harvester.harvest.since import Days
from harvester.harvest.summary import Quota
from harvester.harvest.survey import Survey
from harvester.store import known, proofs, rosters
from harvester.store.writer import Writer

MINUTES = 60


@dataclass(frozen=True, slots=True)
class Estimate:
    """The requests that a harvest of `days` would send, by endpoint; `sent` were sent to know.

    `exhaustive` is what asking for everything would take. `hourly` are the limits of endpoints in
    requests an hour, as far as Bitly tells them. `reserve` of the month is left to others. `today`
    are those that the budget has for today, and by `done` all can be sent, if that is known.
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
    limits = await client.platform_limits()
    client.limiter.learn(limits)
    scopes = entry.scopes(job, began.replace(microsecond=0))
    discovery = Discovery(job.account, entry.account_id, client, engine, clock, notify, stop)
    await discovery.discover({scope.guid: scope.group_id for scope in scopes})
    estimation = Estimation(
        job.account,
        entry.account_id,
        scopes,
        facets_of(job),
        client,
        engine,
        clock,
        notify,
        stop,
        job.planned,
    )
    counts, exhaustive = await estimation.count()
    month = client.limiter.purse.month
    today, done = paced(counts.total(), month, clock.now(), job.budget) if month else (None, None)
    return Estimate(
        account=job.account,
        days=entry.days,
        by_endpoint=dict(counts),
        exhaustive=exhaustive,
        sent=client.sent.total(),
        hourly={
            limit.endpoint.removeprefix("/v4"): limit.limit
            for limit in limits
            if limit.ours and limit.limit > 0
        },
        quota=quota_of(client.limiter.purse),
        reserve=month.reserve if month else 0,
        today=today,
        done=done,
    )


@dataclass(frozen=True, slots=True)
class Estimation:
    """Surveys `scopes` and counts what would have to be asked."""

    account: str
    account_id: int
    scopes: Sequence[Scope]
    facets: Sequence[str]
    client: BitlyClient
    engine: AsyncEngine
    clock: Clock
    notify: Notify
    interrupted: asyncio.Event
    most: int

    async def count(self) -> tuple[Counter[str], int]:
        """Return the requests to come by endpoint, and how many asking for everything would take.

        Raises AccountStopped or StoreError.
        """
        survey = self._survey()
        scopes = await self._surveyed(survey)
        found = [await self._expected(each, survey.put_off.get(each.guid, {})) for each in scopes]
        counts, clicked = survey.later()
        for each in found:
            counts[FACETS[SERIES].endpoint] += each.series
            for facet, sure in each.breakdowns.items():
                counts[FACETS[facet].endpoint] += sure
        reckoned = _reckoned(found) + clicked
        for facet in self.facets:
            if facet != SERIES:
                counts[FACETS[facet].endpoint] += reckoned
        return +counts, sum(each.everything for each in found)

    def _survey(self) -> Survey:
        keys = {scope.guid: scope.group_id for scope in self.scopes}
        dealing = Dealing(
            self.account,
            self.account_id,
            self.client,
            self.engine,
            Writer(self.engine, self.clock),
            Notes(self.engine, self.clock, keys),
            self.clock,
            self.notify,
            self.interrupted,
        )
        return Survey(dealing, self.most)

    async def _surveyed(self, survey: Survey) -> list[Scope]:
        """Survey each scope; return what of it can be asked."""
        writer = survey.dealing.writer
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(writer.run(), name="writer")
                try:
                    return [await survey.survey(scope) for scope in self.scopes]
                finally:
                    await writer.close()
        except ExceptionGroup as group:
            raise first_of(group) from group

    async def _expected(self, scope: Scope, put_off: Iterable[Window]) -> Expected:
        refused = await known.refusals(self.engine, scope.group_id)
        now = self.clock.now()
        granted = [facet for facet in self.facets if facet not in refused or refused[facet] <= now]
        proved = await proofs.proofs(self.engine, scope.group_id, scope.goal.windows)
        # what is put off will be proved, and is counted apart
        proved |= {window: Proof(now, None, customs=True) for window in put_off}
        total = Expected()
        async for page in rosters.target_pages(self.engine, scope.group_id, 100):
            of_page = await known.known(self.engine, page, [*granted], scope.goal.windows)
            total += expected(page, granted, scope.goal, of_page, proved)
        return total


def _reckoned(found: Sequence[Expected]) -> int:
    """Return how many of the unknown (link, window) probably have clicks."""
    known_places = sum(each.known for each in found)
    clicked = sum(each.clicked for each in found)
    unknown = sum(each.unknown for each in found)
    return round(unknown * clicked / known_places) if known_places else unknown
