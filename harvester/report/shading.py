"""Draws where and when clicks come from: countries and hours, the darker the more of them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from harvester.report.drawing import drawn
from harvester.report.figures import Share
from harvester.report.world import countries

SHADES: Final = 5
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_UNSEEN = "AQ"  # a third of the map, and nobody clicks there


def shade(clicks: int, largest: int) -> int:
    """Return how dark: 0 for no clicks, then up to 5 by the share of the largest."""
    if clicks <= 0:
        return 0
    return 1 + sum(clicks * 100 > largest * percent for percent in (1, 5, 20, 50))


def shade_words(largest: int) -> list[tuple[int, str]]:
    """Return what each shade stands for: clicks from, to."""
    edges = [0, *(largest * percent // 100 for percent in (1, 5, 20, 50)), largest]
    words = []
    for level in range(1, SHADES + 1):
        low, high = edges[level - 1] + 1, edges[level]
        if low <= high:
            words.append((level, f"{low:,}" if low == high else f"{low:,} to {high:,}"))
    return words


def world_map(shares: Sequence[Share], width: int, height: int) -> str:
    """Draw the world with each country as dark as its clicks; a dot is one without an outline."""
    shapes, dots = _places({share.name: share.clicks for share in shares})
    encoding = {"fill": {"field": "properties.fill", "type": "nominal", "scale": None}}
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": shapes},
            "mark": {"type": "geoshape", "stroke": "var(--card)", "strokeWidth": 0.6},
            "encoding": {**encoding, "description": {"field": "properties.words"}},
        },
        {
            "data": {"values": dots},
            "mark": {"type": "circle", "size": 40, "stroke": "var(--text)", "strokeWidth": 0.7},
            "encoding": {
                "longitude": {"field": "longitude", "type": "quantitative"},
                "latitude": {"field": "latitude", "type": "quantitative"},
                "fill": {"field": "fill", "type": "nominal", "scale": None},
                "description": {"field": "words"},
                "opacity": {"value": 1},
            },
        },
    ]
    spec = {"width": width, "height": height, "projection": {"type": "equalEarth"}}
    return drawn({**spec, "layer": layers if dots else layers[:1]}, "Clicks by country")


def _places(clicks: Mapping[str, int]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the outlines of countries, and the places of clicked ones without."""
    largest = max(clicks.values(), default=0)
    shapes: list[dict[str, Any]] = []
    dots: list[dict[str, Any]] = []
    for code, country in countries().items():
        count = clicks.get(code, 0)
        row = {
            "fill": f"var(--shade-{shade(count, largest)})",
            "words": f"{country.name}: {count:,} clicks",
        }
        if country.outline and code != _UNSEEN:
            shapes.append({"type": "Feature", "geometry": country.outline, "properties": row})
        elif country.place and count:
            dots.append({**row, "longitude": country.place[0], "latitude": country.place[1]})
    return shapes, dots


def _hour(clicks: int | None, largest: int, name: str) -> dict[str, str]:
    if clicks is None:
        return {"fill": "url(#hatch)", "words": f"{name}: not known"}
    return {"fill": f"var(--shade-{shade(clicks, largest)})", "words": f"{name}: {clicks:,} clicks"}


def heat_map(hours: Mapping[tuple[int, int], int], width: int) -> str:
    """Draw the clicks of each hour of the week; an hour without any is a pale field."""
    largest = max(hours.values(), default=0)
    rows = [
        {
            "weekday": DAYS[weekday],
            "hour": hour,
            **_hour(hours.get((weekday, hour)), largest, f"{DAYS[weekday]} {hour:02}:00"),
        }
        for weekday in range(7)
        for hour in range(24)
    ]
    encoding = {
        "x": {
            "field": "hour",
            "type": "ordinal",
            "axis": {"title": None, "labelAngle": 0, "values": list(range(0, 24, 3))},
        },
        "y": {"field": "weekday", "type": "ordinal", "sort": DAYS, "axis": {"title": None}},
        "fill": {"field": "fill", "type": "nominal", "scale": None},
        "description": {"field": "words"},
    }
    mark = {"type": "rect", "stroke": "var(--card)", "strokeWidth": 2, "cornerRadius": 3}
    spec = {"width": width, "height": {"step": 26}, "data": {"values": rows}, "mark": mark}
    return drawn({**spec, "encoding": encoding}, "Clicks by weekday and hour")
