"""The migrations make what the tables say, on both engines, up and down, data in between."""

import asyncio
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.snapshots import Reason
from harvester.store.engine import REVISIONS, opened, schema_version, writing
from harvester.store.tables import metadata
from harvester.store.upgrade import (
    migrate,
    migrations,
    revert,
    views_digest,
)
from tests.store.making import Shop, clicks, countries, lost

# A database at HEAD is opened without a look at its views: change one, and add a revision.
VIEWS_AT = {
    "0001": "991bfc42ffe17256",
    "0002": "03f64db55f846392",
    "0007": "a66452e4d1fa6ee3",
}


FACTS = ("clicks_by_day", "clicks_by_country", "snapshot_history", "harvest_missing")
UPGRADE = """
import asyncio, sys
from harvester.store.engine import opened
async def main():
    async with opened(sys.argv[1]):
        pass
asyncio.run(main())
"""


def test_the_revisions_are_those_of_the_scripts() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations()))
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    assert tuple(script.revision for script in scripts)[::-1] == REVISIONS


def test_views_do_not_change_without_a_new_revision() -> None:
    assert views_digest() == VIEWS_AT[REVISIONS[-1]]


async def test_migrations_make_what_the_tables_say(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


def test_migrations_make_the_same_sqlite_schema_as_the_tables(tmp_path: Path) -> None:
    schemas = []
    for name, make in (("a", metadata.create_all), ("b", migrate)):
        engine = create_engine(f"sqlite:///{tmp_path}/{name}.db")
        with engine.begin() as connection:
            make(connection)
            query = text(
                "SELECT sql FROM sqlite_master WHERE type IN ('table', 'index')"
                " AND tbl_name <> 'alembic_version' ORDER BY name"
            )
            schemas.append([" ".join(sql.split()) for (sql,) in connection.execute(query) if sql])
        engine.dispose()
    assert schemas[0] == schemas[1]
    assert sum("WITHOUT ROWID" in sql for sql in schemas[0]) == 6


async def test_down_takes_everything_away_and_up_makes_it_again(shop: Shop) -> None:
    a = shop.ids["bit.ly/a"]
    await shop.record(clicks(a, 1), countries(a, [("DE", 1)]))
    async with writing(shop.engine) as connection:
        await connection.run_sync(revert)
    async with shop.engine.connect() as connection:
        assert await connection.run_sync(names) == {"alembic_version"}
    assert await schema_version(shop.engine) is None
    async with writing(shop.engine) as connection:
        await connection.run_sync(migrate)
    assert await shop.rows("SELECT * FROM clicks_by_day") == []


async def test_a_second_upgrade_keeps_the_data_and_the_views(shop: Shop) -> None:
    await shop.record(clicks(shop.ids["bit.ly/a"], 1))
    async with writing(shop.engine) as connection:
        await connection.run_sync(migrate)
    assert await shop.rows("SELECT clicks FROM clicks_by_day") == [(1,)]


async def test_several_may_upgrade_an_empty_database_at_once(
    database_url: str, engine: AsyncEngine
) -> None:
    async with writing(engine) as connection:
        await connection.run_sync(revert)

    async def version() -> str | None:
        async with opened(database_url) as other:
            return await schema_version(other)

    assert set(await asyncio.gather(*(version() for _ in range(3)))) == {REVISIONS[-1]}


@pytest.mark.parametrize("revision", REVISIONS)
async def test_facts_of_every_revision_come_up_and_go_down_again(shop: Shop, revision: str) -> None:
    a = shop.ids["bit.ly/a"]
    await shop.record(
        clicks(a, 1),
        countries(a, [("DE", 1)]),
        lost(shop.ids["bit.ly/b"], "cities", Reason.UNREADABLE),
    )
    before = {view: await shop.rows(f"SELECT * FROM {view}") for view in FACTS}
    assert all(before.values())
    for _ in range(2):
        async with writing(shop.engine) as connection:
            await connection.run_sync(revert, revision)
        assert await schema_version(shop.engine) == revision
        assert await shop.rows("SELECT total FROM snapshots ORDER BY id") == [(1,), (1,)]
        async with writing(shop.engine) as connection:
            await connection.run_sync(migrate)
        assert {view: await shop.rows(f"SELECT * FROM {view}") for view in FACTS} == before


async def test_processes_that_start_on_an_old_schema_upgrade_it_once(
    database_url: str, shop: Shop
) -> None:
    await shop.record(clicks(shop.ids["bit.ly/a"], 1))
    async with writing(shop.engine) as connection:
        await connection.run_sync(revert, "0001")
    command = (sys.executable, "-m", "harvester", "status", "--json", "--database", database_url)
    upgrading = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", UPGRADE, database_url)
        for _ in range(3)
    ]
    assert [await process.wait() for process in upgrading] == [0, 0, 0]
    assert await schema_version(shop.engine) == REVISIONS[-1]
    assert await shop.rows("SELECT clicks FROM clicks_by_day") == [(1,)]
    assert await (await asyncio.create_subprocess_exec(*command, stdout=-3)).wait() == 0


async def test_a_failed_upgrade_leaves_nothing_behind(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        await connection.run_sync(revert)
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the raise is inside on purpose
        async with writing(engine) as connection:
            await connection.run_sync(migrate)
            raise ZeroDivisionError
    assert await schema_version(engine) is None


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


def names(connection: Connection) -> set[str]:
    found = inspect(connection)
    return {*found.get_table_names(), *found.get_view_names()}
