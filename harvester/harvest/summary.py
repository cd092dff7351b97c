"""What a run came to: counts, outcome, exit code."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from harvester.bitly.errors import BitlyError, Forbidden, NotAuthorised, QuotaUsedUp
from harvester.domain.errors import Exit
from harvester.domain.events import RunEnded


class Outcome(StrEnum):
    """How a run of one account ended; the value stands in `harvest_runs.outcome`."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    UNANSWERED = "unanswered"
    NOT_AUTHORISED = "not authorised"
    QUOTA = "quota"
    INTERRUPTED = "interrupted"
    FAILED = "failed"

    @property
    def exit_code(self) -> Exit:
        """The exit code of a process whose only run ended so."""
        return _EXIT[self]


# From the one that a person must hear of first. Several accounts: the first of theirs decides.
_EXIT = {
    Outcome.FAILED: Exit.UNEXPECTED,
    Outcome.INTERRUPTED: Exit.INTERRUPTED,
    Outcome.NOT_AUTHORISED: Exit.NOT_AUTHORISED,
    Outcome.QUOTA: Exit.QUOTA,
    Outcome.UNANSWERED: Exit.INCOMPLETE,
    Outcome.INCOMPLETE: Exit.INCOMPLETE,
    Outcome.COMPLETE: Exit.COMPLETE,
}


class End(NamedTuple):
    """How a run ended: a line for a person, and when a spent account is granted new requests."""

    outcome: Outcome
    detail: str = ""
    again_at: datetime | None = None


def ended_by(error: BitlyError) -> End:
    """Return how a run ended that `error` has ended."""
    if isinstance(error, NotAuthorised | Forbidden):
        return End(Outcome.NOT_AUTHORISED, str(error))
    if isinstance(error, QuotaUsedUp):
        return End(Outcome.QUOTA, str(error), error.until)
    return End(Outcome.UNANSWERED, str(error))


@dataclass(frozen=True, slots=True)
class Quota:
    """The month's API requests: what the plan allows, and what is used, by whomever.

    `left` are those that may still be sent before the reserve is touched.
    """

    limit: int
    used: int
    left: int


@dataclass(frozen=True, slots=True)
class Counts:
    """A run in numbers.

    `missing` counts the (bitlink, facet, window) of the range that are not known, `failed` the
    requests that brought nothing. Their reasons stand in the view harvest_missing.
    """

    groups: int = 0
    bitlinks: int = 0
    requests: int = 0
    retries: int = 0
    snapshots: int = 0
    rows: int = 0
    revisions: int = 0
    missing: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """What one run of one account came to; `detail` is one line, empty if there is none.

    Where the account's requests are spent, `again_at` is when it is granted new ones.
    """

    account: str
    outcome: Outcome
    detail: str
    started_at: datetime
    finished_at: datetime
    since: date | None
    until: date | None
    counts: Counts
    quota: Quota | None
    again_at: datetime | None = None

    @property
    def seconds(self) -> float:
        """How long the run took."""
        return (self.finished_at - self.started_at).total_seconds()

    def told(self) -> RunEnded:
        """Return the event that tells of the run's end."""
        return RunEnded(
            account=self.account,
            outcome=self.outcome,
            detail=self.detail,
            seconds=self.seconds,
            requests=self.counts.requests,
            retries=self.counts.retries,
            snapshots=self.counts.snapshots,
            rows=self.counts.rows,
            missing=self.counts.missing,
            quota_used=self.quota.used if self.quota else None,
            quota_limit=self.quota.limit if self.quota else None,
        )


def exit_code(summaries: Iterable[Summary]) -> Exit:
    """Return the exit code of a process that ran `summaries`; none of them means COMPLETE."""
    outcomes = {summary.outcome for summary in summaries}
    return next((code for outcome, code in _EXIT.items() if outcome in outcomes), Exit.COMPLETE)
