"""What Bitly counts is open sockets: accounts of one process share them."""

from aiohttp import web

from harvester.bitly.connections import Connections
from harvester.bitly.limiter import Limiter
from tests.bitly.serving import client_for, serving
from tests.fakes import FakeClock


async def test_accounts_side_by_side_use_one_anothers_sockets(clock: FakeClock) -> None:
    sockets: set[object] = set()

    async def user(request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        sockets.add(request.transport.get_extra_info("peername"))
        return web.json_response({"login": "me"})

    shared = Connections(1)
    limiters = [
        Limiter(clock, connections=shared, requests_per_hour=None) for _ in ("shop", "press")
    ]
    async with serving(user) as url:
        shop, press = (client_for(clock, url, limiter=limiter) for limiter in limiters)
        async with shop, press:
            await shop.user()
            await press.user()
        async with shop:  # closed by the last one, they are opened anew
            await shop.user()
    assert len(sockets) == 2
