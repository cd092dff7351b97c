"""How far back each group of an account can be asked: looked up, learnt, remembered in the store.

What is decided is in history.py. Two facts are kept for each group: what was seen of its edge under
a plan, and the edge that follows, for whoever has neither settings nor plan at hand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.windows import Window
from harvester.harvest.history import (
    SHORTEST,
    Edge,
    Sight,
    Source,
    Told,
    edge_of,
    learnt,
    published_days,
)
from harvester.harvest.plan import Scope
from harvester.store import history as store
from harvester.store import proofs
from harvester.store.profiles import Fact, profile, save

EDGE: Final = "history_days"
SIGHT: Final = "history_seen"
NONE: Final = "none"


async def settle_edges(
    engine: AsyncEngine,
    account_id: int,
    groups: Mapping[str, int],
    now: datetime,
    *,
    set_days: int | None = None,
) -> None:
    """Work out the edge of each group (guid -> key) by what is set, seen or published, and keep it.

    `set_days` is a person's word, 0 for "unlimited". Where an edge has moved back, what lay beyond
    it is wanted again.
    """
    facts = await profile(engine, account_id)
    for guid, group_id in groups.items():
        tier = await store.tier(engine, group_id)
        sight = _sight(facts.get(_sight_name(guid, tier)))
        edge = edge_of(sight, published_days(tier), now, set_days=set_days)
        await _keep(engine, account_id, (guid, group_id), edge, now, set_days=set_days)


async def saw(engine: AsyncEngine, account_id: int, group: tuple[str, int], sight: Sight) -> None:
    """Keep what was seen of the edge of a group (guid, key), and move it unless a person set it."""
    guid, group_id = group
    tier = await store.tier(engine, group_id)
    await save(engine, account_id, {_sight_name(guid, tier): _seen_fact(sight)})
    fact = (await profile(engine, account_id)).get(_edge_name(guid))
    if fact is None or fact.source != Source.SET:
        found = edge_of(sight, published_days(tier), sight.at)
        await _keep(engine, account_id, group, found, sight.at)


async def edge(engine: AsyncEngine, account_id: int, guid: str, now: datetime) -> date | None:
    """Return the first day that Bitly still shows of a group; None if no edge is known."""
    found = _edge((await profile(engine, account_id)).get(_edge_name(guid)))
    return found.first(now) if found else None


@dataclass(frozen=True, slots=True)
class Reach:
    """How far back the groups of one account can be asked."""

    account_id: int
    engine: AsyncEngine

    async def wanted(self, scope: Scope, now: datetime) -> Scope:
        """Return the scope without what surely lies beyond the edge."""
        found = await self._known(scope)
        return scope if found is None or not found.sure else clipped(scope, found.first(now))

    async def clipped(self, scope: Scope, now: datetime) -> Scope:
        """Return the scope without what lies beyond the edge, be it a guess."""
        fact = (await profile(self.engine, self.account_id)).get(_edge_name(scope.guid))
        found = _edge(fact)
        goal = replace(scope.goal, shown_since=fact.seen_at if fact else None)
        scope = replace(scope, goal=goal)
        return clipped(scope, found.first(now)) if found else scope

    async def untested(self, scope: Scope) -> bool:
        """Whether it is not sure how far back the group can be asked."""
        fact = (await profile(self.engine, self.account_id)).get(_edge_name(scope.guid))
        found = _edge(fact)
        return (fact is None or fact.source != Source.SET) and (found is None or not found.sure)

    async def learn(
        self, scope: Scope, windows: Sequence[Window], clicks: Mapping[Window, int], at: datetime
    ) -> None:
        """Learn from a group's totals of adjacent windows how far back Bitly shows it.

        `clicks` lacks the windows that the answer's `units` left out.
        """
        facts = await profile(self.engine, self.account_id)
        if (fact := facts.get(_edge_name(scope.guid))) and fact.source == Source.SET:
            return
        tier = await store.tier(self.engine, scope.group_id)
        sight = _sight(facts.get(_sight_name(scope.guid, tier)))
        told = Told(at, windows, clicks, await self._clicked(scope, clicks, at))
        new = learnt(told, _edge(fact), sight)
        if new is None:
            return
        await saw(self.engine, self.account_id, (scope.guid, scope.group_id), new)

    async def _known(self, scope: Scope) -> Edge | None:
        return _edge((await profile(self.engine, self.account_id)).get(_edge_name(scope.guid)))

    async def _clicked(
        self, scope: Scope, clicks: Mapping[Window, int], at: datetime
    ) -> set[Window]:
        """Return the old windows that are told to be empty, but are stored with clicks."""
        empty = [w for w, count in clicks.items() if not count and w.end + SHORTEST <= at]
        if not empty:
            return set()
        tallies = await proofs.tallies(self.engine, scope.group_id, empty)
        return {window for window, tally in tallies.items() if tally.links + tally.customs}


def clipped(scope: Scope, first: date) -> Scope:
    """Return the scope without the windows before `first`, which is its edge from then on."""
    windows = tuple(window for window in scope.goal.windows if window.day >= first)
    return replace(scope, goal=replace(scope.goal, windows=windows, edge=first))


async def _keep(
    engine: AsyncEngine,
    account_id: int,
    group: tuple[str, int],
    found: Edge | None,
    at: datetime,
    *,
    set_days: int | None = None,
) -> None:
    """Store a group's edge; its fact's instant is when the edge moved back last."""
    guid, group_id = group
    before = (await profile(engine, account_id)).get(_edge_name(guid))
    was = _edge(before)
    moved = before is None or (was is not None and (found is None or found.days > was.days))
    source = found.source if found else Source.SET if set_days == 0 else Source.SEEN
    value = f"{found.days}{'' if found.sure else '+'}" if found else NONE
    since = at if before is None or moved else before.seen_at
    fact = Fact(value, source, _line(found), since)
    if fact == before:
        return
    await save(engine, account_id, {_edge_name(guid): fact})
    if moved:
        await store.reopen(engine, group_id, found.first(at) if found else None)


def _line(found: Edge | None) -> str:
    if found is None:
        return "no end of the history is known"
    how = {
        Source.SET: "as history_days says",
        Source.SEEN: "as Bitly's answers showed",
        Source.TIER: "as is published of the plan",
    }
    return f"{found.days} days, {how[found.source]}"


def _edge_name(guid: str) -> str:
    return f"{EDGE} {guid}"


def _sight_name(guid: str, tier: str) -> str:
    """Name what was seen under a plan: it says nothing of another one."""
    return f"{SIGHT} {guid} {tier}".rstrip()


def _edge(fact: Fact | None) -> Edge | None:
    if fact is None or fact.value == NONE:
        return None
    return Edge(int(fact.value.rstrip("+")), Source(fact.source), sure=not fact.value.endswith("+"))


def _sight(fact: Fact | None) -> Sight | None:
    if fact is None:
        return None
    return Sight(int(fact.value.rstrip("+")), fact.value.endswith("+"), fact.seen_at)


def _seen_fact(sight: Sight) -> Fact:
    value = f"{sight.days}{'+' if sight.more else ''}"
    detail = "so much was shown, and maybe more" if sight.more else "the answers were cut there"
    return Fact(value, Source.SEEN, detail, sight.at)
