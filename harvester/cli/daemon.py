"""`harvest daemon`: harvests on schedule, for as long as it runs."""

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

import click
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.connections import Connections
from harvester.cli.faces import faces
from harvester.cli.logs import listening, logs_for
from harvester.cli.options import accounts_from, settings_from, shared
from harvester.cli.pages import page_apart
from harvester.cli.wiring import Bench, job_for, run_until_stopped
from harvester.clock import Clock, SystemClock
from harvester.config import Account, Settings
from harvester.daemon.course import DATABASE
from harvester.daemon.database import Database
from harvester.daemon.errands import Paces
from harvester.daemon.member import Member, Members
from harvester.daemon.schedule import Rhythm
from harvester.daemon.service import Service
from harvester.daemon.ticking import Around
from harvester.daemon.waiting import any_of
from harvester.domain.errors import ConfigError, Exit
from harvester.domain.events import Event, Notify
from harvester.harvest.run import harvest
from harvester.harvest.summary import Summary
from harvester.report.web import report_handler
from harvester.store.engine import opened
from harvester.store.errors import StoreBusy, StoreUnavailable
from harvester.store.following import follow
from harvester.store.ticks import save_ticks, ticks_of

PATIENCE: Final = timedelta(minutes=10)  # for a database that starts beside the daemon


@click.command(name="daemon")
@click.option("--account", "accounts", multiple=True, metavar="NAME", help="Only this account.")
@shared
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:
    """Harvest on schedule until told to stop.

    SIGTERM and SIGINT end it in order, SIGHUP lets it read settings and tokens anew.
    """
    ctx.exit(run(options, SystemClock()))


def run(options: Mapping[str, Any], clock: Clock, *sinks: Notify) -> Exit:
    """Run the daemon as `options` (by option name) say, until a signal ends it.

    `sinks` watch it beside those that the settings ask for.
    """
    reload = asyncio.Event()

    async def main(stop: asyncio.Event) -> Exit:
        await _main(options, clock, stop, reload, sinks)
        return Exit.COMPLETE

    return run_until_stopped(main, on_stop=lambda: None, on_hangup=reload.set)


async def _main(
    options: Mapping[str, Any],
    clock: Clock,
    stop: asyncio.Event,
    reload: asyncio.Event,
    sinks: Iterable[Notify],
) -> None:
    settings = settings_from(options)
    logs = logs_for(settings, clock)
    told = [logs.notify, *sinks]

    def notify(event: Event) -> None:
        for sink in told:
            sink(event)

    async with AsyncExitStack() as stack:
        stack.enter_context(listening(logs))
        engine = await _reached(settings, stack, clock, stop, notify)
        if engine is None:
            return
        bench = Bench(engine, clock, Connections(settings.bitly.connections), notify)
        zone = ZoneInfo(settings.report.zone)
        further = {"/report": report_handler(engine, clock, zone, page_apart)}
        shown = faces(settings, bench, logs, further=further)
        told += [await stack.enter_async_context(face) for face in shown]
        around = Around(
            clock=clock,
            dice=random.Random(),  # noqa: S311 - dice for jitter, not for secrets
            notify=notify,
            database=Database(clock, notify),
            recall=partial(ticks_of, engine),
            keep=partial(save_ticks, engine),
            reload=reload,
        )
        service = Service(_loader(options, settings, bench), around)
        await service.run(members(settings, settings, options, bench), stop)


async def _reached(
    settings: Settings,
    stack: AsyncExitStack,
    clock: Clock,
    stop: asyncio.Event,
    notify: Notify,
) -> AsyncEngine | None:
    """Open the database until the `stack` is left; wait for one that is not there yet.

    None if told to stop meanwhile. Raises StoreError after `PATIENCE`, or where waiting is no use.
    """
    database, until, failures = Database(clock, notify), clock.now() + PATIENCE, 0
    while not stop.is_set():
        try:
            engine = await stack.enter_async_context(opened(settings.database.url))
        except (StoreUnavailable, StoreBusy) as error:
            now = clock.now()
            if now >= until:
                raise
            database.gone(error)
            failures += 1
            again = DATABASE.until(failures, now, share=1)
            await any_of(clock.sleep(again - now), stop.wait())
        else:
            database.works()
            return engine
    return None


def _loader(options: Mapping[str, Any], old: Settings, bench: Bench) -> Callable[[], Members]:
    def load() -> Members:
        return members(settings_from(options), old, options, bench)

    return load


def members(settings: Settings, old: Settings, options: Mapping[str, Any], bench: Bench) -> Members:
    """Return the accounts of `settings`, for a daemon that was started with `old` ones."""
    accounts = accounts_from(settings, options["accounts"])
    restart = [
        name
        for name, new, now in (
            ("database.url", settings.database.url, old.database.url),
            ("bitly.connections", settings.bitly.connections, old.bitly.connections),
            ("http", settings.http, old.http),
            ("log", settings.log, old.log),
            ("notify", settings.notify, old.notify),
        )
        if new != now
    ]
    each = tuple(_member(account, settings, options, bench) for account in accounts)
    return Members(each, tuple(restart))


def _member(
    account: Account, settings: Settings, options: Mapping[str, Any], bench: Bench
) -> Member:
    schedule = account.schedule

    async def work(first: date | None, stop: asyncio.Event, notify: Notify) -> Summary:
        job = replace(job_for(account, settings), not_before=first)
        own = replace(bench, notify=notify)
        await follow(own.engine, settings.report.zone, settings.attribution)
        async with own.client(account, settings, stop) as client:
            return await harvest(job, client, own.engine, own.clock, stop=stop, notify=notify)

    def renewed() -> bool:
        try:
            found = settings_from({**options, "quiet": True}).accounts
        except ConfigError:  # somebody is at it
            return False
        return any(each.name == account.name and each.token != account.token for each in found)

    return Member(
        name=account.name,
        rhythm=Rhythm(schedule.every, schedule.cron, schedule.zone, schedule.jitter),
        paces=Paces(
            timedelta(days=settings.harvest.settle_days),
            schedule.settle_every,
            schedule.backfill_every,
        ),
        at_start=schedule.at_start,
        settings=(
            account,
            settings.bitly,
            settings.harvest,
            settings.limits,
            settings.report,
            settings.attribution,
        ),
        work=work,
        renewed=renewed,
    )
