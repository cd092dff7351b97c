"""`harvest status`: how far each group is harvested, what is missing and why."""

import asyncio
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from harvester.cli.options import settings_from, shared
from harvester.cli.output import say_json
from harvester.cli.watch import watch
from harvester.cli.wiring import existing
from harvester.clock import SystemClock
from harvester.harvest.overview import contradiction, leaves_soon
from harvester.report.charts import clean, printable
from harvester.report.terminal import console_for
from harvester.store.engine import opened
from harvester.store.standing import Standing, standing


@click.command(name="status")
@click.option("--watch", "watched", is_flag=True, help="Go on showing what goes on; Ctrl-C ends.")
@click.option(
    "--interval",
    type=click.IntRange(1, 3600),
    default=2,
    metavar="SECONDS",
    help="How often to look with --watch (2).",
)
@shared
def command(**options: Any) -> None:
    """Show how far each group is harvested, what is missing and why. Reads the database only."""
    if options["watched"] and options["as_json"]:
        raise click.UsageError("--watch shows a page: it does not go with --json")
    settings = settings_from(options, with_accounts=False)
    if options["watched"]:
        with suppress(asyncio.CancelledError):  # which is how one leaves
            asyncio.run(_watch(settings.database.url, timedelta(seconds=options["interval"])))
        return
    found = asyncio.run(_read(settings.database.url))
    if options["as_json"]:
        say_json(asdict(found))
    else:
        show(found, console_for(sys.stdout))


async def _read(url: str) -> Standing:
    async with opened(existing(url)) as engine:
        return await standing(engine, SystemClock().now())


async def _watch(url: str, interval: timedelta) -> None:
    """Show what goes on until SIGINT or SIGTERM, which leave the terminal as it was."""
    if (task := asyncio.current_task()) is not None:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    async with opened(existing(url)) as engine:
        await watch(engine, sys.stdout, SystemClock(), interval)


def show(found: Standing, console: Console) -> None:
    """Print the standing; what came from the API is printed as text, never as markup."""
    if not found.runs and not found.groups:
        console.print("Nothing has been harvested into this database yet.")
        return
    for run in found.runs:
        _print_groups(run.account, found, console)
    _print_missing(found, console)
    _print_contradictions(found, console)
    _print_leaving(found, console)
    for run in found.runs:
        ended = f"{run.outcome}, ended {run.finished_at}" if run.finished_at else "not finished"
        console.print(Text(f"last run of {run.account}: started {run.started_at}, {ended}"))
        if run.detail:
            console.print(Text(f"  {printable(run.detail, most=400)}"))
    for spent in found.requests:
        console.print(
            f"requests of {spent.account} in {spent.month}: {spent.requests:,}", markup=False
        )


def _print_groups(account: str, found: Standing, console: Console) -> None:
    table = _table("group", "bitlinks", "since", "settled through", "complete", "open", "missing")
    for group in found.groups:
        if group.account == account:
            table.add_row(
                *_texts(
                    printable(group.name, most=14) or group.group_guid,
                    f"{group.bitlinks:,}",
                    group.first,
                    group.settled_through or "-",
                    f"{group.complete_days + group.settled_days} d",
                    f"{group.open_days} d",
                    f"{group.missing:,}",
                )
            )
    console.print(Text(f"account {account}", "bold"))
    console.print(table)
    console.print()


def _print_missing(found: Standing, console: Console) -> None:
    if not found.missing:
        console.print("Nothing is missing.")
        console.print()
        return
    table = _table("missing of", "facet", "why", "windows", "days")
    for count in found.missing:
        table.add_row(
            *_texts(
                count.group_guid,
                count.facet,
                count.reason,
                f"{count.windows:,}",
                f"{count.first} to {count.last}",
            )
        )
    console.print(table)
    console.print()


def _print_contradictions(found: Standing, console: Console) -> None:
    for each in found.contradictions:
        console.print(Text(clean(contradiction(each))))
    if found.contradictions:
        console.print()


def _print_leaving(found: Standing, console: Console) -> None:
    for each in found.leaving:
        console.print(Text(clean(leaves_soon(each)), "bold"))
    if found.leaving:
        console.print()


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=True)
    return table


def _texts(*cells: str) -> Iterable[Text]:
    return (Text(clean(cell)) for cell in cells)
