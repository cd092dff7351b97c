"""`harvest --since WHEN`: one run over all accounts, and its summary."""

import asyncio
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import click

from harvester.bitly.limiter import Connections
from harvester.cli.options import accounts_from, settings_from
from harvester.cli.progress import progress
from harvester.cli.wiring import client_for, job_for, run_until_stopped
from harvester.clock import SystemClock
from harvester.config import Account, Settings
from harvester.domain.errors import Exit
from harvester.domain.events import Notify
from harvester.harvest import since
from harvester.harvest.run import harvest
from harvester.harvest.summary import Summary, exit_code
from harvester.report.charts import printable
from harvester.store.engine import opened


def run(options: Mapping[str, Any]) -> Exit:
    """Harvest as `options` say (by option name), print the summary, return the exit code."""
    settings = settings_from(options)
    accounts = accounts_from(settings, options["accounts"])
    if options["since"] is not None:
        since.days(options["since"], options["until"], SystemClock().now())
    summaries: list[Summary] = []

    async def main(stop: asyncio.Event) -> Exit:
        with progress(sys.stderr, SystemClock(), quiet=options["quiet"]) as notify:
            await _run(settings, accounts, options, summaries, stop=stop, notify=notify)
        return exit_code(summaries)

    code = run_until_stopped(main)
    if options["as_json"]:
        click.echo(as_json(summaries, code))
    elif not options["quiet"]:
        for line in lines(summaries):
            click.echo(line)
    else:
        for summary in summaries:
            if summary.detail:
                click.echo(f"harvest: {summary.account}: {summary.detail}", err=True)
    return code


async def _run(
    settings: Settings,
    accounts: Iterable[Account],
    options: Mapping[str, Any],
    summaries: list[Summary],
    *,
    stop: asyncio.Event,
    notify: Notify,
) -> None:
    """Harvest one account after the other; one that fails does not keep the others from it."""
    clock = SystemClock()
    connections = Connections(settings.bitly.connections)
    async with opened(settings.database.url) as engine:
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
            client = client_for(
                account, settings, clock=clock, connections=connections, notify=notify
            )
            async with client:
                summaries.append(
                    await harvest(job, client, engine, clock, stop=stop, notify=notify)
                )


def as_json(summaries: Iterable[Summary], code: Exit) -> str:
    """Return the summaries as one JSON object; days and instants are ISO text."""
    runs = [{**asdict(summary), "seconds": round(summary.seconds, 3)} for summary in summaries]
    return json.dumps({"exit_code": int(code), "runs": runs}, default=str, indent=2)


def lines(summaries: Iterable[Summary]) -> Iterable[str]:
    """Yield the summaries as lines for a person."""
    for summary in summaries:
        days = f", {summary.since} to {summary.until}" if summary.since else ""
        yield f"{summary.account}: {summary.outcome}{days}"
        if summary.detail:
            yield f"  {printable(summary.detail, most=400)}"
        if summary.since:
            yield from _counts(summary)


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
        used = summary.quota.used + counts.requests
        yield f"  {used:,} of the month's {summary.quota.limit:,} API requests used"
    if counts.missing or counts.failed:
        yield (
            f"  {counts.missing:,} windows missing, {counts.failed:,} requests failed;"
            " `harvest status` says which and why"
        )
