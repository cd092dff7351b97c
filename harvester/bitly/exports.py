"""Clicks of up to 200 named links over a span, for one request: exports of a group. Pure.

POST /groups/{group_guid}/exports (dev.bitly.com/api-reference, "Groups") answers with a CSV in a
data URI. It changes nothing at Bitly. What its columns are called is not documented beyond
`clicks`, `scans` and `button_clicks`, nor whether `clicks` holds scans of QR codes, nor whether
`unix_to` is part of the span. So what an answer says is held against something certain: see
harvest/proofs.py.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypedDict
from urllib.parse import quote, unquote

import msgspec

from harvester.bitly.csvs import export
from harvester.bitly.errors import UnexpectedShape
from harvester.bitly.groups import EXPORTS
from harvester.bitly.models import MOST
from harvester.bitly.wire import Request
from harvester.domain.subjects import bitlink_id
from harvester.domain.windows import Window

ENGAGEMENTS: Final = "link_engagements_batch"
LISTS: Final = ("links_list", "qr_codes_list")
BATCH: Final = 200  # links in a request; "200 rows when metrics are included"
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


class ListFilter(TypedDict, total=False):
    """Which links or QR codes a list holds; `created_before` is not part of what it holds."""

    query: str
    archived: Literal["on", "off", "both"]
    campaign_guid: str
    tags: Sequence[str]
    created_before: int
    created_after: int
    domain: str


def engagements_request(group_guid: str, names: Sequence[str], window: Window) -> Request:
    """Return the request for the clicks of `names`, at most `BATCH`, within one window.

    Raises ValueError if there are more.
    """
    return named_request(group_guid, names, _span(window))


def named_request(group_guid: str, names: Sequence[str], span: tuple[int, int]) -> Request:
    """Return the request for clicks and scans of `names` from one unix second to another.

    Raises ValueError if there are more names than `BATCH`, or none.
    """
    if not 0 < len(names) <= BATCH:
        raise ValueError(f"{len(names)} links in one export")
    body = {"export_type": ENGAGEMENTS, "bitlinks": list(names)}
    return _request(group_guid, {**body, "unix_from": span[0], "unix_to": span[1]})


def list_request(
    group_guid: str, export_type: str, by: ListFilter, span: tuple[int, int] | None = None
) -> Request:
    """Return the request for an export of what a filter finds.

    With a `span` of unix seconds a list has metrics in it as well, and is cut at 200 rows.
    """
    body: dict[str, object] = {"export_type": export_type, "filter": by}
    if span is not None:
        body |= {"unix_from": span[0], "unix_to": span[1]}
        body |= {"include_metrics": True} if export_type in LISTS else {}
    return _request(group_guid, body)


def _request(group_guid: str, body: Mapping[str, object]) -> Request:
    path = f"/groups/{quote(group_guid, safe='')}/exports"
    return Request(EXPORTS, path, method="POST", body=msgspec.json.encode(body))


def engagements(json_value: object, names: Sequence[str], window: Window) -> Engagements:
    """Return what an export says of `names` in `window`.

    Raises UnexpectedShape rather than take a number for a link that it may not belong to.
    """
    answer = export(json_value)
    begin, end = _span(window)
    spans = answer.unix_from == begin and answer.unix_to in {end, end + 1}
    heads, rows = answer.columns, answer.rows
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


def _links(heads: Sequence[str], rows: Sequence[Sequence[str]], names: Sequence[str]) -> list[str]:
    """Return whose each row is: those of the column in which each value was asked for."""
    spelled = _spelled(names)
    for at in range(len(heads)):
        found = [name for name in (spelled.get(_link(row[at].strip())) for row in rows) if name]
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
        count = _count(row[at].strip())
        if counts.setdefault(name, count) != count:
            raise UnexpectedShape(f"two different counts for {name[:100]}")
    return counts


def _count(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) <= len(str(MOST)) and int(text) <= MOST:
        return int(text)
    raise UnexpectedShape(f"not a count: {text[:40]!r}")
