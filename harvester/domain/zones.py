"""How far a time zone's clocks are ahead of UTC, from when until when. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

_STEP = timedelta(days=7)  # clocks are never changed twice within it


class Offset(NamedTuple):
    """`seconds` ahead of UTC from one instant until another, half-open."""

    from_at: datetime
    until_at: datetime
    seconds: int


def offsets(zone: str, first: datetime, last: datetime) -> Iterator[Offset]:
    """Yield the offsets of `zone` from `first` to `last`, without gaps, in order."""
    there = ZoneInfo(zone)
    began = at = first
    while at < last:
        step = min(at + _STEP, last)
        if _ahead(there, step) != _ahead(there, at):
            turn = _turn(there, at, step)
            yield Offset(began, turn, _ahead(there, began))
            began = turn
        at = step
    if began < last:
        yield Offset(began, last, _ahead(there, began))


def _turn(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the first second at which the clocks show what they show at `after`."""
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _ahead(zone, middle) == _ahead(zone, before):
            before = middle
        else:
            after = middle
    return after


def _ahead(zone: ZoneInfo, instant: datetime) -> int:
    ahead = instant.astimezone(UTC).astimezone(zone).utcoffset()
    return 0 if ahead is None else int(ahead.total_seconds())
