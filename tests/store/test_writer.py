"""The writer commits by count, by time and on demand; what it cannot store it says so."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.clock import Clock, SystemClock
from harvester.domain.snapshots import Reason
from harvester.domain.windows import Window, spanning
from harvester.store.engine import opened, writing
from harvester.store.errors import StoreBusy, StoreError
from harvester.store.facts import Recorded, record
from harvester.store.writer import Item, Writer, distinct
from tests.fakes import FakeClock
from tests.store.making import HOUR, NOW, YESTERDAY, Shop, clicks, countries, lost, made_shop

COUNT = "SELECT count(*) FROM snapshots"
WAITING = "SELECT pid FROM pg_locks WHERE NOT granted"


class FrozenClock(FakeClock):
    """A clock on which no time passes: whoever sleeps waits for ever."""

    async def sleep(self, duration: timedelta) -> None:
        self.slept.append(duration)
        await asyncio.Event().wait()


@asynccontextmanager
async def at_work(shop: Shop, clock: Clock, most: int = 100) -> AsyncIterator[Writer]:
    writer = Writer(shop.engine, clock, most=most)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(writer.run())
        yield writer
        await writer.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - the writer offers no event, and needs none
            await asyncio.sleep(0)  # noqa: TID251 - lets the writer work


def days(count: int) -> list[Window]:
    first = Window(YESTERDAY.start - timedelta(days=count - 1), YESTERDAY.unit)
    return list(spanning(first, YESTERDAY))


async def test_as_many_as_wanted_are_committed_at_once(shop: Shop) -> None:
    a = shop.ids["bit.ly/a"]
    async with at_work(shop, FrozenClock(NOW), most=3) as writer:
        await writer.put([clicks(a, 1, window=window) for window in days(3)])
        await until(lambda: writer.snapshots == 3)
        assert await shop.rows(COUNT) == [(3,)]


async def test_a_few_are_committed_when_their_time_has_come(shop: Shop) -> None:
    clock = FakeClock(NOW)
    async with at_work(shop, clock) as writer:
        await writer.put([clicks(shop.ids["bit.ly/a"], 1)])
        await until(lambda: writer.snapshots == 1)
        assert clock.slept == [timedelta(seconds=1)]


async def test_a_few_wait_while_no_time_passes(shop: Shop) -> None:
    async with at_work(shop, FrozenClock(NOW)) as writer:
        await writer.put([clicks(shop.ids["bit.ly/a"], 1)])
        for _ in range(50):
            await asyncio.sleep(0)  # noqa: TID251 - lets the writer work
        assert writer.snapshots == 0


async def test_a_flush_returns_when_all_is_committed(shop: Shop) -> None:
    a, b = shop.ids.values()
    async with at_work(shop, FrozenClock(NOW)) as writer:
        await writer.flush()
        await writer.put([clicks(a, 1), countries(b, [("DE", 2)]), lost(b, "clicks", Reason.QUOTA)])
        await writer.flush()
        counts = writer.snapshots, writer.rows, writer.revisions, writer.missing
        assert counts == (2, 1, 0, 1)
        assert await shop.rows(COUNT) == [(2,)]


async def test_closing_commits_what_is_left_and_takes_nothing_more(shop: Shop) -> None:
    async with at_work(shop, FrozenClock(NOW)) as writer:
        await writer.put([clicks(shop.ids["bit.ly/a"], 1)])
    with pytest.raises(StoreError, match="it was closed"):
        await writer.put([clicks(shop.ids["bit.ly/b"], 1)])
    assert await shop.rows(COUNT) == [(1,)]


async def test_a_cancelled_writer_still_commits_what_it_has_taken(shop: Shop) -> None:
    writer = Writer(shop.engine, FrozenClock(NOW))
    task = asyncio.create_task(writer.run())
    await asyncio.sleep(0)  # noqa: TID251 - lets it begin
    await writer.put([clicks(shop.ids["bit.ly/a"], 1)])
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await shop.rows(COUNT) == [(1,)]


async def test_many_tasks_put_at_once_and_nothing_is_lost(shop: Shop) -> None:
    a, b = shop.ids.values()
    async with at_work(shop, SystemClock(), most=7) as writer, asyncio.TaskGroup() as tasks:
        for target in (a, b):
            for window in days(40):
                tasks.create_task(writer.put([clicks(target, 1, window=window)]))
    assert await shop.rows(COUNT) == [(80,)]


async def test_the_same_place_twice_in_one_batch_is_two_revisions(shop: Shop) -> None:
    a = shop.ids["bit.ly/a"]
    async with at_work(shop, FrozenClock(NOW)) as writer:
        await writer.put(
            [lost(a, "clicks", Reason.UNANSWERED), clicks(a, 1), clicks(a, 2, at=NOW + HOUR)]
        )
        await writer.flush()
        assert (writer.snapshots, writer.revisions) == (2, 1)
    assert await shop.rows("SELECT clicks FROM clicks_by_day") == [(2,)]
    assert await shop.rows("SELECT reason FROM harvest_missing") == []


def test_parts_keep_the_order_and_hold_no_place_twice() -> None:
    one, two, three = clicks(1, 1), lost(1, "clicks", Reason.QUOTA), clicks(2, 1)
    assert list(distinct([one, two, three])) == [([one], []), ([three], [two])]
    assert not list(distinct([]))


async def test_a_failing_database_is_told_to_everybody_and_loses_nothing_told_safe(
    shop: Shop,
) -> None:
    a, b = shop.ids.values()
    writer = Writer(shop.engine, FakeClock(NOW))
    task = asyncio.create_task(writer.run())
    await writer.put([clicks(a, 1)])
    await writer.flush()
    async with writing(shop.engine) as connection:
        await connection.execute(text("ALTER TABLE missing RENAME TO elsewhere"))
    await writer.put([clicks(b, 1)])
    with pytest.raises(StoreError):
        await writer.flush()
    with pytest.raises(StoreError):
        await writer.put([clicks(b, 1)])
    with pytest.raises(Exception, match="missing"):
        await task
    assert await shop.rows(COUNT) == [(1,)]


async def test_labels_of_a_batch_that_was_taken_back_are_made_again(shop: Shop) -> None:
    a = shop.ids["bit.ly/a"]
    writer = Writer(shop.engine, FakeClock(NOW))
    with pytest.raises(Exception, match=r"(?i)null"):
        await writer._stored([countries(a, [("DE", 1)]), countries(None, [])])  # type: ignore[arg-type]  # noqa: SLF001
    await writer._stored([countries(a, [("DE", 1)])])  # noqa: SLF001
    assert await shop.rows("SELECT country FROM clicks_by_country") == [("DE",)]


async def test_a_lock_of_another_process_is_waited_for(tmp_path: Path) -> None:
    path = str(tmp_path / "harvester.db")
    async with opened(path) as engine:
        shop = await made_shop(engine, ["bit.ly/a"])
        with closing(sqlite3.connect(path, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            async with at_work(shop, SystemClock(), most=1) as writer:
                await writer.put([clicks(shop.ids["bit.ly/a"], 1)])
                assert await shop.rows(COUNT) == [(0,)]  # readers do not wait
                holder.execute("COMMIT")
                await writer.flush()
        assert await shop.rows(COUNT) == [(1,)]


async def test_what_another_harvester_stores_meanwhile_is_stored_once(shop: Shop) -> None:
    a, b = shop.ids.values()
    await shop.record(clicks(b, 0), countries(b, []))  # else the second would wait for these names
    writer = Writer(shop.engine, FakeClock(NOW))
    task = asyncio.create_task(writer.run())
    async with writing(shop.engine) as connection:
        await connection.run_sync(record, [clicks(a, 1), countries(a, [("DE", 1)])], [])
        await writer.put([clicks(a, 1), countries(a, [("FR", 1)], at=NOW + HOUR)])
        closing = asyncio.create_task(writer.close())
        while shop.engine.dialect.name == "postgresql" and not await shop.rows(WAITING):
            pass  # SQLite's own lock keeps the other one from even looking
    await closing
    await task
    assert (writer.snapshots, writer.revisions) == (1, 1)
    assert await shop.rows("SELECT country FROM clicks_by_country") == [("FR",)]


async def test_a_busy_database_is_tried_again_within_a_bound(shop: Shop) -> None:
    clock = FakeClock(NOW)
    writer = BusyWriter(shop.engine, clock, busy=5)
    task = asyncio.create_task(writer.run())
    await writer.put([clicks(shop.ids["bit.ly/a"], 1)])
    await writer.close()
    await task
    assert clock.slept[-5:] == [timedelta(milliseconds=100 * 2**n) for n in range(5)]
    assert await shop.rows(COUNT) == [(1,)]


async def test_a_database_that_stays_busy_ends_the_writer(shop: Shop) -> None:
    writer = BusyWriter(shop.engine, FakeClock(NOW), busy=6)
    task = asyncio.create_task(writer.run())
    await writer.put([clicks(shop.ids["bit.ly/a"], 1)])
    with pytest.raises(StoreError, match="held"):
        await writer.close()
    with pytest.raises(StoreBusy):
        await task
    assert await shop.rows(COUNT) == [(0,)]


class BusyWriter(Writer):
    """A writer whose database is held by somebody else the first few times."""

    def __init__(self, engine: AsyncEngine, clock: Clock, busy: int) -> None:
        super().__init__(engine, clock)
        self._busy = busy

    async def _stored(self, batch: Sequence[Item]) -> list[Recorded]:
        self._busy -= 1
        if self._busy >= 0:
            raise StoreBusy("held by somebody else")
        return await super()._stored(batch)
