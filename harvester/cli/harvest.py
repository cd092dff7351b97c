"""`harvest --since WHEN`: one run over all accounts, and its summary."""

import asyncio
import sys
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, replace
from typing import Any

from harvester.bitly.connections import Connections
from harvester.cli.options import accounts_from, settings_from
from harvester.cli.output import say, say_json
from harvester.cli.progress import progress
from harvester.cli.wiring import Bench, advice_for, job_for, run_until_stopped
from harvester.clock import SystemClock
from harvester.config import Account, Settings
from harvester.domain.errors import ConfigError, Exit, HarvesterError
from harvester.domain.events import Notify
from harvester.domain.levels import Level
from harvester.harvest import since
from harvester.harvest.lease import AccountHeld
from harvester.harvest.run import harvest
from harvester.harvest.summary import Summary, exit_code
from harvester.report.charts import printable
from harvester.store.engine import opened
from harvester.store.following import follow


def run(options: Mapping[str, Any]) -> Exit:
    """Harvest as `options` say (by option name), print the summary, return the exit code."""
    settings = settings_from(options)
    accounts = accounts_from(settings, options["accounts"])
    _check_days(options["since"], options["until"])
    ended: list[Summary | HarvesterError] = []

    async def main(stop: asyncio.Event) -> Exit:
        with _watched(settings, options) as notify:
            await _run(settings, accounts, options, ended, stop=stop, notify=notify)
        return exit_code(each for each in ended if isinstance(each, Summary))

    code = run_until_stopped(main)
    summaries = [each for each in ended if isinstance(each, Summary)]
    refusals = [each for each in ended if isinstance(each, HarvesterError)]
    code = min({code, *(each.exit_code for each in refusals)} - {Exit.COMPLETE}, default=code)
    if options["as_json"]:
        say_json(as_json(summaries, code))
    elif not options["quiet"]:
        say(*lines(summaries))
    for line in (*map(str, refusals), *troubles(summaries)):
        say(f"harvest: {line}", err=True)
    return code


def _watched(settings: Settings, options: Mapping[str, Any]) -> AbstractContextManager[Notify]:
    """Return what shows how far it is: a bar or lines, or with --debug each request."""
    clock = SystemClock()
    if not options["debug"]:
        return progress(sys.stderr, clock, quiet=options["quiet"])
    from harvester.cli.logs import logs_for  # noqa: PLC0415 - what it takes is seldom needed

    logs = logs_for(settings, clock)
    logs.level = Level.DEBUG
    return nullcontext(logs.notify)


def _check_days(first: str | None, last: str | None) -> None:
    """Refuse days that cannot be before anything is sent."""
    now = SystemClock().now()
    if first is not None:
        since.days(first, last, now)
    else:
        since.last_day(last, now)


async def _run(
    settings: Settings,
    accounts: Iterable[Account],
    options: Mapping[str, Any],
    ended: list[Summary | HarvesterError],
    *,
    stop: asyncio.Event,
    notify: Notify,
) -> None:
    """Harvest one account after the other; one that fails does not keep the others from it."""
    clock = SystemClock()
    connections = Connections(settings.bitly.connections)
    async with opened(settings.database.url) as engine:
        await follow(engine, settings.report.zone, settings.attribution)
        bench = Bench(engine, clock, connections, notify)
        for account in accounts:
            if stop.is_set():
                return
            job = job_for(
                account,
                settings,
                since=options["since"],
                until=options["until"],
                groups=options["groups"],
                facets=settings.harvest.facets if options["facets"] else (),
            )
            try:
                async with bench.client(account, settings, stop) as client:
                    told = replace(job, refresh=options["refresh"])
                    ended.append(
                        await harvest(told, client, engine, clock, stop=stop, notify=notify)
                    )
            except ConfigError as error:  # such as a group that only the other account has
                ended.append(ConfigError(f"{account.name}: {error}"))
            except AccountHeld as error:
                ended.append(error)


def as_json(summaries: Iterable[Summary], code: Exit) -> dict[str, object]:
    """Return the summaries as one JSON object."""
    runs = [{**asdict(summary), "seconds": round(summary.seconds, 3)} for summary in summaries]
    return {"exit_code": int(code), "runs": runs}


def lines(summaries: Iterable[Summary]) -> Iterable[str]:
    """Yield the summaries as lines for a person."""
    for summary in summaries:
        days = f", {summary.since} to {summary.until}" if summary.since else ""
        yield f"{summary.account}: {summary.outcome}{days}"
        if summary.since:
            yield from _counts(summary)


def troubles(summaries: Iterable[Summary]) -> Iterable[str]:
    """Yield a line for each account whose run is not complete: why, and what to do."""
    for summary in summaries:
        counts = summary.counts
        if summary.detail:
            advice = advice_for(summary.outcome.exit_code) if summary.since is None else ""
            yield f"{summary.account}: {printable(summary.detail, most=400)}{advice}"
        elif counts.missing or counts.failed:
            yield (
                f"{summary.account}: {counts.missing:,} windows missing, {counts.failed:,} requests"
                " failed; `harvest status` says which and why"
            )


def _counts(summary: Summary) -> Iterable[str]:
    counts = summary.counts
    rate = counts.requests / max(summary.seconds, 1e-3)
    yield f"  {counts.groups:,} groups, {counts.bitlinks:,} bitlinks"
    yield (
        f"  {counts.requests:,} requests in {summary.seconds:,.1f} s ({rate:,.0f}/s),"
        f" {counts.retries:,} of them retries"
    )
    yield (
        f"  {counts.snapshots:,} new snapshots with {counts.rows:,} rows,"
        f" {counts.revisions:,} of them revisions"
    )
    if summary.quota:
        yield f"  {summary.quota.used:,} of the month's {summary.quota.limit:,} API requests used"
