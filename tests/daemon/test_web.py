"""The daemon's pages over HTTP: for people, for Prometheus, for whoever restarts it."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from harvester.daemon.metrics import CONTENT_TYPE, Metrics
from harvester.daemon.web import KEPT, Sight, Site, served
from harvester.domain.errors import ConfigError
from tests.fakes import FakeClock
from tests.store.making import NOW

PAGES = ["/", "/status.css", "/healthz", "/readyz", "/metrics", "/report", "/nowhere"]


async def report(_request: web.Request) -> web.Response:
    return web.Response(text="figures")


@asynccontextmanager
async def browsing(
    engine: AsyncEngine, *, local_only: bool = True
) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    site = Site(Sight(engine, FakeClock(NOW)), Metrics(), {"/report": report})
    async with TestClient(TestServer(site.app(local_only=local_only))) as client:
        yield client


async def test_every_answer_bears_the_headers_of_safety(engine: AsyncEngine) -> None:
    async with browsing(engine) as client:
        for path in PAGES:
            answer = await client.get(path)
            policy = answer.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; style-src 'self';")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Server"] == "harvester"
            assert answer.status == (404 if path == "/nowhere" else 200)


async def test_pages_only_answer_questions(engine: AsyncEngine) -> None:
    async with browsing(engine) as client:
        assert [(await client.post(path)).status for path in PAGES[:-1]] == [405] * 6


async def test_the_status_page_is_of_the_store(engine: AsyncEngine) -> None:
    async with browsing(engine) as client:
        page = await (await client.get("/")).text()
        assert "nothing has been harvested yet" in page
        assert "refresh" in page
        assert 'http-equiv="refresh"' not in await (await client.get("/?still")).text()


async def test_metrics_are_served_as_prometheus_wants_them(engine: AsyncEngine) -> None:
    async with browsing(engine) as client:
        answer = await client.get("/metrics")
        assert answer.headers["Content-Type"] == CONTENT_TYPE
        assert "harvester_store_read_timestamp_seconds" in await answer.text()


async def test_ready_means_a_database_with_our_schema(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    async with browsing(engine) as client:
        answer = await client.get("/readyz")
        assert answer.status == 503
        assert "its schema is 0001, this harvester needs" in await answer.text()


async def test_without_a_database_the_daemon_lives_and_says_why_it_is_not_ready() -> None:
    gone = create_async_engine("postgresql+asyncpg://someone:secret@127.0.0.1:9/nothing")
    async with browsing(gone) as client:
        assert (await client.get("/healthz")).status == 200
        for path in ("/readyz", "/"):
            answer = await client.get(path)
            assert answer.status == 503
            assert "secret" not in await answer.text()
        metrics = await (await client.get("/metrics")).text()
        assert "harvester_build_info" in metrics
        assert "harvester_store_read" not in metrics


@pytest.mark.parametrize(
    ("host", "status"), [("localhost", 200), ("127.0.0.1:9464", 200), ("evil.example", 421)]
)
async def test_on_this_machine_only_its_own_names_are_answered(
    engine: AsyncEngine, host: str, status: int
) -> None:
    async with browsing(engine) as client:
        assert (await client.get("/healthz", headers={"Host": host})).status == status
    async with browsing(engine, local_only=False) as client:
        assert (await client.get("/healthz", headers={"Host": host})).status == 200


async def test_a_look_is_kept_for_some_seconds(engine: AsyncEngine) -> None:
    clock = FakeClock(NOW)
    sight = Sight(engine, clock)
    first = await sight.seen()
    assert await sight.seen() is first
    await clock.sleep(KEPT - timedelta(seconds=1))
    assert await sight.seen() is first
    await clock.sleep(timedelta(seconds=1))
    assert (await sight.seen()).at == NOW + KEPT


async def test_a_port_that_is_taken_is_a_setting_to_mend() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"http.port: 127.0.0.1:{port}"):
            async with served(web.Application(), "127.0.0.1", port):
                pass


async def test_the_address_of_the_pages_is_told() -> None:
    async with served(web.Application(), "127.0.0.1", 0) as address:
        assert address.startswith("http://127.0.0.1:")
