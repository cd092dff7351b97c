"""What `--since` and `--until` mean. Pure: the present comes in as an argument.

A range is whole UTC days, both ends included. `7d` is the last seven days with today as the last.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from harvester.domain.errors import ConfigError
from harvester.domain.windows import Unit, Window, day_window, holding, spanning

EXPECTED = "a day (2026-11-01), an ISO timestamp, today, yesterday, or a length such as 12h, 7d, 2w"
BITLY_BEGAN = date(2008, 1, 1)
"""There are no clicks before. Each day asked for costs time, and far back Bitly errs."""

_AGO = re.compile(r"(\d{1,6})([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 168}


@dataclass(frozen=True, slots=True)
class Days:
    """The days from `first` to `last`, both included; none if `last` comes before `first`."""

    first: date
    last: date

    def windows(self) -> tuple[Window, ...]:
        """Return one day window for each day, oldest first."""
        return tuple(spanning(day_window(self.first), day_window(self.last)))


def day_of(text: str, now: datetime, *, option: str) -> date:
    """Return the UTC day that `text` names, seen from `now`. Raises ConfigError if it names none.

    A timestamp without a zone is taken as UTC. A length counts the present day (or hour) as one.
    """
    word = text.strip().lower()
    today = holding(now, Unit.DAY).day
    if word in {"today", "yesterday"}:
        return today - timedelta(days=word == "yesterday")
    try:
        if ago := _AGO.fullmatch(word):
            hours = int(ago[1]) * _HOURS[ago[2]]
            return _back(now, hours, whole_days=ago[2] != "h")
        instant = datetime.fromisoformat(text.strip())
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC).date()
    except (ValueError, OverflowError):
        raise ConfigError(f"{option} {text!r} is no point in time: expected {EXPECTED}") from None


def _back(now: datetime, hours: int, *, whole_days: bool) -> date:
    if hours == 0:
        raise ValueError("a length of nothing")
    if whole_days:
        return holding(now, Unit.DAY).day - timedelta(days=hours // 24 - 1)
    return holding(now - timedelta(hours=hours - 1), Unit.DAY).day


def days(since: str, until: str | None, now: datetime) -> Days:
    """Return the days that a person asked for; `until` defaults to today and never goes past it.

    Raises ConfigError if a word is not understood, the first day lies in the future or after the
    last one.
    """
    today = holding(now, Unit.DAY).day
    first = day_of(since, now, option="--since")
    if first > today:
        raise ConfigError(f"--since {since} is {first}, which is in the future: today is {today}")
    last = last_day(until, now, first=first)
    if first < BITLY_BEGAN:
        raise ConfigError(f"--since {since} is {first}: Bitly has no clicks before {BITLY_BEGAN}")
    return Days(first, last)


def last_day(until: str | None, now: datetime, *, first: date | None = None) -> date:
    """Return the last day asked for. Raises ConfigError if it lies before `first`."""
    today = holding(now, Unit.DAY).day
    last = today if until is None else min(day_of(until, now, option="--until"), today)
    if first is not None and last < first:
        raise ConfigError(f"--until {until} is {last}, which is before --since, {first}")
    return last
