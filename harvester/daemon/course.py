"""What follows from a tick: the next one, and what is done by then. Pure.

it came to                  the next tick comes
  what it was to do           when the rhythm wants it, later where the month's requests are short
  no more requests            when there are new ones
  no answer, no database      soon, and then less and less soon
  anything else               when the rhythm wants it
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from harvester.daemon.errands import Done, Errand, got_through
from harvester.daemon.schedule import Backoff, Means, Rhythm, Tick, following, gap, postponed

UNANSWERED: Final = Backoff(timedelta(minutes=1), timedelta(minutes=15))
DATABASE: Final = Backoff(timedelta(seconds=1), timedelta(minutes=1))


class End(Enum):
    """What a tick came to, by what follows."""

    THROUGH = auto()
    SPENT = auto()
    UNANSWERED = auto()
    DATABASE = auto()
    REFUSED = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Result:
    """What a tick came to, and at what price; `left` of the month's requests until it `turn`s.

    `left` is None where no limit is known. `again_at` is when a spent account has new requests.
    """

    end: End
    requests: int = 0
    left: int | None = None
    turn: datetime | None = None
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """Where an account stands: its next tick, what is done, how often it failed in a row.

    The last tick that was `taken` up was due then.
    `costs` are the requests of its last tick that was no backfill; None if there was none. `spread`
    says that its ticks come less often for lack of requests, `refused` that its token was.
    """

    tick: Tick
    taken: datetime | None = None
    done: Done = field(default_factory=Done)
    failures: int = 0
    costs: int | None = None
    spread: bool = False
    refused: bool = False

    def at_once(self, now: datetime) -> "Course":
        """Return the course with its last tick `now` once more, for another token."""
        due = self.tick.due if self.taken is None else self.taken
        return replace(self, tick=Tick(now, due, why="there may be another token"), refused=False)

    def after(
        self, errand: Errand, result: Result, rhythm: Rhythm, now: datetime, *, share: float
    ) -> "Course":
        """Return where the account stands after its tick; `share` (0 to 1) is dice."""
        planned = following(rhythm, self.tick.due, now, share=share)
        course = replace(
            self,
            tick=planned,
            taken=self.tick.due,
            failures=0,
            spread=False,
            refused=result.end is End.REFUSED,
        )
        match result:
            case Result(end=End.THROUGH):
                done = got_through(self.done, errand, self.tick.due)
                costs = self.costs if errand is Errand.BACKFILL else result.requests
                course = replace(course, done=done, costs=costs)
                until, why = _affordable(costs, result, now)
            case Result(end=End.SPENT, again_at=datetime() as until):
                short = self.done.short or errand is Errand.BACKFILL
                course = replace(course, done=replace(self.done, short=short))
                why = "its requests are spent until then"
            case Result(end=End.UNANSWERED):
                return self._retried(UNANSWERED, course, now, "Bitly did not answer", share)
            case Result(end=End.DATABASE):
                return self._retried(DATABASE, course, now, "the database did not answer", share)
            case _:
                return course
        tick = postponed(rhythm, planned, until, why, share=share)
        return replace(course, tick=tick, spread=tick is not planned)

    def _retried(
        self, backoff: Backoff, course: "Course", now: datetime, why: str, share: float
    ) -> "Course":
        """Return `course` with a tick like the last one, if that comes sooner."""
        failures = self.failures + 1
        at = backoff.until(failures, now, share=share)
        soon = Tick(at, self.tick.due, why=f"{why}: once more")
        tick = course.tick if course.tick.at <= at else soon
        return replace(course, tick=tick, failures=failures)


def _affordable(costs: int | None, result: Result, now: datetime) -> tuple[datetime, str]:
    """Return when the month's requests suffice for another tick, and in words why not sooner."""
    if result.left is None or result.turn is None or not costs:
        return now, ""
    means = Means(result.left, result.turn, costs)
    why = f"the month's last {means.left:,} requests suffice for {means.ticks:,} ticks of {costs:,}"
    return now + gap(means, now), why
