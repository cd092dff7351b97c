"""The terminal report: a period against the one before, clicks per day, rankings, anomalies."""

from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harvester.report.charts import bar, columns, printable
from harvester.report.figures import Figures, Ranking, Share
from harvester.report.knowledge import Known
from harvester.report.words import anomaly_line, change_words, chosen_words, gap_line, unsure_lines

CHART_HEIGHT = 6
BAR_WIDTH = 24
NARROW, WIDE = 80, 160

STYLES = {
    Known.FINAL: "cyan",
    Known.PROVISIONAL: "bright_blue",
    Known.PARTIAL: "yellow",
    Known.MISSING: "red",
}
MARKS = {Known.FINAL: " ", Known.PROVISIONAL: "~", Known.PARTIAL: "!", Known.MISSING: "?"}
MEANINGS = {
    Known.PROVISIONAL: "~ provisional",
    Known.PARTIAL: "! at least so many",
    Known.MISSING: "? not known",
}


def console_for(stream: TextIO) -> Console:
    """Return a console that fits a terminal, or is wide enough not to cut what a program reads.

    A terminal too narrow for the tables wraps them, which is ugly; cut figures would be useless.
    """
    console = Console(file=stream, highlight=False)
    console.width = max(console.width, NARROW) if stream.isatty() else WIDE
    return console


def show(figures: Figures, console: Console) -> None:
    """Print `figures`. What came from the API is printed as text, never as markup."""
    _show_sum(figures, console)
    if figures.is_empty:
        console.print("No day of this range has been harvested.")
        return
    _show_days(figures, console)
    _show_warnings(figures, console)
    _show_anomalies(figures, console)
    rankings = (
        ("Top links", "bitlink", figures.links),
        ("Top countries", "country", figures.countries),
        ("Top cities", "city", figures.cities),
        ("Devices", "device", figures.devices),
        ("Top referrers", "referrer", figures.referrers),
        ("New links", "bitlink", figures.new_links),
        ("Links that went quiet", "bitlink", figures.quiet_links or Ranking()),
    )
    for heading, column, ranking in rankings:
        _show_ranking(heading, column, ranking, figures, console)


def _show_sum(figures: Figures, console: Console) -> None:
    period = figures.period
    console.print(
        Text.assemble(
            (f"{figures.clicks:,} clicks", "bold"),
            f" from {period.first} to {period.last} (UTC days)",
            *((f", {printable(chosen_words(figures), most=200)}",) if figures.chosen else ()),
        )
    )
    before = period.before
    console.print(
        Text(
            f"{change_words(figures)}, {before.first} to {before.last}"
            if not figures.uncomparable
            else f"not compared with the period before: {figures.uncomparable}",
            "dim",
        )
    )
    console.print()


def _show_days(figures: Figures, console: Console) -> None:
    room = max(min(console.width, 100) - 12, 10)
    days = figures.days[-room:]
    stretch = max(1, min(3, room // len(days)))
    largest = max(day.clicks for day in days)
    lines = columns([day.clicks for day in days for _ in range(stretch)], height=CHART_HEIGHT)
    for number, line in enumerate(lines):
        label = f"{largest:,}" if number == 0 else "0" if number == CHART_HEIGHT - 1 else ""
        drawn = Text(f"{label:>9} ")
        for place, day in enumerate(days):
            drawn.append(line[place * stretch : (place + 1) * stretch], STYLES[day.known])
        console.print(drawn, no_wrap=True, crop=True)
    kinds = {day.known for day in days}
    if kinds != {Known.FINAL}:
        marks = Text(f"{'':>9} ")
        for day in days:
            marks.append(MARKS[day.known] * stretch, STYLES[day.known])
        console.print(marks, no_wrap=True, crop=True)
    console.print(f"{'':>9} {days[0].day}{days[-1].day!s:>{max(len(days) * stretch - 10, 11)}}")
    meant = [words for kind, words in MEANINGS.items() if kind in kinds]
    if meant:
        console.print(f"{'':>9} {'   '.join(meant)}", markup=False)
    if len(days) < len(figures.days):
        console.print(f"{'':>9} the last {len(days)} days of {len(figures.days)}")
    console.print()


def _show_warnings(figures: Figures, console: Console) -> None:
    lines = [*unsure_lines(figures), *map(gap_line, figures.gaps)]
    if not lines:
        return
    console.print("What is not known", style="bold")
    for line in lines:
        console.print(Text(printable(line, most=200)))
    console.print()


def _show_anomalies(figures: Figures, console: Console) -> None:
    if not figures.anomalies:
        return
    console.print(f"Worth a look, in the 7 days to {figures.anomalies[0].day}", style="bold")
    for anomaly in figures.anomalies:
        console.print(Text(printable(anomaly_line(anomaly), most=200)))
    console.print()


def _show_ranking(
    heading: str, column: str, ranking: Ranking, figures: Figures, console: Console
) -> None:
    if not ranking.lines:
        return
    shown = len(ranking.lines)
    title = heading if ranking.count == shown else f"{heading} ({shown} of {ranking.count:,})"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, title_style="bold")
    table.add_column(column, no_wrap=True)
    if titled := any(share.title for share in ranking.lines):
        table.add_column("title", no_wrap=True, overflow="ellipsis", max_width=36)
    table.add_column("clicks", justify="right")
    if compared := any(share.earlier is not None for share in ranking.lines):
        table.add_column("change", justify="right")
    table.add_column("")
    for share in ranking.lines:
        table.add_row(*_cells(share, ranking, figures, titled=titled, compared=compared))
    console.print(table)
    console.print()


def _cells(
    share: Share, ranking: Ranking, figures: Figures, *, titled: bool, compared: bool
) -> list[Text]:
    cells = [Text(printable(share.name, most=32) or "(empty)")]
    if titled:
        cells.append(Text(printable(share.title, most=36)))
    cells.append(Text(f"{share.clicks:,}"))
    if compared:
        change = figures.change(share.clicks, share.earlier)
        cells.append(Text("from 0" if change is None else f"{change:+}%"))
    largest = ranking.lines[0].clicks
    return [*cells, Text(bar(share.clicks, largest, width=BAR_WIDTH), "cyan")]
