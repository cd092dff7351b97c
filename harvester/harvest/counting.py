"""Counting what a harvest would send: the survey is made, which is cheap and keeps.

Links that nothing is known of even after it are asked by a sample, if it matters how much is
clicked of them; what they tell keeps as well.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.facets import FACETS
from harvester.bitly.groups import EXPORTS, GROUP_CLICKS, SORTED
from harvester.clock import Clock
from harvester.domain.errors import first_of
from harvester.domain.events import Asked, Event, Notify
from harvester.domain.facets import HOURS, breakdowns
from harvester.domain.windows import Window, packed, spanning
from harvester.harvest.beside import Beside
from harvester.harvest.choices import PutOff
from harvester.harvest.dealing import Dealing
from harvester.harvest.discover import Discovery
from harvester.harvest.expecting import Expected
from harvester.harvest.notes import Notes
from harvester.harvest.outlook import Outlook
from harvester.harvest.plan import MOST_UNITS, SERIES, PlannedRequest, Scope, Strategy
from harvester.harvest.reckoning import Sample, is_close, reckoned
from harvester.harvest.survey import Survey
from harvester.harvest.workers import Asker, fan_out
from harvester.store import proofs
from harvester.store.gates import TOTALS
from harvester.store.writer import Writer

STEP: Final = 20  # links that are asked before looking how close the estimate is
MOST_ASKED: Final = 200
MANY: Final = 5  # requests for a breakdown, before it is tried if the plan includes it


@dataclass(frozen=True, slots=True)
class Counted:
    """The requests to come by endpoint, those of asking for everything, and how sure that is.

    `off_by` of the requests may come more, or less, than is reckoned. `places` are the
    (link, window) that probably have clicks, `clicks` how many of the known ones have so many.
    """

    by_endpoint: Counter[str]
    exhaustive: int
    off_by: int
    places: int
    clicks: Counter[int]


@dataclass(frozen=True, slots=True)
class Counting:
    """Surveys `scopes` and counts what would have to be asked after it."""

    account: str
    account_id: int
    scopes: Sequence[Scope]
    facets: Sequence[str]
    client: BitlyClient
    engine: AsyncEngine
    clock: Clock
    notify: Notify
    interrupted: asyncio.Event
    discovery: Discovery
    most: int
    put_off: dict[str, Mapping[Window, PutOff]] = field(default_factory=dict)
    shown: list[Scope] = field(default_factory=list)  # the scopes that Bitly shows, once counted
    dice: Random = field(default_factory=lambda: Random(1))  # noqa: S311 - picks a sample

    @property
    def outlook(self) -> Outlook:
        """What the harvest to come will know and ask."""
        return Outlook(self.engine, self.clock, self.facets, self.put_off)

    async def count(self) -> Counted:
        """Return what is to come. Raises AccountStopped or StoreError."""
        writer = Writer(self.engine, self.clock)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(writer.run(), name="writer")
                try:
                    return await self._count(writer)
                finally:
                    await writer.close()
        except ExceptionGroup as group:
            raise first_of(group) from group

    async def _count(self, writer: Writer) -> Counted:
        keys = {scope.guid: scope.group_id for scope in self.scopes}
        notes = Notes(self.engine, self.clock, keys)
        dealing = Dealing(
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
        )
        survey, shown, again = Survey(dealing, self.facets, self.most), [], Counter[str]()
        for scope in self.scopes:
            before = self.client.sent.copy()
            shown.append(await survey.survey(scope))
            await writer.flush()
            again += await self._again(survey, shown[-1], self.client.sent - before)
        self.put_off.update(survey.put_off)
        self.shown.extend(shown)
        later, clicked = survey.later()
        asker = Asker(
            account=self.account,
            facets=self.facets,
            client=self.client,
            sink=writer,
            remember=notes,
            clock=self.clock,
            notify=self._tell,
        )
        sample, off_by = await self._sampled(shown, asker, writer)
        await self._try_gates(shown, asker, writer)
        found = [await self.outlook.expected(scope) for scope in shown]
        counted = self._counted(found, sample, again + later, clicked, round(off_by))
        beside = Beside(self.outlook, asker, writer, self._may_ask)
        counts, everything = await beside.count(shown)
        return replace(
            counted,
            by_endpoint=counted.by_endpoint + counts,
            exhaustive=counted.exhaustive + everything,
        )

    def _tell(self, event: Event) -> None:
        """Tell of troubles, but not of single answers: there is no stage that they belong to."""
        if not isinstance(event, Asked):
            self.notify(event)

    def _counted(
        self,
        found: Sequence[Expected],
        sample: Sample,
        again: Counter[str],
        put_off: int,
        off_by: int,
    ) -> Counted:
        counts = again.copy()
        for each in found:
            counts[FACETS[SERIES].endpoint] += each.series
            for facet, sure in each.breakdowns.items():
                counts[FACETS[facet].endpoint] += sure
        likely = round(sample.mean * sample.left) if sample.clicked else reckoned(found)
        likely += put_off
        for facet in breakdowns(self.facets):
            counts[FACETS[facet].endpoint] += likely
        if HOURS in self.facets and found:
            counts[FACETS[HOURS].endpoint] += round(likely * self._by_the_hour)
        clicked = sum(each.clicked for each in found) + likely
        everything = sum(each.everything for each in found)
        clicks = sum((each.clicks for each in found), Counter[int]())
        return Counted(+counts, everything, off_by, clicked, clicks)

    async def _again(self, survey: Survey, scope: Scope, sent: Counter[str]) -> Counter[str]:
        """Return what the next survey asks anew: totals of what is open, what proved nothing."""
        counts, dealing = Counter[str](), survey.dealing
        put_off = survey.put_off.get(scope.guid, {})
        if scope.goal.strategy is Strategy.EXHAUSTIVE:
            refused = await dealing.is_refused(scope, TOTALS)
            counts[GROUP_CLICKS] = 0 if refused else sent[GROUP_CLICKS]
            return counts
        goal = scope.goal
        proved = await proofs.proofs(self.engine, scope.group_id, goal.windows)
        unproved = [w for w in goal.windows if w not in proved and w not in put_off]
        open_ones = [
            w for w in goal.windows if w not in proved or proved[w].seen_at < w.end + goal.settle
        ]
        trust = await dealing.trust(scope)
        if open_ones and trust.totals and not await dealing.is_refused(scope, TOTALS):
            span = spanning(open_ones[0], open_ones[-1])
            counts[GROUP_CLICKS] = sum(1 for _ in packed(span, most=MOST_UNITS))
        elif sent[SORTED]:
            counts[SORTED] = sum(window not in put_off for window in open_ones)
            return counts
        looked_at = max(sent[SORTED], len(unproved), 1)
        for endpoint in (SORTED, EXPORTS):
            counts[endpoint] = round(sent[endpoint] * len(unproved) / looked_at)
        if await self.discovery.stale_next(scope):  # then lists tell whether links have left
            known = [window for window in open_ones if window in proved]
            runs = list(packed(known, most=MOST_UNITS))
            counts[SORTED] += sum(any(proved[w].total for w in run) for run in runs)
        return counts

    async def _sampled(
        self, shown: Sequence[Scope], asker: Asker, writer: Writer
    ) -> tuple[Sample, float]:
        """Ask as many links of those that nothing is known of as it takes to come close.

        Returns what they told, and how many requests it leaves open.
        """
        picked, of = await self._picked(shown)
        found = [await self.outlook.expected(scope) for scope in shown]
        others = len(breakdowns(self.facets)) + (HOURS in self.facets)
        sure = sum(each.series + each.breakdowns.total() for each in found)
        off_by = float(sum(each.unknown for each in found) * others)
        sample = Sample(of, [])
        while picked and asker.stopped_by is None and self._may_ask(STEP):
            likely = others * (sample.mean * sample.left if sample.clicked else reckoned(found))
            if is_close(off_by, sure + likely):
                break
            step, picked = picked[:STEP], picked[STEP:]
            await fan_out(_each(step), asker.ask, workers=1, stopped=self.interrupted.is_set)
            await writer.flush()
            clicked = [await self.outlook.clicked(request) for request in step]
            sample = replace(sample, clicked=[*sample.clicked, *clicked])
            off_by = min(sample.off_by * others, off_by)
        if asker.stopped_by is not None:
            raise asker.stopped_by
        return sample, off_by

    async def _try_gates(self, shown: Sequence[Scope], asker: Asker, writer: Writer) -> None:
        """Ask once for each breakdown that much is wanted of: a plan may not include it."""
        for scope in shown:
            wanted = (await self.outlook.expected(scope)).breakdowns
            for facet in (facet for facet, count in wanted.items() if count >= MANY):
                request = await self.outlook.first(scope, facet)
                if request is not None and asker.stopped_by is None and self._may_ask(1):
                    await asker.ask(request)
        await writer.flush()
        if asker.stopped_by is not None:
            raise asker.stopped_by

    @property
    def _by_the_hour(self) -> float:
        """The share of the days whose clicks are wanted by the hour."""
        goals = [scope.goal for scope in self.shown]
        wanted = sum(len(goal.of(HOURS)) for goal in goals)
        return wanted / max(sum(len(goal.windows) for goal in goals), 1)

    def _may_ask(self, requests: int) -> bool:
        """Whether so many are left of what may be sent today: a plan takes no harvest's last."""
        left = self.client.limiter.purse.left_today()
        return not self.interrupted.is_set() and (left is None or left > 2 * requests)

    async def _picked(self, shown: Sequence[Scope]) -> tuple[list[PlannedRequest], int]:
        """Return some of the links that nothing is known of, in no order, and how many there are.

        Each as the request that a harvest would send for it.
        """
        picked: list[PlannedRequest] = []
        of = 0
        for scope in shown:
            async for request in self.outlook.unknown(scope):
                of += 1
                place = of - 1 if of <= MOST_ASKED else self.dice.randrange(of)
                if place < MOST_ASKED:
                    picked[place : place + 1] = [request]
        self.dice.shuffle(picked)
        return picked, of


async def _each(planned: Sequence[PlannedRequest]) -> AsyncGenerator[PlannedRequest, None]:
    for request in planned:
        yield request
