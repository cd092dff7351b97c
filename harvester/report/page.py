"""The report as one page: what it shows, and that nothing from outside can act in it.

All that is put into the template is escaped, but for the charts, whose texts were escaped by what
drew them. The policy lets the one style and the one script of the page act, and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harvester.report import drawing, shading
from harvester.report.assets import ASSETS, Filters, asset, policy
from harvester.report.charts import clean
from harvester.report.figures import Figures, Ranking, Share
from harvester.report.knowledge import DayOfClicks, Known
from harvester.report.words import gap_line, unsure_lines
from harvester.report.world import country_name

PERIODS: Final = (("7d", "7 days"), ("30d", "30 days"), ("90d", "90 days"), ("month", "last month"))
FIELDS: Final = tuple((name, name.capitalize()) for name in ("group", "tag", "campaign", "link"))
STATES: Final = {
    Known.FINAL: "final",
    Known.PROVISIONAL: "provisional: late clicks may come",
    Known.PARTIAL: "not wholly known: at least so many",
    Known.MISSING: "not known",
}
_SPARK, _POINTS = (120, 26), 60
_SHOWN = 120
_BREAKDOWN_WIDTH = 340


@dataclass(frozen=True, slots=True)
class Tile:
    """One of the figures at the top; `trend` is up, down or nothing."""

    what: str
    figure: str
    note: str = ""
    trend: str = ""


def page(figures: Figures, filters: Filters | None = None) -> str:
    """Return the page as HTML that needs nothing else."""
    css, script = asset("report.css"), asset("report.js")
    return (
        _environment(figures)
        .get_template("report.html")
        .render(
            figures=figures,
            css=Markup(css),  # noqa: S704 - a file of this package
            script=Markup(script),  # noqa: S704 - a file of this package
            policy=policy(live=bool(filters)),
            form=filters.asked if filters else None,
            lists=filters.known if filters else {},
            error=filters.error if filters else "",
            periods=PERIODS,
            fields=FIELDS,
            tiles=tiles(figures),
            warnings=[*unsure_lines(figures), *map(gap_line, figures.gaps)],
            states=[(known, said) for known, said in STATES.items() if known in _states(figures)],
            shades=shading.shade_words(
                max([each.clicks for each in figures.countries.lines], default=0)
            ),
            weekdays=shading.DAYS,
            **_charts(figures, blank=figures.is_empty or bool(filters and filters.error)),
        )
    )


def _environment(figures: Figures) -> Environment:
    found = Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    found.filters |= {
        "shown": shown,
        "country": country_name,
        "is_address": lambda link: link.startswith(("https://", "http://")),
        "day_words": lambda day: f"{day.day} {day:%B %Y}",
        "instant_words": _instant_words,
        "spark": lambda share: spark(share, figures.days),
    }
    return found


def _instant_words(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def shown(text: str, most: int = _SHOWN) -> str:
    """Return a text from outside fit to be read: no controls, not too long."""
    return drawing.cut(clean(text), most)


def _states(figures: Figures) -> set[Known]:
    return {day.known for day in figures.days}


def tiles(figures: Figures) -> list[Tile]:
    """Return what the period was, in short."""
    return [
        _clicks_tile(figures),
        Tile("Links clicked", f"{figures.links.count:,}", f"{figures.new_links.count:,} new"),
        Tile(
            "Countries", f"{figures.countries.count:,}", _share_of(figures.countries, country=True)
        ),
        _best_day(figures.days),
        Tile("Top referrer", _first(figures.referrers), _share_of(figures.referrers)),
    ]


def _clicks_tile(figures: Figures) -> Tile:
    change = figures.change(figures.clicks, figures.earlier_clicks)
    if change is None:
        why = figures.uncomparable or "no clicks in the period before"
        return Tile("Clicks", f"{figures.clicks:,}", f"not compared: {why}")
    trend = "up" if change > 0 else "down" if change < 0 else ""
    return Tile("Clicks", f"{figures.clicks:,}", f"{change:+} % against the period before", trend)


def _first(ranking: Ranking) -> str:
    return shown(ranking.lines[0].name, 40) or "Unknown" if ranking.lines else "none"


def _share_of(ranking: Ranking, *, country: bool = False) -> str:
    if not ranking.lines or not ranking.clicks:
        return ""
    first = ranking.lines[0]
    percent = round(100 * first.clicks / ranking.clicks)
    return f"{country_name(first.name)}: {percent} %" if country else f"{percent} % of clicks"


def _best_day(days: Sequence[DayOfClicks]) -> Tile:
    best = max(days, key=lambda day: day.clicks)
    return Tile("Best day", f"{best.day.day} {best.day:%b}", f"{best.clicks:,} clicks")


def spark(share: Share, days: Sequence[DayOfClicks]) -> Markup:
    """Return a small line of a link's clicks, broken where a day is missing.

    A point stands for a day, or for as many days as make at most sixty points.
    """
    width, height = _SPARK
    every = -(-len(days) // _POINTS) or 1
    points = [
        sum(share.daily[at : at + every])
        if all(day.known is not Known.MISSING for day in days[at : at + every])
        else None
        for at in range(0, len(days), every)
    ]
    largest = max([point or 0 for point in points], default=0) or 1
    step = (width - 4) / max(len(points) - 1, 1)
    path, pen = [], "M"
    for place, clicks in enumerate(points):
        if clicks is not None:
            up = height - 3 - clicks * (height - 6) / largest
            path.append(f"{pen}{2 + place * step:.0f} {up:.1f}")
        pen = "M" if clicks is None else "L"
    return Markup(
        '<svg class="spark" viewBox="0 0 {} {}" role="img" aria-label="at most {} clicks a day">'
        '<path d="{}"/></svg>'
    ).format(width, height, f"{max(share.daily, default=0):,}", "".join(path))


def _charts(figures: Figures, *, blank: bool) -> dict[str, Any]:
    """Draw what there is to draw, unless the page is `blank`; what draws it escapes texts."""
    if blank:
        return {"charts": {}, "breakdowns": []}
    countries = [Share(country_name(share.name), share.clicks) for share in figures.countries.lines]
    charts = {
        "days": drawing.clicks_chart(figures, 1060, 260),
        "days_narrow": drawing.clicks_chart(figures, 320, 200),
        "world": shading.world_map(figures.countries.lines, 720, 350),
        "countries": drawing.bar_chart(countries, "Top countries", 300),
    }
    if figures.hours:
        charts["hours"] = shading.heat_map(figures.hours, 1020)
        charts["hours_narrow"] = shading.heat_map(figures.hours, 300)
    breakdowns = [
        (heading, column, ranking, _bars(heading, ranking), f"{heading} were not harvested.")
        for heading, column, ranking in (
            ("Devices", "Device", figures.devices),
            ("Referrers", "Referrer", figures.referrers),
            ("Cities", "City", figures.cities),
        )
    ]
    marked = {name: Markup(chart) for name, chart in charts.items()}  # noqa: S704 - escaped by Vega
    return {"charts": marked, "breakdowns": breakdowns}


def _bars(heading: str, ranking: Ranking) -> Markup:
    lines = [Share(shown(line.name), line.clicks) for line in ranking.lines]
    drawn = drawing.bar_chart(lines, heading, _BREAKDOWN_WIDTH) if lines else ""
    return Markup(drawn)  # noqa: S704 - escaped by Vega
