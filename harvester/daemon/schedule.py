"""When an account ticks. Pure: the present comes in as an argument.

A rhythm wants ticks at instants of its own: so often from the last one on, or by cron. Of those
that nobody was there for one is made up. Instants are aware; those returned are in UTC.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from cronsim import CronSim

NEVER: Final = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A tick `every` so often, or where `cron` (five fields, in the time of `zone`) says.

    Each comes up to `jitter` later, so that those of many machines do not come together.
    """

    every: timedelta
    cron: str | None = None
    zone: str = "UTC"
    jitter: timedelta = timedelta()

    def after(self, instant: datetime) -> datetime:
        """Return the first tick after `instant`, which was one if there is no cron.

        A tick in the hour that a clock skips comes at its end, one in the hour that it repeats
        comes once, unless it is one of many hours.
        """
        if self.cron is None:
            return instant + self.every
        local = instant.astimezone(ZoneInfo(self.zone))
        ticks = (tick.astimezone(UTC) for tick in CronSim(self.cron, local))
        return next((tick for tick in ticks if tick > instant), NEVER)

    def latest(self, due: datetime, now: datetime) -> datetime:
        """Return the last tick up to `now`, of those from `due` on, which is one."""
        if self.cron is None:
            return due + (now - due) // self.every * self.every
        local = (now + timedelta(seconds=1)).astimezone(ZoneInfo(self.zone))
        ticks = (tick.astimezone(UTC) for tick in CronSim(self.cron, local, reverse=True))
        return max(due, next((tick for tick in ticks if tick <= now), due))


@dataclass(frozen=True, slots=True)
class Tick:
    """A tick that the rhythm wants when it is `due`, and that comes `at` an instant from then on.

    `missed`: it makes up for itself or others that nobody was there for. `why` says in a few words
    why it does not come when it is due, empty if it does.
    """

    at: datetime
    due: datetime
    missed: bool = False
    why: str = ""


def first(rhythm: Rhythm, last: datetime | None, now: datetime, *, at_start: bool) -> Tick:
    """Return the first tick of a daemon that begins `now`; `last` was due in an earlier one.

    With `at_start` it comes now; otherwise when the rhythm says, or now if that is over.
    """
    if last is None or last > now:
        due = now if at_start else rhythm.after(now)
        return Tick(due, due)
    tick = following(rhythm, last, now, share=0)
    if at_start and not tick.missed:
        # by cron the rhythm goes on as it was; without, it begins anew
        return Tick(now, last if rhythm.cron else now)
    return tick


def following(rhythm: Rhythm, due: datetime, now: datetime, *, share: float) -> Tick:
    """Return the tick after the one that was `due`; of those that `now` are over, one comes now.

    `share` (0 to 1) of the rhythm's jitter is added, but never so much that it meets the next tick.
    """
    following = rhythm.after(due)
    if following <= now:
        return Tick(now, rhythm.latest(following, now), missed=True)
    return Tick(_jittered(rhythm, following, share), following)


def _jittered(rhythm: Rhythm, due: datetime, share: float) -> datetime:
    room = (rhythm.after(due) - due) / 2
    return due + min(rhythm.jitter, room) * share


@dataclass(frozen=True, slots=True)
class Backoff:
    """How soon to try again: `soonest` after the first failure, twice that each time, `longest`."""

    soonest: timedelta
    longest: timedelta

    def until(self, failures: int, now: datetime, *, share: float) -> datetime:
        """Return when to try again after so many failures; `share` (0 to 1) of the wait is dice."""
        doubled: timedelta = self.soonest * 2 ** min(failures - 1, 16)
        wait = min(doubled, self.longest)
        return now + wait * (1 + share) / 2


@dataclass(frozen=True, slots=True)
class Means:
    """What of the month's requests an account has: `left` until `turn`, and what a tick `costs`."""

    left: int
    turn: datetime
    costs: int

    @property
    def ticks(self) -> int:
        """For how many ticks they suffice."""
        return self.left // max(self.costs, 1)


def gap(means: Means, now: datetime) -> timedelta:
    """Return how far apart ticks have to be for what is left to last until the month turns."""
    return max(means.turn - now, timedelta()) / max(means.ticks, 1)


def postponed(rhythm: Rhythm, tick: Tick, until: datetime, why: str, *, share: float) -> Tick:
    """Return `tick`, or if it comes before `until` the first one after that."""
    if until <= tick.at:
        return tick
    due = until if rhythm.cron is None else rhythm.after(until - timedelta(microseconds=1))
    return Tick(_jittered(rhythm, due, share), due, why=why)
