"""How rows become the bytes of a file: JSON, JSON Lines and CSV. Pure.

CSV is that of RFC 4180: UTF-8, lines end in CR LF, a field is quoted where it has to be. A null is
an empty field, an empty text is `""`; lists and nested values are JSON. A spreadsheet takes a text
that begins with = + - or @ for a formula, and titles come from anybody's page: such a text gets an
apostrophe before it, and so does one that begins with an apostrophe, so that taking one away brings
each text back as it was. `exact` leaves them as they are.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, Protocol

import msgspec

from harvester.report.cells import Column, plain

_json: Final = msgspec.json.Encoder().encode
_QUOTED: Final = re.compile(r'[",\r\n]|^$|^\s|\s$')
_FORMULA: Final = tuple("=+-@\t\r'＝＋－＠")  # noqa: RUF001 - full-width ones start one, too
Rows = Iterable[Sequence[Any]]


class Encoder(Protocol):
    """Writes what comes first, each batch of rows, and what comes last."""

    def head(self, columns: Sequence[Column]) -> bytes:
        """Return what comes before the rows."""

    def rows(self, columns: Sequence[Column], rows: Rows, *, first: bool) -> bytes:
        """Return a batch; `first` tells that none was before it."""

    def tail(self) -> bytes:
        """Return what comes after the rows."""


class JsonLines:
    """An object to a line."""

    def head(self, _columns: Sequence[Column]) -> bytes:
        """Return nothing."""
        return b""

    def rows(self, columns: Sequence[Column], rows: Rows, *, first: bool) -> bytes:
        """Return a line for each row."""
        del first
        names = [column.name for column in columns]
        return b"".join(
            _json(dict(zip(names, map(plain, row), strict=True))) + b"\n" for row in rows
        )

    def tail(self) -> bytes:
        """Return nothing."""
        return b""


class Json(JsonLines):
    """One array of objects, each on a line of its own."""

    def head(self, _columns: Sequence[Column]) -> bytes:
        """Open the array."""
        return b"["

    def rows(self, columns: Sequence[Column], rows: Rows, *, first: bool) -> bytes:
        """Return the objects with what parts them."""
        lines = super().rows(columns, rows, first=first).removesuffix(b"\n")
        if not lines:
            return b""
        return (b"\n" if first else b",\n") + lines.replace(b"\n", b",\n")

    def tail(self) -> bytes:
        """Close the array."""
        return b"\n]\n"


class Csv:
    """Fields in lines."""

    def __init__(self, *, exact: bool = False) -> None:
        """Leave what would be formulas as it is, if `exact`."""
        self._exact = exact

    def head(self, columns: Sequence[Column]) -> bytes:
        """Return the names of the columns."""
        return self._line([column.name for column in columns]).encode()

    def rows(self, columns: Sequence[Column], rows: Rows, *, first: bool) -> bytes:
        """Return a line for each row."""
        del columns, first
        return "".join(map(self._line, rows)).encode()

    def tail(self) -> bytes:
        """Return nothing."""
        return b""

    def _line(self, row: Sequence[Any]) -> str:
        return ",".join(map(self._field, row)) + "\r\n"

    def _field(self, value: Any) -> str:
        value = plain(value)
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return str(value)
        text = value if isinstance(value, str) else _json(value).decode()
        if not self._exact and text.startswith(_FORMULA):
            text = f"'{text}"
        return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text
