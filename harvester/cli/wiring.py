"""The composition root: settings become a client, a job, a stop signal."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable
from datetime import timedelta

import click

from harvester.bitly.client import BitlyClient
from harvester.bitly.limiter import Connections, Limiter
from harvester.clock import Clock
from harvester.config import Account, Settings
from harvester.domain.errors import Exit
from harvester.domain.events import Notify, Waiting
from harvester.harvest.job import Job


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
    return Job(
        account=account.name,
        facets=facets or account.facets,
        since=since,
        until=until,
        include=groups or account.include_groups,
        exclude=() if groups else account.exclude_groups,
        strategy=settings.harvest.strategy,
        settle=timedelta(days=settings.harvest.settle_days),
        first_run=timedelta(days=settings.harvest.first_run_days),
        workers=settings.bitly.connections,
        month_requests=settings.limits.month_requests,
        reserve=settings.limits.reserve_percent,
    )


def run_until_stopped(main: Callable[[asyncio.Event], Awaitable[Exit]]) -> Exit:
    """Run `main` with an event that SIGINT and SIGTERM set; a second signal leaves at once."""
    try:
        return asyncio.run(_watched(main))
    except asyncio.CancelledError:
        return Exit.INTERRUPTED


async def _watched(main: Callable[[asyncio.Event], Awaitable[Exit]]) -> Exit:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()

    def interrupted() -> None:
        if stop.is_set() and task is not None:
            task.cancel()
        else:
            click.echo("harvest: stopping; what was learnt is kept (again: at once)", err=True)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupted)
    return await main(stop)
