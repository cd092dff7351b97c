"""Events of a run, as data. The progress bar, logs and metrics take them and change nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field

from harvester.domain.snapshots import Reason


@dataclass(frozen=True, slots=True)
class AccountStarted:
    """A run of `account` begins."""

    account: str


@dataclass(frozen=True, slots=True)
class Discovered:
    """`bitlinks` of a group have been listed so far; `done` once its list has ended."""

    account: str
    group: str
    bitlinks: int
    done: bool


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A stage of the fan-out begins: `requests` will be sent, if nothing goes wrong."""

    account: str
    stage: str
    requests: int


@dataclass(frozen=True, slots=True)
class Asked:
    """One planned request, about `subject`, has been answered or given up."""

    account: str
    facet: str
    ok: bool
    subject: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The limiter holds requests to `endpoint` back for `seconds`."""

    account: str
    endpoint: str
    seconds: float
    why: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a person should know of, once: a refused facet, a stopped account."""

    account: str
    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class Requested:
    """One attempt of a request has ended; `status` is None if no answer came.

    `request` names the request among all of the process, and is shared by its attempts; `path`
    holds the bitlink or group. `hour_used` of `hour_limit` requests an hour to `endpoint` (a
    template) are used by then; both are None where nothing is limited.
    """

    account: str
    request: str
    endpoint: str
    path: str
    attempt: int
    status: int | None
    seconds: float
    hour_used: int | None = None
    hour_limit: int | None = None


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run of `account` has ended with `outcome`, a word of `harvest_runs`; `detail` says why.

    `quota_used` of `quota_limit` API requests of the month are used; None where it is not known.
    """

    account: str
    outcome: str
    detail: str
    seconds: float
    requests: int
    retries: int
    snapshots: int
    rows: int
    missing: int
    quota_used: int | None = None
    quota_limit: int | None = None


Event = (
    AccountStarted | Discovered | StageStarted | Asked | Waiting | Problem | Requested | RunEnded
)
Notify = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """Take an event and do nothing: for callers that do not watch."""
