"""The month's API requests of an account: how many may still be sent, now and today. Pure.

The limit resets "on the first of the month" (dev.bitly.com/docs/getting-started/rate-limits); in
which time zone is not documented. We count by UTC.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from harvester.bitly.budget import next_month
from harvester.bitly.errors import ReserveReached, ShareSpent

MONTHS: Final = 120


@dataclass(slots=True)
class Month:
    """The requests of the month that holds `day`; `reserve` of `limit` is left to other programs.

    `counted` is what Bitly says is used, by whomever, and `ours` what our own ledger says; the
    larger one counts, and both grow with each request of ours. `today` of ours are of `day`. What
    is left is spread evenly over the days left if it is to be `even`, today included.
    """

    limit: int
    reserve: int
    day: date
    counted: int = 0
    ours: int = 0
    today: int = 0
    even: bool = False

    @property
    def used(self) -> int:
        """Requests used so far."""
        return max(self.counted, self.ours)

    def left(self, at: datetime) -> int:
        """Return how many may be sent `at` before the reserve is touched."""
        self._turn(at)
        return max(self.limit - self.reserve - self.used, 0)

    def share(self, at: datetime) -> int:
        """Return how many may be sent on the day of `at`, those of ours that were included."""
        left = self.left(at)
        if not self.even:
            return left + self.today
        days = monthrange(self.day.year, self.day.month)[1] - self.day.day + 1
        return (left + self.today) // days

    def left_today(self, at: datetime) -> int:
        """Return how many more of this day's share may be sent."""
        return max(self.share(at) - self.today, 0)

    def check(self, at: datetime, *, keep: int | None = None) -> None:
        """Return if a request may be sent `at`. Raises ReserveReached, or ShareSpent.

        The latter if `keep` or fewer of the day's share are left; None does without the share.
        Nothing is held back after the turn of the month, until the new month's use is known.
        """
        if not self.left(at):
            raise ReserveReached(
                f"{self.used:,} of the month's {self.limit:,} API requests are used and"
                f" {self.reserve:,} are left to others; the next month begins on"
                f" {next_month(at):%Y-%m-%d}",
                until=next_month(at),
            )
        if keep is not None and self.left_today(at) <= keep:
            raise self.share_spent(at)

    def share_spent(self, at: datetime) -> ShareSpent:
        """Return what to raise once the share of the day of `at` does not suffice."""
        share = self.share(at)
        return ShareSpent(
            f"today's share of the month's API requests is spent: {self.today:,} of {share:,}",
            until=next_day(at),
        )

    def count(self) -> None:
        """Count a request that is sent now."""
        self.counted += 1
        self.ours += 1
        self.today += 1

    def _turn(self, at: datetime) -> None:
        day = at.astimezone(UTC).date()
        if day > self.day:
            if (day.year, day.month) != (self.day.year, self.day.month):
                self.counted = self.ours = 0
            self.today, self.day = 0, day


def next_day(at: datetime) -> datetime:
    """Return the first midnight, UTC, after `at`."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def done_by(requests: int, month: Month, at: datetime) -> date | None:
    """Return the day on which the last of `requests` can be sent, from tomorrow on.

    Each month to come is taken to grant what this one does, and others not to touch our part. None
    if that is nothing, or takes more than ten years.
    """
    left, first = month.left(at), next_day(at).date()
    turn = next_month(at).date()
    for _ in range(MONTHS):
        days = (turn - first).days
        if days and requests <= left:
            return first + timedelta(days=-(-requests * days // left) - 1 if month.even else 0)
        requests -= left if days else 0
        first, turn = turn, next_month(datetime.combine(turn, time(), UTC)).date()
        left = month.limit - month.reserve
    return None
