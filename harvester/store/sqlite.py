"""A SQLite file: how it is opened, and the threads in which whole transactions are done."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from harvester.store.errors import StoreUnavailable

WRITES: Final = "harvester_writes"
"""The execution option of what writes: it takes the lock at its start."""

_PATIENCE: Final = 10.0  # seconds to wait for somebody else's lock
_READERS: Final = 4

T = TypeVar("T")


class Threads:
    """A few threads with a connection each, for transactions that are one trip there and back.

    They are nobody else's: who waits for the lock holds up no reader, and no look-up of a host.
    """

    def __init__(self, url: URL, many: int, *, writes: bool) -> None:
        """Start and open nothing yet."""
        self.engine = create_engine(
            url.set(drivername="sqlite"),
            connect_args=_arguments(),
            execution_options={WRITES: writes},
            pool_size=many,
            pool_use_lifo=True,  # the one whose pages are at hand
        )
        _keep_to_our_ways(self.engine)
        self._executor = ThreadPoolExecutor(many, "store")

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in a transaction. It comes to its end even if the caller is cancelled."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, self._transacted, work)

    def close(self) -> None:
        """Wait for what is being done, and close the connections."""
        self._executor.shutdown()
        self.engine.dispose()

    def _transacted(self, work: Callable[[Connection], T]) -> T:
        with self.engine.begin() as connection:
            return work(connection)


class SqliteEngine(AsyncEngine):
    """An engine on a SQLite file, and beside it threads that read and one that writes to it.

    By the engine itself each statement is four trips to the driver's thread.
    """

    def __init__(self, url: URL, **pool: Any) -> None:
        """Take the URL of a file, and the sizes of the engine's own pool."""
        super().__init__(create_async_engine(url, connect_args=_arguments(), **pool).sync_engine)
        _keep_to_our_ways(self.sync_engine)
        self.writer = Threads(url, 1, writes=True)
        self.readers = Threads(url, _READERS, writes=False)

    async def dispose(self, close: bool = True) -> None:  # noqa: FBT001, FBT002 - as it is inherited
        """Close all connections, once what is being done has come to its end."""
        for threads in (self.writer, self.readers):
            threads.close()
        await super().dispose(close)


def refuse_absent_file(url: URL) -> None:
    """Raise StoreUnavailable if it is a SQLite file that is not there."""
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        raise StoreUnavailable(f"{url.database}: there is no such database: harvest first")


def refuse_unreadable_file(url: URL) -> None:
    """Open a SQLite file first without aiosqlite: when it fails to, its thread prints a traceback.

    That thread answers to the event loop, which may be closed by then. Raises sqlite3.Error.
    """
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(url.database or "", timeout=_PATIENCE)) as connection:
            write_ahead(connection)


def write_ahead(connection: sqlite3.Connection) -> None:
    """Let the file be one with a write-ahead log. Raises sqlite3.OperationalError if it is held.

    Where another process reads, or is about to do the same, the pragma fails at once, however long
    one may wait: so the wait is one for the whole file, which ends.
    """
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
        else:
            return


def _arguments() -> dict[str, Any]:
    return {"isolation_level": None, "timeout": _PATIENCE}  # None: BEGIN is left to us


def _keep_to_our_ways(engine: Any) -> None:
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)


def _set_pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    # NORMAL may lose the last commits when the power fails, never what was there before
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
