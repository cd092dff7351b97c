"""The terminal report: clicks per day, top links, top countries, top referrers."""

from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harvester.report.charts import bar, columns, printable
from harvester.report.figures import Figures, Share

CHART_HEIGHT = 6
BAR_WIDTH = 24
NARROW, WIDE = 80, 160


def console_for(stream: TextIO) -> Console:
    """Return a console that fits a terminal, or is wide enough not to cut what a program reads.

    A terminal too narrow for the tables wraps them, which is ugly; cut figures would be useless.
    """
    console = Console(file=stream, highlight=False)
    console.width = max(console.width, NARROW) if stream.isatty() else WIDE
    return console


def show(figures: Figures, console: Console) -> None:
    """Print `figures`. What came from the API is printed as text, never as markup."""
    console.print(
        Text.assemble(
            (f"{figures.clicks:,} clicks", "bold"),
            f" from {figures.first} to {figures.last} (UTC days)",
        )
    )
    console.print()
    _show_days(figures, console)
    _show_shares("Top links", "bitlink", figures.links, console, with_title=True)
    _show_shares("Top countries", "country", figures.countries, console)
    _show_shares("Top referrers", "referrer", figures.referrers, console)


def _show_days(figures: Figures, console: Console) -> None:
    if not figures.days:
        console.print("No day of this range has been harvested.")
        return
    room = max(min(console.width, 100) - 12, 10)
    days = figures.days[-room:]
    stretch = max(1, min(3, room // len(days)))
    largest = max(day.clicks for day in days)
    lines = columns([day.clicks for day in days for _ in range(stretch)], height=CHART_HEIGHT)
    for number, line in enumerate(lines):
        label = f"{largest:,}" if number == 0 else "0" if number == CHART_HEIGHT - 1 else ""
        console.print(Text.assemble(f"{label:>9} ", (line, "cyan")), no_wrap=True, crop=True)
    last = days[-1].day
    console.print(f"{'':>9} {days[0].day}{last:>{max(len(days) * stretch - 10, 11)}}")
    unfinished = [day.day for day in days if not day.complete]
    if unfinished:
        console.print(f"{'':>9} not complete: {', '.join(unfinished)}")
    console.print()


def _show_shares(
    heading: str,
    column: str,
    shares: Sequence[Share],
    console: Console,
    *,
    with_title: bool = False,
) -> None:
    if not shares:
        return
    table = Table(title=heading, title_justify="left", box=None, pad_edge=False, title_style="bold")
    table.add_column(column, no_wrap=True)
    if with_title:
        table.add_column("title", no_wrap=True, overflow="ellipsis", max_width=36)
    table.add_column("clicks", justify="right")
    table.add_column("")
    for share in shares:
        cells = [Text(printable(share.name, most=32) or "(empty)")]
        if with_title:
            cells.append(Text(printable(share.title, most=36)))
        length = bar(share.clicks, shares[0].clicks, width=BAR_WIDTH)
        table.add_row(*cells, Text(f"{share.clicks:,}"), Text(length, "cyan"))
    console.print(table)
    console.print()
