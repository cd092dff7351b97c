"""The arguments `unit`, `units`, `unit_reference`, `size` of a query, and the time they span.

A span is so many calendar buckets counted back from the one that holds the reference, that one
included and whole (dev.bitly.com/docs/tutorials/retrieve-metrics). Buckets begin at midnight UTC,
weeks on Monday: recorded, not documented.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from urllib.parse import parse_qsl

from harvester.domain.windows import DAY, HOUR, WEEK, Unit, Window, holding, spanning

ALL = -1
_FORMAT = "%Y-%m-%dT%H:%M:%S%z"
_LONGEST = 10_000  # no limit is published; no more than this is taken here
LARGEST = 10_000  # an absurd size was answered with 500 in 2021
_MONTHS = 12
_LENGTHS = {Unit.HOUR: HOUR, Unit.DAY: DAY, Unit.WEEK: WEEK}


class Refused(Exception):
    """The question gets an error instead of an answer; `field` is named in a 400's body."""

    def __init__(self, status: int, code: str = "", field: str = "") -> None:
        super().__init__(status, code, field)
        self.status, self.code, self.field = status, code, field


@dataclass(frozen=True, slots=True)
class Ask:
    """A metric question as asked: `units` buckets back from `reference` (None: from now)."""

    unit: Unit
    units: int
    reference: datetime | None


@dataclass(frozen=True, slots=True)
class Span:
    """The time [start, end) an answer covers, on bucket boundaries, and the `units` it admits to.

    `seen_from` is the first instant the plan lets one see; `sparse` leaves empty buckets out.
    """

    unit: Unit
    units: int
    reference: datetime
    start: datetime
    end: datetime
    seen_from: datetime
    sparse: bool

    def windows(self) -> Iterator[Window]:
        """Yield the buckets, oldest first."""
        if self.start < self.end:
            yield from spanning(Window(self.start, self.unit), holding(self.end - HOUR, self.unit))


@lru_cache(maxsize=1_024)
def arguments(query: str) -> Mapping[str, str]:
    """Return the arguments of a query string; the last one wins, empty ones count as absent."""
    return dict(parse_qsl(query))


def named(query: str, name: str) -> list[str]:
    """Return all values of the argument `name`."""
    return [value for each, value in parse_qsl(query) if each == name]


@lru_cache(maxsize=1_024)
def asked(query: str) -> Ask:
    """Return the metric question of a query string. Raises Refused if it is not well put."""
    given = arguments(query)
    try:
        unit = Unit(given.get("unit", "day"))
    except ValueError:
        raise invalid("unit") from None
    units = number(given, "units", ALL)
    if units != ALL and not 0 < units <= _LONGEST:
        raise invalid("units")
    return Ask(unit, units, _reference(given.get("unit_reference")))


def number(given: Mapping[str, str], name: str, default: int) -> int:
    """Return the integer argument `name`. Raises Refused (400) if it is none."""
    text = given.get(name)
    if text is None:
        return default
    try:
        return int(text)
    except ValueError:
        raise invalid(name) from None


def page_size(given: Mapping[str, str], default: int = 50, *, most: int = LARGEST) -> int:
    """Return the argument `size`. Raises Refused: 400 if no number, 500 if absurd (as in 2021)."""
    size = number(given, "size", default)
    if not 0 < size <= most:
        raise Refused(500)
    return size


def invalid(field: str) -> Refused:
    """Return the 400 for an argument that is not understood."""
    return Refused(400, f"INVALID_ARG_{field.upper()}", field)


def spanned(  # noqa: PLR0913 - each a way the API may have
    ask: Ask,
    now: datetime,
    *,
    first_day: date,
    history: int | None,
    cut: bool = True,
    told: bool = False,
    nearest: bool = False,
    sparse: bool | None = None,
) -> Span:
    """Return the time that `ask` spans at `now`.

    `first_day` is where all of time begins; `history` the days one may see, today included. An
    unlimited question becomes a finite one where the history is limited, as recorded in 2025.
    Unless `cut`, buckets before the history stay in the span (and are told as empty), and only if
    `told` are they left out of its `units`. A reference names the bucket it lies in, or with
    `nearest` the one that begins nearest to it. `sparse` None: only an unlimited answer leaves
    empty buckets out.
    """
    reference = ask.reference or now
    last = holding(reference, ask.unit)
    if nearest and reference - last.start >= last.end - reference:
        last = Window(last.end, ask.unit)
    seen_from = datetime(1, 1, 1, tzinfo=UTC)
    if history is not None:
        seen_from = holding(now, Unit.DAY).start - timedelta(days=history - 1)
    if ask.units == ALL:
        begin = seen_from if history is not None else datetime.combine(first_day, time(), UTC)
        first = holding(begin, ask.unit).start
    else:
        first = _back(last, ask.units - 1)
        if cut:
            first = max(first, holding(seen_from, ask.unit).start)
    unlimited = ask.units == ALL and history is None
    counted = max(first, holding(seen_from, ask.unit).start) if told else first
    units = ALL if unlimited else _count(counted, last)
    leaves_out = unlimited if sparse is None else sparse
    return Span(ask.unit, units, reference, first, last.end, seen_from, leaves_out)


def _reference(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        reference = datetime.strptime(text, _FORMAT).astimezone(UTC)
    except (ValueError, OverflowError):
        raise invalid("unit_reference") from None
    if reference.year < 1900:  # noqa: PLR2004 - the year 0001 was answered with 500 in 2021
        raise Refused(500)
    return reference


def _back(window: Window, count: int) -> datetime:
    start = window.start
    if window.unit is not Unit.MONTH:
        return start - count * _LENGTHS[window.unit]
    months = start.year * _MONTHS + start.month - 1 - count
    return start.replace(year=max(1, months // _MONTHS), month=months % _MONTHS + 1)


def _count(first: datetime, last: Window) -> int:
    if last.unit is not Unit.MONTH:
        return max(0, (last.end - first) // _LENGTHS[last.unit])
    months = (last.start.year - first.year) * _MONTHS + last.start.month - first.month
    return max(0, months + 1)
