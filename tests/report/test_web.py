"""GET /report: what is asked for is checked, what cannot be is said, the page is the same."""

from datetime import UTC

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.errors import ConfigError
from harvester.report.assets import Filters
from harvester.report.choosing import Asked
from harvester.report.figures import Figures
from harvester.report.web import asked_from, report_handler
from tests.fakes import FakeClock
from tests.store.making import NOW, clicks, made_shop


def drawn(figures: Figures, filters: Filters) -> str:
    """Stand in for the page, which takes a second."""
    return f"{figures.period.first} {figures.clicks} {figures.chosen} {filters.error}"


def client_of(engine: AsyncEngine) -> TestClient[web.Request, web.Application]:
    app = web.Application()
    app.router.add_get("/report", report_handler(engine, FakeClock(NOW), UTC, drawn))
    return TestClient(TestServer(app))


async def test_filters_are_obeyed_and_wrong_ones_are_said(engine: AsyncEngine) -> None:
    shop = await made_shop(engine, ["bit.ly/a", "bit.ly/b"])
    await shop.record(clicks(shop.ids["bit.ly/a"], 7), clicks(shop.ids["bit.ly/b"], 5))
    async with client_of(engine) as client:
        for query, status, said in (
            ("since=3d", 200, "2026-11-19 12 {}"),
            ("since=3d&link=https://BIT.LY/a%2B", 200, " 7 {'link': ('https://BIT.LY/a+',)}"),
            ("since=3d&group=Bg1&tag=&link=", 200, " 12 {'group': ('Bg1',)}"),
            ("since=3d&group=Bg9", 400, "no group 'Bg9'"),
            ("since=3d&tag=none", 400, "no link that is stored fits: tag none"),
            ("period=9", 400, "--period '9' is no period"),
            ("since=2009-01-01", 400, "more than 1,100 days on one page"),
            ("drop=table", 400, "'drop' is no filter"),
        ):
            answer = await client.get(f"/report?{query}")
            assert answer.status == status, query
            assert said in await answer.text()
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy


@pytest.mark.parametrize(
    "given",
    [
        [("period", "7d"), ("period", "30d")],
        [("tag", "x" * 2_101)],
        [("tag", "x")] * 101,
        [("Period", "7d")],
    ],
)
def test_queries_out_of_bounds_are_refused(given: list[tuple[str, str]]) -> None:
    with pytest.raises(ConfigError):
        asked_from(given)


def test_a_query_asks_for_what_options_ask_for() -> None:
    given = [("period", "7d"), ("tag", "a"), ("tag", "b"), ("link", " "), ("since", "")]
    assert asked_from(given) == Asked(period="7d", tags=["a", "b"], accounts=[], groups=[],
                                      campaigns=[], links=[])  # fmt: skip


async def test_a_harvester_without_the_extra_says_what_to_install(engine: AsyncEngine) -> None:
    def lacking(_figures: Figures, _filters: Filters) -> str:
        raise ConfigError("a page needs what is not there")

    app = web.Application()
    app.router.add_get("/report", report_handler(engine, FakeClock(NOW), UTC, lacking))
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/report")
        assert (answer.status, await answer.text()) == (503, "a page needs what is not there\n")
