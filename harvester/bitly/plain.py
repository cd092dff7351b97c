"""Metric answers as they stand, whatever was asked: for finding out how an API answers. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from harvester.bitly.facets.groups import start
from harvester.bitly.models import Count, instant, shaped


@dataclass(frozen=True, slots=True)
class Series:
    """The buckets of a series, by their beginning, and the `units` that the answer admits to."""

    clicks: Mapping[datetime, int]
    units: int | None


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows a breakdown holds, and all their clicks."""

    count: int
    total: int


class _Click(msgspec.Struct):
    date: str
    clicks: Count


class _Series(msgspec.Struct):
    link_clicks: list[_Click]
    units: int | None = None


class _Count(msgspec.Struct):
    ts: str | int
    count: Count


class _GroupSeries(msgspec.Struct):
    data: list[_Count]
    units: int | None = None


class _Row(msgspec.Struct):
    clicks: Count


class _Rest(msgspec.Struct):
    other_city_clicks: Count = 0
    no_city_clicks: Count = 0


class _Rows(msgspec.Struct):
    metrics: list[_Row]
    other_metrics: _Rest | None = None


def link_series(json_value: object) -> Series:
    """Return a link's series. Raises UnexpectedShape."""
    found = shaped(json_value, _Series)
    return Series({instant(each.date): each.clicks for each in found.link_clicks}, found.units)


def group_series(json_value: object) -> Series:
    """Return a group's series. Raises UnexpectedShape."""
    found = shaped(json_value, _GroupSeries)
    return Series({start(each.ts): each.count for each in found.data}, found.units)


def rows(json_value: object) -> Rows:
    """Return the size of a breakdown. Raises UnexpectedShape."""
    found = shaped(json_value, _Rows)
    rest = found.other_metrics or _Rest()
    total = sum(row.clicks for row in found.metrics)
    return Rows(len(found.metrics), total + rest.no_city_clicks + rest.other_city_clicks)
