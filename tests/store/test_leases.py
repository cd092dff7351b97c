"""A lease is one process's until it gives it back or it expires, whoever asks at once."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.store.leases import Lease, release, renew, take
from tests.whole.running import select

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=60)


async def test_a_lease_in_force_is_in_the_way_of_all_but_its_holder(engine: AsyncEngine) -> None:
    assert await take(engine, "shop", "a", at=NOON, until=LATER) is None
    other = await take(engine, "shop", "b", at=LATER - timedelta(seconds=1), until=LATER)
    assert other == Lease("shop", "a", LATER)
    assert await take(engine, "shop", "a", at=NOON, until=LATER) is None
    assert await take(engine, "another", "b", at=NOON, until=LATER) is None


async def test_a_lease_that_has_expired_is_taken_over_and_its_holder_learns_it(
    engine: AsyncEngine,
) -> None:
    await take(engine, "shop", "a", at=NOON, until=LATER)
    assert await take(engine, "shop", "b", at=LATER, until=LATER + timedelta(seconds=60)) is None
    assert not await renew(engine, "shop", "a", until=LATER)
    await release(engine, "shop", "a")
    assert await select(engine, "SELECT account, holder FROM harvest_leases") == [("shop", "b")]


async def test_a_lease_that_was_renewed_or_given_back_counts_so(engine: AsyncEngine) -> None:
    await take(engine, "shop", "a", at=NOON, until=LATER)
    assert await renew(engine, "shop", "a", until=LATER + timedelta(seconds=60))
    assert await take(engine, "shop", "b", at=LATER, until=LATER) is not None
    await release(engine, "shop", "a")
    assert await take(engine, "shop", "b", at=LATER, until=LATER) is None


async def test_of_many_at_once_one_gets_it(engine: AsyncEngine) -> None:
    names = [f"process {number}" for number in range(8)]
    found = await asyncio.gather(
        *(take(engine, "shop", name, at=NOON, until=LATER) for name in names)
    )
    assert found.count(None) == 1
    assert {lease.holder for lease in found if lease} == {names[found.index(None)]}
