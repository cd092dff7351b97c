"""Fixtures for all tests: a database of each engine, as a URL and opened."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from shutil import copyfile

import pytest
from hypothesis import settings
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from harvester.store.engine import opened
from tests.postgres import GIVEN, server_url

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
TEMPLATE = f"harvester_template_{os.getpid()}"
_numbers = count()

# A slow moment of the machine is no failure; hypothesis' own profile for CI has no deadline either.
if "CI" not in os.environ:
    settings.register_profile("patient", deadline=None)
    settings.load_profile("patient")


def pytest_configure(config: pytest.Config) -> None:
    """Start one PostgreSQL for all processes that a run is spread over: they inherit its URL."""
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        stack = ExitStack()
        os.environ[GIVEN] = stack.enter_context(server_url())
        config.add_cleanup(stack.close)


@pytest.fixture(scope="session")
def postgresql_template() -> Iterator[str]:
    """Yield the URL of a migrated database on a server of this session's own."""
    with server_url() as server:
        asyncio.run(command(server, f"CREATE DATABASE {TEMPLATE}"))
        template = sibling(server, TEMPLATE)
        asyncio.run(migrated(template))
        yield template
        asyncio.run(command(server, f"DROP DATABASE {TEMPLATE} WITH (FORCE)"))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a migrated database, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    asyncio.run(migrated(str(path)))
    return path


@pytest.fixture(params=BOTH)
def template(request: pytest.FixtureRequest) -> str | Path:
    """Return the migrated database to copy: a file for SQLite, a URL for PostgreSQL."""
    found: str | Path = request.getfixturevalue(f"{request.param}_template")
    return found


@pytest.fixture
async def database_url(template: str | Path, tmp_path: Path) -> AsyncIterator[str]:
    """Yield the URL of a database that has our schema and is empty, once for each engine."""
    if isinstance(template, Path):
        copyfile(template, tmp_path / "harvester.db")
        yield f"sqlite:///{tmp_path}/harvester.db"
        return
    name = f"harvester_{os.getpid()}_{next(_numbers)}"
    await command(template, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    yield sibling(template, name)
    await command(template, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """Yield an engine on an empty database; no connection may be left checked out."""
    async with opened(database_url) as engine:
        yield engine
        assert "Current Checked out connections: 0" in engine.pool.status()


def sibling(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


async def command(url: str, sql: str) -> None:
    """Run a statement that PostgreSQL takes only outside of transactions and of its database."""
    server = sibling(url, "postgres")
    engine = create_async_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(sql))
    await engine.dispose()


async def migrated(url: str) -> None:
    async with opened(url):
        pass
