"""The facets of bitlinks and of custom back-halves on domains of one's own.

Source: dev.bitly.com/api-reference, "Bitlinks" and "Custom Bitlinks"; answers on record in
tests/samples. Engagements are not in the specification of July 2026, but in the next one.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Final

import msgspec

from harvester.bitly.errors import UnexpectedShape
from harvester.bitly.facets.answers import (
    COUNTRIES_SIZE,
    MOST_ROWS,
    SIZE,
    Answer,
    Answered,
    Facet,
    Labels,
    added,
    metrics,
    rows,
    series,
)
from harvester.bitly.facets.shapes import Cities, Clicks, Devices, Values
from harvester.bitly.models import Count, instant, shaped
from harvester.domain.facets import CLICKS, HOURS
from harvester.domain.snapshots import Row
from harvester.domain.windows import Unit, Window, holding


class _Referrer(msgspec.Struct):
    """Recorded: `value` is the name, `clicks` the number. Specified: `key`, and `value`."""

    value: str | Count | None
    clicks: Count | msgspec.UnsetType = msgspec.UNSET
    key: str | msgspec.UnsetType | None = msgspec.UNSET

    def told(self) -> tuple[str | None, int]:
        """Return the name and the number. Raises UnexpectedShape if it is neither shape."""
        if isinstance(self.value, int):
            if isinstance(self.key, msgspec.UnsetType):
                raise UnexpectedShape("a referrer without a name")
            return self.key, self.value
        if isinstance(self.clicks, msgspec.UnsetType):
            raise UnexpectedShape("a referrer without clicks")
        return self.value, self.clicks


class _Network(msgspec.Struct):
    network: str | None
    referrers: Annotated[list[_Referrer], MOST_ROWS]


class _ByDomain(Answered, kw_only=True):
    referrers_by_domain: Annotated[list[_Network], MOST_ROWS]


class _Kinds(msgspec.Struct):
    lib_button_clicks: Count = 0
    clicks: Count = 0
    scans: Count = 0


class _Engagement(msgspec.Struct):
    date: str
    engagement_count: Count
    engagements: _Kinds


class _Engagements(Answered, kw_only=True):
    engagements: Annotated[list[_Engagement], MOST_ROWS]


def _clicks(json_value: object, windows: Sequence[Window]) -> Answer:
    answer = shaped(json_value, Clicks)
    return series(answer, [click.dated for click in answer.link_clicks], windows)


def _hours(json_value: object, windows: Sequence[Window]) -> Answer:
    """Read the hours of a day as its rows; the hours to come are not among `windows`."""
    told = _clicks(json_value, windows)
    day = holding(windows[0].start, Unit.DAY)
    if told.beyond:
        return Answer((), (day,))
    found = [((f"{each.window.start:%H}",), each.total) for each in told.readings]
    return Answer((added(found, day),))


def _referrers_by_domains(json_value: object, windows: Sequence[Window], *, size: int) -> Answer:
    answer = shaped(json_value, _ByDomain)
    found: list[tuple[Labels, int]] = []
    for each in answer.referrers_by_domain:
        told = [referrer.told() for referrer in each.referrers]
        found += [((each.network, name), clicks) for name, clicks in told]
    return rows(answer, found, windows, cut=len(found) >= size)


def _engagements(json_value: object, windows: Sequence[Window]) -> Answer:
    """Read a series of engagements, and what they were as the rows of each window."""
    answer = shaped(json_value, _Engagements)
    kinds = {instant(each.date): each.engagements for each in answer.engagements}
    told = series(
        answer,
        [(instant(each.date), each.engagement_count) for each in answer.engagements],
        windows,
    )
    readings = [
        replace(reading, rows=_of_kinds(kinds.get(reading.window.start)))
        for reading in told.readings
    ]
    return Answer(tuple(readings), told.beyond)


def _of_kinds(kinds: _Kinds | None) -> tuple[Row, ...]:
    """Return a row for each sort of engagement that there was."""
    told = {} if kinds is None else msgspec.structs.asdict(kinds)
    return tuple(Row((name,), count) for name, count in told.items() if count)


def labelled(
    name: str,
    *columns: str,
    at: str | None = None,
    shape: type[Any] = Values,
    size: int = SIZE,
    gated: bool = False,
) -> Facet:
    """Return a facet of bitlinks whose answer has rows; `at` is its word in the endpoint."""
    parse: Callable[..., Answer] = partial(metrics, shape=shape)
    return Facet(
        name=name,
        endpoint=f"/bitlinks/{{bitlink}}/{at or name}",
        columns=columns,
        series=False,
        size=size,
        parse=partial(parse, size=size),
        gated=gated,
    )


BITLINKS: Final = (
    Facet(CLICKS, "/bitlinks/{bitlink}/clicks", (), series=True, size=None, parse=_clicks),
    labelled("countries", "country", size=COUNTRIES_SIZE),
    labelled("cities", "city", "subregion", "region", "country", shape=Cities, gated=True),
    labelled("devices", "device_type", shape=Devices, gated=True),
    labelled("referrers", "referrer"),
    labelled("referring_domains", "domain"),
    labelled("referrer_name", "referrer"),
    Facet(
        "referrers_by_domains",
        "/bitlinks/{bitlink}/referrers_by_domains",
        ("network", "referrer"),
        series=False,
        size=SIZE,
        parse=partial(_referrers_by_domains, size=SIZE),
    ),
    Facet(
        HOURS,
        "/bitlinks/{bitlink}/clicks",
        ("hour",),
        series=False,
        size=None,
        parse=_hours,
        asked_by=Unit.HOUR,
    ),
    Facet(
        "engagements",
        "/bitlinks/{bitlink}/engagements",
        ("engagement",),
        series=True,
        size=None,
        parse=_engagements,
        counts="engagements",
        gated=True,
    ),
)

CUSTOM_BITLINKS: Final = (
    Facet(
        "custom_clicks",
        "/custom_bitlinks/{custom_bitlink}/clicks",
        (),
        series=True,
        size=None,
        parse=_clicks,
        gated=True,
    ),
    Facet(
        "custom_clicks_by_destination",
        "/custom_bitlinks/{custom_bitlink}/clicks_by_destination",
        ("destination",),
        series=False,
        size=None,
        parse=partial(metrics, shape=Values, size=SIZE),
        gated=True,
    ),
)
