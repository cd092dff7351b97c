"""The daemon's pages: for people, for Prometheus, for whoever restarts it. They only read."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.clock import Clock
from harvester.daemon.metrics import CONTENT_TYPE, Metrics
from harvester.daemon.pages import page, trouble
from harvester.domain.addresses import is_loopback
from harvester.domain.errors import ConfigError
from harvester.harvest.overview import Overview, look
from harvester.store.engine import HEAD, schema_version, shown
from harvester.store.errors import StoreError

KEPT: Final = timedelta(seconds=5)
READY_WITHIN: Final = 5.0  # seconds
STYLE: Final = Path(__file__).with_name("status.css")
HEADERS: Final = MappingProxyType(
    {
        "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:;"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Sight:
    """The overview, looked at when somebody asks, and kept for some seconds.

    On a store where looking takes long it is kept for twenty times as long as that takes.
    """

    engine: AsyncEngine
    clock: Clock
    _seen: Overview | None = None
    _until: datetime | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def seen(self) -> Overview:
        """Return the overview. Raises StoreError."""
        async with self._turn:
            began = self.clock.now()
            if self._seen is None or self._until is None or began >= self._until:
                self._seen = await look(self.engine, began)
                now = self.clock.now()
                self._until = now + max(KEPT, (now - began) * 20)
            return self._seen


@dataclass(frozen=True, slots=True)
class Site:
    """What the pages show, and further pages by path, such as `/report`."""

    sight: Sight
    metrics: Metrics
    further: Mapping[str, Handler] = field(default_factory=dict)

    def app(self, *, local_only: bool) -> web.Application:
        """Return the application; if `local_only` it answers to this machine's own names only.

        A page of the web could otherwise be served under a name that leads here.
        """
        app = web.Application(middlewares=[_local] if local_only else [])
        app.on_response_prepare.append(_harden)
        app.router.add_get("/", self.status)
        app.router.add_get("/status.css", self.style)
        app.router.add_get("/healthz", self.healthy)
        app.router.add_get("/readyz", self.ready)
        app.router.add_get("/metrics", self.measured)
        for path, handler in self.further.items():
            app.router.add_get(path, handler)
        return app

    async def status(self, request: web.Request) -> web.Response:
        """Show people how things are."""
        try:
            seen = await self.sight.seen()
        except StoreError as error:
            return web.Response(status=503, text=trouble(str(error)), content_type="text/html")
        still = "still" in request.query
        return web.Response(
            text=page(seen, links=self.further, refresh=not still), content_type="text/html"
        )

    async def style(self, _request: web.Request) -> web.Response:
        """Return the page's style."""
        return web.Response(text=STYLE.read_text("utf-8"), content_type="text/css")

    async def healthy(self, _request: web.Request) -> web.Response:
        """Say that the loop turns: nobody could say so otherwise."""
        return web.Response(text="alive\n")

    async def ready(self, _request: web.Request) -> web.Response:
        """Say whether the database is reachable and its schema is the one this harvester knows."""
        why = await _unready(self.sight.engine)
        return web.Response(status=503 if why else 200, text=f"{why or 'ready'}\n")

    async def measured(self, _request: web.Request) -> web.Response:
        """Return the metrics; without those of the store if it cannot be read."""
        try:
            self.metrics.stored.seen = await self.sight.seen()
        except StoreError:
            self.metrics.stored.seen = None
        return web.Response(body=self.metrics.page(), headers={"Content-Type": CONTENT_TYPE})


@asynccontextmanager
async def served(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Serve `app` until the block ends; yield its address. Raises ConfigError if it cannot be."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            why = error.strerror or str(error)
            raise ConfigError(f"http.host and http.port: {host}:{port}: {why}") from None
        at = runner.addresses[0]
        yield f"http://{f'[{at[0]}]' if ':' in at[0] else at[0]}:{at[1]}/"
    finally:
        await runner.cleanup()


async def _unready(engine: AsyncEngine) -> str:
    """Return why nothing can be harvested into the database, empty if it can."""
    try:
        async with asyncio.timeout(READY_WITHIN):
            version = await schema_version(engine)
    except StoreError as error:
        return " ".join(str(error).split())
    except TimeoutError:
        return f"{shown(engine)}: no answer within {READY_WITHIN:g} s"
    if version == HEAD:
        return ""
    return f"{shown(engine)}: its schema is {version}, this harvester needs {HEAD}"


async def _harden(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "harvester"  # rather than versions of what it is made of


@web.middleware
async def _local(request: web.Request, handler: Handler) -> web.StreamResponse:
    name = request.url.host or ""
    if not is_loopback(name):
        return web.Response(status=421, text="this page is for this machine only\n")
    return await handler(request)
