"""What can go wrong on purpose, mutable while the sandbox runs."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

Breakage = Literal["html", "truncated", "wrong shape", "reset"]
BREAKAGES: tuple[Breakage, ...] = ("html", "truncated", "wrong shape", "reset")


@dataclass(slots=True)
class Switches:
    """All off by default. Rates are shares of 1; names are `domain/back-half`.

    `script` holds, by endpoint template, the statuses of its next answers: 0 means the true one.
    `refused` holds facets ("cities") or endpoint templates that the plan does not include (402).
    `history` is how many days back the plan lets one look, today included; None is all. Older
    windows are cut off the answer, or with `history_as_zeros` told as empty.
    """

    latency: timedelta = timedelta()
    error_rate: float = 0.0
    errors: tuple[int, ...] = (500, 503)
    broken_rate: float = 0.0
    broken: tuple[Breakage, ...] = BREAKAGES
    script: dict[str, list[int]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    not_found: set[str] = field(default_factory=set)
    forbidden: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    revoked: set[str] = field(default_factory=set)
    history: int | None = None
    history_as_zeros: bool = False
    raw_control_characters: bool = False
