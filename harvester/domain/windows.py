"""Units and windows: half-open UTC intervals [start, end) on the calendar's own boundaries.

Bitly's buckets begin at midnight UTC in every recorded series; a week begins on Monday, a month
on the first (dev.bitly.com/docs/tutorials/retrieve-metrics; the week's start is not documented).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


class Unit(StrEnum):
    """The length of a window; the value is the word that Bitly's `unit` parameter takes."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    __hash__ = str.__hash__  # in C, for windows are looked up more than anything else


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """One bucket of `unit`, from `start` (aware, UTC) to `end`, which is not part of it."""

    start: datetime
    unit: Unit

    @property
    def end(self) -> datetime:
        """The first instant after the window."""
        if self.unit is Unit.HOUR:
            return self.start + HOUR
        if self.unit is Unit.DAY:
            return self.start + DAY
        if self.unit is Unit.WEEK:
            return self.start + WEEK
        return (self.start.replace(day=1) + timedelta(days=32)).replace(day=1)

    @property
    def day(self) -> date:
        """The calendar day (UTC) on which the window starts."""
        return self.start.date()

    def __str__(self) -> str:
        """Name the window as a person does: its day, and its unit where that is not a day."""
        if self.unit is Unit.DAY:
            return self.start.date().isoformat()
        return f"{self.unit} of {self.start:%Y-%m-%dT%H:%MZ}"


def holding(instant: datetime, unit: Unit) -> Window:
    """Return the window of `unit` that holds `instant`. Raises TypeError if `instant` is naive."""
    if instant.tzinfo is None:
        raise TypeError(f"{instant} has no time zone")
    utc = instant.astimezone(UTC)
    if unit is Unit.HOUR:
        return Window(utc.replace(minute=0, second=0, microsecond=0), unit)
    midnight = datetime.combine(utc.date(), time(), UTC)
    if unit is Unit.DAY:
        return Window(midnight, unit)
    if unit is Unit.WEEK:
        return Window(midnight - timedelta(days=midnight.weekday()), unit)
    return Window(midnight.replace(day=1), unit)


def day_window(day: date) -> Window:
    """Return the window of one calendar day in UTC."""
    return Window(datetime.combine(day, time(), UTC), Unit.DAY)


def spanning(first: Window, last: Window) -> Iterator[Window]:
    """Yield the adjacent windows from `first` to `last`, both included; none if it is before."""
    window = first
    while window.start <= last.start:
        yield window
        window = Window(window.end, window.unit)


def days_of(window: Window) -> tuple[Window, ...]:
    """Return the day windows that a day, week or month is made of, oldest first."""
    return tuple(spanning(day_window(window.day), Window(window.end - DAY, Unit.DAY)))


def whole(windows: Sequence[Window]) -> Window:
    """Return the one window that adjacent ones make up: itself, or the week or month of its days.

    Raises ValueError if they make up none.
    """
    first = windows[0]
    if len(windows) == 1:
        return first
    for window in (holding(first.start, Unit.WEEK), holding(first.start, Unit.MONTH)):
        if (window.start, window.end) == (first.start, windows[-1].end):
            return window
    raise ValueError(f"{first} to {windows[-1]} is neither a day nor a week nor a month")


def packed(windows: Iterable[Window], *, most: int) -> Iterator[list[Window]]:
    """Yield runs of adjacent windows, at most `most` each: one request for a series covers a run.

    `windows` come sorted, without repeats, of one unit.
    """
    run: list[Window] = []
    for window in windows:
        if run and (window.start != run[-1].end or len(run) == most):
            yield run
            run = []
        run.append(window)
    if run:
        yield run


def covering(windows: Iterable[Window], *, most: int) -> Iterator[list[Window]]:
    """Yield runs of adjacent windows, at most `most` each, that hold `windows` and what is between.

    For what costs the same however long it is. `windows` come as for `packed`.
    """
    run: list[Window] = []
    for window in windows:
        more = list(spanning(Window(run[-1].end, window.unit), window)) if run else [window]
        if len(run) + len(more) > most:
            yield run
            run, more = [], [window]
        run += more
    if run:
        yield run
