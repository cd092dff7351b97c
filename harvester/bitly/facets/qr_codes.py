"""The facets of QR codes: their scans.

Source: dev.bitly.com/api-reference, "QR Codes". No answer on record: the shapes are those of the
specification.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Annotated, Any, Final

import msgspec

from harvester.bitly.facets.answers import (
    COUNTRIES_SIZE,
    MOST_ROWS,
    SIZE,
    Answer,
    Answered,
    Facet,
    Labels,
    metrics,
    series,
)
from harvester.bitly.facets.shapes import NO_CITY, OTHER_CITIES, Place
from harvester.bitly.models import Count, instant, shaped
from harvester.domain.windows import Window


class _Scan(msgspec.Struct):
    date: str
    scans: Count


class _Scans(Answered, kw_only=True):
    scans: Annotated[list[_Scan], MOST_ROWS]


class _Value(msgspec.Struct):
    value: str | None
    scans: Count

    @property
    def labels(self) -> Labels:
        return (self.value,)

    @property
    def count(self) -> int:
        return self.scans


class _Values(Answered, kw_only=True):
    metrics: Annotated[list[_Value], MOST_ROWS]


class _City(Place, kw_only=True):
    scans: Count

    @property
    def count(self) -> int:
        return self.scans


class _OtherCities(msgspec.Struct):
    other_city_scans: Count = 0
    no_city_scans: Count = 0


class _Cities(Answered, kw_only=True):
    metrics: Annotated[list[_City], MOST_ROWS]
    other_metrics: _OtherCities | None = None

    @property
    def others(self) -> Iterator[tuple[Labels, int]]:
        if self.other_metrics:
            yield OTHER_CITIES, self.other_metrics.other_city_scans
            yield NO_CITY, self.other_metrics.no_city_scans


def _scans(json_value: object, windows: Sequence[Window]) -> Answer:
    answer = shaped(json_value, _Scans)
    return series(answer, [(instant(each.date), each.scans) for each in answer.scans], windows)


def _labelled(
    name: str,
    *columns: str,
    shape: type[Any] = _Values,
    size: int = SIZE,
    gated: bool = False,
) -> Facet:
    return Facet(
        name=f"qr_{name}",
        endpoint=f"/qr-codes/{{qrcode_id}}/scans/{name}",
        columns=columns,
        series=False,
        size=size,
        parse=partial(metrics, shape=shape, size=size),
        counts="scans",
        gated=gated,
    )


QR_CODES: Final = (
    Facet(
        "qr_scans",
        "/qr-codes/{qrcode_id}/scans",
        (),
        series=True,
        size=None,
        parse=_scans,
        counts="scans",
    ),
    _labelled("countries", "country", size=COUNTRIES_SIZE),
    _labelled("cities", "city", "subregion", "region", "country", shape=_Cities, gated=True),
    _labelled("device_os", "device_os", gated=True),
    _labelled("browsers", "browser", gated=True),
)
