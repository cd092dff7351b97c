"""Clicks of up to 200 named links over a span, for one request: exports of a group. Pure.

POST /groups/{group_guid}/exports (dev.bitly.com/api-reference, "Groups") answers with a CSV in a
data URI. It changes nothing at Bitly. What its columns are called is not documented beyond
`clicks`, `scans` and `button_clicks`, nor whether `clicks` holds scans of QR codes, nor whether
`unix_to` is part of the span. So what an answer says is held against something certain: see
harvest/proofs.py.
"""

import binascii
import csv
import io
import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

import msgspec

from harvester.bitly.errors import UnexpectedShape
from harvester.bitly.groups import EXPORTS
from harvester.bitly.models import MOST, shaped
from harvester.bitly.wire import Request
from harvester.domain.subjects import bitlink_id
from harvester.domain.windows import Window

BATCH: Final = 200  # links in a request; "200 rows when metrics are included"
LARGEST: Final = 4 * 1024 * 1024  # bytes of CSV: 20 kB for each row
_URI: Final = re.compile(r"data:text/csv(?:;[\w=-]+)*;base64,")
_HEADS: Final[Mapping[str, str]] = {
    "clicks": "clicks",
    "link clicks": "clicks",
    "scans": "scans",
    "qr scans": "scans",
    "qr code scans": "scans",
}


@dataclass(frozen=True, slots=True)
class Engagements:
    """Clicks and scans by name, as an export tells them; names that it leaves out are absent.

    `whole` is False if it was cut at its size, or tells of another span than was asked for.
    """

    clicks: Mapping[str, int]
    scans: Mapping[str, int]
    whole: bool


class _Export(msgspec.Struct):
    data_uri: str
    unix_from: int
    unix_to: int
    truncated: bool
    columns: list[str] | None = None
    row_count: int | None = None


def engagements_request(group_guid: str, names: Sequence[str], window: Window) -> Request:
    """Return the request for the clicks of `names`, at most `BATCH`, within one window.

    Raises ValueError if there are more.
    """
    if not 0 < len(names) <= BATCH:
        raise ValueError(f"{len(names)} links in one export")
    begin, end = _span(window)
    body = {
        "export_type": "link_engagements_batch",
        "bitlinks": list(names),
        "unix_from": begin,
        "unix_to": end,
    }
    path = f"/groups/{quote(group_guid, safe='')}/exports"
    return Request(EXPORTS, path, method="POST", body=msgspec.json.encode(body))


def engagements(json_value: object, names: Sequence[str], window: Window) -> Engagements:
    """Return what an export says of `names` in `window`.

    Raises UnexpectedShape rather than take a number for a link that it may not belong to.
    """
    answer = shaped(json_value, _Export)
    begin, end = _span(window)
    spans = answer.unix_from == begin and answer.unix_to in {end, end + 1}
    heads, *rows = _table(answer)
    if answer.row_count is not None and answer.row_count != len(rows):
        raise UnexpectedShape(f"{len(rows)} rows of the {answer.row_count} that it tells of")
    linked = _links(heads, rows, names)
    columns = {_HEADS.get(_plain(head)): at for at, head in enumerate(heads)}
    if "clicks" not in columns:
        raise UnexpectedShape(f"no column of clicks: {', '.join(heads)[:200]}")
    counts = {
        name: _counts(linked, rows, columns[name]) if name in columns else {}
        for name in ("clicks", "scans")
    }
    return Engagements(**counts, whole=spans and not answer.truncated)


def _span(window: Window) -> tuple[int, int]:
    """Return the first and the last second of a window."""
    return int(window.start.timestamp()), int(window.end.timestamp()) - 1


def _table(answer: _Export) -> list[list[str]]:
    """Return heads and rows of the CSV, all of one length."""
    found = [row for row in _parsed(_csv(answer.data_uri)) if row]
    if not found:
        raise UnexpectedShape("the CSV has not even heads")
    heads = [head.strip() for head in answer.columns or found[0]]
    if found[0] != heads:
        raise UnexpectedShape(f"the CSV begins with {', '.join(found[0])[:200]}")
    if any(len(row) != len(heads) for row in found):
        raise UnexpectedShape("a row of the CSV is longer or shorter than its heads")
    return found


def _parsed(text: str) -> list[list[str]]:
    """Return the fields; the CSV of other endpoints has spaces after its commas."""
    lines = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    try:
        return [[field.strip() for field in line] for line in lines]
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


def _links(heads: Sequence[str], rows: Sequence[Sequence[str]], names: Sequence[str]) -> list[str]:
    """Return whose each row is: those of the column in which each value was asked for."""
    spelled = _spelled(names)
    for at in range(len(heads)):
        found = [name for name in (spelled.get(_link(row[at])) for row in rows) if name]
        if len(found) == len(rows):
            return found
    raise UnexpectedShape(f"no column names the links asked for: {', '.join(heads)[:200]}")


def _link(text: str) -> str:
    try:
        return bitlink_id(text)
    except ValueError:
        return ""


def _spelled(names: Sequence[str]) -> dict[str, str]:
    """Return the names by each spelling that can only be theirs."""
    plain: dict[str, set[str]] = {}
    for name in names:
        bare = unquote(name)
        for spelling in {name, bare, quote(name, safe="/"), quote(bare, safe="/")}:
            plain.setdefault(spelling, set()).add(name)
    return {spelling: found.pop() for spelling, found in plain.items() if len(found) == 1}


def _plain(head: str) -> str:
    return re.sub(r"[\W_]+", " ", head).strip().lower()


def _counts(linked: Sequence[str], rows: Sequence[Sequence[str]], at: int) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name, row in zip(linked, rows, strict=True):
        count = _count(row[at])
        if counts.setdefault(name, count) != count:
            raise UnexpectedShape(f"two different counts for {name[:100]}")
    return counts


def _count(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) <= len(str(MOST)) and int(text) <= MOST:
        return int(text)
    raise UnexpectedShape(f"not a count: {text[:40]!r}")
