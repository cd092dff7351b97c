"""What one account's survey works with, and what is remembered of how its groups answer."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import AccountStopped, BitlyError, FacetRefused, Forbidden
from harvester.clock import Clock
from harvester.domain.events import Notify, Problem
from harvester.domain.facets import SERIES_OF
from harvester.domain.proofs import Proof
from harvester.domain.snapshots import Reading, Reason, Snapshot
from harvester.domain.subjects import Kind, Subject
from harvester.domain.windows import Window
from harvester.harvest.discover import Discovery
from harvester.harvest.notes import Notes
from harvester.harvest.plan import SERIES, Scope
from harvester.harvest.prelude import check_token
from harvester.harvest.proofs import Trust
from harvester.harvest.trust import believed, tried_again_at
from harvester.store import proofs as store
from harvester.store.gates import TOTALS, refusals
from harvester.store.targets import target_of
from harvester.store.writer import Writer

# What was answered and is of no use is asked for again after so long.
USELESS_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Totals:
    """A group's clicks by window, as they were `at` an instant."""

    at: datetime
    clicks: Mapping[Window, int]


@dataclass(frozen=True, slots=True)
class Dealing:
    """One account: whom to ask, where to keep it, when to stop."""

    account: str
    account_id: int
    client: BitlyClient
    engine: AsyncEngine
    writer: Writer
    notes: Notes
    clock: Clock
    notify: Notify
    interrupted: asyncio.Event
    discovery: Discovery

    def now(self) -> datetime:
        """Return the instant, as the store keeps it."""
        return self.clock.now().replace(microsecond=0)

    async def trust(self, scope: Scope) -> Trust:
        """Return how far a group's answers were seen to fit each other."""
        stored = await store.trust(self.engine, scope.group_id)
        return Trust(believed(stored, self.clock.now()), stored.customs)

    async def is_refused(self, scope: Scope, what: str) -> bool:
        """Whether `what` is not to be had for a group at present."""
        refused = await refusals(self.engine, scope.group_id)
        return what in refused and refused[what] > self.clock.now()

    async def totals(self, scope: Scope, windows: Sequence[Window]) -> dict[Window, int]:
        """Ask for a group's clicks in adjacent windows; empty if they are not to be had."""
        try:
            answer = await self.client.group_clicks(scope.guid, windows)
        except BitlyError as error:
            await self.give_up(scope, TOTALS, error)
            return {}
        return {reading.window: reading.total for reading in answer.readings}

    async def put_clicks(self, window: Window, clicks: Mapping[int, int]) -> None:
        """Store clicks by the store's key of a link."""
        now = self.now()
        await self.writer.put(
            [Snapshot(key, SERIES, Reading(window, each), now) for key, each in clicks.items()]
        )

    async def put_totals(self, scope: Scope, totals: Totals) -> None:
        """Store a group's clicks as facts of its own."""
        subject = Subject(Kind.GROUP, scope.guid)
        key = await target_of(self.engine, self.account_id, subject)
        if key is not None:
            facet = SERIES_OF[Kind.GROUP]
            await self.writer.put(
                [
                    Snapshot(key, facet, Reading(window, clicks), totals.at)
                    for window, clicks in totals.clicks.items()
                ]
            )

    async def prove(self, scope: Scope, window: Window, proof: Proof) -> None:
        """Store a proof, its counts first: else it would say "none" of links that have some."""
        await self.writer.flush()
        await store.save_proofs(self.engine, scope.group_id, {window: proof})

    async def give_up(self, scope: Scope, what: str, error: BitlyError) -> None:
        """Go on without `what`: each link will be asked. Raises what ends the account."""
        if isinstance(error, AccountStopped):
            raise error
        if isinstance(error, Forbidden):
            await check_token(self.client, self.account)
        if isinstance(error, FacetRefused | Forbidden):
            by_plan = isinstance(error, FacetRefused)
            reason = Reason.NOT_IN_PLAN if by_plan else Reason.FORBIDDEN
            await self.notes.refused(scope.guid, what, reason, str(error)[:200])

    async def useless(self, scope: Scope, what: str, why: str) -> None:
        """Go on without `what` for a week, and say why: its answers are of no use."""
        await self.notes.refused(
            scope.guid, what, Reason.UNREADABLE, why[:200], lasting=USELESS_FOR
        )
        message = f"group {scope.guid}: {what} are of no use and not asked for a week: {why}"
        self.notify(Problem(self.account, Reason.UNREADABLE, message))

    async def distrust(self, scope: Scope, why: str) -> None:
        """Ask a group link by link for some time, whatever was proved of it before."""
        old, now = await store.trust(self.engine, scope.group_id), self.now()
        count = old.contradictions + 1
        found = replace(old, totals=False, contradictions=count, detail=why, last_at=now)
        await store.save_trust(self.engine, scope.group_id, found, now)
        await store.drop_proofs(self.engine, scope.group_id, scope.goal.windows)
        until = tried_again_at(found) or now
        message = f"group {scope.guid} is asked link by link until {until:%Y-%m-%d}: {why}"
        self.notify(Problem(self.account, Reason.UNREADABLE, message))
