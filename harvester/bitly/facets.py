"""The registry of facets: where each is asked, what its rows mean, how its answer is read. Pure.

A facet is one entry: a new one is a new entry, not a new code path. `clicks` is a series, one
answer gives many windows; the others answer one window per request.
Source: dev.bitly.com/api-reference, "Bitlinks"; answers on record in tests/samples.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Annotated, Final

import msgspec

from harvester.bitly.errors import OtherWindow, UnexpectedShape
from harvester.bitly.models import MOST, Count, instant, shaped
from harvester.domain.snapshots import Reading, Row
from harvester.domain.windows import Window, whole

COUNTRIES_SIZE: Final = 300  # more than there are countries
SIZE: Final = 1000  # the default of 50 cuts silently; the largest size is not documented
MOST_ROWS: Final = msgspec.Meta(max_length=100_000)  # of an answer; more is no answer of Bitly's
OTHER_CITIES: Final = ("(other cities)", None, None, None)
NO_CITY: Final = ("(no city)", None, None, None)

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
    """One metric of a bitlink. `size` is how many rows are asked for, None where it is no argument.

    `parse(json, windows)` reads the answer for the adjacent `windows` that were asked, oldest
    first; a facet that is no series gives one reading of all of them. It raises UnexpectedShape
    rather than return a zero that was not said.
    """

    name: str
    endpoint: str
    columns: tuple[str, ...]
    series: bool
    size: int | None
    parse: Callable[..., Answer]


class Answered(msgspec.Struct):
    """What every answer may tell of itself; -1 units mean all time."""

    unit: str | None = None
    units: int | None = None


class _Click(msgspec.Struct):
    date: str
    clicks: Count


class _Clicks(Answered, kw_only=True):
    link_clicks: Annotated[list[_Click], MOST_ROWS]


class _Value(msgspec.Struct):
    value: str | None
    clicks: Count


class _Values(Answered, kw_only=True):
    metrics: Annotated[list[_Value], MOST_ROWS]


class _Device(msgspec.Struct):
    """The links' answer says `device_type`, the groups' one of 2026 says `value`."""

    clicks: Count
    device_type: str | msgspec.UnsetType | None = msgspec.UNSET
    value: str | msgspec.UnsetType | None = msgspec.UNSET


class _Devices(Answered, kw_only=True):
    metrics: Annotated[list[_Device], MOST_ROWS]


class _City(msgspec.Struct):
    city: str | None
    clicks: Count
    subregion: str | None = None
    region: str | None = None
    country: str | None = None


class _OtherCities(msgspec.Struct):
    other_city_clicks: Count = 0
    no_city_clicks: Count = 0


class _Cities(Answered, kw_only=True):
    metrics: Annotated[list[_City], MOST_ROWS]
    other_metrics: _OtherCities | None = None


def sized(facet: Facet, most: int) -> Facet:
    """Return the facet as it is asked where no answer holds more than `most` rows."""
    if facet.size is None or facet.size <= most:
        return facet
    return replace(facet, size=most, parse=partial(facet.parse, size=most))


def _clicks(json_value: object, windows: Sequence[Window]) -> Answer:
    """Read a series: a window that it leaves out had no clicks, dense and sparse ones are known."""
    answer = shaped(json_value, _Clicks)
    dated = [(instant(click.date), click.clicks) for click in answer.link_clicks]
    return series(answer, dated, windows)


def series(
    answer: Answered, dated: Iterable[tuple[datetime, int]], windows: Sequence[Window]
) -> Answer:
    """Return the readings of adjacent `windows`, oldest first, from (start, count) pairs."""
    _check_unit(answer, windows)
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


def _values(json_value: object, windows: Sequence[Window], *, size: int) -> Answer:
    answer = shaped(json_value, _Values)
    rows = (((row.value,), row.clicks) for row in answer.metrics)
    return _rows(answer, rows, windows, cut=len(answer.metrics) >= size)


def _devices(json_value: object, windows: Sequence[Window], *, size: int) -> Answer:
    answer = shaped(json_value, _Devices)
    rows = (((_device_type(row),), row.clicks) for row in answer.metrics)
    return _rows(answer, rows, windows, cut=len(answer.metrics) >= size)


def _device_type(row: _Device) -> str | None:
    for label in (row.device_type, row.value):
        if not isinstance(label, msgspec.UnsetType):
            return label
    raise UnexpectedShape("a row of devices without `device_type` or `value`")


def _cities(json_value: object, windows: Sequence[Window], *, size: int) -> Answer:
    answer = shaped(json_value, _Cities)
    rows: list[tuple[Labels, int]] = [
        ((row.city, row.subregion, row.region, row.country), row.clicks) for row in answer.metrics
    ]
    if answer.other_metrics:
        rows.append((OTHER_CITIES, answer.other_metrics.other_city_clicks))
        rows.append((NO_CITY, answer.other_metrics.no_city_clicks))
    return _rows(answer, rows, windows, cut=len(answer.metrics) >= size)


def _rows(
    answer: Answered, rows: Iterable[tuple[Labels, int]], windows: Sequence[Window], *, cut: bool
) -> Answer:
    """Return the reading of all that was asked: like rows added up, empty ones left out.

    Several days are read as the week or month that they make up. Where the answer admits to fewer,
    the others lie beyond the plan's history, and nothing can be told of it.
    """
    _check_unit(answer, windows)
    clicks: dict[Labels, int] = {}
    for labels, count in rows:
        clicks[labels] = clicks.get(labels, 0) + count
    total = sum(clicks.values())
    if total > MOST:
        raise UnexpectedShape(f"the rows add up to {total}, more than can be counted")
    units, asked = answer.units, len(windows)
    if (units == 0 and total == 0) or (units is not None and 0 < units < asked):
        return Answer((), tuple(windows[: asked - units]))
    if units not in {None, asked} and (units != 0 or asked > 1):
        raise UnexpectedShape(f"an answer over {units} windows where {asked} were asked")
    kept = tuple(Row(labels, count) for labels, count in clicks.items() if count)
    return Answer((Reading(whole(windows), total, kept, cut=cut),))


def _check_unit(answer: Answered, windows: Sequence[Window]) -> None:
    """Refuse an answer in another unit: Bitly ignores an argument that it does not know."""
    asked = windows[-1].unit
    if answer.unit is not None and answer.unit != asked:
        raise UnexpectedShape(f"an answer by {answer.unit[:40]!r} where {asked.value!r} was asked")


def _labelled(
    name: str, *columns: str, parse: Callable[..., Answer] = _values, size: int = SIZE
) -> Facet:
    return Facet(
        name=name,
        endpoint=f"/bitlinks/{{bitlink}}/{name}",
        columns=columns,
        series=False,
        size=size,
        parse=partial(parse, size=size),
    )


FACETS: Final[Mapping[str, Facet]] = MappingProxyType(
    {
        facet.name: facet
        for facet in (
            Facet(
                "clicks", "/bitlinks/{bitlink}/clicks", (), series=True, size=None, parse=_clicks
            ),
            _labelled("countries", "country", size=COUNTRIES_SIZE),
            _labelled("cities", "city", "subregion", "region", "country", parse=_cities),
            _labelled("devices", "device_type", parse=_devices),
            _labelled("referrers", "referrer"),
            _labelled("referring_domains", "domain"),
        )
    }
)
