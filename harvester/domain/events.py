"""Events of a run, as data. The progress bar, logs and metrics take them and change nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

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


@dataclass(frozen=True, slots=True)
class DaemonStarted:
    """The daemon looks after `accounts` from now on."""

    at: datetime
    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TickPlanned:
    """The next tick of `account` will be `at`; `why` it is not by its rhythm, empty if it is."""

    account: str
    at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class TicksSpread:
    """The month's requests are short: ticks of `account` come less often, until `until`."""

    account: str
    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class TickStarted:
    """A tick of `account` begins, due `due`; its `errand` is "open", "settling" or "backfill".

    With `missed` it makes up for one or more that nobody was there for.
    """

    account: str
    at: datetime
    due: datetime
    errand: str
    missed: bool = False


@dataclass(frozen=True, slots=True)
class TickEnded:
    """A tick has ended: with `outcome` of its run, a word of `harvest_runs`, or "held", "failed".

    `held`: another process harvests the account. `failed`: an error that has no run to tell it, in
    one line. `detail` is for a person; `ok` says whether all that was wanted was got.
    """

    account: str
    at: datetime
    errand: str
    outcome: str
    detail: str
    seconds: float
    ok: bool


@dataclass(frozen=True, slots=True)
class Reloaded:
    """Settings and tokens were read anew: names of accounts; `restart` are settings to come."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    restart: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReloadRefused:
    """The new settings or tokens are wrong; the old ones stay in force."""

    why: str


@dataclass(frozen=True, slots=True)
class DatabaseGone:
    """The database does not do what it is asked; it is tried again and again."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class DatabaseBack:
    """The database does again what it is asked, after `seconds`."""

    at: datetime
    seconds: float


@dataclass(frozen=True, slots=True)
class Notified:
    """A person was sent `text`, or was not; `why` says in one line what kept it."""

    text: str
    ok: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Draining:
    """The daemon was told to stop: no tick begins any more, those of `running` end soon."""

    running: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DaemonStopped:
    """The daemon has come to its end."""

    at: datetime


Event = (
    AccountStarted
    | Discovered
    | StageStarted
    | Asked
    | Waiting
    | Problem
    | Requested
    | RunEnded
    | DaemonStarted
    | TickPlanned
    | TicksSpread
    | TickStarted
    | TickEnded
    | Reloaded
    | ReloadRefused
    | DatabaseGone
    | DatabaseBack
    | Notified
    | Draining
    | DaemonStopped
)
Notify = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """Take an event and do nothing: for callers that do not watch."""
