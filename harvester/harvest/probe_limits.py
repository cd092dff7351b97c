"""What a probe tells of counts: what they cover, and which row is the month's. Pure.

Known requests lie between readings. What moves by more was moved by others, or counts late.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from harvester.bitly.budget import MARGIN, next_hour
from harvester.bitly.limiter import normal
from harvester.bitly.models import PlanLimit, PlatformLimit
from harvester.bitly.purse import PLATFORM_LIMITS
from harvester.harvest.evidence import Finding

OWN: Final = normal(PLATFORM_LIMITS)
CALM: Final = timedelta(minutes=5)  # a probe takes less


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading of /user/platform_limits, asked for `at` an instant."""

    at: datetime
    limits: Sequence[PlatformLimit]

    @property
    def counts(self) -> dict[str, int]:
        """The counts by endpoint in our writing."""
        return {normal(limit.endpoint): limit.count for limit in self.limits if limit.ours}


def limits_count(
    before: Reading, after: Reading, later: Reading, asked: Mapping[str, int]
) -> Finding:
    """Tell what the counts cover: all `asked` (by endpoint) lies between `before` and `after`.

    `later` was read a minute or more after that.
    """
    name = "limits_count"
    if next_hour(before.at) <= later.at:
        return Finding(name, None, "an hour began in between, so hours and minutes look alike")
    there = before.counts.keys() & after.counts.keys() & later.counts.keys()
    seen = {normal(e): n for e, n in asked.items() if n and normal(e) in there}
    if not seen:
        return Finding(name, None, "platform_limits has no row of what was sent")
    if all(later.counts[e] >= before.counts[e] + n for e, n in seen.items()):
        return Finding(name, "hour", "a minute later the counts still hold all that was sent")
    if all(later.counts[e] < n for e, n in seen.items()):
        return Finding(name, "minute", "a minute later the counts have forgotten what was sent")
    return Finding(name, None, "some counts hold what was sent and some do not")


def counts_itself(later: Reading) -> Finding:
    """Tell whether reading platform_limits counts as a request to it."""
    name = "limits_count_themselves"
    if OWN not in later.counts:
        return Finding(name, None, "platform_limits has no row of itself")
    if later.counts[OWN]:
        return Finding(name, "yes", "its own row counts the readings")
    return Finding(name, "no", "its own row stays at 0")


def month_row(before: Sequence[PlanLimit], after: Sequence[PlanLimit], sent: int) -> list[Finding]:
    """Tell which row of plan_limits counts API requests, and how many of ours it counted."""
    was = {row.name: row.count for row in before}
    moved = {row.name: row.count - was[row.name] for row in after if row.name in was}
    moved = {name: by for name, by in moved.items() if by > 0}
    if not before or not after:
        return [Finding("month_row", None, "the plan's limits are not told")]
    if not moved:
        return [Finding("month_row", None, f"no row moved while {sent} requests were sent")]
    name = min(moved, key=lambda each: abs(sent - moved[each]))
    told = f"{name!r} moved by {moved[name]} while {sent} requests were sent"
    others = "" if moved[name] <= sent else "; others send as well"
    return [
        Finding("month_row", name, told + others),
        Finding("month_counts", f"{min(moved[name], sent)} of {sent}", told + others),
    ]


def until_calm(at: datetime) -> timedelta:
    """Return how long to wait, so that no hour begins within five minutes of the start."""
    left = next_hour(at) - at
    return left + MARGIN if left < CALM else timedelta()
