"""Values of an export's cells: of which kind a column is, and how a value is written. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    TRUTH = "truth"
    DAY = "day"
    INSTANT = "instant"
    TEXTS = "texts"  # a list
    JSON = "json"  # anything that Bitly nests


_KINDS: Final = (  # the first that fits: a bool is an int, too, and an instant a date
    (bool, Kind.TRUTH),
    (int, Kind.WHOLE),
    (float, Kind.NUMBER),
    (datetime, Kind.INSTANT),
    (date, Kind.DAY),
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an export."""

    name: str
    kind: Kind


def kind_of(value: object) -> Kind:
    """Return the kind of a column that holds `value`, which is not None."""
    if isinstance(value, str):  # SQLite has neither days nor instants
        forms = ((Kind.INSTANT, _INSTANT), (Kind.DAY, _DAY))
        return next((kind for kind, form in forms if form.fullmatch(value)), Kind.TEXT)
    if isinstance(value, Decimal):
        value = plain(value)
    return next((kind for of, kind in _KINDS if isinstance(value, of)), Kind.TEXT)


def plain(value: Any) -> Any:
    """Return a value as JSON has it, the same from each database: instants and days are text."""
    if value is None or isinstance(value, str | int | float | list | dict):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return str(value)
