"""Answers as Bitly writes them: plain objects in the shapes of its OpenAPI document, and bytes.

Where recorded answers differ from the document, the recorded ones are followed: dates end in
+0000, series come newest first, an error is an envelope with its code in `message`. `base` is the
sandbox's own URL: no address in an answer leads anywhere else.
"""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import msgspec

from harvester.domain.rosters import BitlinkDetails, GroupDetails, OrganizationDetails
from harvester.domain.windows import Window
from harvester.sandbox.catalogue import NO_CITY, OTHER_CITIES, Labels, Rows
from harvester.sandbox.spans import Refused, Span
from harvester.sandbox.world import World

Json = dict[str, Any]
encoded = msgspec.json.Encoder().encode
_FOUNDED = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
_CODES = {
    402: "UPGRADE_REQUIRED",
    429: "RATE_LIMIT_EXCEEDED",
    500: "INTERNAL_ERROR",
    503: "TEMPORARILY_UNAVAILABLE",
}
_DESCRIPTIONS = {
    400: "The value provided is invalid.",
    402: "You must upgrade your account to access this resource.",
    403: "You are currently forbidden to access this resource.",
}


def instant(moment: datetime | None) -> str:
    """Return an instant as Bitly writes it; a missing one as the start of 1970, as recorded."""
    if moment is None:
        return "1970-01-01T00:00:00+0000"
    return f"{moment.isoformat()[:19]}+0000"


def error(refused: Refused, resource: str) -> Json:
    """Return the envelope of an error; the month's 429 has no more than its code."""
    if refused.code == "API_USAGE_LIMIT_EXCEEDED":
        return {"message": refused.code}
    status = HTTPStatus(refused.status)
    body: Json = {
        "message": refused.code or _CODES.get(status, status.name),
        "resource": resource,
        "description": _DESCRIPTIONS.get(status, status.phrase),
    }
    if refused.field:
        body["errors"] = [{"field": refused.field, "error_code": "invalid"}]
    return body


def user(world: World) -> Json:
    """Return the body of GET /user."""
    return {
        "login": world.login,
        "name": "Sandy Böx",
        "is_active": True,
        "created": instant(_FOUNDED),
        "modified": instant(_FOUNDED),
        "is_sso_user": False,
        "emails": [
            {"email": f"{world.login}@example.com", "is_primary": True, "is_verified": True}
        ],
        "is_2fa_enabled": False,
        "default_group_guid": next(iter(world.groups), ""),
    }


def organization(details: OrganizationDetails, base: str) -> Json:
    """Return an organization."""
    return {
        "guid": details.guid,
        "name": details.name,
        "is_active": True,
        "tier": details.tier,
        "tier_family": details.tier,
        "tier_display_name": details.tier_name,
        "role": "admin",
        "created": instant(_FOUNDED),
        "modified": instant(_FOUNDED),
        "bsds": [],
        "references": {"groups": f"{base}/groups?organization_guid={details.guid}"},
    }


def group(details: GroupDetails, base: str) -> Json:
    """Return a group."""
    return {
        "guid": details.guid,
        "organization_guid": details.organization_guid,
        "name": details.name,
        "is_active": details.is_active,
        "role": details.role,
        "created": instant(details.created_at),
        "modified": instant(details.modified_at),
        "bsds": [],
        "references": {"organization": f"{base}/organizations/{details.organization_guid}"},
    }


def bitlink(link: BitlinkDetails, group_guid: str, base: str) -> Json:
    """Return a bitlink; what it does not have is left out. Custom back-halves are full URLs."""
    body: Json = {
        "created_at": instant(link.created_at),
        "id": link.id,
        "link": link.link,
        "custom_bitlinks": [f"https://{name}" for name in link.custom_ids],
        "long_url": link.long_url,
        "archived": link.archived,
        "is_deleted": link.is_deleted,
        "tags": link.tags,
        "deeplinks": [] if link.deeplinks is None else msgspec.json.decode(link.deeplinks),
        "campaign_ids": link.campaign_ids,
        "launchpad_ids": link.launchpad_ids,
        "qr_code_ids": link.qr_code_ids,
        "references": {"group": f"{base}/groups/{group_guid}"},
    }
    optional = {
        "title": link.title,
        "created_by": link.created_by,
        "client_id": link.client_id,
        "expiration_at": link.expiration_at,
        "dynamic_routing": link.dynamic_routing and msgspec.json.decode(link.dynamic_routing),
    }
    body.update({name: value for name, value in optional.items() if value is not None})
    return body


def expanded(link: BitlinkDetails, name: str) -> Json:
    """Return where a bitlink of this name leads."""
    return {
        "id": name,
        "link": f"https://{name}",
        "long_url": link.long_url,
        "created_at": instant(link.created_at),
    }


def timed(span: Span) -> Json:
    """Return what every metric answer says of its span."""
    return {
        "units": span.units,
        "unit": span.unit.value,
        "unit_reference": instant(span.reference),
    }


def link_clicks(span: Span, series: list[tuple[Window, int]]) -> Json:
    """Return the series of a bitlink."""
    rows = [{"date": instant(window.start), "clicks": clicks} for window, clicks in series]
    return {"link_clicks": rows, **timed(span)}


def group_clicks(span: Span, series: list[tuple[Window, int]]) -> Json:
    """Return the series of a group: another shape than a bitlink's, says the document."""
    rows = [{"ts": instant(window.start), "count": clicks} for window, clicks in series]
    return {**timed(span), "data": rows}


def metrics(facet: str, span: Span, rows: Rows, size: int) -> Json:
    """Return the rows of a facet, most clicks first, at most `size`."""
    if facet == "cities":
        return _cities(span, rows, size)
    name = "device_type" if facet == "devices" else "value"
    listed = [{name: labels[0], "clicks": clicks} for labels, clicks in ranked(rows)[:size]]
    return {"facet": facet, "metrics": listed, **timed(span)}


def _cities(span: Span, rows: Rows, size: int) -> Json:
    listed = ranked({each: rows[each] for each in rows if each not in {OTHER_CITIES, NO_CITY}})
    cut = sum(clicks for _, clicks in listed[size:])
    words = ("city", "subregion", "region", "country")
    return {
        "facet": "cities",
        "metrics": [
            {**dict(zip(words, labels, strict=True)), "clicks": clicks}
            for labels, clicks in listed[:size]
        ],
        "other_metrics": {
            "other_city_clicks": rows.get(OTHER_CITIES, 0) + cut,
            "no_city_clicks": rows.get(NO_CITY, 0),
        },
        **timed(span),
    }


def ranked(rows: Rows) -> list[tuple[Labels, int]]:
    """Return rows in the order of an answer: most clicks first."""
    return sorted(rows.items(), key=lambda row: (-row[1], str(row[0])))
