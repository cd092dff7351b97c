"""A real local server for what a stubbed session cannot show: sockets, packing, half answers."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.test_utils import TestServer

from harvester.bitly.client import BitlyClient
from harvester.bitly.limiter import Limiter
from harvester.bitly.wire import Request
from tests.fakes import FakeClock

BASE = "https://bitly.test/v4"
TOKEN = "canary0123456789"
GROUP = "/groups/g1/bitlinks"

Sample = Callable[[str], bytes]
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def client_for(clock: FakeClock, base_url: str = BASE, **kwargs: Any) -> BitlyClient:
    """Make a client that waits on `clock` only and that no limit holds back."""
    kwargs.setdefault("limiter", Limiter(clock, requests_per_hour=None))
    dice = Random(1)
    return BitlyClient(TOKEN, base_url=base_url, clock=clock, dice=dice, **kwargs)


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """Serve every request by `handler`; yield the base URL."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    async with TestServer(app) as server:
        yield str(server.make_url("/v4"))


def answers(*responses: Callable[[], web.StreamResponse]) -> Handler:
    """Give each of the responses once, in order, and the last one from then on."""
    left = list(responses)

    async def handler(_request: web.BaseRequest) -> web.StreamResponse:
        return (left.pop(0) if len(left) > 1 else left[0])()

    return handler


def params(request: Request) -> dict[str, str]:
    """Return the arguments in a request's query."""
    return dict(parse_qsl(request.query, strict_parsing=True))
