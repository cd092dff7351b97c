"""The client against a stubbed session: what it asks, how it pages, what each error becomes."""

import json
import re
from base64 import b64encode
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from aioresponses import aioresponses
from yarl import URL

from harvester.bitly import errors
from harvester.bitly.client import BITLY_URL, BitlyClient
from harvester.bitly.errors import BitlyError
from harvester.bitly.facets import FACETS
from harvester.bitly.limiter import FEW, Limiter
from harvester.bitly.models import PlanLimit, PlatformLimit
from harvester.bitly.sending import UNHEARD
from harvester.domain.errors import ConfigError
from harvester.domain.windows import day_window
from tests.bitly.serving import BASE, TOKEN, Sample, client_for
from tests.fakes import FakeClock

DAY = day_window(date(2026, 11, 20))
COUNTRIES = re.compile(rf"^{BASE}/bitlinks/bit\.ly/a/countries\?.*$")
LINKS = f"{BASE}/groups/g1/bitlinks?archived=both&size=100"


def page(*names: str, **pagination: object) -> dict[str, Any]:
    return {"links": [{"id": f"bit.ly/{name}"} for name in names], "pagination": pagination}


async def names(clock: FakeClock) -> list[str]:
    async with client_for(clock) as bitly:
        return [link.id async for link in bitly.bitlinks("g1")]


async def ask(clock: FakeClock, **kwargs: Any) -> BitlyClient:
    async with client_for(clock, **kwargs) as bitly:
        await bitly.ask(FACETS["countries"], "bit.ly/a", [DAY])
    return bitly


async def test_each_method_asks_its_endpoint(
    api: aioresponses, clock: FakeClock, sample: Sample
) -> None:
    organizations = {"organizations": [json.loads(sample("2020_organization"))]}
    plan = {"plan_limits": [{"name": "encodes", "limit": 5, "count": 1}]}
    methods = [{"name": "GET", "limit": 1500, "count": 12}]
    api.get(f"{BASE}/user", body=sample("2020_user"))
    api.get(f"{BASE}/organizations", payload=organizations)
    api.get(f"{BASE}/groups", body=sample("2021_groups_list"))
    api.get(f"{BASE}/organizations/o1/plan_limits", payload=plan)
    api.get(
        f"{BASE}/user/platform_limits",
        payload={"platform_limits": [{"endpoint": "/groups", "methods": methods}]},
    )
    async with client_for(clock) as bitly:
        assert (await bitly.user()).login == "testuser"
        assert [found.guid for found in await bitly.organizations()] == ["abc123"]
        assert [found.guid for found in await bitly.groups()] == ["Bl39i27Ji5U"]
        assert await bitly.plan_limits("o1") == [PlanLimit("encodes", 5, 1)]
        assert await bitly.platform_limits() == [PlatformLimit("/groups", "GET", 1500, 12)]
    assert bitly.sent.total() == 5
    assert bitly.sent["/organizations/{organization_guid}/plan_limits"] == 1


async def test_limits_are_read_once_before_more_than_a_few_requests(
    api: aioresponses, clock: FakeClock
) -> None:
    limits = {"platform_limits": [{"endpoint": "/groups", "methods": []}]}
    api.get(f"{BASE}/user/platform_limits", payload=limits, repeat=True)
    sent = []
    async with client_for(clock, limiter=Limiter(clock)) as bitly:
        for requests in (FEW, FEW + 1, FEW + 1):
            await bitly.prepare(requests)
            sent.append(bitly.sent["/user/platform_limits"])
    assert sent == [0, 1, 1]


async def test_answer_of_a_facet_is_read(
    api: aioresponses, clock: FakeClock, sample: Sample
) -> None:
    api.get(COUNTRIES, body=sample("2023_bitlink_countries_units1"))
    async with client_for(clock) as bitly:
        answer = await bitly.ask(FACETS["countries"], "bit.ly/a", [DAY])
    assert answer.readings[0].total == 6
    assert bitly.sent == {"/bitlinks/{bitlink}/countries": 1}


EXPORTS = f"{BASE}/groups/g1/exports"


def export(**clicks: int) -> dict[str, Any]:
    rows = [f"bit.ly/{name},{count}" for name, count in clicks.items()]
    encoded = b64encode("\n".join(["link,clicks", *rows]).encode()).decode()
    return {
        "data_uri": f"data:text/csv;base64,{encoded}",
        "unix_from": int(DAY.start.timestamp()),
        "unix_to": int(DAY.end.timestamp()) - 1,
        "truncated": False,
    }


async def test_an_export_is_posted_and_posted_again_after_a_failure(
    api: aioresponses, clock: FakeClock
) -> None:
    api.post(EXPORTS, status=503)
    api.post(EXPORTS, payload=export(a=3, b=0))
    async with client_for(clock) as bitly:
        found = await bitly.link_engagements("g1", ["bit.ly/a", "bit.ly/b"], DAY)
    assert found.clicks == {"bit.ly/a": 3, "bit.ly/b": 0}
    assert bitly.sent == {"/groups/{group_guid}/exports": 2}
    for call in api.requests["POST", URL(EXPORTS)]:
        assert json.loads(call.kwargs["data"])["bitlinks"] == ["bit.ly/a", "bit.ly/b"]
        assert call.kwargs["headers"]["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(402, errors.UpgradeRequired), (403, errors.Forbidden), (422, errors.UnprocessableEntity)],
)
async def test_a_refused_export_is_not_posted_again(
    api: aioresponses, clock: FakeClock, status: int, kind: type[BitlyError]
) -> None:
    api.post(EXPORTS, status=status, payload={"message": "X"}, repeat=True)
    async with client_for(clock) as bitly:
        with pytest.raises(kind) as caught:
            await bitly.link_engagements("g1", ["bit.ly/a"], DAY)
    assert (caught.value.request, caught.value.attempts) == ("POST /groups/g1/exports", 1)


async def test_pages_are_read_until_the_cursor_is_empty(
    api: aioresponses, clock: FakeClock
) -> None:
    api.get(LINKS, payload=page("a", "b", search_after="x+/"))
    api.get(f"{LINKS}&search_after=x%2B%2F", payload=page(search_after="y"))
    api.get(f"{LINKS}&search_after=y", payload=page("c", search_after="", next=""))
    assert await names(clock) == ["bit.ly/a", "bit.ly/b", "bit.ly/c"]


@pytest.mark.parametrize("last", [page("a"), {"links": [{"id": "bit.ly/a"}]}])
async def test_missing_cursor_ends_the_list(
    api: aioresponses, clock: FakeClock, last: dict[str, Any]
) -> None:
    api.get(LINKS, payload=last)
    assert await names(clock) == ["bit.ly/a"]


async def test_full_page_without_a_cursor_is_the_last(api: aioresponses, clock: FakeClock) -> None:
    api.get(LINKS, payload=page(*(str(n) for n in range(100)), search_after=""))
    assert len(await names(clock)) == 100


async def test_repeated_cursor_is_refused(api: aioresponses, clock: FakeClock) -> None:
    api.get(LINKS, payload=page("a", search_after="x"))
    api.get(f"{LINKS}&search_after=x", payload=page("b", search_after="y"))
    api.get(f"{LINKS}&search_after=y", payload=page("c", search_after="x"))
    with pytest.raises(errors.RepeatedCursor, match="page 3"):
        await names(clock)


@pytest.mark.parametrize(
    ("status", "code", "kind", "attempts"),
    [
        (400, "INVALID_ARG_UNIT", errors.InvalidArgument, 1),
        (401, "UNAUTHORIZED", errors.NotAuthorised, 1),
        (402, "UPGRADE_REQUIRED", errors.UpgradeRequired, 1),
        (403, "FORBIDDEN", errors.Forbidden, 1),
        (403, "RATE_LIMIT_EXCEEDED", errors.RateLimited, 6),
        (404, "NOT_FOUND", errors.NotFound, 1),
        (405, "METHOD_NOT_ALLOWED", errors.MethodNotAllowed, 1),
        (410, "GONE", errors.Gone, 1),
        (417, "EXPECTATION_FAILED", errors.ExpectationFailed, 1),
        (422, "UNPROCESSABLE_ENTITY", errors.UnprocessableEntity, 1),
        (429, "RATE_LIMIT_EXCEEDED", errors.RateLimited, 6),
        (429, "API_USAGE_LIMIT_EXCEEDED", errors.UsageLimitExceeded, 1),
        (429, "MONTHLY_ENCODE_LIMIT_REACHED", errors.EncodeLimitReached, 1),
        (500, "INTERNAL_ERROR", errors.InternalError, 2),
        (502, "BAD_GATEWAY", errors.BadGateway, 4),
        (503, "TEMPORARILY_UNAVAILABLE", errors.TemporarilyUnavailable, 4),
        (302, "", errors.Redirected, 1),
    ],
)
async def test_each_documented_error_is_raised_after_as_many_attempts_as_help(
    api: aioresponses,
    clock: FakeClock,
    status: int,
    code: str,
    kind: type[BitlyError],
    attempts: int,
) -> None:
    api.get(COUNTRIES, status=status, payload={"message": code}, repeat=True)
    api.get(f"{BASE}/user/platform_limits", status=503, repeat=True)
    with pytest.raises(kind) as caught:
        await ask(clock)
    error = caught.value
    assert (type(error), error.attempts, error.status) == (kind, attempts, status)
    assert error.request == "GET /bitlinks/bit.ly/a/countries"
    assert error.code == code


@pytest.mark.parametrize("fault", [errors.NotJson, errors.UnexpectedShape])
async def test_half_an_answer_is_asked_for_again_and_a_wrong_shape_is_not(
    api: aioresponses, clock: FakeClock, fault: type[BitlyError]
) -> None:
    body = '{"metrics": [' if fault is errors.NotJson else '{"metrics": 5}'
    api.get(COUNTRIES, body=body, repeat=True)
    with pytest.raises(fault) as caught:
        await ask(clock)
    assert caught.value.attempts == (4 if fault is errors.NotJson else 1)


async def test_number_of_attempts_is_the_callers(api: aioresponses, clock: FakeClock) -> None:
    api.get(COUNTRIES, status=500, repeat=True)
    with pytest.raises(errors.InternalError) as caught:
        await ask(clock, attempts=1)
    assert caught.value.attempts == 1
    assert clock.slept == []


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "tökén", "nul\0"])
def test_token_that_cannot_be_sent_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(ConfigError) as caught:
        BitlyClient(token)
    assert not token or token not in str(caught.value)


@pytest.mark.parametrize("url", ["", "bitly.test/v4", "ftp://x/v4", "http://", "http://[", "/v4"])
def test_base_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="base URL"):
        BitlyClient(TOKEN, base_url=url)


async def test_client_outside_its_context_says_so(clock: FakeClock) -> None:
    with pytest.raises(RuntimeError, match="async with"):
        await client_for(clock).user()


@pytest.mark.parametrize("show", [repr, str])
def test_token_is_in_no_text_of_the_client(show: Callable[[object], str]) -> None:
    assert TOKEN not in show(BitlyClient(TOKEN))
    assert BITLY_URL in show(BitlyClient(TOKEN))


async def test_where_nothing_is_answered_nothing_more_is_asked(
    api: aioresponses, clock: FakeClock
) -> None:
    api.get(re.compile(".*"), status=503, repeat=True)
    async with client_for(clock) as bitly:
        for _ in range(UNHEARD - 1):
            with pytest.raises(errors.TemporarilyUnavailable):
                await bitly.ask(FACETS["countries"], "bit.ly/a", [DAY])
        with pytest.raises(errors.Silent, match="10 requests in a row failed, the last with: "):
            await bitly.ask(FACETS["countries"], "bit.ly/a", [DAY])
    assert bitly.sent["/user"] == 1
    assert bitly.sent.total() == 4 * UNHEARD + 1


async def test_an_endpoint_that_is_out_of_order_does_not_stop_the_others(
    api: aioresponses, clock: FakeClock, sample: Sample
) -> None:
    api.get(COUNTRIES, status=503, repeat=True)
    api.get(f"{BASE}/user", body=sample("2020_user"), repeat=True)
    async with client_for(clock) as bitly:
        for _ in range(2 * UNHEARD):
            with pytest.raises(errors.TemporarilyUnavailable):
                await bitly.ask(FACETS["countries"], "bit.ly/a", [DAY])
    assert bitly.sent["/user"] == 2
