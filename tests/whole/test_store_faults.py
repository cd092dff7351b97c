"""The database fails in the middle of a run: what it took stays, the next run ends with the truth.

Locked, full, its connections cut, its server crashed: each in both engines, as far as it has that.
"""

import asyncio
import os
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
from sqlalchemy import NullPool, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from harvester.domain.events import Asked, Event
from harvester.harvest.plan import Strategy
from harvester.harvest.summary import Outcome
from harvester.sandbox.server import running
from harvester.sandbox.world import World
from harvester.store import sqlite
from harvester.store.engine import opened, resolved_url
from harvester.store.errors import StoreBusy, StoreError, StoreUnavailable
from harvester.store.sqlite import SqliteEngine
from tests.postgres import started
from tests.whole.running import (
    NOON,
    TODAY,
    Harvester,
    StillClock,
    assert_conserved,
    assert_equals_truth,
)

DAYS = 4
MID_RUN = 60  # answers after which the database fails

on_postgresql = pytest.mark.parametrize(
    "template", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)

Fault = Callable[[], Coroutine[None, None, None]]


class Place:
    """A world, its sandbox's harvester, and another way into the database."""

    def __init__(self, harvester: Harvester, other: AsyncEngine) -> None:
        self.harvester, self.other = harvester, other
        self.clock = harvester.clock
        self._faults: set[asyncio.Task[None]] = set()

    async def run(self) -> Outcome:
        return (await self.harvester.run(f"{DAYS}d")).outcome

    async def run_into(self, fault: Fault, after: int = MID_RUN) -> None:
        """Run, and let the fault happen once so many answers have come."""
        answers = 0

        def watch(news: Event) -> None:
            nonlocal answers
            answers += isinstance(news, Asked)
            if answers == after and not self._faults:
                self._faults.add(asyncio.create_task(fault()))

        self.harvester.watch = watch
        try:
            await self.run()
        finally:
            self.harvester.watch = None
            await asyncio.gather(*self._faults)
            assert self._faults, "the fault never happened"
            self._faults.clear()

    async def heals(self) -> None:
        """Hold what there is against the truth, then run again: all is there."""
        engine, world = self.harvester.engine, self.harvester.sandbox.world
        await assert_conserved(engine, world, DAYS)
        assert isinstance(self.clock, StillClock)
        self.clock.at += timedelta(minutes=5)
        assert await self.run() is Outcome.COMPLETE
        await assert_equals_truth(engine, world, DAYS)


@asynccontextmanager
async def placed(url: str) -> AsyncIterator[Place]:
    """Yield a harvester on the database at `url`."""
    world = World(41, today=TODAY, links=24, days=DAYS + 2)
    clock = StillClock(NOON)
    other = create_async_engine(resolved_url(url), poolclass=NullPool)
    async with opened(url) as engine, running(world, clock=clock) as sandbox:
        yield Place(Harvester(sandbox, engine, clock, {"strategy": Strategy.EXHAUSTIVE}), other)
    await other.dispose()


@pytest.fixture
async def place(database_url: str) -> AsyncIterator[Place]:
    async with placed(database_url) as found:
        yield found


def is_sqlite(place: Place) -> bool:
    return place.other.dialect.name == "sqlite"


async def lock(place: Place, seconds: float) -> None:
    """Hold what every write needs."""
    async with place.other.connect() as connection:
        if is_sqlite(place):
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            await connection.execute(text("LOCK TABLE snapshots IN EXCLUSIVE MODE"))
        await asyncio.sleep(seconds)  # noqa: TID251 - others wait for a lock in real time
        await connection.rollback()


async def test_a_lock_of_others_is_waited_for(place: Place) -> None:
    await place.run_into(lambda: lock(place, 0.5))
    await place.heals()


async def test_a_lock_that_stays_ends_the_run_and_nothing_is_lost(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_PATIENCE", 0.02)
    async with placed(database_url) as place:
        if not is_sqlite(place):
            async with place.other.begin() as connection:
                name = place.other.url.database
                await connection.exec_driver_sql(f"ALTER DATABASE {name} SET lock_timeout = 20")
            await place.harvester.engine.dispose()
        with pytest.raises(StoreBusy):
            await place.run_into(lambda: lock(place, 8))
        await place.heals()


async def test_a_full_disk_ends_the_run_and_nothing_is_lost(place: Place) -> None:
    engine = place.harvester.engine
    if isinstance(engine, SqliteEngine):

        def limited(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute("PRAGMA max_page_count = 1")

        async def fill() -> None:
            event.listen(engine.writer.engine, "connect", limited)
            engine.writer.engine.dispose()

        async def clear() -> None:
            event.remove(engine.writer.engine, "connect", limited)
            engine.writer.engine.dispose()

    else:

        async def fill() -> None:
            async with place.other.begin() as connection:
                await connection.exec_driver_sql(
                    "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
                    " $$ BEGIN RAISE 'could not extend file' USING ERRCODE = '53100'; END $$"
                )
                await connection.exec_driver_sql(
                    "CREATE TRIGGER full_disk BEFORE INSERT ON metrics EXECUTE FUNCTION full_disk()"
                )

        async def clear() -> None:
            async with place.other.begin() as connection:
                await connection.exec_driver_sql("DROP FUNCTION full_disk CASCADE")

    with pytest.raises(StoreUnavailable, match=r"full|could not extend"):
        await place.run_into(fill)
    await clear()
    await place.heals()


@on_postgresql
@pytest.mark.parametrize("after", [1, 30, 90, 150])
async def test_connections_that_are_cut_cost_the_run_at_most(database_url: str, after: int) -> None:
    async def cut(place: Place) -> None:
        async with place.other.begin() as connection:
            await connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    async with placed(database_url) as place:
        with suppress(StoreError):  # cut in the middle of something
            await place.run_into(lambda: cut(place), after)
        await place.heals()


@pytest.mark.postgresql
async def test_a_server_that_crashes_costs_the_run_at_most() -> None:
    async def crash(place: Place) -> None:
        async with place.other.connect() as connection:
            await connection.exec_driver_sql("SET application_name = 'victim'")
            pid = (await connection.exec_driver_sql("SELECT pg_backend_pid()")).scalar_one()
            os.kill(pid, signal.SIGKILL)  # then the server starts all over
            await connection.invalidate()

    with started() as url:  # of its own: other tests go on meanwhile
        async with placed(url) as place:
            async with place.other.begin() as connection:  # the tests' server is quick, not safe
                name = place.other.url.database
                await connection.exec_driver_sql(
                    f"ALTER DATABASE {name} SET synchronous_commit = on"
                )
            await place.harvester.engine.dispose()
            with pytest.raises(StoreError):
                await place.run_into(lambda: crash(place))
            await up_again(place)
            await place.heals()


async def up_again(place: Place) -> None:
    """Return once the server takes connections."""
    async with asyncio.timeout(30):
        while True:
            try:
                async with place.other.connect():
                    return
            except (OSError, DBAPIError):
                await asyncio.sleep(0.05)  # noqa: TID251 - until it is up
