"""`harvest status`: how far each group is harvested, what is missing and why."""

import asyncio
import sys
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from harvester.cli.options import settings_from, shared
from harvester.cli.output import say_json
from harvester.cli.wiring import existing
from harvester.clock import SystemClock
from harvester.report.charts import clean, printable
from harvester.report.terminal import console_for
from harvester.store.engine import opened
from harvester.store.standing import Contradictions, Standing, standing


@click.command(name="status")
@shared
def command(**options: Any) -> None:
    """Show how far each group is harvested, what is missing and why. Reads the database only."""
    settings = settings_from(options, with_accounts=False)
    found = asyncio.run(_read(settings.database.url))
    if options["as_json"]:
        say_json(asdict(found))
    else:
        show(found, console_for(sys.stdout))


async def _read(url: str) -> Standing:
    async with opened(existing(url)) as engine:
        return await standing(engine, SystemClock().now())


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
        console.print(Text(f"{_contradiction(each)}: harvest_contradictions"))
    if found.contradictions:
        console.print()


def _contradiction(found: Contradictions) -> str:
    group = clean(found.group_guid)
    if not found.breakdowns:
        return f"answers about group {group} contradict each other"
    if found.breakdowns == 1:
        said = f"1 breakdown of group {group} does not add up to its clicks"
    else:
        said = f"{found.breakdowns:,} breakdowns of group {group} do not add up to their clicks"
    return f"{said}, and other answers contradict each other" if found.answers else said


def _print_leaving(found: Standing, console: Console) -> None:
    for each in found.leaving:
        group = clean(each.group_guid)
        console.print(
            Text(
                f"{each.link_days:,} link-days of group {group} leave Bitly's reach"
                f" within 7 days, those of {each.first} on {each.leaves_on}: run `harvest` before"
                " then; `harvest plan` says whether the requests suffice",
                "bold",
            )
        )
    if found.leaving:
        console.print()


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=True)
    return table


def _texts(*cells: str) -> Iterable[Text]:
    return (Text(clean(cell)) for cell in cells)
