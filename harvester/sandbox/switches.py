"""What can go wrong on purpose, mutable while the sandbox runs."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

Breakage = Literal["html", "bad gateway", "truncated", "wrong shape", "reset"]
BREAKAGES: tuple[Breakage, ...] = ("html", "bad gateway", "truncated", "wrong shape", "reset")


def _columns() -> dict[str, str]:
    return {name: name for name in ("link", "title", "clicks", "scans", "button_clicks")}


@dataclass(slots=True)
class Exports:
    """What is not documented of exports. `columns` are their heads, in order, by what they hold.

    `scans_apart` leaves scans of QR codes out of the clicks; `halves` says where the clicks of a
    link and its back-halves are told; `with_scheme` writes links as URLs; `lacking` clicks are
    missing of each link. `most` rows are told where they hold metrics.
    """

    columns: dict[str, str] = field(default_factory=_columns)
    scans_apart: bool = False
    halves: Literal["apart", "in link", "in half", "in both"] = "apart"
    with_scheme: bool = False
    lacking: int = 0
    most: int = 200


@dataclass(slots=True)
class Habits:
    """What is not documented of metrics, lists and limits.

    With `nearest` a reference names the day whose midnight is nearest, not the one it lies in.
    `sparse` series leave empty buckets out, dense ones do not; None: as recorded. Lists take a
    size of at most `most_page` or `most_sorted`, breakdowns of `most_size`; more is an error. Of a
    breakdown `most_rows` are told at most, without a word. `customs_in_total` is whether a group's
    clicks hold those of custom back-halves. `counts` is the span of the counts in platform_limits,
    which `counts_itself` or not; `month_row` the name and description of the month's requests.
    """

    nearest: bool = False
    sparse: bool | None = None
    most_page: int = 10_000
    most_sorted: int = 100
    most_size: int = 10_000
    most_rows: int | None = None
    customs_in_total: bool = True
    counts: Literal["hour", "minute"] = "hour"
    counts_itself: bool = True
    month_row: tuple[str, str] = ("api_requests", "API requests")


@dataclass(slots=True)
class Switches:
    """All off by default. Rates are shares of 1; names are `domain/back-half`.

    `script` holds, by endpoint template, the statuses of its next answers: 0 means the true one.
    `refused` holds facets ("cities") or endpoint templates that the plan does not include (402).
    `history` is how many days back the plan lets one look, today included; None is all. Older
    windows are cut off the answer, or with `history_as_zeros` told as empty: with `history_units`
    the answer's `units` tell of the cut all the same, without nothing does.
    `overlap` bitlinks of a page come again on the next one; with `stuck_cursor` all do, for ever.
    `integer_references` are on record of one endpoint: unix seconds in place of a date.
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
    history_units: bool = False
    raw_control_characters: bool = False
    overlap: int = 0
    stuck_cursor: bool = False
    integer_references: bool = False
    exports: Exports = field(default_factory=Exports)
    habits: Habits = field(default_factory=Habits)
