"""What every facet has, and how answers of both sorts are read: series, and rows. Pure.

A series has a count for each window that was asked. Rows tell of all that was asked at once.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache, partial
from typing import Any, Final, Protocol
from urllib.parse import quote

import msgspec

from harvester.bitly.errors import OtherWindow, UnexpectedShape
from harvester.bitly.models import MOST, shaped
from harvester.domain.facets import kind_of, proved_by
from harvester.domain.snapshots import Reading, Row
from harvester.domain.subjects import Kind
from harvester.domain.windows import HOUR, Unit, Window, holding, spanning, whole

COUNTRIES_SIZE: Final = 300  # more than there are countries
SIZE: Final = 1000  # the default of 50 cuts silently; the largest size is not documented
MOST_ROWS: Final = msgspec.Meta(max_length=100_000)  # of an answer; more is no answer of Bitly's

Labels = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer says: a reading per window, and the windows `beyond` the plan's history.

    A window is beyond if the answer's `units` are fewer than were asked for and leave it out.
    """

    readings: tuple[Reading, ...]
    beyond: tuple[Window, ...] = ()


@dataclass(frozen=True)
class Facet:
    """One metric of a kind of subject. `size` is how many rows are asked for, None if it is none.

    `endpoint` is the template that limits are counted by, its first placeholder the subject's name.
    `parse(json, windows)` reads the answer for the adjacent `windows` that were asked, oldest
    first; a facet that is no series gives one reading of all of them. It raises UnexpectedShape
    rather than return a zero that was not said.

    `counts` is what its numbers count. `gated` is True where the specification has a 402: a plan
    may not include it. `unit` is that of its windows, `asked_by` the one it is asked by where that
    is a finer one. Of a `bare` one nothing is asked but the present: it takes no arguments.
    """

    name: str
    endpoint: str
    columns: tuple[str, ...]
    series: bool
    size: int | None
    parse: Callable[..., Answer]
    counts: str = "clicks"
    gated: bool = False
    unit: Unit = Unit.DAY
    asked_by: Unit | None = None
    bare: bool = False

    @property
    def kind(self) -> Kind:
        """What it is a metric of."""
        return kind_of(self.name)

    @property
    def proved_by(self) -> str:
        """The series whose zero proves it empty; itself, if there is no other."""
        return proved_by(self.name)

    def path(self, subject_name: str) -> str:
        """Return where it is asked of a subject: the slash within a bitlink stays a slash."""
        before, after = self._around
        return f"{before}{_encoded(subject_name)}{after}"

    @cached_property
    def _around(self) -> tuple[str, str]:
        """What stands before and after the subject's name in a path."""
        before, _, rest = self.endpoint.replace("{sort}", "clicks").partition("{")
        return before, rest.partition("}")[2]

    def asked(self, windows: Sequence[Window], now: datetime) -> Sequence[Window]:
        """Return the windows to ask for so that `windows` are told: themselves, or finer ones."""
        if self.asked_by is not Unit.HOUR:
            return windows
        last = min(holding(now, Unit.HOUR).start, windows[-1].end - HOUR)
        return list(spanning(Window(windows[0].start, Unit.HOUR), Window(last, Unit.HOUR)))


@lru_cache(maxsize=1024)  # all facets of a link are asked one after the other
def _encoded(subject_name: str) -> str:
    return "/".join(quote(part, safe="") for part in subject_name.split("/", 1))


class Answered(msgspec.Struct):
    """What every answer may tell of itself; -1 units mean all time."""

    unit: str | None = None
    units: int | None = None


class Counted(Protocol):
    """A row of an answer."""

    @property
    def labels(self) -> Labels:
        """What the row is of, in the order of the facet's columns."""
        ...

    @property
    def count(self) -> int:
        """How many."""
        ...


def sized(facet: Facet, most: int) -> Facet:
    """Return the facet as it is asked where no answer holds more than `most` rows."""
    if facet.size is None or facet.size <= most:
        return facet
    return replace(facet, size=most, parse=partial(facet.parse, size=most))


def series(
    answer: Answered, dated: Iterable[tuple[datetime, int]], windows: Sequence[Window]
) -> Answer:
    """Return the readings of adjacent `windows`, oldest first, from (start, count) pairs.

    A window that is left out had none: dense and sparse series are both on record.
    """
    check_unit(answer, windows)
    said = _said(dated, windows)
    units = len(windows) if answer.units is None or answer.units < 0 else answer.units
    left_out = windows[: max(len(windows) - units, 0)]
    # a click in a window that `units` leaves out was said all the same; a zero there means nothing
    beyond = tuple(window for window in left_out if not said.get(window))
    cut_off = frozenset(beyond)
    readings = (Reading(window, said.get(window, 0)) for window in windows if window not in cut_off)
    return Answer(tuple(readings), beyond)


def _said(dated: Iterable[tuple[datetime, int]], windows: Sequence[Window]) -> dict[Window, int]:
    """Return the counts that a series gives, each in its window."""
    asked = {window.start: window for window in windows}
    said: dict[Window, int] = {}
    for start, count in dated:
        window = asked.get(start)
        if window is None:
            raise OtherWindow(f"a row of {start}, which is no window asked for")
        if said.setdefault(window, count) != count:
            raise UnexpectedShape(f"two different counts for {window}")
    return said


def metrics(
    json_value: object, windows: Sequence[Window], *, size: int, shape: type[Any]
) -> Answer:
    """Read an answer of the `shape`, a struct with `metrics` of `Counted` and maybe `others`."""
    answer = shaped(json_value, shape)
    others: Iterable[tuple[Labels, int]] = getattr(answer, "others", ())
    found = [*((row.labels, row.count) for row in answer.metrics), *others]
    return rows(answer, found, windows, cut=len(answer.metrics) >= size)


def rows(
    answer: Answered, found: Iterable[tuple[Labels, int]], windows: Sequence[Window], *, cut: bool
) -> Answer:
    """Return the reading of all that was asked: like rows added up, empty ones left out.

    Several days are read as the week or month that they make up. Where the answer admits to fewer,
    the others lie beyond the plan's history, and nothing can be told of it.
    """
    check_unit(answer, windows)
    reading = added(found, whole(windows), cut=cut)
    units, asked = answer.units, len(windows)
    if (units == 0 and reading.total == 0) or (units is not None and 0 < units < asked):
        return Answer((), tuple(windows[: asked - units]))
    if units not in {None, asked} and (units != 0 or asked > 1):
        raise UnexpectedShape(f"an answer over {units} windows where {asked} were asked")
    return Answer((reading,))


def added(found: Iterable[tuple[Labels, int]], window: Window, *, cut: bool = False) -> Reading:
    """Return the reading of a window: like rows added up, empty ones left out."""
    counts: dict[Labels, int] = {}
    for labels, count in found:
        counts[labels] = counts.get(labels, 0) + count
    total = sum(counts.values())
    if total > MOST:
        raise UnexpectedShape(f"the rows add up to {total}, more than can be counted")
    kept = tuple(Row(labels, count) for labels, count in counts.items() if count)
    return Reading(window, total, kept, cut=cut)


def check_unit(answer: Answered, windows: Sequence[Window]) -> None:
    """Refuse an answer in another unit: Bitly ignores an argument that it does not know."""
    asked = windows[-1].unit
    if answer.unit is not None and answer.unit != asked:
        raise UnexpectedShape(f"an answer by {answer.unit[:40]!r} where {asked.value!r} was asked")
