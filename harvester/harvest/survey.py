"""The survey: what a group's totals, sorted lists and exports tell of all its links at once.

It comes before any link is asked by itself. What it proves is stored as proofs of group-windows;
what it cannot prove is left to the links' own series.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import inf

from harvester.bitly.errors import BitlyError
from harvester.bitly.groups import EXPORTS, SORTED
from harvester.domain.facets import SERIES_OF
from harvester.domain.proofs import Proof, Tally
from harvester.domain.subjects import Kind
from harvester.domain.windows import Window, packed, spanning
from harvester.harvest.choices import PutOff
from harvester.harvest.dealing import Dealing, Totals
from harvester.harvest.doubts import Doubts
from harvester.harvest.look import Look
from harvester.harvest.plan import MOST_UNITS, Scope, Strategy
from harvester.harvest.proofs import (
    Trust,
    Verdict,
    comparable,
    customs_counted,
    explained,
    fits,
    from_links,
    from_total,
    verdict,
    with_customs,
)
from harvester.harvest.reach import Reach
from harvester.harvest.renewal import SurpriseError
from harvester.store import proofs as store
from harvester.store.gates import LISTS, TOTALS


@dataclass(frozen=True, slots=True)
class Survey:
    """Surveys the groups of one account; what it reads goes to the writer like any other answer.

    `most` requests beside the totals may be sent for each group; what would take more is `put_off`.
    The totals are kept as facts if they are among the `facets` wanted.
    """

    dealing: Dealing
    facets: Sequence[str] = ()
    most: float = inf
    said: dict[str, Totals] = field(default_factory=dict)
    put_off: dict[str, Mapping[Window, PutOff]] = field(default_factory=dict)

    @property
    def reach(self) -> Reach:
        """How far back the groups can be asked."""
        return Reach(self.dealing.account_id, self.dealing.engine)

    @property
    def doubts(self) -> Doubts:
        """Whether the links of the groups are still those that are known."""
        return Doubts(self.dealing.account_id, self.dealing.engine, self.dealing.discovery)

    async def survey(self, scope: Scope) -> Scope:
        """Prove what can be proved of the group's windows that are due.

        Returns what is to be asked: nothing that lies beyond the plan's history. A group whose
        answers do not fit what is known of its links has them all listed, and is surveyed again;
        one whose answers do not even fit then is left alone, and so is one that refuses them. Of
        one that is asked for everything only that is learnt. Raises AccountStopped.
        """
        try:
            return await self._survey(scope)
        except SurpriseError:
            anew = await self._anew(scope)
            return anew or await self.reach.clipped(scope, self.dealing.clock.now())

    def surprised(self, scope: Scope) -> bool:
        """Whether a link was found gone since, and the group's links have not been listed since."""
        guid, listing = scope.guid, self.dealing.discovery.listing
        is_tried = guid in listing.again or self.dealing.interrupted.is_set()
        return (
            guid in self.dealing.notes.gone_in
            and self.dealing.discovery.stale(scope)
            and not is_tried
        )

    async def _anew(self, scope: Scope) -> Scope | None:
        """Survey a group once more, after all its links were listed; None if that cannot be."""
        if not await self.dealing.discovery.again(scope):
            return None
        since = scope.goal.fresh_since
        await store.drop_proofs(self.dealing.engine, scope.group_id, scope.goal.windows, since)
        return await self._survey(scope)

    async def _survey(self, scope: Scope) -> Scope:
        trust, now = await self.dealing.trust(scope), self.dealing.clock.now()
        if scope.watched:
            return await self.reach.clipped(scope, now)
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
            if SERIES_OF[Kind.GROUP] in self.facets:
                await self.dealing.put_totals(scope, self.said[scope.guid])
            await self._prove(scope, [window for window in due if window in shown], trust)
        return scope

    async def _prove(self, scope: Scope, due: Sequence[Window], trust: Trust) -> None:
        """Prove what this run's totals of the windows that are due prove, and their lists."""
        at, totals = self.said[scope.guid].at, self.said[scope.guid].clicks
        stored = await store.tallies(self.dealing.engine, scope.group_id, due)
        before = await store.proofs(self.dealing.engine, scope.group_id, due)
        verdicts = dict.fromkeys(due, Verdict.MOVED) if not totals else {}
        for window in (w for w in due if w in totals):  # beyond the history no list can tell
            tally, was = stored.get(window, Tally()), before.get(window)
            verdicts[window] = verdict(window, totals[window], was, tally, trust)
        verdicts |= dict.fromkeys(await self._moved_unseen(scope, verdicts), Verdict.MOVED)
        moved = [window for window in due if verdicts.get(window) is Verdict.MOVED]
        proved = {
            window: from_total(totals[window], before.get(window), trust, at)
            for window, found in verdicts.items()
            if found is not Verdict.MOVED
        }
        await store.save_proofs(self.dealing.engine, scope.group_id, proved)
        look = Look(self.dealing, scope, trust, self.said[scope.guid], self.most)
        await look.look(moved)
        self.put_off[scope.guid] = look.put_off

    def later(self) -> tuple[Counter[str], int]:
        """Return the requests that were put off, by endpoint, and how many links they may show."""
        found = [each for of_group in self.put_off.values() for each in of_group.values()]
        lists, exports = sum(each.lists for each in found), sum(each.exports for each in found)
        return Counter({SORTED: lists, EXPORTS: exports}), sum(each.clicked for each in found)

    async def _moved_unseen(
        self, scope: Scope, verdicts: Mapping[Window, Verdict]
    ) -> Iterable[Window]:
        """Return the windows whose total did not move, but whose links did.

        One that left unseen may have taken as many clicks as others got. One list tells of many
        windows whether the clicks of each link are still the same.
        """
        found: list[Window] = []
        still = [w for w, judged in verdicts.items() if judged is not Verdict.MOVED]
        for run in packed(still, most=MOST_UNITS) if self.dealing.discovery.stale(scope) else ():
            same = [window for window in run if verdicts[window] is Verdict.UNCHANGED]
            if same and not await self._is_same(scope, list(spanning(same[0], same[-1]))):
                found += same
        return found

    async def _is_same(self, scope: Scope, windows: Sequence[Window]) -> bool:
        try:
            answer = await self.dealing.client.sorted_links(scope.guid, windows)
        except BitlyError as error:
            await self.dealing.give_up(scope, LISTS, error)
            raise SurpriseError from error
        return await self.doubts.same(scope, windows, answer)

    async def compare(self, scope: Scope) -> bool:
        """Hold this run's totals of past windows against what has been read of each link since.

        Learns whether a total holds the clicks of custom back-halves. Returns False if the links
        have to be asked, and compared, once more: because a group's links were not those that were
        known, or because totals are found not to be the sum of their links.
        """
        if self.surprised(scope):
            return await self._anew(scope) is None
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
                if self.dealing.discovery.stale(scope):
                    return await self._anew(scope) is None
                known = tally.links + tally.customs
                await self.dealing.distrust(
                    scope, f"{window}: its links have {known} clicks, itself {proof.total}"
                )
                return False
            compared.append((proof.total, tally))
        return await self._learn(scope, compared, said.at)

    async def _learn(
        self, scope: Scope, compared: Sequence[tuple[int, Tally]], at: datetime
    ) -> bool:
        """Learn from totals and links that fit each other; False if links may have come back.

        They may if the links explained all of the totals before, and do not any more.
        """
        old = await store.trust(self.dealing.engine, scope.group_id)
        counted = None if old.customs is False else customs_counted(compared)
        new = replace(old, totals=True, customs=old.customs if counted is None else counted)
        trust = Trust(customs=new.customs)
        whole = all(explained(total, tally, trust) for total, tally in compared)
        if self.dealing.discovery.stale(scope):
            if old.explained and not whole:
                return await self._anew(scope) is None
        elif any(total for total, _ in compared):
            new = replace(new, explained=whole)
        if new != old and compared:
            await store.save_trust(self.dealing.engine, scope.group_id, new, old.last_at or at)
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
            elif proof is None and scope.guid not in self.dealing.discovery.listing.unfinished:
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
