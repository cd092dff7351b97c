"""Countries: their names, and their outlines or places on a map. From the package countryinfo."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from countryinfo import CountryInfo, all_countries

UNKNOWN = "Unknown"
DIGITS = 1  # of a degree: a fifth of a pixel on the page

Ring = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class Country:
    """A country by its ISO 3166 alpha-2 code; without an outline it has a place, if known."""

    code: str
    name: str
    outline: Mapping[str, Any] | None
    place: tuple[float, float] | None  # longitude, latitude


@cache
def countries() -> Mapping[str, Country]:
    """Return all countries by code; those that have an outline have no place."""
    found: dict[str, Country] = {}
    for info in all_countries():
        country = _country(info)
        if country and (country.outline or country.code not in found):
            found[country.code] = country
    return MappingProxyType(found)


def country_name(code: str) -> str:
    """Return a country's English name; the code itself if nobody knows it."""
    known = countries().get(code)
    return known.name if known else code or UNKNOWN


def _country(info: CountryInfo) -> Country | None:
    code = info.iso(2)
    if not code:
        return None
    shapes = [shape["geometry"] for shape in info.geo_json().get("features", ())]
    polygons = [ring for shape in shapes for ring in _polygons(shape)]
    place = info.latlng() or None
    outline = {"type": "MultiPolygon", "coordinates": polygons} if polygons else None
    return Country(code, info.name(), outline, (place[1], place[0]) if place else None)


def _polygons(shape: Mapping[str, Any]) -> Iterator[list[list[list[float]]]]:
    """Yield each polygon as the projection wants it: outer rings clockwise, the others not."""
    many = shape["type"] == "MultiPolygon"
    for polygon in shape["coordinates"] if many else [shape["coordinates"]]:
        yield [_wound(ring, clockwise=number == 0) for number, ring in enumerate(polygon)]


def _wound(ring: Ring, *, clockwise: bool) -> list[list[float]]:
    """Return a ring with few digits, wound as asked: otherwise it would mean all but its inside."""
    points = [[round(each, DIGITS) for each in point[:2]] for point in ring]
    area = sum((there[0] - here[0]) * (there[1] + here[1]) for here, there in pairwise(points))
    return points if (area > 0) is clockwise else points[::-1]
