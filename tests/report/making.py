"""Figures made by hand, for tests of what shows them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from harvester.report.figures import Anomaly, Figures, Gap, Ranking, Share
from harvester.report.knowledge import DayOfClicks, Known
from harvester.report.period import Period

EVIL = "\x1b[2J[bold]x[/bold]\x07\r"
FIRST, LAST = date(2026, 11, 18), date(2026, 11, 21)
DAYS = (
    DayOfClicks(FIRST, 7, Known.FINAL),
    DayOfClicks(date(2026, 11, 19), 0, Known.MISSING, "not harvested"),
    DayOfClicks(date(2026, 11, 20), 5, Known.PARTIAL, "3 links not known"),
    DayOfClicks(LAST, 0, Known.PROVISIONAL, "not over yet"),
)
EARLIER = (DayOfClicks(date(2026, 11, 17), 6, Known.FINAL),)


def share(text: str = "bit.ly/a", clicks: int = 1_234_567, **other: Any) -> Share:
    return Share(text, clicks, title=text, **other)


def ranking(*lines: Share) -> Ranking:
    return Ranking(lines, count=len(lines), clicks=sum(line.clicks for line in lines))


def made(text: str = "bit.ly/a", **other: Any) -> Figures:
    """Return figures in which each text from outside is `text`."""
    lines = ranking(replace(share(text), daily=(1, 0, 2, 3), link=text, account=text))
    made = Figures(
        period=Period(FIRST, LAST),
        chosen={"tag": (text,)},
        made_at=datetime(2026, 11, 21, 12, tzinfo=UTC),
        days=DAYS,
        earlier_days=EARLIER,
        uncomparable="2 days of this period not wholly known",
        links=lines,
        countries=ranking(Share("DE", 7), Share("", 5), Share(text, 1)),
        cities=lines,
        devices=lines,
        referrers=lines,
        new_links=lines,
        quiet_links=lines,
        hours={(0, 9): 4, (1, 9): 0, (6, 23): 1},
        zone="UTC",
        anomalies=(Anomaly(LAST, "jump", text, text, text, text, 90, 7, 8),),
        gaps=(Gap("cities", text, 3, FIRST, LAST),),
    )
    return replace(made, **other)
