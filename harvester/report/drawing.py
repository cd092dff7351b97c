"""Draws the page's charts: Vega-Lite by vl-convert, to SVG whose colours are the page's.

A colour is the name of one (`var(--accent)`), so that a picture is right in light and dark. What a
bar says in words is its label for readers for the blind, and for whoever points at it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import vl_convert

from harvester.report.charts import clean
from harvester.report.figures import Figures, Share
from harvester.report.knowledge import DayOfClicks, Known
from harvester.report.world import UNKNOWN

_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"  # a name: nothing is fetched
_CONFIG: Final[Mapping[str, Any]] = {
    "background": "transparent",
    "font": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--muted)",
        "titleColor": "var(--muted)",
        "gridColor": "var(--line)",
        "domainColor": "var(--line)",
        "tickColor": "var(--line)",
        "labelFontSize": 12,
    },
    "bar": {"cornerRadiusEnd": 2},
    "text": {"color": "var(--text)", "fontSize": 12},
}
_FILLS: Final = {
    Known.FINAL: "var(--accent)",
    Known.PROVISIONAL: "var(--soft)",
    Known.PARTIAL: "var(--warn)",
    Known.MISSING: "url(#hatch)",
}
_SIZE = re.compile(r'^<svg ([^>]*?)width="[\d.]+" height="[\d.]+" ')
_PATH = re.compile(r'(?<= d=")[^"]*')
_LONG = re.compile(r"(\d\.\d)\d+")
_MOST_LABELS = 10
_MANY = 10_000


def drawn(spec: Mapping[str, Any], label: str) -> str:
    """Return a chart as an `<svg>` that fits where it is put; `label` says what it shows."""
    whole = _readable({"$schema": _SCHEMA, "config": _CONFIG, **spec})
    svg: str = vl_convert.vegalite_to_svg(whole, allowed_base_urls=[])
    sized = _SIZE.sub(f'<svg role="group" aria-label="{label}" \\1', svg, count=1)
    return _PATH.sub(lambda path: _LONG.sub(r"\1", path[0]), sized)


def _readable(value: Any) -> Any:
    """Return a chart whose texts are free of controls: one of them would end the whole process."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {key: _readable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_readable(each) for each in value]
    return value


def clicks_chart(figures: Figures, width: int, height: int) -> str:
    """Draw the clicks of each day, marked by how well it is known, and the period before."""
    compared = () if figures.uncomparable else figures.earlier_days
    largest = max([day.clicks for day in (*figures.days, *compared)], default=0)
    rows = [_day_row(day, largest) for day in figures.days]
    every = max(1, -(-len(rows) // max(2, width // 90)))
    x: dict[str, Any] = {
        "field": "day",
        "type": "ordinal",
        "axis": {
            "title": None,
            "labelAngle": 0,
            "values": [row["day"] for row in rows[::every]],
            "labelExpr": "utcFormat(toDate(datum.value), '%-d %b')",
            "labelOverlap": True,
        },
    }
    y = {
        "field": "height",
        "type": "quantitative",
        "axis": {
            "title": None,
            "tickCount": 4,
            "format": _format(largest),
            "domain": False,
            "ticks": False,
        },
        "scale": {"domain": [0, max(largest, 1)], "nice": True},
    }
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "bar", "strokeWidth": 1},
            "encoding": {
                "y": y,
                "fill": {"field": "fill", "type": "nominal", "scale": None},
                "stroke": {"field": "stroke", "type": "nominal", "scale": None},
                "description": {"field": "words"},
            },
        }
    ]
    if not figures.uncomparable:
        layers.append(_earlier_layer(figures))
    return drawn(
        {
            "width": width,
            "height": height,
            "data": {"values": rows},
            "encoding": {"x": x},
            "layer": layers,
        },
        "Clicks by day",
    )


def _format(largest: int) -> str:
    return "~s" if largest >= _MANY else ",d"  # 12k, but 1,200


def _day_row(day: DayOfClicks, largest: int) -> dict[str, Any]:
    missing = day.known is Known.MISSING
    words = f"{day.day}: " + ("not known" if missing else f"{day.clicks:,} clicks")
    return {
        "day": str(day.day),
        "height": max(largest, 1) if missing else day.clicks,
        "fill": _FILLS[day.known],
        "stroke": "var(--accent)" if day.known is Known.PROVISIONAL else "transparent",
        "words": f"{words} ({day.why})" if day.why else words,
    }


def _earlier_layer(figures: Figures) -> dict[str, Any]:
    pairs = zip(figures.days, figures.earlier_days, strict=False)
    rows = [{"day": str(now.day), "height": then.clicks} for now, then in pairs]
    return {
        "data": {"values": rows},
        "mark": {
            "type": "line",
            "stroke": "var(--text)",
            "strokeDash": [4, 3],
            "strokeWidth": 1.5,
            "aria": False,
        },
        "encoding": {"y": {"field": "height", "type": "quantitative"}},
    }


def bar_chart(shares: Sequence[Share], label: str, width: int) -> str:
    """Draw the greatest of a ranking as bars with their names and numbers."""
    rows = [
        {
            "place": number,
            "name": cut(share.name or UNKNOWN, 26),
            "clicks": share.clicks,
            "said": f"{share.clicks:,}",
            "words": f"{cut(share.name or UNKNOWN, 80)}: {share.clicks:,} clicks",
        }
        for number, share in enumerate(shares[:_MOST_LABELS])
    ]
    largest = max([share.clicks for share in shares], default=1)
    y = {
        "field": "place",
        "type": "ordinal",
        "axis": None,
        "scale": {"paddingInner": 0.25, "paddingOuter": 0.1},
    }
    x = {"type": "quantitative", "axis": None, "scale": {"domain": [0, largest * 1.25]}}
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "bar", "color": "var(--accent)", "yOffset": 8, "height": 8},
            "encoding": {"x": {"field": "clicks", **x}, "description": {"field": "words"}},
        },
        {
            "mark": {"type": "text", "align": "left", "dy": -6, "aria": False},
            "encoding": {"x": {"datum": 0, **x}, "text": {"field": "name"}},
        },
        {
            "mark": {
                "type": "text",
                "align": "left",
                "dx": 6,
                "dy": 8,
                "color": "var(--muted)",
                "aria": False,
            },
            "encoding": {"x": {"field": "clicks", **x}, "text": {"field": "said"}},
        },
    ]
    return drawn(
        {
            "width": width,
            "height": {"step": 36},
            "data": {"values": rows},
            "encoding": {"y": y},
            "layer": layers,
        },
        label,
    )


def cut(text: str, most: int) -> str:
    """Return `text` at most `most` long."""
    return text if len(text) <= most else text[: most - 1] + "…"
