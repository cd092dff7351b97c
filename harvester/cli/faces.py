"""What shows the daemon to others, as settings ask for it: pages, journal, notifications."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

from harvester.cli.wiring import Bench
from harvester.config import Settings
from harvester.daemon.journal import journalled
from harvester.daemon.logs import Logs
from harvester.daemon.metrics import Metrics
from harvester.daemon.notify import Webhook, notifying
from harvester.daemon.web import Handler, Sight, Site, served
from harvester.domain.addresses import is_loopback
from harvester.domain.events import Notify
from harvester.domain.levels import Level

_OPEN: Final = "pages are shown on another address than this machine's own, and ask for no password"


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
