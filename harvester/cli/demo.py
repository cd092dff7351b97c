"""`harvest demo`: a whole harvest of a made-up account, from the API to SQL, in one process."""

import asyncio
import random
import shlex
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.syntax import Syntax
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.facets import DEFAULT
from harvester.bitly.limiter import Limiter
from harvester.cli.harvest import lines, troubles
from harvester.cli.options import debug
from harvester.cli.output import say
from harvester.cli.pages import ON_A_PAGE, write_page
from harvester.cli.progress import progress
from harvester.cli.wiring import run_until_stopped
from harvester.clock import Clock, SystemClock
from harvester.domain.errors import ConfigError, Exit
from harvester.domain.facets import HOURS
from harvester.harvest.job import Job
from harvester.harvest.run import harvest
from harvester.harvest.summary import Summary
from harvester.report.charts import clean, printable
from harvester.report.choosing import Asked, period_from
from harvester.report.period import Period
from harvester.report.reading import Wanted, figures
from harvester.report.terminal import console_for, show
from harvester.sandbox.limits import Limits
from harvester.sandbox.server import Sandbox, running
from harvester.sandbox.world import World
from harvester.store.engine import opened, reading

# An Enterprise plan's size: the demo shows a whole account, not what a small plan would leave.
MONTH = 1_000_000
HOUR = 10_000_000  # known from the beginning: nobody is kept waiting by limits that are learnt
SHOWN = 3
DAYS = 61  # thirty days, the thirty before, and today

QUERIES = {
    "Which links did best last week?": """\
SELECT bitlink, sum(clicks) AS clicks
FROM clicks_by_day
WHERE day > date('now', '-7 days')
GROUP BY bitlink ORDER BY clicks DESC LIMIT 10;""",
    "On which weekdays do people click, and on what?": """\
SELECT strftime('%w', day) AS weekday, device_type, sum(clicks) AS clicks
FROM clicks_by_device
GROUP BY weekday, device_type ORDER BY clicks DESC LIMIT 10;""",
    "What is not known, and why?": """\
SELECT day, status, clicks, missing
FROM harvest_coverage
WHERE status <> 'settled' ORDER BY day DESC LIMIT 10;""",
}


@click.command(name="demo")
@click.option("--file", default="demo.db", show_default=True, help="SQLite file to fill.")
@click.option("--links", default=150, show_default=True, type=click.IntRange(1))
@click.option("--days", default=DAYS, show_default=True, type=click.IntRange(1, 365))
@debug
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:
    """Harvest a made-up account from a stand-in API and show what comes of it."""
    ctx.exit(run_until_stopped(lambda stop: _demo(options, stop)))


async def _demo(options: dict[str, Any], stop: asyncio.Event) -> Exit:
    clock, console = SystemClock(), console_for(sys.stdout)
    world = World(today=clock.now().date(), links=options["links"], days=options["days"])
    console.print(
        f"A stand-in for Bitly's API with {len(world.groups)} groups and {options['links']}"
        f" bitlinks, harvested into {options['file']}:\n"
    )
    limits = Limits(connections=5, per_hour=HOUR, per_month=MONTH)
    async with running(world, limits=limits) as sandbox, opened(options["file"]) as engine:
        summary = await _harvest(sandbox, engine, options["days"], stop)
        console.print()
        for line in (*lines([summary]), *troubles([summary])):
            console.print(clean(line), markup=False)
        console.print()
        if summary.since and summary.until:
            wanted = Wanted(Period(summary.since, summary.until), most=8)
            show(await figures(engine, wanted, clock.now()), console)
            await _show_queries(engine, options["file"], console)
            await _write_page(engine, summary.since, clock, options["file"])
    return summary.outcome.exit_code


async def _write_page(engine: AsyncEngine, since: date, clock: Clock, file: str) -> None:
    """Write the page of the last whole days beside the database, and say where it is."""
    now = clock.now()
    period = period_from(Asked(), Period(since, now.date()), now)
    beside = str(Path(file).with_name(f"{Path(file).stem}-report.html"))
    say("")
    try:
        write_page(await figures(engine, Wanted(period, most=ON_A_PAGE), now), beside)
    except ConfigError as error:
        say(f"No page of it was written: {error}")


async def _harvest(
    sandbox: Sandbox, engine: AsyncEngine, days: int, stop: asyncio.Event
) -> Summary:
    clock = SystemClock()
    limiter = Limiter(clock, requests_per_hour=HOUR)
    job = Job("demo", (*DEFAULT, HOURS), since=f"{days}d", first_run=timedelta(days=days))
    client = BitlyClient(
        sandbox.token,
        base_url=sandbox.url,
        clock=clock,
        dice=random.Random(),  # noqa: S311 - dice for backoff, not for secrets
        limiter=limiter,
    )
    with progress(sys.stderr, clock, quiet=False) as notify:
        async with client:
            return await harvest(job, client, engine, clock, stop=stop, notify=notify)


async def _show_queries(engine: AsyncEngine, file: str, console: Console) -> None:
    console.print(f"Three questions to {file}, in SQL (sqlite3 {shlex.quote(file)}):", style="bold")
    for question, sql in QUERIES.items():
        console.print(f"\n-- {question}", style="dim")
        console.print(Syntax(sql, "sql", theme="ansi_dark", background_color="default"))
        async with reading(engine) as connection:
            rows = (await connection.execute(text(sql))).fetchmany(SHOWN)
        for row in rows:
            console.print(f"     {printable(' | '.join(map(str, row)))}", markup=False)
