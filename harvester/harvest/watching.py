"""Watched links: those that a person named, in none of the account's groups.

No total or list of Bitly's speaks of them, so there is nothing to survey and nothing to prove: each
is asked for its own clicks, and for the rest where it has any. They are a scope of their own, with
windows and coverage like any group's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import FacetRefused, Forbidden, SubjectGone
from harvester.bitly.models import Bitlink, bitlink, shaped
from harvester.bitly.shapes import ExpandedBitlink
from harvester.bitly.wire import expand_request, resource_request
from harvester.domain.rosters import BitlinkDetails
from harvester.harvest.plan import Scope
from harvester.store import watched
from harvester.store.listings import close_roster, roster
from harvester.store.rosters import save_bitlinks

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Watching:
    """Brings what is told of an account's watched links into the store."""

    account: str
    account_id: int
    named: Sequence[str]
    client: BitlyClient
    engine: AsyncEngine

    async def links(self) -> list[str]:
        """Return the links that are watched: by settings or by import, and in no group."""
        stored = await watched.watched_links(self.engine, self.account)
        names = list(dict.fromkeys((*self.named, *stored)))
        others = await watched.elsewhere(self.engine, self.account_id, names)
        return [name for name in names if name not in others]

    async def wanted(self) -> bool:
        """Whether any is watched, or was until now."""
        group_id = await watched.home_key(self.engine, self.account_id)
        kept = group_id is not None and await watched.at_home(self.engine, group_id)
        return bool(kept or await self.links())

    async def bring(self, scope: Scope, now: datetime, every: timedelta | None) -> None:
        """Ask for what is not known of the links, or for all once in a while (`every`; None: now).

        Those that are not watched any more are let go. Raises BitlyError.
        """
        names, kept = await self.links(), await watched.at_home(self.engine, scope.group_id)
        listed = (await roster(self.engine, scope.group_id)).listed_at
        due = every is None or listed is None or now >= listed + every
        asked = names if due else [name for name in names if name not in kept]
        for start in range(0, len(asked), _PAGE):
            page = [await self._details(name) for name in asked[start : start + _PAGE]]
            await save_bitlinks(self.engine, self.account_id, scope.group_id, page, now)
        await watched.let_go(self.engine, scope.group_id, kept - set(names), now)
        if due:
            await close_roster(self.engine, scope.group_id, now)

    async def _details(self, name: str) -> BitlinkDetails:
        """Return what Bitly tells of a link: all if it may, where it leads if not, or its name.

        It keeps the name it was asked by: clicks of a back-half are counted apart.
        """
        try:
            request = resource_request("/bitlinks/{bitlink}", name, {})
            found = await self.client.answer(request, lambda body: shaped(body, Bitlink))
            return replace(bitlink(found), id=name, custom_ids=())
        except (Forbidden, SubjectGone, FacetRefused):
            return BitlinkDetails(name, f"https://{name}", await self._leads_to(name))

    async def _leads_to(self, name: str) -> str:
        try:
            request = expand_request(name)
            found = await self.client.answer(request, lambda body: shaped(body, ExpandedBitlink))
        except (Forbidden, SubjectGone, FacetRefused):
            return ""
        return found.long_url
