"""The composition root: settings become a client, a job, a stop signal."""

import asyncio
import os
import random
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.connections import Connections
from harvester.bitly.limiter import Limiter
from harvester.bitly.observing import Sent
from harvester.cli.output import say
from harvester.clock import Clock
from harvester.config import Account, Settings
from harvester.domain.errors import ConfigError, Exit
from harvester.domain.events import Notify, Requested, Waiting
from harvester.domain.facets import HOURS
from harvester.harvest.job import HOURLY_DAYS, Job
from harvester.harvest.lease import Keeper
from harvester.store.engine import resolved_url

# A stopped process has 10 s until container engines kill it: what waits longer is dropped.
GRACE = timedelta(seconds=6)


def client_for(
    account: Account,
    settings: Settings,
    *,
    clock: Clock,
    connections: Connections,
    notify: Notify,
) -> BitlyClient:
    """Build the client of one account; `connections` are shared by all accounts of the process."""

    def waits(endpoint: str, seconds: float, why: str) -> None:
        notify(Waiting(account.name, endpoint, seconds, why))

    opened_as = secrets.token_hex(3)  # so that requests of two runs have two names

    def sent(one: Sent) -> None:
        notify(
            Requested(
                account.name,
                f"{opened_as}-{one.number}",
                one.request.endpoint,
                one.request.path,
                one.attempt,
                one.status,
                one.seconds,
                *(one.hour or ()),
            )
        )

    limiter = Limiter(
        clock,
        connections=connections,
        requests_per_hour=settings.limits.requests_per_hour,
        on_wait=waits,
    )
    return BitlyClient(
        account.token.reveal(),
        base_url=settings.bitly.api_url,
        clock=clock,
        dice=random.Random(),  # noqa: S311 - dice for backoff, not for secrets
        limiter=limiter,
        timeout=timedelta(seconds=settings.bitly.timeout_seconds),
        attempts=settings.bitly.attempts,
        on_sent=sent,
    )


def job_for(
    account: Account,
    settings: Settings,
    *,
    since: str | None = None,
    until: str | None = None,
    groups: tuple[str, ...] = (),
    facets: tuple[str, ...] = (),
) -> Job:
    """Say what to harvest of `account`; `groups` and `facets` narrow what its settings hold."""
    hourly = settings.harvest.hourly_days
    wanted = facets or account.facets
    return Job(
        account=account.name,
        facets=wanted if facets or not hourly else tuple(dict.fromkeys([*wanted, HOURS])),
        hourly_days=hourly or HOURLY_DAYS,
        rosters=settings.harvest.rosters,
        since=since,
        until=until,
        include=groups or account.include_groups,
        exclude=() if groups else account.exclude_groups,
        watch=account.watch,
        strategy=settings.harvest.strategy,
        resolution=settings.harvest.resolution,
        settle=timedelta(days=settings.harvest.settle_days),
        first_run=timedelta(days=settings.harvest.first_run_days),
        workers=settings.bitly.connections,
        month_requests=settings.limits.month_requests,
        reserve=settings.limits.reserve_percent,
        history_days=_history_days(account, settings),
        refresh_every=timedelta(days=settings.harvest.refresh_days),
        budget=settings.limits.budget,
    )


def _history_days(account: Account, settings: Settings) -> int | None:
    own = account.history_days
    days = settings.limits.history_days if own is None else own
    return None if days == "learn" else days


def keeper_for(
    account: Account,
    settings: Settings,
    engine: AsyncEngine,
    *,
    clock: Clock,
    stop: asyncio.Event,
    notify: Notify,
) -> Keeper:
    """Build what keeps other processes out of the account; a holder is named by host and pid."""
    return Keeper(
        engine,
        account.name,
        f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}",
        clock,
        stop,
        notify,
        timedelta(seconds=settings.harvest.lease_seconds),
    )


@dataclass(frozen=True, slots=True)
class Bench:
    """What the runs of a process share: the database, the time, the connections, who watches."""

    engine: AsyncEngine
    clock: Clock
    connections: Connections
    notify: Notify

    @asynccontextmanager
    async def client(
        self, account: Account, settings: Settings, stop: asyncio.Event
    ) -> AsyncIterator[BitlyClient]:
        """Yield a client of `account`, whose lease is held meanwhile; `stop` is set if it is lost.

        Raises AccountHeld if another process harvests the account, StoreError.
        """
        client = client_for(
            account,
            settings,
            clock=self.clock,
            connections=self.connections,
            notify=self.notify,
        )
        keeper = keeper_for(
            account, settings, self.engine, clock=self.clock, stop=stop, notify=self.notify
        )
        async with keeper.held(), client:
            yield client


def existing(url: str) -> str:
    """Return `url`, of a database that is there: what only reads makes none. Raises ConfigError."""
    resolved = resolved_url(url)
    if resolved.get_backend_name() == "sqlite" and not Path(resolved.database or "").exists():
        raise ConfigError(
            f"{resolved.database}: there is no such database: harvest first, or name another one"
        )
    return url


def advice_for(code: Exit) -> str:
    """Return what to add to a message of an account that ended with `code` before it began."""
    if code is Exit.INCOMPLETE:
        return "; check the network and bitly.api_url, or try again later"
    return ""


def announce() -> None:
    """Say on a terminal that the end is near."""
    say("harvest: stopping; what was learnt is kept (again: at once)", err=True)


def run_until_stopped(
    main: Callable[[asyncio.Event], Awaitable[Exit]],
    *,
    grace: timedelta = GRACE,
    on_stop: Callable[[], None] = announce,
    on_hangup: Callable[[], None] | None = None,
) -> Exit:
    """Run `main` with an event that SIGINT and SIGTERM set, after `on_stop` was called.

    A second signal, or `grace` after the first, leaves at once: requests under way are dropped, and
    what was learnt is still committed. SIGHUP calls `on_hangup`; without it, it ends the process.
    """
    try:
        return asyncio.run(_watched(main, grace, on_stop, on_hangup))
    except asyncio.CancelledError:
        return Exit.INTERRUPTED


async def _watched(
    main: Callable[[asyncio.Event], Awaitable[Exit]],
    grace: timedelta,
    on_stop: Callable[[], None],
    on_hangup: Callable[[], None] | None,
) -> Exit:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()

    def leave() -> None:
        if task is not None:
            task.cancel()

    def interrupted() -> None:
        if stop.is_set():
            leave()
        else:
            on_stop()
            loop.call_later(grace.total_seconds(), leave)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupted)
    if on_hangup is not None:
        loop.add_signal_handler(signal.SIGHUP, on_hangup)
    return await main(stop)
