"""Opens the database: one engine per URL, brought to this harvester's schema, always disposed."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

from sqlalchemy import (
    URL,
    Connection,
    Executable,
    Row,
    inspect,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from harvester.domain.errors import ConfigError
from harvester.store.errors import StoreTooNew, translated
from harvester.store.sqlite import (
    WRITES,
    SqliteEngine,
    refuse_absent_file,
    refuse_unreadable_file,
)

REVISIONS: Final = ("0001", "0002", "0003", "0004", "0005", "0006", "0007")
"""All revisions in migrations/versions, oldest first. A changed view needs a new one, too."""

HEAD: Final = REVISIONS[-1]

# Kept open once they were: many accounts side by side take turns, and opening one takes long.
_POOL: Final[dict[str, Any]] = {"pool_size": 10, "max_overflow": 0, "pool_timeout": 60}
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgres": "postgresql+asyncpg"}
_DRIVERS["postgresql"] = _DRIVERS["postgres"]
_OPTIONS = {"sqlite": set[str](), "postgresql": {"host", "port", "ssl", "target_session_attrs"}}
_OPTIONS["postgres"] = _OPTIONS["postgresql"]
_UNREADABLE = (
    "the database's URL cannot be read: expected postgresql://user:password@host:5432/name, where"
    " @ : / in a password are written as %40 %3A %2F"
)


T = TypeVar("T")


def resolved_url(database: str) -> URL:
    """Return the URL of `database`: a bare path (a SQLite file), `sqlite:` or `postgresql:` URL.

    Raises ConfigError if it is neither, or is SQLite in memory (each connection would see another),
    or has options that the driver does not know. libpq's `sslmode` is asyncpg's `ssl`.
    """
    if "://" not in database:
        url = URL.create("sqlite", database=database)
    else:
        try:
            url = make_url(database)
        except (ArgumentError, ValueError) as error:  # ValueError: a port that is no number
            raise ConfigError(_UNREADABLE) from error
    if "@" in (url.host or ""):  # a part of the password would be shown as the host
        raise ConfigError(_UNREADABLE)
    backend = url.get_backend_name()
    if backend not in _DRIVERS:
        raise ConfigError(f"database {url!r}: expected a path, sqlite:///... or postgresql://...")
    if backend == "sqlite" and url.database in {None, "", ":memory:"}:
        raise ConfigError("a database in memory is not supported: name a file")
    query = {"ssl" if name == "sslmode" else name: value for name, value in url.query.items()}
    if unknown := query.keys() - _OPTIONS[backend]:
        raise ConfigError(f"database {url!r}: unknown options: {', '.join(sorted(unknown))}")
    return url.set(drivername=_DRIVERS[backend], query=query)


@asynccontextmanager
async def opened(url: str, *, upgrade: bool = True) -> AsyncIterator[AsyncEngine]:
    """Yield an engine on the database at `url` and dispose of it afterwards.

    With `upgrade` the database is made if need be and brought to HEAD; without, it must exist and
    is left as it is (see `schema_version`). Raises StoreTooNew, StoreUnavailable or StoreBusy.
    """
    resolved = resolved_url(url)
    engine = _created(resolved)
    try:
        with translated(shown(engine)):
            if not upgrade:
                refuse_absent_file(resolved)
            refuse_unreadable_file(resolved)
            version = await schema_version(engine)
            if version is not None and version not in REVISIONS:
                raise StoreTooNew(
                    f"{shown(engine)}: its schema is {version}, this harvester knows up to {HEAD}:"
                    " install the newer harvester"
                )
            if upgrade and version != HEAD:
                await _upgrade(engine)
        yield engine
    finally:
        await engine.dispose()


async def schema_version(engine: AsyncEngine) -> str | None:
    """Return the revision that the database stands at; None if it holds no schema yet."""
    with translated(shown(engine)):
        async with engine.connect() as connection:
            return await connection.run_sync(_version)


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Yield a connection in a transaction that writes; commit it, or roll back on an error.

    SQLite takes the write lock at its start: a transaction that reads first and wants to write
    later fails at once, whatever the busy timeout, if somebody wrote in between.
    """
    with translated(shown(engine)):
        async with engine.execution_options(**{WRITES: True}).begin() as connection:
            yield connection


async def in_transaction(engine: AsyncEngine, work: Callable[[Connection], T]) -> T:
    """Do `work` on a connection in a transaction that writes, and return what comes of it.

    It is committed, or rolled back on an error, as with `writing`, but made for many statements:
    on SQLite all of `work` is done in one trip to a thread, and ends even if the caller is
    cancelled meanwhile.
    """
    if isinstance(engine, SqliteEngine):
        with translated(shown(engine)):
            return await engine.writer.transact(work)
    async with writing(engine) as connection:
        return await connection.run_sync(work)


async def read(engine: AsyncEngine, work: Callable[[Connection], T]) -> T:
    """Do `work` on a connection that reads, and return what comes of it: rows, not a cursor.

    All of it is one snapshot, as with `reading`; on SQLite it is one trip to a thread.
    """
    if isinstance(engine, SqliteEngine):
        with translated(shown(engine)):
            return await engine.readers.transact(work)
    async with reading(engine) as connection:
        return await connection.run_sync(work)


async def rows(
    engine: AsyncEngine, query: Executable, values: Mapping[str, Any] | None = None
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return what one query finds, as `read` reads it."""
    return await read(engine, lambda connection: connection.execute(query, values or {}).all())


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Yield a connection that reads. It neither waits for a writer nor holds one up."""
    with translated(shown(engine)):
        async with engine.connect() as connection:
            yield connection


def shown(engine: AsyncEngine) -> str:
    """Return the database's URL as a person may see it: without its password and our driver."""
    return visible(engine.url)


def visible(url: URL) -> str:
    """Return `url` as a person may see it: without its password and our driver."""
    return url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)


def _created(url: URL) -> AsyncEngine:
    if url.get_backend_name() == "sqlite":
        return SqliteEngine(url, **_POOL)
    return create_async_engine(url, pool_pre_ping=True, **_POOL)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return None if version is None else str(version)


async def _upgrade(engine: AsyncEngine) -> None:
    from harvester.store.upgrade import migrate  # noqa: PLC0415 - alembic takes 0.3 s to import

    async with writing(engine) as connection:
        await connection.run_sync(migrate)
