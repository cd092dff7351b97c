"""What a run is told to do: plain values, so that nothing below the edge knows settings."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from harvester.harvest.plan import Strategy
from harvester.harvest.renewal import SMALL
from harvester.harvest.resolution import Resolution

HOURLY_DAYS: Final = 7


class Budget(StrEnum):
    """How the month's requests are spent: spread over its days, or as they are wanted."""

    EVEN = "even"
    GREEDY = "greedy"


@dataclass(frozen=True, slots=True)
class Job:
    """What to harvest of one account. `since` None goes on from where the store stands.

    Of what is not settled, days before `not_before` are left alone; a group that no run has wanted
    anything of yet gets its `first_run` all the same.
    `include` and `exclude` hold group guids or names, `watch` bitlinks that are in no group.
    `month_requests` overrides what the plan says of the month's requests; `reserve` (0 to 100) is
    the percentage of it left to others, and the rest is spent by `budget`.
    `history_days` is how far back the plan shows, today included; 0: to the beginning, None: learn.
    `resolution` says whether days that cannot be afforded may be asked for by the week or month.
    `refresh` asks anew for what runs remember: groups, and all their bitlinks. They are asked for
    anew after `refresh_every` in any case, and groups of at most `small` bitlinks by each run. A
    plan sends no more than `planned` lists and exports for each group. `rosters` are those that are
    listed beside the bitlinks, by their names in bitly/rosters.py. Clicks by the hour are asked of
    the last `hourly_days`, today included, if they are among the facets.
    """

    account: str
    facets: tuple[str, ...]
    since: str | None = None
    until: str | None = None
    not_before: date | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    watch: tuple[str, ...] = ()
    strategy: Strategy = Strategy.ECONOMICAL
    settle: timedelta = timedelta(days=3)
    first_run: timedelta = timedelta(days=30)
    workers: int = 5
    month_requests: int | None = None
    reserve: int = 20
    budget: Budget = Budget.EVEN
    history_days: int | None = None
    resolution: Resolution = Resolution.DAY
    refresh: bool = False
    refresh_every: timedelta = timedelta(days=7)
    planned: int = 100
    small: int = SMALL
    rosters: tuple[str, ...] = ()
    hourly_days: int = HOURLY_DAYS

    def hourly_since(self, today: date) -> date:
        """Return the first day whose clicks are wanted by the hour."""
        return today - timedelta(days=self.hourly_days - 1)
