"""Doubts: whether a group's links are still those that are known, as far as a sorted list shows.

Between two full listings links leave and come back unseen. What the group's most clicked links are
tells of those with clicks, and only they matter to what totals and lists prove.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.groups import SortedList
from harvester.domain.windows import Window
from harvester.harvest.discover import Discovery
from harvester.harvest.plan import Scope
from harvester.store.listings import at_home, clicks_of, clicks_of_group


@dataclass(frozen=True, slots=True)
class Doubts:
    """Holds sorted lists against the links of one account as they are known."""

    account_id: int
    engine: AsyncEngine
    discovery: Discovery

    async def strangers(self, scope: Scope, window: Window, answer: SortedList) -> set[str]:
        """Return the links of a list that are not known to be in the group, with these clicks.

        Not those made since its links were listed: of them nothing is claimed.
        """
        clicked = {name for name, clicks in answer.clicks.items() if clicks}
        away = clicked - await at_home(self.engine, scope.group_id, clicked)
        began = self.discovery.listing.began.get(scope.guid)
        new = {each.id for each in answer.links if began and (each.created_at or began) > began}
        stored = await clicks_of(self.engine, self.account_id, away - new, [window])
        return {name for name in away - new if stored.get(name) != answer.clicks[name]}

    async def same(self, scope: Scope, windows: Sequence[Window], answer: SortedList) -> bool:
        """Whether a list over all of `windows` is what the clicks stored of them make it."""
        said = {name: clicks for name, clicks in answer.clicks.items() if clicks}
        known = await clicks_of_group(self.engine, scope.group_id, windows)
        least = min(said.values(), default=0) if answer.full else 0
        if any(clicks > least for name, clicks in known.items() if name not in said):
            return False
        other = {name for name, clicks in said.items() if known.get(name) != clicks}
        if other & known.keys():
            return False
        stored = await clicks_of(self.engine, self.account_id, other, windows)
        return all(stored.get(name) == said[name] for name in other)
