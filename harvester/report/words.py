"""What a report says in sentences, the same on a terminal and on a page. Pure."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from harvester.report.figures import Anomaly, Figures, Gap
from harvester.report.knowledge import DayOfClicks, Known

FACETS = {"referring_domains": "referring domains"}


def chosen_words(figures: Figures) -> str:
    """Return what the report is limited to: `group B1, tag news`; nothing for whole accounts."""
    return ", ".join(f"{name} {' or '.join(words)}" for name, words in figures.chosen.items())


def change_words(figures: Figures) -> str:
    """Return how the clicks compare with the period before."""
    change = figures.change(figures.clicks, figures.earlier_clicks)
    if change is None:
        return f"{figures.earlier_clicks:,} in the period before"
    return f"{change:+}% against {figures.earlier_clicks:,} in the period before"


def unsure_lines(figures: Figures) -> Iterator[str]:
    """Yield a line for each run of days that are not wholly known, with the reason."""
    for (known, why), run in groupby(figures.days, lambda day: (day.known, day.why)):
        if known in {Known.MISSING, Known.PARTIAL}:
            days = list(run)
            what = "no clicks known" if known is Known.MISSING else "more clicks are possible"
            yield f"{_range(days)}: {what}, {why}"


def _range(days: list[DayOfClicks]) -> str:
    return span(days[0].day, days[-1].day)


def span(first: date, last: date) -> str:
    """Return a range of days as a person reads it."""
    return str(first) if first == last else f"{first} to {last}"


def gap_line(gap: Gap) -> str:
    """Return what is not known of a facet."""
    facet = FACETS.get(gap.facet, gap.facet)
    return (
        f"{facet}: {gap.windows:,} of a link and a day not known,"
        f" {span(gap.first, gap.last)}: {gap.reason}"
    )


def anomaly_line(anomaly: Anomaly) -> str:
    """Return what is worth a look, with the number that is usual."""
    name = f"{anomaly.name} ({anomaly.title})" if anomaly.title else anomaly.name
    if anomaly.kind.startswith("new"):
        kind = anomaly.kind.removeprefix("new ")
        return f"{name}: a new {kind} of group {anomaly.group_guid}, {anomaly.clicks:,} clicks"
    verb = "jumped" if anomaly.kind == "jump" else "fell"
    return f"{name}: {verb} to {anomaly.clicks:,} clicks a week; usual are {anomaly.usual:,}"
