"""One process harvests an account; one that crashed keeps the others out for a while only."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.events import Event, Problem, Waiting
from harvester.harvest.lease import AccountHeld, Keeper
from harvester.store import leases
from tests.whole.running import select

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LASTING = timedelta(seconds=60)


class HandClock:
    """A clock on which a sleeper sleeps until somebody moves the time past its end."""

    def __init__(self) -> None:
        self._now = NOON
        self._moved = asyncio.Condition()
        self._sleeps = 0

    def now(self) -> datetime:
        return self._now

    async def sleep(self, duration: timedelta) -> None:
        end = self._now + duration
        async with self._moved:
            self._sleeps += 1
            self._moved.notify_all()
            await self._moved.wait_for(lambda: self._now >= end)

    async def move(self, seconds: float, *, at_sleep: int) -> None:
        """Move the time once somebody has gone to sleep for the so-manieth time."""
        async with self._moved:
            await self._moved.wait_for(lambda: self._sleeps >= at_sleep)
            self._now += timedelta(seconds=seconds)
            self._moved.notify_all()


class Place:
    """A database, and what was told and signalled."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine, self.stop = engine, asyncio.Event()
        self.told: list[Event] = []

    def keeper(self, holder: str, clock: HandClock, account: str = "shop") -> Keeper:
        return Keeper(self.engine, account, holder, clock, self.stop, self.told.append, LASTING)

    async def holders(self) -> list[str]:
        return [row.holder for row in await select(self.engine, "SELECT holder FROM leases")]


@pytest.fixture
def place(engine: AsyncEngine) -> Place:
    return Place(engine)


async def test_another_account_is_free_and_the_lease_is_given_back(place: Place) -> None:
    clock = HandClock()
    async with place.keeper("a", clock).held(), place.keeper("b", clock, "another").held():
        assert len(await place.holders()) == 2
    assert await place.holders() == []


async def test_a_holder_that_renews_is_alive_and_others_leave(place: Place) -> None:
    ours, theirs = HandClock(), HandClock()
    async with place.keeper("a", ours).held():
        waiting = asyncio.create_task(entered(place.keeper("b", theirs)))
        await theirs.move(0, at_sleep=1)
        await ours.move(20, at_sleep=1)
        await ours.move(0, at_sleep=2)
        await theirs.move(1, at_sleep=1)
        with pytest.raises(AccountHeld, match=r"'shop' is being harvested by a\b"):
            await waiting
    assert [type(event) for event in place.told] == [Waiting]


async def test_what_a_crash_left_is_taken_over_once_it_has_expired(place: Place) -> None:
    clock = HandClock()
    await leases.take(place.engine, "shop", "crashed", at=NOON, until=NOON + LASTING)
    waiting = asyncio.create_task(entered(place.keeper("b", clock)))
    await clock.move(59, at_sleep=1)
    await clock.move(1, at_sleep=2)
    await waiting
    assert place.told == [Waiting("shop", "lease", 60, "crashed holds the account, or has crashed")]


async def test_one_who_waits_and_is_told_to_stop_leaves(place: Place) -> None:
    await leases.take(place.engine, "shop", "crashed", at=NOON, until=NOON + LASTING)
    place.stop.set()
    with pytest.raises(AccountHeld):
        await entered(place.keeper("b", HandClock()))


async def test_a_run_whose_lease_was_taken_over_is_stopped(place: Place) -> None:
    clock, at = HandClock(), NOON + LASTING
    async with place.keeper("a", clock).held():
        await leases.take(place.engine, "shop", "b", at=at, until=at + LASTING)
        await clock.move(20, at_sleep=1)
        await place.stop.wait()
    assert [type(event) for event in place.told] == [Problem]
    assert await place.holders() == ["b"]


async def entered(keeper: Keeper) -> None:
    """Take the lease and give it back."""
    async with keeper.held():
        pass
