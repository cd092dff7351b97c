"""What a report says, whoever shows it: the terminal, JSON, CSV or a page."""

from dataclasses import dataclass
from datetime import date, datetime

from harvester.report.knowledge import DayOfClicks, Known
from harvester.report.period import Period


@dataclass(frozen=True, slots=True)
class Share:
    """One line of a ranking: what, how people call it, its clicks now and in the period before.

    `earlier` is None where the periods cannot be compared. `daily` are clicks by day, of links.
    """

    name: str
    clicks: int
    title: str = ""
    link: str = ""
    account: str = ""
    earlier: int | None = None
    daily: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """The greatest of a kind: `lines` of `count` that have clicks, `clicks` of all of them."""

    lines: tuple[Share, ...] = ()
    count: int = 0
    clicks: int = 0


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A line of the view `anomalies`."""

    day: date
    kind: str
    account: str
    group_guid: str
    name: str
    title: str
    clicks: int
    usual: int
    weeks: int


@dataclass(frozen=True, slots=True)
class Gap:
    """What is not known: so many (bitlink, window) of a facet, for a reason."""

    facet: str
    reason: str
    windows: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Figures:
    """All of a report over `period`. `uncomparable` says why it is not compared with the other.

    `quiet_links` and `anomalies` are None where they cannot be told, `hours` where no hours were
    harvested; those are clicks by weekday (0 is Monday) and hour in `zone`.
    """

    period: Period
    chosen: dict[str, tuple[str, ...]]
    made_at: datetime
    days: tuple[DayOfClicks, ...]
    earlier_days: tuple[DayOfClicks, ...]
    uncomparable: str
    links: Ranking
    countries: Ranking
    cities: Ranking
    devices: Ranking
    referrers: Ranking
    new_links: Ranking
    quiet_links: Ranking | None
    hours: dict[tuple[int, int], int] | None
    zone: str
    anomalies: tuple[Anomaly, ...] | None
    gaps: tuple[Gap, ...]

    @property
    def clicks(self) -> int:
        """All clicks of the period that are known."""
        return sum(day.clicks for day in self.days)

    @property
    def earlier_clicks(self) -> int:
        """All clicks of the period before that are known."""
        return sum(day.clicks for day in self.earlier_days)

    @property
    def is_empty(self) -> bool:
        """Whether no day of the period was harvested."""
        return all(day.known is Known.MISSING for day in self.days)

    def change(self, clicks: int, earlier: int | None) -> int | None:
        """Return by how many percent clicks changed, rounded; None if it cannot be said."""
        if self.uncomparable or not earlier:
            return None
        return round(100 * (clicks - earlier) / earlier)
