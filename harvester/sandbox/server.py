"""The HTTP face of a world: one handler below aiohttp's own routing, for speed."""

import asyncio
import re
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from aiohttp import web

from harvester.clock import Clock, SystemClock
from harvester.sandbox import bodies
from harvester.sandbox.answers import Answers, Call
from harvester.sandbox.limits import RATE, Limits
from harvester.sandbox.routes import POSTED, routed
from harvester.sandbox.spans import Refused
from harvester.sandbox.switches import Breakage, Switches
from harvester.sandbox.world import World

_BASE = "/v4"
_JSON = "application/json"
_HTML = b"<html><body><h1>We will be right back</h1></body></html>"
_WRONG = b'{"surprise":[{"link_clicks":"none"}]}'
# Escapes are taken whole, so that a backslash that stands for itself hides nothing behind it.
_ESCAPE = re.compile(rb"\\(u00[01][0-9a-f]|.)")
_BARE = {b"t": b"\t", b"n": b"\n", b"r": b"\r", b"b": b"\b", b"f": b"\f"}


class Asked(NamedTuple):
    """A request as it came: `path` is what follows /v4, with its query."""

    method: str
    path: str


@dataclass(slots=True)
class Sandbox:
    """A running stand-in. `requests` counts by (method, endpoint template), refused ones too.

    `log` lists the requests in order if it was asked for; it is None otherwise.
    """

    url: str
    world: World
    switches: Switches
    limits: Limits
    clock: Clock
    token: str
    dice: Random
    log: list[Asked] | None
    requests: Counter[tuple[str, str]] = field(default_factory=Counter)


@asynccontextmanager
async def running(  # noqa: PLR0913 - parts of a stand-in, each with a default
    world: World,
    *,
    switches: Switches | None = None,
    limits: Limits | None = None,
    clock: Clock | None = None,
    token: str = "sandbox-token",  # noqa: S107 - opens nothing but this
    port: int = 0,
    seed: int = 1,
    keep_log: bool = False,
) -> AsyncIterator[Sandbox]:
    """Serve `world` on this machine, on any free port if `port` is 0, until the block ends.

    Nothing is limited and nothing goes wrong unless `limits` or `switches` say so; `seed` is of
    the dice that errors fall by.
    """
    with socket.create_server(("127.0.0.1", port)) as bound:
        sandbox = Sandbox(
            url=f"http://127.0.0.1:{bound.getsockname()[1]}{_BASE}",
            world=world,
            switches=switches or Switches(),
            limits=limits or Limits(),
            clock=clock or SystemClock(),
            token=token,
            dice=Random(seed),  # noqa: S311 - play
            log=[] if keep_log else None,
        )
        face = _Face(sandbox).server
        listener = await asyncio.get_running_loop().create_server(face, sock=bound)
        try:
            yield sandbox
        finally:
            listener.close()
            await face.shutdown(timeout=1)
            await listener.wait_closed()


class _Face:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._answers = Answers(sandbox.world, sandbox.switches, sandbox.limits, sandbox.url)
        self.server = web.Server(self._handled, access_log=None)

    async def _handled(self, request: web.BaseRequest) -> web.StreamResponse:
        path, _, query = request.raw_path.partition("?")
        route = routed(path.removeprefix(_BASE)) if path.startswith(_BASE) else None
        if route is None:
            return web.Response(status=404, text="404 page not found")
        sandbox = self._sandbox
        sandbox.requests[request.method, route[0]] += 1
        if sandbox.log is not None:
            sandbox.log.append(Asked(request.method, request.raw_path.removeprefix(_BASE)))
        body = await request.read() if request.method == "POST" else b""
        call = Call(*route, path, query, sandbox.clock.now(), body)
        try:
            self._admit(request, call)
            if sandbox.switches.latency:
                await sandbox.clock.sleep(sandbox.switches.latency)
            self._stumble(call)
            body = self._body(call)
        except Refused as refused:
            resource = path.split("/")[2]
            body = bodies.encoded(bodies.error(refused, resource))
            return web.Response(status=refused.status, body=body, content_type=_JSON)
        if sandbox.dice.random() < sandbox.switches.broken_rate:
            return _broken(sandbox.dice.choice(sandbox.switches.broken), body, request)
        return web.Response(body=body, content_type=_JSON)

    def _admit(self, request: web.BaseRequest, call: Call) -> None:
        sandbox = self._sandbox
        if request.method != ("POST" if call.endpoint in POSTED else "GET"):
            raise Refused(405)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if (scheme, token) != ("Bearer", sandbox.token) or token in sandbox.switches.revoked:
            raise Refused(403)
        most = sandbox.limits.connections
        if most is not None and len(self.server.connections) > most:
            raise Refused(429, RATE)
        code = sandbox.limits.taken(call.endpoint, call.now)
        if code:
            raise Refused(429, code)

    def _stumble(self, call: Call) -> None:
        switches, dice = self._sandbox.switches, self._sandbox.dice
        script = switches.script.get(call.endpoint)
        status = script.pop(0) if script else 0
        if not status and dice.random() < switches.error_rate:
            status = dice.choice(switches.errors)
        if status:
            raise Refused(status)

    def _body(self, call: Call) -> bytes:
        body = bodies.encoded(self._answers.to(call))
        if self._sandbox.switches.raw_control_characters:
            return _ESCAPE.sub(_bare, body)
        return body


def _bare(escape: re.Match[bytes]) -> bytes:
    code = escape[1]
    return bytes([int(code[1:], 16)]) if len(code) > 1 else _BARE.get(code, escape[0])


def _broken(how: Breakage, body: bytes, request: web.BaseRequest) -> web.Response:
    if how == "html":
        return web.Response(body=_HTML, content_type="text/html")
    if how == "bad gateway":
        return web.Response(status=502, body=_HTML, content_type="text/html")
    if how == "truncated":
        return web.Response(body=body[: len(body) // 2], content_type=_JSON)
    if how == "reset" and request.transport is not None:
        request.transport.abort()
    return web.Response(body=_WRONG, content_type=_JSON)
