"""The survey: what a group's totals, sorted lists and exports tell of all its links at once.

It comes before any link is asked by itself. What it proves is stored as proofs of group-windows;
what it cannot prove is left to the links' own series.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

from harvester.bitly.errors import BitlyError
from harvester.bitly.groups import EXPORTS, SORTED
from harvester.domain.proofs import Proof, Tally
from harvester.domain.windows import Window, packed, spanning
from harvester.harvest.choices import PutOff
from harvester.harvest.dealing import TOTALS, Dealing, Totals
from harvester.harvest.look import Look
from harvester.harvest.plan import MOST_UNITS, Scope, Strategy
from harvester.harvest.proofs import (
    Trust,
    Verdict,
    comparable,
    customs_counted,
    fits,
    from_links,
    from_total,
    verdict,
    with_customs,
)
from harvester.harvest.reach import Reach
from harvester.store import proofs as store


@dataclass(frozen=True, slots=True)
class Survey:
    """Surveys the groups of one account; what it reads goes to the writer like any other answer.

    `most` requests beside the totals may be sent for each group; what would take more is `put_off`.
    """

    dealing: Dealing
    most: float = inf
    said: dict[str, Totals] = field(default_factory=dict)
    put_off: dict[str, Mapping[Window, PutOff]] = field(default_factory=dict)

    @property
    def reach(self) -> Reach:
        """How far back the groups can be asked."""
        return Reach(self.dealing.account_id, self.dealing.engine)

    async def survey(self, scope: Scope) -> Scope:
        """Prove what can be proved of the group's windows that are due.

        Returns what is to be asked: nothing that lies beyond the plan's history. A group whose
        answers do not fit each other is left alone, and so is one that refuses them. Of one that is
        asked for everything only that is learnt. Raises AccountStopped.
        """
        trust, now = await self.dealing.trust(scope), self.dealing.clock.now()
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
        stored = await store.tallies(self.dealing.engine, scope.group_id, due)
        before = await store.proofs(self.dealing.engine, scope.group_id, due)
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
        await store.save_proofs(self.dealing.engine, scope.group_id, proved)
        look = Look(self.dealing, scope, trust, self.said[scope.guid], self.most)
        await look.look(moved)
        self.put_off[scope.guid] = look.put_off

    def later(self) -> tuple[Counter[str], int]:
        """Return the requests that were put off, by endpoint, and how many links they may show."""
        found = [each for of_group in self.put_off.values() for each in of_group.values()]
        lists, exports = sum(each.lists for each in found), sum(each.exports for each in found)
        return Counter({SORTED: lists, EXPORTS: exports}), sum(each.clicked for each in found)

    async def compare(self, scope: Scope) -> bool:
        """Hold this run's totals of past windows against what has been read of each link since.

        Learns whether a total holds the clicks of custom back-halves. Returns False if totals are
        found not to be the sum of their links: then what they proved is forgotten, and the links
        have to be asked.
        """
        said = self.said.get(scope.guid)
        trust = await self.dealing.trust(scope)
        if said is None or not said.clicks or not trust.totals:
            return True
        windows = list(said.clicks)
        tallies = await store.tallies(self.dealing.engine, scope.group_id, windows)
        proved = await self._prove_asked(scope, said, tallies)
        compared = []
        for window, proof in proved.items():
            tally = tallies.get(window, Tally())
            if proof.total is None or not comparable(window, proof, tally):
                continue
            if not fits(proof.total, tally, trust):
                known = tally.links + tally.customs
                await self.dealing.distrust(
                    scope, f"{window}: its links have {known} clicks, itself {proof.total}"
                )
                return False
            compared.append((proof.total, tally))
        counted = customs_counted(compared)
        if counted is not None and trust.customs is not False:
            found = store.StoredTrust(customs=counted)
            engine = self.dealing.engine
            await store.save_trust(engine, scope.group_id, found, detail="", at=said.at)
        return True

    async def _prove_asked(
        self, scope: Scope, said: Totals, tallies: Mapping[Window, Tally]
    ) -> Mapping[Window, Proof]:
        """Prove what asking one by one has proved; return all that this run has."""
        stored = await store.proofs(self.dealing.engine, scope.group_id, list(said.clicks))
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
        await store.save_proofs(self.dealing.engine, scope.group_id, asked)
        return proved | asked

    async def _due(self, scope: Scope) -> list[Window]:
        """Return the windows of which no proof is as fresh as this run, or settled."""
        goal = scope.goal
        proved = await store.proofs(self.dealing.engine, scope.group_id, goal.windows)
        return [w for w in goal.windows if w not in proved or not goal.holds(proved[w].seen_at, w)]

    async def _totals(self, scope: Scope, due: Sequence[Window]) -> dict[Window, int]:
        """Ask for the group's clicks over all that is due; empty if they are not to be had."""
        totals: dict[Window, int] = {}
        if await self.dealing.is_refused(scope, TOTALS):
            return totals
        for run in packed(spanning(due[0], due[-1]), most=MOST_UNITS):
            try:
                answer = await self.dealing.client.group_clicks(scope.guid, run)
            except BitlyError as error:
                await self.dealing.give_up(scope, TOTALS, error)
                return {}
            totals |= {reading.window: reading.total for reading in answer.readings}
        span = list(spanning(due[0], due[-1]))
        await self.reach.learn(scope, span, totals, self.dealing.now())
        return totals
