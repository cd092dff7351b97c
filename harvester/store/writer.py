"""One task writes what is read: in batches, by count or by time, and raises when it cannot.

One writer means no fights for SQLite's write lock, one place for batching, and back-pressure: `put`
waits while the writer is behind.
"""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.clock import Clock
from harvester.domain.snapshots import Missing, Snapshot
from harvester.store.engine import in_transaction
from harvester.store.errors import StoreBusy, StoreError
from harvester.store.facts import HISTORY, Recorded, keyed, record
from harvester.store.interning import Interning

Item = Snapshot | Missing

_ATTEMPTS: Final = 6  # each waits for the lock as long as the engine has patience, too
_PAUSE: Final = timedelta(milliseconds=100)  # before the second attempt; doubles each time


class Writer:
    """Commits snapshots and gaps once `most` have come, or `at_risk` after the first.

    Twice as many may wait: so many, and no more, does a crash cost.

    `run()` is a task of the caller's. Whatever `flush()` has returned for is committed. If the
    database fails for good, `run()` raises, and so does every `put` and `flush` after that.
    The counters tell what has been committed.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        clock: Clock,
        *,
        most: int = 100,
        at_risk: timedelta = timedelta(seconds=1),
        history: timedelta = HISTORY,
    ) -> None:
        self.snapshots = self.rows = self.revisions = self.missing = 0
        self._engine, self._clock = engine, clock
        self._most, self._at_risk, self._history = most, at_risk, history
        self._room = 2 * most  # one batch is written while the next one gathers
        self._interning = Interning()
        self._waiting: list[Item] = []
        self._put = self._committed = 0  # items, since the beginning
        self._wanted = 0  # so many shall be committed without delay
        self._ripe = False  # the oldest that waits has waited long enough
        self._closing = False
        self._ended = False
        self._failure: StoreError | None = None
        self._news = asyncio.Event()  # for the task that writes: it may have something to do
        self._moved = asyncio.Condition()  # for those who wait for it

    async def put(self, items: Sequence[Item]) -> None:
        """Take items to be stored; waits while much is still to be written.

        Raises StoreError, and takes nothing, if the writer has failed or is closed.
        """
        if not self._takes():
            async with self._moved:
                await self._moved.wait_for(self._takes)
        if self._ended or self._closing:
            raise self._refusal() from self._failure
        if not self._waiting or len(self._waiting) + len(items) >= self._most:
            self._news.set()
        self._waiting.extend(items)
        self._put += len(items)

    async def flush(self) -> None:
        """Return once all that has been put so far is committed. Raises StoreError if it cannot."""
        wanted = self._wanted = self._put
        self._news.set()
        async with self._moved:
            await self._moved.wait_for(lambda: self._ended or self._committed >= wanted)
        if self._committed < wanted:
            raise self._refusal() from self._failure

    async def close(self) -> None:
        """Take nothing more, commit what is left and let `run()` return."""
        await self._stop_taking()
        await self.flush()

    async def run(self) -> None:
        """Write until closed. When cancelled, still write what has been put, then end.

        Raises StoreError if the database fails for good.
        """
        # A task of its own, so that a cancellation never cuts a transaction in two.
        work = asyncio.create_task(self._work(), name="writer")
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            await self._stop_taking()
            await work
            raise

    async def _stop_taking(self) -> None:
        self._closing = True
        self._news.set()
        await self._tell()

    def _takes(self) -> bool:
        """Whether a put need not wait: there is room, or there will never be any."""
        return len(self._waiting) < self._room or self._closing or self._ended

    async def _tell(self) -> None:
        async with self._moved:
            self._moved.notify_all()

    async def _work(self) -> None:
        try:
            while await self._due():
                await self._commit(self._waiting[: self._room])
        except StoreError as error:
            self._failure = error
            raise
        finally:
            self._ended = True
            await self._tell()

    async def _due(self) -> bool:
        """Wait until a batch should be committed; return False if closed and none is left."""
        while not (self._waiting or self._closing):
            await self._next_news()
        if not self._pressing():
            timer = asyncio.create_task(self._ripen(), name="writer's timer")
            while not self._pressing():
                await self._next_news()
            timer.cancel()
        self._ripe = False
        return bool(self._waiting)

    async def _next_news(self) -> None:
        self._news.clear()
        await self._news.wait()

    def _pressing(self) -> bool:
        flushing = self._wanted > self._committed
        return self._ripe or self._closing or flushing or len(self._waiting) >= self._most

    async def _ripen(self) -> None:
        await self._clock.sleep(self._at_risk)
        self._ripe = True
        self._news.set()

    async def _commit(self, batch: Sequence[Item]) -> None:
        for done in await self._stored_patiently(batch):
            self.snapshots += done.snapshots
            self.rows += done.rows
            self.revisions += done.revisions
            self.missing += done.missing
        del self._waiting[: len(batch)]
        self._committed += len(batch)
        await self._tell()

    async def _stored_patiently(self, batch: Sequence[Item]) -> list[Recorded]:
        for attempt in range(_ATTEMPTS - 1):
            try:
                return await self._stored(batch)
            except StoreBusy:
                await self._clock.sleep(_PAUSE * 2**attempt)
        return await self._stored(batch)

    async def _stored(self, batch: Sequence[Item]) -> list[Recorded]:
        # Set aside until committed: after a rollback its keys may be of rows that do not exist.
        interning, self._interning = self._interning, Interning()

        parts = [(part, keyed(*part, interning)) for part in distinct(batch)]

        def stored(connection: Connection) -> list[Recorded]:
            return [
                record(connection, *part, interning=interning, history=self._history, items=items)
                for part, items in parts
            ]

        done = await in_transaction(self._engine, stored)
        self._interning = interning
        return done

    def _refusal(self) -> StoreError:
        return StoreError(f"the writer has ended: {self._failure or 'it was closed'}")


def distinct(items: Sequence[Item]) -> Iterator[tuple[list[Snapshot], list[Missing]]]:
    """Yield the items, in order, in parts that hold no (target, facet, window) twice."""
    seen: set[tuple[object, ...]] = set()
    learnt: list[Snapshot] = []
    missed: list[Missing] = []
    for item in items:
        window = item.reading.window if isinstance(item, Snapshot) else item.window
        key = (item.target_id, item.facet, window)
        if key in seen:
            yield learnt, missed
            seen, learnt, missed = set(), [], []
        seen.add(key)
        if isinstance(item, Snapshot):
            learnt.append(item)
        else:
            missed.append(item)
    if seen:
        yield learnt, missed
