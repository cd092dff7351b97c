"""A daemon without a database and an API: what its ticks come to is said by the test."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from harvester.daemon.database import Database
from harvester.daemon.errands import Paces
from harvester.daemon.member import Member, Members
from harvester.daemon.schedule import Rhythm
from harvester.daemon.service import Service
from harvester.daemon.ticking import Around
from harvester.daemon.waiting import any_of
from harvester.domain.errors import ConfigError
from harvester.domain.events import AccountStarted, Event, Notify
from harvester.harvest.summary import Counts, Outcome, Quota, Summary
from harvester.store.errors import StoreError
from harvester.store.ticks import Ticks
from tests.fakes import Timeline

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

Came = Outcome | Exception | Summary


def summary(outcome: Outcome, requests: int = 5, left: int | None = None) -> Summary:
    """What a run came to, at a price."""
    quota = None if left is None else Quota(1000, 1000 - left, left)
    return Summary("shop", outcome, "", NOON, NOON, None, None, Counts(requests=requests), quota)


@dataclass
class Scene:
    """A daemon on a timeline. `comes` says what a tick comes to, by account; complete by default.

    A tick `lasts`, unless it is told to stop; `runs` are (account, begun at, first day).
    """

    clock: Timeline = field(default_factory=lambda: Timeline(NOON))
    comes: dict[str, Callable[[], Came]] = field(default_factory=dict)
    lasts: timedelta = timedelta()
    events: list[Event] = field(default_factory=list)
    runs: list[tuple[str, datetime, date | None]] = field(default_factory=list)
    memory: dict[str, Ticks] = field(default_factory=dict)
    broken: StoreError | None = None
    members: tuple[Member, ...] | ConfigError = ()
    renewed: bool = False
    reload: asyncio.Event = field(default_factory=asyncio.Event)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    def member(self, name: str, every: timedelta = 6 * HOUR, **options: Any) -> Member:
        """An account; `settings` stand for its token and all else."""

        async def work(first: date | None, stop: asyncio.Event, notify: Notify) -> Summary:
            self.runs.append((name, self.clock.now(), first))
            if self.broken:
                raise self.broken
            notify(AccountStarted(name))
            await any_of(self.clock.sleep(self.lasts), stop.wait())
            came = Outcome.INTERRUPTED if stop.is_set() else self.comes.get(name, done)()
            if isinstance(came, Exception):
                raise came
            return summary(came) if isinstance(came, Outcome) else came

        options = {"at_start": True, "settings": "as before", **options}
        paces = Paces(3 * DAY, DAY, 7 * DAY)
        return Member(
            name, Rhythm(every), paces, work=work, renewed=lambda: self.renewed, **options
        )

    def load(self) -> Members:
        if isinstance(self.members, ConfigError):
            raise self.members
        return Members(self.members)

    async def recall(self, name: str) -> Ticks | None:
        if self.broken:
            raise self.broken
        return self.memory.get(name)

    async def keep(self, state: Ticks) -> None:
        if self.broken:
            raise self.broken
        self.memory[state.account] = state

    @asynccontextmanager
    async def daemon(self, *members: Member) -> AsyncIterator["Scene"]:
        """Run the daemon, and stop it in the end."""
        around = Around(
            clock=self.clock,
            dice=Random(1),
            notify=self.events.append,
            database=Database(self.clock, self.events.append),
            recall=self.recall,
            keep=self.keep,
            reload=self.reload,
        )
        self.members = members
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(Service(self.load, around).run(self.load(), self.stop))
            await self.clock.settled()
            yield self
            self.stop.set()
        self.stop.clear()

    async def reloads(self, *members: Member) -> None:
        """Send what SIGHUP sends, with these accounts in the settings."""
        self.members = members
        self.reload.set()
        await self.clock.settled()

    def began(self, name: str = "shop") -> list[timedelta]:
        """When runs of an account began, after noon."""
        return [at - NOON for account, at, _ in self.runs if account == name]

    def told(self, kind: type[Event]) -> list[Any]:
        """The events of a kind."""
        return [event for event in self.events if isinstance(event, kind)]


def done() -> Came:
    return Outcome.COMPLETE
