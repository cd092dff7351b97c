"""Exports of a group: a CSV in a data URI, as the newer OpenAPI document describes it.

What that leaves open can be switched: names and order of the columns, whether clicks hold scans of
QR codes, how links are written, whether links without clicks have rows.
"""

import csv
import io
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from harvester.domain.entities import QrCode
from harvester.domain.rosters import BitlinkDetails
from harvester.domain.windows import DAY, Unit, holding
from harvester.sandbox.bodies import Json, instant
from harvester.sandbox.counts import Counts
from harvester.sandbox.pages import page
from harvester.sandbox.spans import Refused, Span, invalid
from harvester.sandbox.switches import Switches
from harvester.sandbox.world import World

_MOST_LISTED = 1_000  # rows without metrics
_KINDS = frozenset({"link_engagements_batch", "links_list", "qr_codes_list"})
_QR_CODE = ("Bitly QR Code",)
_LISTED = ("link", "title", "long_url", "created_at", "archived", "tags")
_CODES = ("qrcode_id", "title", "bitlink", "created", "archived")
_METRICS = ("clicks", "scans", "button_clicks")
_UNCOUNTED = dict.fromkeys(_METRICS, 0)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The body of a request; instants are unix seconds."""

    export_type: str
    bitlinks: Sequence[str] | None
    filter: Mapping[str, Any] | None
    include_metrics: bool
    unix_from: int | None
    unix_to: int | None


class Export:
    """Builds the exports of one group, as they are `now`."""

    def __init__(self, world: World, switches: Switches, group_guid: str, now: datetime) -> None:
        self._world, self._switches, self._guid = world, switches, group_guid
        self._how = switches.exports
        self._now = now

    def answer(self, body: bytes) -> Json:
        """Return the answer to the JSON `body` of a request. Raises Refused."""
        asked = _asked(body)
        span = self._span(asked)
        heads = self._heads(asked)
        counted = "clicks" in heads
        most = self._how.most if counted else _MOST_LISTED
        if asked.export_type == "qr_codes_list":
            codes = self._codes(asked)
            rows = [told | (_UNCOUNTED if counted else {}) for told in codes[:most]]
            return _export(asked, span, rows, heads, truncated=len(codes) > most)
        links = self._links(asked)
        rows = [
            self._told(link, name) | (self._counts(link, name, span) if counted else {})
            for name, link in links[:most]
        ]
        return _export(asked, span, rows, heads, truncated=len(links) > most)

    def _heads(self, asked: _Asked) -> dict[str, str]:
        """Return what each column is called, in order, by what it holds."""
        if asked.export_type == "link_engagements_batch":
            return self._how.columns
        listed = _CODES if asked.export_type == "qr_codes_list" else _LISTED
        metrics = _METRICS if asked.include_metrics else ()
        return {each: self._how.columns.get(each, each) for each in (*listed, *metrics)}

    def _span(self, asked: _Asked) -> Span:
        """Return the days asked for, from the first that the plan lets one see."""
        opened = datetime.combine(self._world.first_day, datetime.min.time(), UTC)
        seen_from = opened
        if self._switches.history is not None:
            today = holding(self._now, Unit.DAY).start
            seen_from = today - timedelta(days=self._switches.history - 1)
        begin = _instant(asked.unix_from) or opened
        end = _instant(asked.unix_to) or self._now
        if end < begin:
            raise invalid("unix_to")
        if self._switches.history is not None:
            begin = max(begin, seen_from)
        last = max(begin, end)
        start = holding(begin, Unit.DAY).start
        units = max((holding(last, Unit.DAY).end - start) // DAY, 0)
        return Span(Unit.DAY, units, last, start, start + units * DAY, seen_from, sparse=False)

    def _links(self, asked: _Asked) -> list[tuple[str, BitlinkDetails]]:
        """Return the names to tell of; those that are not of this group are left out."""
        if asked.filter is not None:
            given = {name: str(value) for name, value in asked.filter.items()}
            listed = page(self._world.links(self._guid), {**given, "size": "5000"}).links
            return [(link.id, link) for link in listed]
        gone = self._switches.gone | self._switches.not_found | self._switches.forbidden
        names = [name for name in asked.bitlinks or () if name not in gone]
        return [
            (name, self._world.found(name)[0])
            for name in names
            if self._world.knows(name) and self._world.found(name)[1] == self._guid
        ]

    def _codes(self, asked: _Asked) -> list[dict[str, object]]:
        """Return the QR codes made in the time that is asked for, the latest first."""
        told, by = self._world.shelf.of("qr_codes", self._guid), asked.filter or {}
        after, before = by.get("created_after", 0), by.get("created_before", 1 << 40)
        made = [
            (int(each.created_at.timestamp()) if each.created_at else 0, each)
            for each in told
            if isinstance(each, QrCode)
        ]
        found = sorted((each for each in made if after <= each[0] < before), key=lambda m: -m[0])
        return [
            {
                "qrcode_id": code.guid,
                "title": code.title or "",
                "bitlink": code.bitlink or "",
                "created": instant(code.created_at),
                "archived": str(bool(code.archived)).lower(),
            }
            for _, code in found
        ]

    def _told(self, link: BitlinkDetails, name: str) -> dict[str, object]:
        scheme = "https://" if self._how.with_scheme else ""
        return {
            "link": f"{scheme}{name}",
            "title": link.title or "",
            "long_url": link.long_url,
            "created_at": instant(link.created_at),
            "archived": str(link.archived).lower(),
            "tags": ",".join(link.tags),
        }

    def _counts(self, link: BitlinkDetails, name: str, span: Span) -> dict[str, object]:
        counts = Counts(self._world, span, self._now)
        names = self._counted_in(link, name)
        clicks = max(sum(map(counts.total, names)) - self._how.lacking, 0)
        scans = sum(counts.rows(each, "referrers").get(_QR_CODE, 0) for each in names)
        scans = min(scans, clicks)
        apart = scans if self._how.scans_apart else 0
        return {"clicks": clicks - apart, "scans": scans, "button_clicks": 0}

    def _counted_in(self, link: BitlinkDetails, name: str) -> tuple[str, ...]:
        """Return the names whose clicks are told of `name`."""
        where = self._how.halves
        if where == "apart" or not link.custom_ids:
            return (name,)
        if where == "in both" or (where == "in link") == (name == link.id):
            return (link.id, *link.custom_ids)
        return ()


def _asked(body: bytes) -> _Asked:
    try:
        given = msgspec.json.decode(body)
    except ValueError:
        raise Refused(400, "INVALID_REQUEST") from None
    if not isinstance(given, dict) or given.get("export_type") not in _KINDS:
        raise invalid("export_type")
    asked = _Asked(
        given["export_type"],
        given.get("bitlinks"),
        given.get("filter"),
        bool(given.get("include_metrics")),
        given.get("unix_from"),
        given.get("unix_to"),
    )
    both = asked.bitlinks is not None and asked.filter is not None
    lacks = asked.filter is None and (
        asked.export_type != "link_engagements_batch" or not asked.bitlinks
    )
    if both or lacks:
        raise Refused(422, "UNPROCESSABLE_ENTITY", "filter")
    return asked


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _export(
    asked: _Asked,
    span: Span,
    rows: Sequence[Mapping[str, object]],
    heads: Mapping[str, str],
    *,
    truncated: bool,
) -> Json:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(heads.values())
    table.writerows([row.get(key, "") for key in heads] for row in rows)
    data = text.getvalue().encode("utf-8", "surrogatepass")
    begin, end = int(span.start.timestamp()), int(span.end.timestamp()) - 1
    return {
        "export_type": asked.export_type,
        "filename": f"{asked.export_type}.csv",
        "media_type": "text/csv",
        "row_count": len(rows),
        "column_count": len(heads),
        "columns": list(heads.values()),
        "size_bytes": len(data),
        "data_uri": f"data:text/csv;base64,{b64encode(data).decode()}",
        "unix_from": max(begin, asked.unix_from or begin),
        "unix_to": end if asked.unix_to is None else asked.unix_to,
        "truncated": truncated,
    }
