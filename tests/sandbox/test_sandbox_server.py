"""The HTTP face: credentials, errors as Bitly words them, limits, and faults on purpose."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientConnectionError, ClientSession, TCPConnector

from harvester.sandbox.limits import Limits
from harvester.sandbox.server import Asked, running
from harvester.sandbox.switches import Breakage, Switches
from harvester.sandbox.world import World
from tests.fakes import FakeClock
from tests.sandbox.asking import NOW, Api, link, world_of

FORBIDDEN = {
    "message": "FORBIDDEN",
    "resource": "user",
    "description": "You are currently forbidden to access this resource.",
}


@asynccontextmanager
async def serving(world: World | None = None, **parts: Any) -> AsyncIterator[Api]:
    parts.setdefault("clock", FakeClock(NOW))
    async with (
        running(world or world_of(link("bit.ly/A")), **parts) as sandbox,
        ClientSession(connector=TCPConnector(limit=0)) as session,
    ):
        yield Api(sandbox, session)


@pytest.mark.parametrize("token", ["", "wrong", "sandbox-token2"])
async def test_missing_and_wrong_tokens_are_forbidden_alike(api: Api, token: str) -> None:
    answer = await api.get("/user", token=token)
    assert (answer.status, answer.json) == (403, FORBIDDEN)


async def test_a_token_can_be_revoked_while_it_runs(api: Api) -> None:
    assert (await api.get("/user")).status == 200
    api.sandbox.switches.revoked.add(api.sandbox.token)
    assert (await api.get("/user")).status == 403


async def test_foreign_group_is_forbidden_in_the_same_words(api: Api) -> None:
    answer = await api.get("/groups/Bother/bitlinks")
    assert (answer.status, answer.json) == (403, FORBIDDEN | {"resource": "groups"})


async def test_unknown_route_is_plain_text_even_without_a_token(api: Api) -> None:
    answer = await api.get("/bitlinks/bit.ly/a/shorten_counts", token="")
    assert (answer.status, answer.content_type) == (404, "text/plain")
    assert answer.text == "404 page not found"


async def test_other_verbs_are_not_allowed(api: Api) -> None:
    async with api.session.post(f"{api.sandbox.url}/groups") as response:
        assert response.status == 405


async def test_requests_are_counted_by_endpoint_and_logged_in_order(api: Api) -> None:
    await api.get("/user")
    await api.get("/bitlinks/{}/clicks", "bit.ly/50% ü", units=2)
    assert dict(api.sandbox.requests) == {
        ("GET", "/user"): 1,
        ("GET", "/bitlinks/{bitlink}/clicks"): 1,
    }
    assert api.sandbox.log == [
        Asked("GET", "/user"),
        Asked("GET", "/bitlinks/bit.ly/50%25%20%C3%BC/clicks?units=2"),
    ]


async def test_odd_back_halves_are_found() -> None:
    names = ["bit.ly/50%-off", "bit.ly/a+b", "bit.ly/お得", "bit.ly/a b?c#d", "bit.ly/x%2Fy"]
    async with serving(world_of(*map(link, names))) as api:
        for name in names:
            assert (await api.get("/bitlinks/{}", name)).json["id"] == name


async def test_used_up_month_answers_with_the_code_alone() -> None:
    async with serving(limits=Limits(per_month=1)) as api:
        await api.get("/groups")
        answer = await api.get("/groups")
        assert (answer.status, answer.json) == (429, {"message": "API_USAGE_LIMIT_EXCEEDED"})


async def test_full_minute_answers_with_the_rate_limit() -> None:
    async with serving(limits=Limits(per_hour=10)) as api:
        await api.get("/groups")
        answer = await api.get("/groups")
        assert (answer.status, answer.json["message"]) == (429, "RATE_LIMIT_EXCEEDED")
        assert "errors" not in answer.json


async def test_one_connection_too_many_is_refused() -> None:
    async with serving(limits=Limits(connections=1)) as api, ClientSession() as other:
        assert (await api.get("/user")).status == 200
        assert (await Api(api.sandbox, other).get("/user")).status == 429


async def test_script_decides_the_next_answers_of_an_endpoint() -> None:
    async with serving(switches=Switches(script={"/user": [503, 0, 429]})) as api:
        assert [(await api.get("/user")).status for _ in range(4)] == [503, 200, 429, 200]


async def test_statuses_without_words_of_their_own_go_by_their_name() -> None:
    async with serving(switches=Switches(script={"/user": [401, 502]})) as api:
        messages = [(await api.get("/user")).json["message"] for _ in range(2)]
        assert messages == ["UNAUTHORIZED", "BAD_GATEWAY"]


async def test_errors_fall_by_the_dice_of_the_seed() -> None:
    runs = []
    for _ in range(2):
        async with serving(switches=Switches(error_rate=0.3, errors=(502, 503))) as api:
            runs.append([(await api.get("/user")).status for _ in range(40)])
    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 502, 503}


@pytest.mark.parametrize(
    ("how", "content_type"),
    [("html", "text/html"), ("truncated", "application/json"), ("wrong shape", "application/json")],
)
async def test_bodies_break_as_told(how: Breakage, content_type: str) -> None:
    async with serving(switches=Switches(broken_rate=1, broken=(how,))) as api:
        answer = await api.get("/bitlinks/{}/clicks", "bit.ly/A", units=1)
        assert (answer.status, answer.content_type) == (200, content_type)
        assert '"link_clicks":[' not in answer.text or not answer.text.endswith("}")


async def test_connections_break_as_told() -> None:
    async with serving(switches=Switches(broken_rate=1, broken=("reset",))) as api:
        with pytest.raises(ClientConnectionError):
            await api.get("/user")


async def test_latency_passes_on_the_sandbox_clock() -> None:
    clock = FakeClock(NOW)
    async with serving(clock=clock, switches=Switches(latency=timedelta(seconds=2))) as api:
        await api.get("/user")
        assert clock.slept == [timedelta(seconds=2)]


async def test_control_characters_can_come_bare() -> None:
    world = world_of(link("bit.ly/A", title="bell \x07, tab \t, backslash \\n"))
    async with serving(world, switches=Switches(raw_control_characters=True)) as api:
        text = (await api.get("/bitlinks/{}", "bit.ly/A")).text
        with pytest.raises(json.JSONDecodeError):
            json.loads(text)
        assert json.loads(text, strict=False)["title"] == "bell \x07, tab \t, backslash \\n"


async def test_empty_search_after_shows_the_first_page_again(api: Api) -> None:
    first = await api.get("/groups/B3group0/bitlinks", size=5)
    again = await api.get("/groups/B3group0/bitlinks", size=5, search_after="")
    assert first.json == again.json
    assert first.json["pagination"]["search_after"]


async def test_last_page_has_no_cursor_and_no_next(api: Api) -> None:
    page = (await api.get("/groups/B3group0/bitlinks", size=1_000)).json["pagination"]
    assert page == {"next": "", "search_after": "", "size": 1_000}


async def test_no_address_in_an_answer_leads_to_another_host(api: Api) -> None:
    page = await api.get("/groups/B3group0/bitlinks", size=5)
    groups = await api.get("/groups")
    assert page.json["pagination"]["next"].startswith(f"{api.sandbox.url}/groups/B3group0/")
    assert "bitly.com" not in page.text + groups.text
