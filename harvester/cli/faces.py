"""What shows the daemon to others, as settings ask for it: log, pages, journal, notifications."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Final, TextIO

from harvester.cli.wiring import Bench
from harvester.clock import Clock
from harvester.config import Settings
from harvester.daemon.journal import journalled
from harvester.daemon.logs import Logs
from harvester.daemon.metrics import Metrics
from harvester.daemon.notify import Webhook, notifying
from harvester.daemon.web import Handler, Sight, Site, served
from harvester.domain.addresses import is_loopback
from harvester.domain.events import Notify
from harvester.domain.levels import Form, Level
from harvester.report.charts import clean

_OPEN: Final = "pages are shown on another address than this machine's own, and ask for no password"


def logs_for(settings: Settings, clock: Clock, stream: TextIO | None = None) -> Logs:
    """Return the log as settings ask for it, on stderr if not on `stream`."""
    stream = stream or sys.stderr
    wanted = settings.log.format
    as_json = wanted is Form.JSON or (wanted is Form.AUTO and not stream.isatty())
    return Logs(stream, clock, level=settings.log.level, as_json=as_json, clean=clean)


@contextmanager
def listening(logs: Logs) -> Iterator[None]:
    """Let SIGUSR1 switch the log's debug level, and libraries write to it, during the block."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, logs.toggle)
    try:
        with logs.of_libraries():
            yield
    finally:
        loop.remove_signal_handler(signal.SIGUSR1)


def faces(
    settings: Settings, bench: Bench, logs: Logs, further: Mapping[str, Handler]
) -> Iterator[AbstractAsyncContextManager[Notify]]:
    """Yield what shows the daemon: each is entered, and told of events until it is left.

    `further` are pages by path. Settings of these take effect at a restart.
    """
    yield journalled(bench.engine, bench.clock)
    if settings.http.port:
        yield _pages(settings, bench, logs, further)
    if settings.notify.webhook is not None:
        webhook = Webhook(settings.notify.webhook.reveal(), bench.clock)
        yield notifying(webhook, bench.engine, bench.notify)


@asynccontextmanager
async def _pages(
    settings: Settings, bench: Bench, logs: Logs, further: Mapping[str, Handler]
) -> AsyncIterator[Notify]:
    host, metrics = settings.http.host, Metrics()
    site = Site(Sight(bench.engine, bench.clock), metrics, further)
    is_local = is_loopback(host)
    async with served(site.app(local_only=is_local), host, settings.http.port) as address:
        logs.write(Level.INFO, "pages are shown", at=address)
        if not is_local:
            logs.write(Level.WARNING, _OPEN, host=host)
        yield metrics.notify
