"""`harvest status --watch`: the overview, live on a terminal, plain snapshots without one."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, TextIO

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.clock import Clock
from harvester.harvest.overview import AccountView, Gauge, Mood, Overview, look, span, when
from harvester.report.charts import clean, printable
from harvester.report.terminal import console_for
from harvester.store.errors import StoreError

STYLES: Final = {
    Mood.GOOD: "green",
    Mood.BUSY: "cyan",
    Mood.ATTENTION: "yellow",
    Mood.BAD: "bold red",
}
MARK: Final = "●"
BAR: Final = 16
MOST: Final = 6  # reasons of one account


async def watch(engine: AsyncEngine, stream: TextIO, clock: Clock, interval: timedelta) -> None:
    """Show the overview anew every `interval`, until cancelled."""
    console = console_for(stream)
    if not stream.isatty():
        while True:
            console.print(await _seen(engine, clock.now()), soft_wrap=True)
            console.print()
            await clock.sleep(interval)
    with Live(console=console, auto_refresh=False, screen=True, vertical_overflow="crop") as screen:
        while True:
            screen.update(await _seen(engine, clock.now()), refresh=True)
            await clock.sleep(interval)


async def _seen(engine: AsyncEngine, now: datetime) -> RenderableType:
    try:
        return shown(await look(engine, now))
    except StoreError as error:  # it may be back the next time
        return Text(f"{now:%Y-%m-%d %H:%M:%S} UTC  {clean(str(error))}", "red")


def shown(seen: Overview) -> RenderableType:
    """Return the overview as it is printed; what came from the API is text, never markup."""
    head = Text.assemble(("harvester", "bold"), f"  {seen.at:%Y-%m-%d %H:%M:%S} UTC")
    if not seen.accounts:
        return Group(head, Text("Nothing has been harvested into this database yet."))
    parts: list[RenderableType] = [head, Text(), _accounts(seen), Text(), _groups(seen), Text()]
    parts += [line for account in seen.accounts for line in _lines(account)]
    return Group(*parts, _runs(seen))


def _accounts(seen: Overview) -> Table:
    table = _table("account", "now", "", "fresh", "last success", "next run", "month's requests")
    for account in seen.accounts:
        table.add_row(
            Text.assemble((f"{MARK} ", STYLES[account.mood]), printable(account.name, most=24)),
            Text(printable(account.doing, most=40)),
            _bar(account.progress) if account.progress else Text(),
            Text(span(account.age) if account.age is not None else "-"),
            Text(when(account.succeeded_at, seen.at)),
            Text(when(account.next_at, seen.at)),
            _quota(account.quota),
        )
    return table


def _bar(gauge: Gauge) -> RenderableType:
    bar = Table.grid(padding=(0, 1))
    bar.add_row(
        ProgressBar(total=gauge.total, completed=min(gauge.done, gauge.total), width=BAR),
        Text(f"{gauge.done:,} of {gauge.total:,}"),
    )
    return bar


def _quota(quota: Gauge | None) -> Text:
    if quota is None:
        return Text("-")
    return Text(f"{quota.done:,} of {quota.total:,} ({quota.share:.0%})")


def _groups(seen: Overview) -> Table:
    names = ("group", "account", "bitlinks", "fresh", "settled through", "complete", "open")
    table = _table(*names, "missing")
    for account in seen.accounts:
        for group in account.groups:
            stands = group.standing
            row = (
                printable(stands.name, most=24) or stands.group_guid,
                printable(account.name, most=24),
                f"{stands.bitlinks:,}",
                span(group.age) if group.age is not None else "-",
                stands.settled_through or "-",
                f"{stands.complete_days + stands.settled_days} d",
                f"{stands.open_days} d",
                f"{stands.missing:,}",
            )
            table.add_row(*(Text(clean(cell)) for cell in row))
    return table


def _lines(account: AccountView) -> Iterator[Text]:
    """Yield what is not right with an account, a line each; an empty line ends it."""
    for each in account.missing[:MOST]:
        yield Text(
            clean(
                f"{account.name}: missing of {each.group_guid}: {each.windows:,} windows of"
                f" {each.facet}, {each.first} to {each.last}: {each.reason}"
            ),
            "yellow",
        )
    if len(account.missing) > MOST:
        yield Text(f"{clean(account.name)}: and more: `harvest status`", "yellow")
    for note in account.notes:
        yield Text(f"{clean(account.name)}: {printable(note, most=400)}", "yellow")
    if account.missing or account.notes:
        yield Text()


def _runs(seen: Overview) -> Table:
    table = _table("last runs", "began", "took", "outcome", "requests", "rows", "missing")
    for run in seen.runs:
        took = span(run.finished_at - run.started_at) if run.finished_at else "-"
        counts = (run.requests, run.rows, run.missing)
        row = (
            printable(run.account, most=24),
            when(run.started_at, seen.at),
            took,
            seen.ended(run),
            *("-" if count is None else f"{count:,}" for count in counts),
        )
        table.add_row(*(Text(cell) for cell in row))
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, no_wrap=True)
    return table
