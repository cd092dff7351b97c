"""The survey: what a group's totals and sorted lists tell of all its links, for a few requests.

It comes before any link is asked by itself. What it proves is stored as proofs of group-windows;
what it cannot prove is left to the links' own series.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import AccountStopped, BitlyError, FacetRefused, Forbidden
from harvester.bitly.groups import SortedList
from harvester.clock import Clock
from harvester.domain.events import Notify, Problem
from harvester.domain.proofs import Proof, Tally
from harvester.domain.snapshots import Reading, Reason, Snapshot
from harvester.domain.windows import Window, packed, spanning
from harvester.harvest.notes import Notes
from harvester.harvest.plan import MOST_UNITS, SERIES, Scope, Strategy
from harvester.harvest.prelude import check_token
from harvester.harvest.proofs import (
    LATE,
    Listed,
    Trust,
    Verdict,
    comparable,
    contradiction,
    customs_counted,
    fits,
    from_links,
    from_list,
    from_total,
    lists_pay,
    verdict,
    with_customs,
)
from harvester.harvest.reach import Reach
from harvester.store import proofs as store
from harvester.store import rosters
from harvester.store.known import refusals
from harvester.store.writer import Writer

# What a refusal is remembered by: these are no facets of a link, but a plan may lack them as well.
TOTALS = "group clicks"
LISTS = "sorted links"


@dataclass(frozen=True, slots=True)
class Totals:
    """A group's clicks by window, as they were `at` an instant."""

    at: datetime
    clicks: Mapping[Window, int]


@dataclass(frozen=True, slots=True)
class Survey:
    """Surveys the groups of one account; what it reads goes to `writer` like any other answer."""

    account: str
    account_id: int
    client: BitlyClient
    engine: AsyncEngine
    writer: Writer
    notes: Notes
    clock: Clock
    notify: Notify
    interrupted: asyncio.Event
    said: dict[str, Totals] = field(default_factory=dict)

    @property
    def reach(self) -> Reach:
        """How far back the groups can be asked."""
        return Reach(self.account_id, self.engine)

    async def survey(self, scope: Scope) -> Scope:
        """Prove what can be proved of the group's windows that are due.

        Returns what is to be asked: nothing that lies beyond the plan's history. A group whose
        answers do not fit each other is left alone, and so is one that refuses them. Of one that is
        asked for everything only that is learnt. Raises AccountStopped.
        """
        trust, now = await self._trust(scope), self.clock.now()
        scope = await self.reach.wanted(scope, now)
        proves = scope.goal.strategy is Strategy.ECONOMICAL
        due = await self._due(scope) if proves else scope.goal.windows
        needless = not proves and not await self.reach.untested(scope)
        if not trust.totals or not due or needless:
            return await self.reach.clipped(scope, now)
        at = now.replace(microsecond=0)
        told = await self._totals(scope, due)
        scope = await self.reach.clipped(scope, now)
        if proves:
            shown = set(scope.goal.windows)
            totals = {window: clicks for window, clicks in told.items() if window in shown}
            self.said[scope.guid] = Totals(at, totals)
            await self._prove(scope, [window for window in due if window in shown], trust)
        return scope

    async def _prove(self, scope: Scope, due: Sequence[Window], trust: Trust) -> None:
        """Prove what this run's totals of the windows that are due prove, and their lists."""
        at, totals = self.said[scope.guid].at, self.said[scope.guid].clicks
        stored = await store.tallies(self.engine, scope.group_id, due)
        before = await store.proofs(self.engine, scope.group_id, due)
        proved, moved = {}, []
        for window in due:
            tally, total = stored.get(window, Tally()), totals.get(window)
            if total is None and totals:
                continue  # beyond the plan's history: no list can tell of it
            was = before.get(window)
            if total is None or verdict(window, total, was, tally, trust) is Verdict.MOVED:
                moved.append(window)
            else:
                proved[window] = from_total(total, was, trust, at)
        await store.save_proofs(self.engine, scope.group_id, proved)
        links = await rosters.count_targets(self.engine, scope.group_id)
        if lists_pay(moved, links):
            await self.client.prepare(len(moved))
            for window in reversed(moved):
                if self.interrupted.is_set() or not await self._list(scope, window, totals, trust):
                    return

    async def compare(self, scope: Scope) -> bool:
        """Hold this run's totals of past windows against what has been read of each link since.

        Learns whether a total holds the clicks of custom back-halves. Returns False if totals are
        found not to be the sum of their links: then what they proved is forgotten, and the links
        have to be asked.
        """
        said = self.said.get(scope.guid)
        trust = await self._trust(scope)
        if said is None or not said.clicks or not trust.totals:
            return True
        windows = list(said.clicks)
        tallies = await store.tallies(self.engine, scope.group_id, windows)
        proved = await self._prove_asked(scope, said, tallies)
        compared = []
        for window, proof in proved.items():
            tally = tallies.get(window, Tally())
            if proof.total is None or not comparable(window, proof, tally):
                continue
            if not fits(proof.total, tally, trust):
                known = tally.links + tally.customs
                await self._distrust(
                    scope, f"{window}: its links have {known} clicks, itself {proof.total}"
                )
                return False
            compared.append((proof.total, tally))
        counted = customs_counted(compared)
        if counted is not None and trust.customs is not False:
            found = store.StoredTrust(customs=counted)
            await store.save_trust(self.engine, scope.group_id, found, detail="", at=said.at)
        return True

    async def _prove_asked(
        self, scope: Scope, said: Totals, tallies: Mapping[Window, Tally]
    ) -> Mapping[Window, Proof]:
        """Prove what asking one by one has proved; return all that this run has."""
        stored = await store.proofs(self.engine, scope.group_id, list(said.clicks))
        proved = {w: p for w, p in stored.items() if p.seen_at >= scope.goal.fresh_since}
        asked: dict[Window, Proof] = {}
        for window, total in said.clicks.items():
            tally = tallies.get(window, Tally())
            proof = proved.get(window)
            if proof is not None and not proof.customs:
                asked[window] = with_customs(proof, tally)
            elif proof is None and scope.listed:
                found = from_links(total, tally, said.at)
                asked |= {} if found is None else {window: found}
        await store.save_proofs(self.engine, scope.group_id, asked)
        return proved | asked

    async def _trust(self, scope: Scope) -> Trust:
        stored = await store.trust(self.engine, scope.group_id)
        return Trust(stored.totals, stored.customs)

    async def _due(self, scope: Scope) -> list[Window]:
        """Return the windows of which no proof is as fresh as this run, or settled."""
        goal = scope.goal
        proved = await store.proofs(self.engine, scope.group_id, goal.windows)
        return [w for w in goal.windows if w not in proved or not goal.holds(proved[w].seen_at, w)]

    async def _totals(self, scope: Scope, due: Sequence[Window]) -> dict[Window, int]:
        """Ask for the group's clicks over all that is due; empty if they are not to be had."""
        totals: dict[Window, int] = {}
        if await self._is_refused(scope, TOTALS):
            return totals
        for run in packed(spanning(due[0], due[-1]), most=MOST_UNITS):
            try:
                answer = await self.client.group_clicks(scope.guid, run)
            except BitlyError as error:
                await self._give_up(scope, TOTALS, error)
                return {}
            totals |= {reading.window: reading.total for reading in answer.readings}
        span = list(spanning(due[0], due[-1]))
        await self.reach.learn(scope, span, totals, self.clock.now().replace(microsecond=0))
        return totals

    async def _list(
        self, scope: Scope, window: Window, totals: Mapping[Window, int], trust: Trust
    ) -> bool:
        """Ask for a window's sorted list and store what it says; False ends the survey."""
        if await self._is_refused(scope, LISTS):
            return False
        try:
            answer = await self.client.sorted_links(scope.guid, [window])
        except BitlyError as error:
            await self._give_up(scope, LISTS, error)
            return False
        at = self.clock.now().replace(microsecond=0)
        asked_at = self.said[scope.guid].at
        found = Listed(
            answer.clicks,
            answer.full,
            totals.get(window),
            over=window.end <= asked_at,
            calm=window.end + LATE <= asked_at,
        )
        before = await store.clicked_links(self.engine, scope.group_id, window)
        if why := contradiction(found, before):
            await self._distrust(scope, f"{window}: {why}")
            return False
        all_stored = await self._store(scope, window, answer)
        proof = from_list(found, trust, at)
        if proof is not None and all_stored:
            # a proof without its counts would say "none" of the links that it knows to have some
            await self.writer.flush()
            await store.save_proofs(self.engine, scope.group_id, {window: proof})
        return True

    async def _store(self, scope: Scope, window: Window, answer: SortedList) -> bool:
        """Store the clicks of the links in the list; a link that is new to us joins its group.

        Returns False if a name is neither known nor described by the answer.
        """
        now = self.clock.now().replace(microsecond=0)
        names = list(answer.clicks)
        ids = await rosters.target_ids(self.engine, self.account_id, names)
        strangers = [link for link in answer.links if link.id not in ids]
        if strangers:
            await rosters.save_bitlinks(
                self.engine, self.account_id, scope.group_id, strangers, now
            )
            ids = await rosters.target_ids(self.engine, self.account_id, names)
        await self.writer.put(
            [
                Snapshot(ids[name], SERIES, Reading(window, clicks), now)
                for name, clicks in answer.clicks.items()
                if name in ids
            ]
        )
        return ids.keys() >= set(names)

    async def _is_refused(self, scope: Scope, what: str) -> bool:
        refused = await refusals(self.engine, scope.group_id)
        return what in refused and refused[what] > self.clock.now()

    async def _give_up(self, scope: Scope, what: str, error: BitlyError) -> None:
        """Go on without it: each link will be asked. Raises what ends the account."""
        if isinstance(error, AccountStopped):
            raise error
        if isinstance(error, Forbidden):
            await check_token(self.client, self.account)
        if isinstance(error, FacetRefused | Forbidden):
            await self.notes.refused(scope.guid, what, Reason.NOT_IN_PLAN, str(error)[:200])

    async def _distrust(self, scope: Scope, why: str) -> None:
        """Ask this group link by link from now on, whatever was proved of it before."""
        old = await store.trust(self.engine, scope.group_id)
        found = store.StoredTrust(
            totals=False, customs=old.customs, contradictions=old.contradictions + 1
        )
        now = self.clock.now()
        await store.save_trust(self.engine, scope.group_id, found, detail=why, at=now)
        await store.drop_proofs(self.engine, scope.group_id, scope.goal.windows)
        message = f"group {scope.guid} is asked link by link from now on: {why}"
        self.notify(Problem(self.account, Reason.UNREADABLE, message))
