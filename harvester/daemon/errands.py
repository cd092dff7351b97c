"""What a tick is for. Pure: the present comes in as an argument.

Windows that are not over are looked at by each tick. Those that are over and not settled, and what
is missing of older ones, have paces of their own. Rosters have theirs, too: see harvest/renewal.py.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum


class Errand(StrEnum):
    """What a tick is for; each does what the ones before it do, too."""

    OPEN = "open"  # windows that were not over when they were last asked for
    SETTLING = "settling"  # windows that are over, and may still change
    BACKFILL = "backfill"  # whatever is not settled, however old: what is missing, a first harvest


@dataclass(frozen=True, slots=True)
class Paces:
    """How often windows are asked for again while they settle, and what is missing of older ones.

    A window is settled once it was seen `settle` after its end.
    """

    settle: timedelta
    settle_every: timedelta
    backfill_every: timedelta


@dataclass(frozen=True, slots=True)
class Done:
    """When the last run of each errand began that got through; None if there was none.

    `short`: the last backfill did not, for lack of requests.
    """

    opened_at: datetime | None = None
    settled_at: datetime | None = None
    backfilled_at: datetime | None = None
    short: bool = False


def errand(done: Done, paces: Paces, now: datetime, following: datetime) -> Errand:
    """Return what a tick `now` is for, where the next one will be `following`.

    Where requests are short, a backfill is left to the last tick of the UTC day: it would take the
    rest of the day's share, and what is open would not be looked at again before tomorrow.
    """
    last_today = following.astimezone(UTC).date() > now.astimezone(UTC).date()
    if _over(done.backfilled_at, paces.backfill_every, now) and (last_today or not done.short):
        return Errand.BACKFILL
    if _over(done.settled_at, paces.settle_every, now):
        return Errand.SETTLING
    return Errand.OPEN


def first_day(errand: Errand, done: Done, paces: Paces) -> date | None:
    """Return the first day that `errand` is about; None: from whatever is not settled.

    Windows that were over, or settled, when they were last asked for that are left out.
    """
    if errand is Errand.OPEN and done.opened_at is not None:
        return done.opened_at.astimezone(UTC).date()
    if errand is Errand.SETTLING and done.settled_at is not None:
        return (done.settled_at.astimezone(UTC) - paces.settle).date()
    return None


def _over(last: datetime | None, every: timedelta, now: datetime) -> bool:
    return last is None or now >= last + every


def got_through(done: Done, errand: Errand, due: datetime) -> Done:
    """Return what is done after a tick, `due` then, that got through with its errand."""
    settled_at = done.settled_at if errand is Errand.OPEN else due
    if errand is Errand.BACKFILL:
        return Done(due, due, due)
    return replace(done, opened_at=due, settled_at=settled_at)
