"""What was read, and what could not be: readings, snapshots, missing windows and their reasons."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from harvester.domain.windows import Window


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a facet: its labels in the order of the facet's columns, and a count.

    A label is None where the API gave null, which is not the same as an empty string.
    """

    labels: tuple[str | None, ...]
    clicks: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What the API said of one window: `total`, and rows for a facet that has them.

    `cut` is True if the answer was as long as it was allowed to be, so that more may exist.
    """

    window: Window
    total: int
    rows: tuple[Row, ...] = ()
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A reading of one facet of the target `target_id` (the store's key), seen at `observed_at`."""

    target_id: int
    facet: str
    reading: Reading
    observed_at: datetime


class Reason(StrEnum):
    """Why a window of a facet is not known. The value is what `harvest_missing.reason` shows."""

    GONE = "gone"  # 404, 410: the link does not exist any more
    FORBIDDEN = "forbidden"  # 403 on a link: another account's, or taken away
    NOT_IN_PLAN = "not in plan"  # 402: the account's plan does not hold this facet
    HISTORY = "history"  # older than what the plan lets us see
    UNANSWERED = "unanswered"  # 5xx, timeout, broken connection, after all attempts
    UNREADABLE = "unreadable"  # an answer of unknown shape
    REJECTED = "rejected"  # 400: the API did not take our question
    CUT = "cut"  # stored, but the answer was cut at its size
    QUOTA = "quota"  # the month's requests are spent, or left to others
    INTERRUPTED = "interrupted"  # the run ended before its turn came
    NOT_ASKED = "not asked"  # no run has come to it yet

    @property
    def final(self) -> bool:
        """Whether asking again is known to be useless until something changes at Bitly."""
        return self in {Reason.GONE, Reason.NOT_IN_PLAN, Reason.HISTORY, Reason.CUT}


@dataclass(frozen=True, slots=True)
class Missing:
    """A window of one facet that was asked for and not learnt.

    `detail` is one line for a person; it holds no token and at most 200 characters.
    """

    target_id: int
    facet: str
    window: Window
    reason: Reason
    detail: str
    observed_at: datetime
