"""What an export of a group holds: a CSV in a data URI, and what is told of it. Pure.

`columns` are read rather than assumed: Bitly documents no more of them than `clicks`, `scans` and
`button_clicks` (dev.bitly.com/api-reference, "Groups").
"""

import binascii
import csv
import io
import re
from base64 import b64decode
from dataclasses import dataclass
from typing import Final

import msgspec

from harvester.bitly.errors import UnexpectedShape
from harvester.bitly.models import shaped

LARGEST: Final = 4 * 1024 * 1024  # bytes of CSV: 4 kB for each of 1,000 rows, 20 kB for each of 200
_URI: Final = re.compile(r"data:text/csv(?:;[\w=-]+)*;base64,")


@dataclass(frozen=True, slots=True)
class Export:
    """The rows of an export, each with a text for every one of `columns`.

    They are of the seconds from `unix_from` to `unix_to`, where the export holds metrics; Bitly may
    have cut that to what the plan shows. `truncated` tells that more rows match than are here.
    """

    export_type: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    unix_from: int | None
    unix_to: int | None
    truncated: bool


class _Export(msgspec.Struct):
    data_uri: str
    truncated: bool
    export_type: str = ""
    unix_from: int | None = None
    unix_to: int | None = None
    columns: list[str] | None = None
    row_count: int | None = None


def export(json_value: object) -> Export:
    """Return the export in an answer. Raises UnexpectedShape where it does not fit itself."""
    answer = shaped(json_value, _Export)
    heads, *rows = _table(answer)
    if answer.row_count is not None and answer.row_count != len(rows):
        raise UnexpectedShape(f"{len(rows)} rows of the {answer.row_count} that it tells of")
    return Export(
        answer.export_type,
        tuple(heads),
        tuple(map(tuple, rows)),
        answer.unix_from,
        answer.unix_to,
        answer.truncated,
    )


def _table(answer: _Export) -> list[list[str]]:
    """Return heads and rows of the CSV, all of one length."""
    found = [row for row in _parsed(_csv(answer.data_uri)) if row]
    if not found:
        raise UnexpectedShape("the CSV has not even heads")
    found[0] = [head.strip() for head in found[0]]
    if answer.columns is not None and found[0] != [head.strip() for head in answer.columns]:
        raise UnexpectedShape(f"the CSV begins with {', '.join(found[0])[:200]}")
    if any(len(row) != len(found[0]) for row in found):
        raise UnexpectedShape("a row of the CSV is longer or shorter than its heads")
    return found


def _parsed(text: str) -> list[list[str]]:
    """Return the fields; the CSV of other endpoints has spaces after its commas."""
    lines = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    try:
        return list(lines)
    except csv.Error as error:
        raise UnexpectedShape(f"not a CSV: {error}") from None


def _csv(uri: str) -> str:
    """Return the text in a data URI."""
    head = _URI.match(uri)
    if head is None:
        raise UnexpectedShape(f"not a CSV in a data URI: {uri[:60]!r}")
    if len(uri) > LARGEST * 4 // 3:
        raise UnexpectedShape(f"a CSV of more than {LARGEST:,} bytes")
    try:
        return b64decode(uri[head.end() :], validate=True).decode("utf-8-sig")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise UnexpectedShape(f"the data URI holds no text: {error}") from None
