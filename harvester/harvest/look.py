"""A closer look at the windows of a group that moved: by lists and exports, whichever cost less.

What to ask is decided in choices.py, anew after each answer; what an answer proves in proofs.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf

from harvester.bitly.errors import BadRequest, BitlyError, SubjectGone, UnexpectedShape
from harvester.domain.proofs import Proof
from harvester.domain.windows import DAY, Window, packed, spanning
from harvester.harvest.choices import (
    Case,
    Choice,
    Means,
    PutOff,
    Way,
    cheapest,
    expected_clicked,
    put_off,
)
from harvester.harvest.dealing import Dealing, Totals
from harvester.harvest.doubts import Doubts
from harvester.harvest.exporting import Told, Wanted, exported
from harvester.harvest.listing import store_list
from harvester.harvest.plan import MOST_UNITS, Scope
from harvester.harvest.proofs import (
    LATE,
    Listed,
    Trust,
    contradiction,
    from_export,
    from_list,
    tied,
)
from harvester.harvest.renewal import SurpriseError
from harvester.harvest.witnesses import APART, SCANS, Hearing
from harvester.store import activity, profiles
from harvester.store import proofs as store
from harvester.store.gates import EXPORTS, LISTS

# Windows before those at hand whose activity tells what to expect: two weeks hold each weekday.
BEFORE = 14 * DAY


@dataclass(slots=True)
class Look:
    """Looks at one group; `said` is its clicks by window, as far as they were told.

    At most `most` requests are sent, or more for one window if none was learnt whole before: by it
    the others are reckoned. Windows that would take more are put off.
    """

    dealing: Dealing
    scope: Scope
    trust: Trust
    said: Totals
    most: float = inf
    put_off: dict[Window, PutOff] = field(default_factory=dict)
    means: Means = field(default_factory=lambda: Means(0, 0))
    totals: dict[Window, int] = field(default_factory=dict)
    cases: dict[Window, Case] = field(default_factory=dict)
    listed: dict[Window, Mapping[str, int]] = field(default_factory=dict)
    seen: list[tuple[int, int]] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)  # of the account's API
    tied: bool = False
    whole: bool = False  # whether a window was learnt whole, by which the others can be reckoned

    async def look(self, moved: Sequence[Window]) -> None:
        """Learn of `moved`, oldest first, what is cheaper to learn of all links at once.

        The rest is left to the links' series. Raises AccountStopped.
        """
        if not moved:
            return
        await self._prepare(moved)
        wanted = set(moved)
        for run in packed(spanning(moved[0], moved[-1]), most=MOST_UNITS):
            self.cases = {window: self._case(window) for window in run if window in wanted}
            await self.dealing.client.prepare(self._choice().alone)
            while (choice := self._choice()).next is not None:
                if self.dealing.interrupted.is_set() or not await self._step(choice):
                    return

    async def _step(self, choice: Choice) -> bool:
        """Go one step on with the newest window that has one; False ends the look."""
        window, way = choice.next or (None, None)
        if window is None:
            return False
        option = choice.options[window]
        if option.requests > self.most and (self.whole or self.most <= 0):
            known = len(self.listed.get(window, ()))
            self.put_off[window] = put_off(option, self._expected(window), known)
            del self.cases[window]
            return True
        self.most -= 1 if way is Way.LIST else option.requests
        self.whole = self.whole or way is Way.EXPORT
        return await (self._list(window) if way is Way.LIST else self._export(window))

    async def _prepare(self, moved: Sequence[Window]) -> None:
        dealing, scope = self.dealing, self.scope
        self.totals = dict(self.said.clicks)
        known = await profiles.profile(dealing.engine, dealing.account_id)
        self.facts = {name: fact.value for name, fact in known.items()}
        links, customs = await activity.sizes(dealing.engine, scope.group_id)
        self.means = Means(
            links,
            customs,
            lists=not await dealing.is_refused(scope, LISTS),
            exports=not await dealing.is_refused(scope, EXPORTS),
            counted=self.trust.customs is not False,
            longest=dealing.client.manners.longest,
        )
        first = Window(moved[0].start - BEFORE, moved[0].unit)
        near = list(spanning(first, moved[-1]))
        self.seen = await activity.clicked(dealing.engine, scope.group_id, near)

    def _case(self, window: Window) -> Case:
        return Case(self.means.links, self.means.customs, provable=window in self.totals)

    def _is_calm(self, window: Window) -> bool:
        """Whether late clicks had come in when the group's clicks were asked for."""
        return window.end + LATE <= self.said.at

    def _expected(self, window: Window) -> Case:
        """Return the case of a window with what is expected of it by now."""
        clicked = expected_clicked(self.totals.get(window), self.seen, self.means.longest)
        return replace(self.cases[window], clicked=clicked)

    def _choice(self) -> Choice:
        return cheapest({window: self._expected(window) for window in self.cases}, self.means)

    def _told(self, window: Window, clicks: Mapping[str, int], *, full: bool) -> Listed:
        return Listed(
            clicks,
            full,
            self.totals.get(window),
            over=window.end <= self.said.at,
            calm=self._is_calm(window),
        )

    async def _fits(self, window: Window, found: Listed) -> bool:
        """Whether what was told can be true beside what is stored; if not, trust the group less.

        Raises SurpriseError first, if links may have come and gone unseen.
        """
        before = await store.clicked_links(self.dealing.engine, self.scope.group_id, window)
        why = contradiction(found, before)
        if why:
            self._doubt()
            await self.dealing.distrust(self.scope, f"{window}: {why}")
        return not why

    def _doubt(self) -> None:
        """Raise SurpriseError if links may have come and gone unseen."""
        if self.dealing.discovery.stale(self.scope):
            raise SurpriseError

    async def _list(self, window: Window) -> bool:
        """Ask for a window's sorted list and store what it says; False ends the look."""
        dealing, scope = self.dealing, self.scope
        try:
            answer = await dealing.client.sorted_links(scope.guid, [window])
        except BitlyError as error:
            await dealing.give_up(scope, LISTS, error)
            self.means = replace(self.means, lists=False)
            return True
        at, found = dealing.now(), self._told(window, answer.clicks, full=answer.full)
        doubts = Doubts(dealing.account_id, dealing.engine, dealing.discovery)
        if await doubts.strangers(scope, window, answer):
            self._doubt()
        if not await self._fits(window, found):
            return False
        all_stored = await store_list(dealing, scope, window, answer)
        proof = from_list(found, self.trust, at) if all_stored else None
        if proof is not None:
            await dealing.prove(scope, window, proof)
        if found.total is not None:
            self.seen.append((found.total, len(found.clicks) + found.full))
        self._narrow(window, found, proof, all_stored=all_stored)
        return True

    def _narrow(
        self, window: Window, found: Listed, proof: Proof | None, *, all_stored: bool
    ) -> None:
        """Note what a list has left to be learnt of its window."""
        case = self.cases[window]
        if proof is not None and (proof.customs or not case.customs):
            del self.cases[window]
        elif proof is not None:
            self.cases[window] = replace(case, listed=True, links=0)
        else:
            left = max(case.links - len(found.clicks), 0)
            is_provable = case.provable and all_stored
            self.cases[window] = replace(case, listed=True, links=left, provable=is_provable)
        self.listed[window] = found.clicks

    async def _export(self, window: Window) -> bool:
        """Ask by exports for what no list has told, and store it if it adds up; False as above."""
        dealing, scope, case = self.dealing, self.scope, self.cases[window]
        listed = self.listed.get(window, {})
        wanted = Wanted(case.links > 0, self.means.counted, listed.keys())
        try:
            told = await exported(dealing, scope, window, wanted)
        except BitlyError as error:
            await dealing.give_up(scope, EXPORTS, error)
            if isinstance(error, BadRequest | UnexpectedShape | SubjectGone):
                self._doubt()
                await dealing.useless(scope, EXPORTS, str(error))
            self.means = replace(self.means, exports=False)
            return True
        counts = await self._tied(window, told)
        if counts is None:
            await self._not_tied(window, told)
            return True
        self.tied = True
        if not await self._is_believed(window, told, counts, mixable=wanted.links):
            self.means = replace(self.means, exports=False)
            return True
        if not await self._fits(window, self._told(window, {**listed, **counts}, full=False)):
            return False
        await self._take(window, told, counts)
        return True

    async def _is_believed(
        self, window: Window, told: Told, counts: Mapping[str, int], *, mixable: bool
    ) -> bool:
        """Whether each click belongs to the name that it is told of."""
        dealing, scope, listed = self.dealing, self.scope, self.listed.get(window, {})
        asks = self.means.customs and APART not in self.facts
        owners = await activity.owners(dealing.engine, scope.group_id) if asks else {}
        calm = self._is_calm(window)
        hearing = Hearing(dealing, scope, window, told, counts, listed, owners, calm, self.facts)
        if mixable and self.means.counted and hearing.mixed:
            return False
        try:
            why = await hearing.contradiction()
        except BitlyError as error:
            await dealing.give_up(scope, EXPORTS, error)
            return False
        if why:
            self._doubt()
            await dealing.useless(scope, EXPORTS, why)
        return not why

    async def _tied(self, window: Window, told: Told) -> dict[str, int] | None:
        """Return the clicks that add up to the group's; its total is asked again if it may move.

        Clicks are not taken back: what adds up to a later total as well has not moved since.
        """
        listed = sum(self.listed.get(window, {}).values())
        known = self.facts.get(SCANS)
        counts = tied(self.totals[window] - listed, told.clicks, told.scans, known)
        if counts is None and told.whole and not self._is_calm(window):
            self.totals |= await self.dealing.totals(self.scope, [window])
            counts = tied(self.totals[window] - listed, told.clicks, told.scans, known)
        return counts if told.whole else None

    async def _take(self, window: Window, told: Told, counts: Mapping[str, int]) -> None:
        """Store what an export says, and that this was all."""
        at = self.dealing.now()
        new = self.trust.customs is None  # then each back-half has to be seen, the idle ones too
        taken = {told.ids[name]: clicks for name, clicks in counts.items() if clicks or new}
        await self.dealing.put_clicks(window, taken)
        clicked = sum(map(bool, counts.values())) + len(self.listed.get(window, ()))
        self.seen.insert(0, (self.totals[window], clicked))  # before what its list let one guess
        proof = from_export(self.totals[window], self.trust, at)
        await self.dealing.prove(self.scope, window, proof)
        if self.means.counted or not self.means.customs:
            del self.cases[window]
        else:
            self.cases[window] = replace(self.cases[window], listed=True, links=0, provable=False)

    async def _not_tied(self, window: Window, told: Told) -> None:
        """Leave a window to series; and do not go on with exports that never add up."""
        self.cases[window] = replace(self.cases[window], provable=False)
        may_learn = self.trust.customs is None and self.means.customs
        is_telling = self._is_calm(window) or not told.whole
        if self.tied or may_learn or not is_telling or self.dealing.interrupted.is_set():
            return
        self._doubt()
        self.means = replace(self.means, exports=False)
        listed = sum(self.listed.get(window, {}).values())
        why = (
            f"{window}: {listed + sum(told.clicks.values())} clicks with {sum(told.scans.values())}"
            f" scans, the group has {self.totals[window]}"
        )
        await self.dealing.useless(
            self.scope, EXPORTS, why if told.whole else f"{window}: not all of it is told"
        )
