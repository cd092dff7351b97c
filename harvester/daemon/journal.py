"""Notes in the database what the daemon does, for whoever looks from outside."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.clock import Clock
from harvester.domain.events import (
    AccountStarted,
    Asked,
    Discovered,
    Event,
    Notify,
    StageStarted,
    TickEnded,
    TickPlanned,
    TickStarted,
    Waiting,
)
from harvester.store.errors import StoreError
from harvester.store.live import Activity, save_activities

EVERY: Final = timedelta(seconds=2)
ALIVE: Final = timedelta(seconds=10)  # what runs is noted at least so often


@dataclass(slots=True)
class Journal:
    """What each account does, as events tell; `due` are those to be noted."""

    clock: Clock
    _each: dict[str, Activity] = field(default_factory=dict)
    _changed: set[str] = field(default_factory=set)

    def notify(self, event: Event) -> None:  # noqa: C901 - one case for each event
        """Take in `event`."""
        match event:
            case TickPlanned(account, at, why):
                self._set(account, stage="", note=why, next_at=at)
            case TickStarted(account) | AccountStarted(account):
                self._begin(account, "asking who this is", None)
            case Discovered(account, _, bitlinks, done=False):
                self._set(account, stage="listing bitlinks", note=f"{bitlinks:,} so far")
            case Discovered(account, done=True):
                self._begin(account, "looking where clicks are", None)
            case StageStarted(account, stage, requests):
                self._begin(account, stage, requests)
            case Asked(account):
                self._set(account, done=self._of(account).done + 1, note="")
            case Waiting(account, endpoint, seconds, why):
                self._set(account, note=f"{endpoint} waits {seconds:.0f} s: {why}")
            case TickEnded(account):
                self._begin(account, "", None)
                self._set(account, outcome=event.outcome, detail=event.detail)
            case _:
                pass

    def due(self) -> list[Activity]:
        """Return what has changed since the last call, and what runs and was not noted lately."""
        now = self.clock.now()
        for account, each in self._each.items():
            stale = each.stage and now - each.updated_at >= ALIVE
            if account in self._changed or stale:
                self._each[account] = replace(each, updated_at=now)
                self._changed.add(account)
        found = [self._each[account] for account in sorted(self._changed)]
        self._changed.clear()
        return found

    def _begin(self, account: str, stage: str, total: int | None) -> None:
        now = self.clock.now()
        self._set(account, stage=stage, done=0, total=total, note="", since=now, next_at=None)

    def _of(self, account: str) -> Activity:
        now: datetime = self.clock.now()
        return self._each.get(account) or Activity(account, "", 0, None, "", now, now, None)

    def _set(self, account: str, **news: Any) -> None:
        self._each[account] = replace(self._of(account), **news)
        self._changed.add(account)


@asynccontextmanager
async def journalled(engine: AsyncEngine, clock: Clock) -> AsyncIterator[Notify]:
    """Yield a sink; what it hears is in the database two seconds later, until the block ends."""
    journal = Journal(clock)

    async def keep() -> None:
        with suppress(StoreError):  # the next time
            await save_activities(engine, journal.due())

    async def go_on() -> NoReturn:
        while True:
            await clock.sleep(EVERY)
            await keep()

    keeping = asyncio.create_task(go_on(), name="journal")
    try:
        yield journal.notify
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await keep()
