"""Lists the rosters of one account into the store: campaigns, channels, QR codes, tags, ...

One way for all of them (bitly/rosters.py says how each is asked for): what is due is read page by
page, what differs from before is kept as a change, what is refused is remembered.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly import rosters
from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import AccountStopped, BitlyError, Forbidden
from harvester.bitly.rosters import ROSTERS, Roster, Whose, roster_pages
from harvester.clock import Clock
from harvester.domain.events import Asked, Notify, Problem, StageStarted
from harvester.domain.facets import kind_of
from harvester.domain.snapshots import Reason
from harvester.domain.subjects import Kind
from harvester.harvest.job import Job
from harvester.harvest.plan import Scope
from harvester.harvest.prelude import check_token
from harvester.harvest.reasons import reason_of
from harvester.harvest.renewal import REFUSED_FOR, Due, due
from harvester.harvest.subjects import rosters_of
from harvester.store import roster_state
from harvester.store.entities import Measured, Place, close_listing, save_entities
from harvester.store.roster_state import Listed, save_listed

MEASURED: Final[Mapping[str, Kind]] = MappingProxyType({"qr_codes": Kind.QR_CODE})
"""The rosters whose entities have metrics, and the kind of subject that each is."""

_FOR_GOOD: Final = {Reason.NOT_IN_PLAN, Reason.FORBIDDEN, Reason.GONE, Reason.REJECTED}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A roster of one scope that is due."""

    roster: Roster
    whose: Whose
    due: Due
    known: Listed

    @property
    def scope(self) -> str:
        """What the roster is of: a guid, or nothing for the account."""
        return self.whose.get(self.roster.of, "")

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from others: roster and scope."""
        return self.roster.name, self.scope

    @property
    def pages(self) -> int:
        """How many requests it takes, going by the last time."""
        return 1 if self.due.since else self.known.pages


@dataclass(frozen=True, slots=True)
class RosterListing:
    """Lists what is due of the job's rosters; `failed` says why some could not be, for now."""

    job: Job
    account_id: int
    client: BitlyClient
    engine: AsyncEngine
    clock: Clock
    notify: Notify
    stop: asyncio.Event
    failed: list[str] = field(default_factory=list)

    async def list_due(self, scopes: Sequence[Scope]) -> None:
        """List what is due, of the groups of `scopes` and of the account.

        At most half of what may be sent today is spent on it: what is left is due tomorrow. Raises
        AccountStopped if the token or the month's quota is at its end.
        """
        keys = {scope.guid: scope.group_id for scope in scopes}
        left, before = self.client.limiter.purse.left_today(), self.client.sent.total()
        tried: set[tuple[str, str]] = set()
        while due := [each for each in await self.wanted(scopes) if each.key not in tried]:
            self.notify(StageStarted(self.job.account, "rosters", sum(each.pages for each in due)))
            for wanted in due:
                spent = self.client.sent.total() - before
                if self.stop.is_set() or (left is not None and spent >= left // 2):
                    return
                tried.add(wanted.key)
                await self._list(wanted, keys)

    async def requests(self, scopes: Sequence[Scope]) -> Counter[str]:
        """Return how many requests of each endpoint what is due now takes, going by what is known.

        What a first listing will tell of, such as the channels of campaigns, comes on top.
        """
        counts = Counter[str]()
        for wanted in await self.wanted(scopes):
            counts[wanted.roster.endpoint] += wanted.pages
        return counts

    async def wanted(self, scopes: Sequence[Scope]) -> list[Wanted]:
        """Return what is due, as far as is known: some rosters tell whose others there are."""
        found: list[Wanted] = []
        named = rosters_of(self.job.rosters, self.job.facets)
        if not named:
            return found
        known = await roster_state.listed(self.engine, self.account_id)
        plan = await roster_state.plan_of(self.engine, self.account_id)
        groups = [scope.guid for scope in scopes if not scope.watched]
        for roster in (ROSTERS[name] for name in ROSTERS if name in named):
            for whose in await self._whose(roster, groups):
                state = known.get((roster.name, whose.get(roster.of, "")), Listed())
                if when := self._due(roster, state, plan):
                    found.append(Wanted(roster, whose, when, replace(state, plan=plan)))
        return found

    def _due(self, roster: Roster, state: Listed, plan: str) -> Due | None:
        if self.job.refresh and not roster.lasting:
            return Due()
        return due(
            state,
            self.clock.now(),
            self.job.refresh_every,
            plan=plan,
            dated=roster.dated and self._measured(roster),
            lasting=roster.lasting,
        )

    def _measured(self, roster: Roster) -> bool:
        """Whether metrics of a roster's entities are asked for: then new ones are of interest."""
        return any(MEASURED.get(roster.name) is kind_of(facet) for facet in self.job.facets)

    async def _whose(self, roster: Roster, groups: Sequence[str]) -> list[Whose]:
        """Return whose `roster` there is to list."""
        if roster.of == rosters.ORGANIZATION:
            guids = await roster_state.organization_guids(self.engine, self.account_id)
            return [{roster.of: guid} for guid in guids]
        if roster.of == rosters.APP:
            ids = await roster_state.client_ids(self.engine, self.account_id)
            return [{roster.of: client_id} for client_id in ids]
        if roster.of == rosters.CAMPAIGN:
            return [{roster.of: guid} for _, guid in await self._entities("campaigns")]
        if roster.of == rosters.CHANNEL:
            channels = (await self._entities("channels")).items()
            homes = {guid: json.loads(told).get("group_guid") for (_, guid), told in channels}
            return [{roster.of: guid, rosters.GROUP: home} for guid, home in homes.items() if home]
        if roster.of == rosters.GROUP:
            of_groups: list[Whose] = [{roster.of: guid} for guid in groups]
            return await self._with_features(of_groups) if "name" in roster.arguments else of_groups
        return [{}]

    async def _with_features(self, groups: Sequence[Whose]) -> list[Whose]:
        """Add what `historical_usage` asks for: the features of each group, over a year."""
        known = await self._entities("feature_usage")
        today = self.clock.now().date()
        dates = {
            "start_date": today.replace(year=today.year - 1, day=1).isoformat(),
            "end_date": today.isoformat(),
        }
        found: list[Whose] = []
        for whose in groups:
            names = [guid for scope, guid in known if scope == whose[rosters.GROUP]]
            if names:
                found.append({**whose, **dates, "name": ",".join(names)})
        return found

    async def _entities(self, roster: str) -> Mapping[tuple[str, str], str]:
        return await roster_state.entity_details(self.engine, self.account_id, roster)

    async def _list(self, wanted: Wanted, keys: Mapping[str, int]) -> None:
        place = Place(self.account_id, wanted.roster.name, wanted.scope)
        try:
            listed = await self._pages(wanted, place, keys)
        except AccountStopped:
            raise
        except BitlyError as error:
            self.notify(Asked(self.job.account, wanted.roster.name, ok=False))
            await save_listed(self.engine, place, self._failed(wanted, error))
            if isinstance(error, Forbidden):
                await check_token(self.client, self.job.account)
        else:
            self.notify(Asked(self.job.account, wanted.roster.name, ok=True))
            if listed:
                await save_listed(self.engine, place, listed)

    async def _pages(self, wanted: Wanted, place: Place, keys: Mapping[str, int]) -> Listed | None:
        """Read the pages of a roster into the store; None if told to stop before the end."""
        began, pages = self.clock.now().replace(microsecond=0), 0
        roster, since = wanted.roster, wanted.due.since
        measured = None
        if roster.name in MEASURED:
            measured = Measured(MEASURED[roster.name], keys[wanted.scope])
        async for page in roster_pages(self.client, roster, wanted.whose, since):
            await save_entities(self.engine, place, page, began, measured)
            pages += 1
            if self.stop.is_set():
                return None
        if since:
            return replace(wanted.known, headed_at=began, reason=None, detail="", retry_at=None)
        if roster.whole:
            await close_listing(self.engine, place, began)
        return Listed(listed_at=began, pages=pages)

    def _failed(self, wanted: Wanted, error: BitlyError) -> Listed:
        """Return what is to be remembered of a roster that could not be listed, and tell of it."""
        reason, now = reason_of(error), self.clock.now()
        retry_at = now + REFUSED_FOR if reason in _FOR_GOOD else None
        of = f" of {wanted.scope}" if wanted.scope else ""
        message = f"{wanted.roster.name}{of} could not be listed: {error}"
        if wanted.known.reason is not reason:
            self.notify(Problem(self.job.account, reason, message))
        if retry_at is None:
            self.failed.append(message)
        return replace(wanted.known, reason=reason, detail=_line(error), retry_at=retry_at)


def _line(error: BitlyError) -> str:
    return str(error)[:200]
