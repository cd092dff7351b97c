"""URLs, upgrades at opening, what goes wrong with a database, and who waits for whom."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.errors import ConfigError
from harvester.store.engine import (
    HEAD,
    in_transaction,
    opened,
    reading,
    resolved_url,
    rows,
    schema_version,
    writing,
)
from harvester.store.errors import StoreTooNew, StoreUnavailable
from harvester.store.sqlite import write_ahead
from tests.conftest import sibling


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("harvester.db", "sqlite+aiosqlite:///harvester.db"),
        ("/var/lib/a b.db", "sqlite+aiosqlite:////var/lib/a b.db"),
        ("sqlite:///x.db", "sqlite+aiosqlite:///x.db"),
        ("sqlite+aiosqlite:///x.db", "sqlite+aiosqlite:///x.db"),
        ("postgres://me:pw@host/db", "postgresql+asyncpg://me:pw@host/db"),
        ("postgresql://host/db", "postgresql+asyncpg://host/db"),
        ("postgresql+psycopg://host/db", "postgresql+asyncpg://host/db"),
        ("postgresql://host/db?sslmode=require", "postgresql+asyncpg://host/db?ssl=require"),
    ],
)
def test_a_path_or_url_becomes_one_for_our_drivers(given: str, expected: str) -> None:
    assert resolved_url(given).render_as_string(hide_password=False) == expected


@pytest.mark.parametrize(
    "given",
    [
        "mysql://me:pw@host/db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///x.db?mode=ro",
        "postgresql://me:pw@host:port/db",
        "postgresql://me:s@pw@host/db",
        "postgresql://me:pw@host/db?nonsense=1",
        "://",
    ],
)
def test_other_databases_are_refused_without_showing_the_password(given: str) -> None:
    with pytest.raises(ConfigError) as refused:
        resolved_url(given)
    assert "pw" not in str(refused.value)


async def test_a_new_file_is_brought_to_head(tmp_path: Path) -> None:
    async with opened(str(tmp_path / "new.db")) as engine:
        assert await schema_version(engine) == HEAD


async def test_without_upgrade_no_file_is_made(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="no such database"):
        async with opened(str(tmp_path / "none.db"), upgrade=False):
            pass
    assert not list(tmp_path.iterdir())  # noqa: ASYNC240 - an empty folder


async def test_a_newer_schema_is_refused(database_url: str, engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreTooNew, match=rf"9999.*{HEAD}"):
        async with opened(database_url):
            pass


async def test_a_file_that_is_no_database_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no database, a text of some length\n" * 100)
    with pytest.raises(StoreUnavailable, match="not a database"):
        async with opened(str(tmp_path / "notes.txt")):
            pass


async def test_a_file_that_cannot_be_opened_leaves_no_thread_to_complain(tmp_path: Path) -> None:
    before = threading.active_count()
    with pytest.raises(StoreUnavailable, match=rf"^sqlite:///{tmp_path}: unable to open"):
        async with opened(str(tmp_path)):
            pass
    assert threading.active_count() == before


async def test_a_folder_that_does_not_exist_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="unable to open"):
        async with opened(str(tmp_path / "none" / "x.db")):
            pass


@pytest.mark.parametrize(
    "url", ["postgresql://me:secret@127.0.0.1:1/x", "postgresql://me:secret@/x?host=/none"]
)
async def test_a_server_that_does_not_answer_is_named_without_its_password(url: str) -> None:
    with pytest.raises(StoreUnavailable) as failed:
        async with opened(url):
            pass
    assert "me:***@" in str(failed.value)
    assert "secret" not in str(failed.value)
    assert "\n" not in str(failed.value)


@pytest.mark.postgresql
async def test_a_database_that_does_not_exist_is_said_so(postgresql_template: str) -> None:
    with pytest.raises(StoreUnavailable, match="does not exist"):
        async with opened(sibling(postgresql_template, "nowhere")):
            pass


async def test_our_own_mistakes_stay_what_they_are(engine: AsyncEngine) -> None:
    with pytest.raises(IntegrityError):
        async with writing(engine) as connection:
            await connection.execute(text("INSERT INTO facets (id, name) VALUES (1, NULL)"))


async def test_what_fails_half_way_is_taken_back(engine: AsyncEngine) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the raise is inside on purpose
        async with writing(engine) as connection:
            await connection.execute(text("INSERT INTO facets (name) VALUES ('x')"))
            raise ZeroDivisionError
    async with reading(engine) as connection:
        assert (await connection.execute(text("SELECT * FROM facets"))).all() == []


async def test_work_in_a_transaction_is_committed_whole_or_not_at_all(engine: AsyncEngine) -> None:
    def work(connection: Connection) -> int:
        connection.execute(text("INSERT INTO facets (name) VALUES ('clicks')"))
        return int(connection.scalar(text("SELECT count(*) FROM facets")) or 0)

    assert await in_transaction(engine, work) == 1
    with pytest.raises(IntegrityError):
        await in_transaction(engine, lambda connection: (work(connection), work(connection)))
    assert (
        await in_transaction(engine, lambda c: c.scalar(text("SELECT count(*) FROM facets"))) == 1
    )


async def test_what_fails_in_a_transaction_is_told_as_elsewhere(engine: AsyncEngine) -> None:
    def work(_connection: Connection) -> None:
        raise OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error"))

    with pytest.raises(StoreUnavailable, match="disk I/O error"):
        await in_transaction(engine, work)


async def test_a_cancelled_caller_does_not_cut_a_transaction_in_a_file(tmp_path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(connection: Connection) -> None:
        connection.execute(text("INSERT INTO facets (name) VALUES ('clicks')"))
        begun.set()
        go_on.wait(10)
        connection.execute(text("INSERT INTO facets (name) VALUES ('cities')"))

    async with opened(str(tmp_path / "harvester.db")) as engine:
        task = asyncio.create_task(in_transaction(engine, work))
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go_on.set()
        async with writing(engine) as connection:  # waits for the lock
            names = await connection.scalars(text("SELECT name FROM facets ORDER BY name"))
            assert names.all() == ["cities", "clicks"]


async def test_readers_neither_wait_for_a_writer_nor_see_its_work(engine: AsyncEngine) -> None:
    async with asyncio.timeout(5), writing(engine) as writer:
        await writer.execute(text("INSERT INTO facets (name) VALUES ('x')"))
        async with reading(engine) as reader:
            assert (await reader.execute(text("SELECT count(*) FROM facets"))).scalar_one() == 0


async def test_many_that_wait_to_write_hold_up_nobody_else(tmp_path: Path) -> None:
    path = str(tmp_path / "harvester.db")
    insert = text("INSERT INTO facets (name) VALUES ('x') ON CONFLICT DO NOTHING")
    async with opened(path) as engine, opened(path) as other:
        async with writing(other):
            waiting = [
                asyncio.create_task(in_transaction(engine, lambda c: c.execute(insert).rowcount))
                for _ in range(40)
            ]
            assert await rows(engine, text("SELECT name FROM facets")) == []
            assert await asyncio.to_thread(int) == 0  # such as a look-up of a host
            assert not any(task.done() for task in waiting)
        assert sum(await asyncio.gather(*waiting)) == 1


async def test_a_reader_does_not_hold_a_writer_up(engine: AsyncEngine) -> None:
    async with asyncio.timeout(5), reading(engine) as reader:
        await reader.execute(text("SELECT count(*) FROM facets"))
        async with writing(engine) as writer:
            await writer.execute(text("INSERT INTO facets (name) VALUES ('x')"))


async def test_writers_that_read_first_lose_nothing_to_each_other(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        await connection.execute(text("INSERT INTO facets (name) VALUES ('0')"))

    async def increase() -> None:
        lock = "" if engine.dialect.name == "sqlite" else " FOR UPDATE"
        for _ in range(10):
            async with writing(engine) as connection:
                found = await connection.execute(text(f"SELECT name FROM facets{lock}"))
                name = str(int(found.scalar_one()) + 1)
                await connection.execute(text("UPDATE facets SET name = :name"), {"name": name})

    async with asyncio.TaskGroup() as tasks:
        for _ in range(4):
            tasks.create_task(increase())
    async with reading(engine) as connection:
        assert (await connection.execute(text("SELECT name FROM facets"))).scalar_one() == "40"


async def test_four_at_once_may_open_a_new_database(tmp_path: Path) -> None:
    async def version() -> str | None:
        async with opened(str(tmp_path / "new.db")) as engine:
            return await schema_version(engine)

    assert set(await asyncio.gather(*(version() for _ in range(4)))) == {HEAD}


def test_whoever_opens_a_new_database_waits_for_another_who_does(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")

        class Waiting(sqlite3.Connection):
            def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
                if sql == "BEGIN EXCLUSIVE":
                    holder.execute("COMMIT")  # it is waited for
                return super().execute(sql, *values)

        with closing(sqlite3.connect(path, factory=Waiting)) as connection:
            write_ahead(connection)
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize(
    "hold", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE", "BEGIN; SELECT * FROM facts"]
)
def test_a_database_that_stays_held_is_not_waited_for_without_end(
    tmp_path: Path, hold: str
) -> None:
    path = tmp_path / "new.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("CREATE TABLE facts (name TEXT)")
        for statement in hold.split("; "):
            holder.execute(statement).fetchall()
        with (
            closing(sqlite3.connect(path, timeout=0)) as connection,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            write_ahead(connection)


def test_two_processes_may_open_a_new_database_and_end_by_themselves(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys\n"
        "from harvester.store.engine import opened\n"
        "async def main():\n"
        "    async with opened(sys.argv[1]): pass\n"
        "asyncio.run(main())\n"
    )
    command = [sys.executable, "-W", "error", "-c", program, str(tmp_path / "new.db")]
    root = Path(__file__).parents[2]
    both = [subprocess.Popen(command, cwd=root) for _ in range(2)]  # noqa: S603 - ourselves
    assert [process.wait(timeout=60) for process in both] == [0, 0]


def test_the_password_is_hidden_in_what_is_shown() -> None:
    assert "pw" not in repr(make_url("postgresql://me:pw@host/db"))
