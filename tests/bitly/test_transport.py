"""The client against a real local server: what sockets do, and what is done about it."""

import asyncio
import gzip
import json
import traceback
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from harvester.bitly import errors
from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import BitlyError
from harvester.bitly.facets import FACETS
from harvester.bitly.limiter import Limiter
from harvester.bitly.month import Month
from harvester.domain.windows import day_window
from tests.bitly.serving import TOKEN, Handler, answers, client_for, serving
from tests.fakes import FakeClock

DAY = day_window(date(2026, 11, 20))
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
USER = {"login": "me"}


def user() -> web.Response:
    return web.json_response(USER)


def refusal(status: int, code: str, **headers: str) -> Callable[[], web.Response]:
    return lambda: web.json_response({"message": code}, status=status, headers=headers)


async def client_of(handler: Handler, clock: FakeClock, **kwargs: Any) -> BitlyClient:
    async with serving(handler) as url, client_for(clock, url, **kwargs) as bitly:
        assert (await bitly.user()).login == "me"
    return bitly


async def failure(handler: Handler, clock: FakeClock, **kwargs: Any) -> BitlyError:
    with pytest.raises(BitlyError) as caught:
        await client_of(handler, clock, **kwargs)
    return caught.value


async def test_request_carries_the_token_as_a_header_and_asks_for_json(clock: FakeClock) -> None:
    seen: list[web.BaseRequest] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        seen.append(request)
        return user()

    await client_of(handler, clock)
    assert seen[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert seen[0].headers["Accept"] == "application/json"
    assert seen[0].headers["User-Agent"].startswith("harvester/")
    assert TOKEN not in str(seen[0].url)


async def test_odd_back_halves_and_the_reference_arrive_as_they_are(clock: FakeClock) -> None:
    seen: list[str] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        seen.append(request.raw_path if isinstance(request, web.Request) else "")
        return web.json_response({"metrics": []})

    async with serving(handler) as url, client_for(clock, url) as bitly:
        await bitly.ask(FACETS["countries"], "bit.ly/..", [DAY])
        await bitly.ask(FACETS["countries"], "bit.ly/a?b", [DAY])
    assert seen[0].startswith("/v4/bitlinks/bit.ly/../countries?")
    assert seen[1].startswith("/v4/bitlinks/bit.ly/a%3Fb/countries?")
    assert "%2B0000" in seen[0]


async def test_silent_server_is_a_timeout(clock: FakeClock) -> None:
    async def handler(_request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.Event().wait()
        return user()

    error = await failure(handler, clock, timeout=timedelta(milliseconds=20), attempts=2)
    assert isinstance(error, errors.Timeout)
    assert (error.attempts, error.status) == (2, None)
    assert len(clock.slept) == 1


async def test_reset_connection_is_tried_again_and_each_attempt_counted(clock: FakeClock) -> None:
    drops, seen = [1, 2], list[str]()

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        seen.append(request.path)
        if drops and request.transport:
            drops.pop()
            request.transport.abort()
        return user()

    bitly = await client_of(handler, clock)
    assert (len(seen), bitly.sent["/user"], bitly.retried) == (3, 3, 2)


async def test_body_that_breaks_off_is_tried_again_and_then_an_error(clock: FakeClock) -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b'{"login":')
        if request.transport:
            request.transport.close()
        return response

    error = await failure(handler, clock)
    assert type(error) is errors.ConnectionFailed
    assert error.attempts == 4


async def test_no_server_is_unreachable(clock: FakeClock) -> None:
    async with serving(answers(user)) as url:
        pass
    with pytest.raises(errors.Unreachable, match=r"no connection to 127\.0\.0\.1"):
        async with client_for(clock, url, attempts=1) as bitly:
            await bitly.user()


async def test_redirect_is_not_followed_with_the_token(clock: FakeClock) -> None:
    seen: list[str] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        seen.append(request.path)
        return web.Response(status=302, headers={"Location": "/v4/elsewhere"})

    assert isinstance(await failure(handler, clock), errors.Redirected)
    assert seen == ["/v4/user"]


@pytest.mark.parametrize("packed", [False, True])
async def test_body_beyond_the_bound_is_refused_packed_or_not(
    clock: FakeClock, packed: bool
) -> None:
    body = json.dumps(USER | {"name": "x" * 50_000}).encode()

    async def handler(_request: web.BaseRequest) -> web.StreamResponse:
        headers = {"Content-Encoding": "gzip"} if packed else {}
        return web.Response(body=gzip.compress(body) if packed else body, headers=headers)

    error = await failure(handler, clock, max_body=40_000)
    assert (type(error), error.attempts) == (errors.TooLarge, 1)
    await client_of(handler, clock, max_body=len(body))


async def test_body_that_only_says_it_is_packed_is_an_error(clock: FakeClock) -> None:
    async def handler(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=b"plain", headers={"Content-Encoding": "gzip"})

    assert isinstance(await failure(handler, clock), errors.Unanswered)


async def test_errors_are_waited_out_longer_and_longer_within_the_ceiling(clock: FakeClock) -> None:
    broken, html = refusal(503, "TEMPORARILY_UNAVAILABLE"), lambda: web.Response(text="<html>")
    bitly = await client_of(answers(broken, html, broken, user), clock)
    assert (bitly.sent["/user"], bitly.retried) == (4, 3)
    assert all(
        timedelta() < wait <= ceiling * SECOND
        for wait, ceiling in zip(clock.slept, (1, 2, 4), strict=True)
    )


async def test_rate_limited_request_waits_for_the_turn_and_the_limits_are_read_again(
    clock: FakeClock,
) -> None:
    methods = [{"name": "GET", "limit": 600, "count": 0}]
    limits = {"platform_limits": [{"endpoint": "/user", "methods": methods}]}
    paths: list[tuple[str, timedelta]] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        paths.append((request.path, clock.now() - NOON))
        if request.path.endswith("limits"):
            return web.json_response(limits)
        return refusal(429, "RATE_LIMIT_EXCEEDED")() if len(paths) == 1 else user()

    await client_of(handler, clock, limiter=Limiter(clock, pacer=None))
    assert paths == [
        ("/v4/user", timedelta()),
        ("/v4/user/platform_limits", timedelta()),
        ("/v4/user", MINUTE + SECOND),
    ]


async def test_retry_after_of_an_answer_is_obeyed(clock: FakeClock) -> None:
    limited = refusal(429, "RATE_LIMIT_EXCEEDED", **{"Retry-After": "7"})
    await client_of(answers(limited, refusal(503, ""), user), clock)
    assert clock.now() == NOON + 7 * SECOND


async def test_every_attempt_passes_the_limiter(clock: FakeClock) -> None:
    limiter = Limiter(clock, requests_per_hour=10, pacer=None)
    broken = refusal(502, "BAD_GATEWAY")
    await client_of(answers(broken, broken, broken, user), clock, limiter=limiter)
    assert clock.now() > NOON + 3 * MINUTE


async def test_reserve_stops_a_request_before_it_is_sent(clock: FakeClock) -> None:
    limiter = Limiter(clock, requests_per_hour=None)
    limiter.purse.month = Month(10, 2, NOON.date(), counted=8)
    async with serving(answers(user)) as url, client_for(clock, url, limiter=limiter) as bitly:
        with pytest.raises(errors.ReserveReached, match="GET /user"):
            await bitly.user()
    assert bitly.sent.total() == 0


async def test_limiter_keeps_the_server_from_ever_seeing_too_many(clock: FakeClock) -> None:
    seen: list[datetime] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/v4/user":  # now and then the limiter asks for the limits as well
            seen.append(clock.now())
        return user()

    limiter = Limiter(clock, requests_per_hour=30, pacer=None)
    async with serving(handler) as url, client_for(clock, url, limiter=limiter) as bitly:
        for _ in range(40):  # one after the other: the clock stands still while one is under way
            await bitly.user()
    assert len(seen) == 40
    assert all(sum(at <= t <= at + MINUTE for t in seen) <= 3 for at in seen)
    assert all(sum(at <= t <= at + 60 * MINUTE for t in seen) <= 30 for at in seen)


@pytest.mark.parametrize("status", [200, 302, 400, 403, 404, 429, 500, 503])
async def test_token_is_in_no_error_even_if_the_server_echoes_it(
    clock: FakeClock, status: int
) -> None:
    async def handler(_request: web.BaseRequest) -> web.StreamResponse:
        body = json.dumps({"message": TOKEN, "description": f"Bearer {TOKEN}", "login": [TOKEN]})
        return web.Response(status=status, text=body, headers={"Location": f"/{TOKEN}"})

    assert_no_token(await failure(handler, clock))


async def test_token_is_in_no_error_of_a_broken_connection(clock: FakeClock) -> None:
    async def drop(request: web.BaseRequest) -> web.StreamResponse:
        if request.transport:
            request.transport.abort()
        return user()

    async def nonsense(request: web.BaseRequest) -> web.StreamResponse:
        if request.transport:
            request.transport.write(b"HTTP/9.9 what\r\n\r\n")
        return user()

    assert_no_token(await failure(drop, clock))
    assert_no_token(await failure(nonsense, clock))


def assert_no_token(error: BaseException) -> None:
    seen: BaseException | None = error
    while seen is not None:
        shown = [str(seen), repr(seen), repr(seen.args), repr(vars(seen))]
        assert not any(TOKEN in text for text in shown)
        seen = seen.__cause__ or seen.__context__
    assert TOKEN not in "".join(traceback.format_exception(error))


async def test_title_that_echoes_the_token_is_blotted_out(clock: FakeClock) -> None:
    async def handler(_request: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({"links": [{"id": "bit.ly/a", "title": f"my {TOKEN}"}]})

    async with serving(handler) as url, client_for(clock, url) as bitly:
        assert [link.title async for link in bitly.bitlinks("g")] == ["my [token]"]
