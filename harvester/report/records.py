"""A report for machines: JSON, and one CSV table."""

import csv
from collections.abc import Iterator
from dataclasses import asdict
from io import StringIO
from typing import Any

from harvester.report.charts import clean
from harvester.report.figures import Figures, Ranking
from harvester.report.knowledge import DayOfClicks

COLUMNS = ("figure", "name", "title", "clicks", "earlier", "note")
RANKINGS = ("links", "countries", "cities", "devices", "referrers", "new_links", "quiet_links")

# A spreadsheet would take a text that begins so for a formula.
_ACTIVE = ("=", "+", "-", "@", "\t", "\r")


def as_record(figures: Figures) -> dict[str, Any]:
    """Return `figures` as JSON can hold them; days and instants are left to the writer."""
    rankings = {name: _lines(getattr(figures, name)) for name in RANKINGS}
    return {
        "first": figures.period.first,
        "last": figures.period.last,
        "chosen": figures.chosen,
        "made_at": figures.made_at.isoformat(timespec="seconds"),
        "clicks": figures.clicks,
        "before": {
            "first": figures.period.before.first,
            "last": figures.period.before.last,
            "clicks": figures.earlier_clicks,
            "uncomparable": figures.uncomparable or None,
        },
        "days": [asdict(day) for day in figures.days],
        **rankings,
        "hours": _hours(figures),
        "anomalies": None if figures.anomalies is None else list(map(asdict, figures.anomalies)),
        "missing": [asdict(gap) for gap in figures.gaps],
    }


def _lines(ranking: Ranking | None) -> list[dict[str, Any]] | None:
    return None if ranking is None else [asdict(share) for share in ranking.lines]


def _hours(figures: Figures) -> list[dict[str, int]] | None:
    if figures.hours is None:
        return None
    return [
        {"weekday": weekday, "hour": hour, "clicks": clicks}
        for (weekday, hour), clicks in sorted(figures.hours.items())
    ]


def as_csv(figures: Figures) -> str:
    """Return `figures` as one table, each line of which says what figure it belongs to."""
    written = StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows([_harmless(cell) for cell in row] for row in _rows(figures))
    return written.getvalue()


def _rows(figures: Figures) -> Iterator[tuple[object, ...]]:
    yield from (("day", *_day(day)) for day in figures.days)
    yield from (("earlier day", *_day(day)) for day in figures.earlier_days)
    for name in RANKINGS:
        ranking: Ranking | None = getattr(figures, name)
        for share in ranking.lines if ranking else ():
            yield name, share.name, share.title, share.clicks, share.earlier, share.account
    for (weekday, hour), clicks in sorted((figures.hours or {}).items()):
        yield "hour", f"{weekday} {hour:02}", "", clicks, None, ""
    for each in figures.anomalies or ():
        yield "anomalies", each.name, each.title, each.clicks, each.usual, each.kind
    for gap in figures.gaps:
        yield "missing", gap.facet, "", gap.windows, None, gap.reason


def _day(day: DayOfClicks) -> tuple[object, ...]:
    shown = day.clicks if day.known != "missing" else None
    return str(day.day), "", shown, None, f"{day.known.value}: {day.why}" if day.why else day.known


def _harmless(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    return f"'{clean(cell)}" if cell.startswith(_ACTIVE) else clean(cell)
