"""Which days a report is about, and which ones it compares them with. Pure."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from harvester.domain.errors import ConfigError
from harvester.harvest.since import BITLY_BEGAN

EXPECTED = "a length such as 7d, 30d or 4w, month (the last whole one), or a month such as 2026-10"

_LENGTH = re.compile(r"([1-9]\d{0,3})([dw])")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` to `last`, both included, UTC."""

    first: date
    last: date

    def days(self) -> tuple[date, ...]:
        """Return each day, oldest first."""
        return tuple(self.first + _DAY * n for n in range((self.last - self.first).days + 1))

    @property
    def before(self) -> "Period":
        """What it is compared with: the month before a calendar month, else as many days."""
        last = self.first - _DAY
        if self == month_of(self.first):
            return month_of(last)
        return Period(last - (self.last - self.first), last)


def month_of(day: date) -> Period:
    """Return the calendar month that holds `day`."""
    first = day.replace(day=1)
    return Period(first, (first + 31 * _DAY).replace(day=1) - _DAY)


def period_of(word: str, last: date) -> Period:
    """Return the period that a person calls `word`, seen from `last`, the last whole day.

    Raises ConfigError for what names none.
    """
    try:
        found = _period(word.strip().lower(), last)
    except (ValueError, OverflowError):
        found = None
    if found is None or found.first < BITLY_BEGAN:
        raise ConfigError(f"--period {word!r} is no period: expected {EXPECTED}")
    return found


def _period(text: str, last: date) -> Period | None:
    if length := _LENGTH.fullmatch(text):
        count = int(length[1]) * (7 if length[2] == "w" else 1)
        return Period(last - _DAY * (count - 1), last)
    if text == "month":
        this = month_of(last)
        return this if this.last == last else month_of(this.first - _DAY)
    if month := _MONTH.fullmatch(text):
        return month_of(date(int(month[1]), int(month[2]), 1))
    return None
