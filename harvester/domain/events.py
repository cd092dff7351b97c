"""Events of a run, as data. The progress bar, logs and metrics take them and change nothing."""

from collections.abc import Callable
from dataclasses import dataclass

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
    """One planned request has been answered or given up."""

    account: str
    facet: str
    ok: bool


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


Event = AccountStarted | Discovered | StageStarted | Asked | Waiting | Problem
Notify = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """Take an event and do nothing: for callers that do not watch."""
