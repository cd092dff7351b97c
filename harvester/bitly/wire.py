"""Between our words and HTTP: requests as data; status, headers and bytes as JSON or an error.

Pure: knows no network, no clock and no token.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final, NoReturn
from urllib.parse import quote

import msgspec

from harvester.bitly.errors import NotJson
from harvester.bitly.facets import Facet
from harvester.bitly.groups import GROUP_CLICKS, LONGEST, SORTED
from harvester.bitly.refusals import excerpt, refused
from harvester.domain.windows import Window

PAGE: Final = 100  # what every production reader asks for; more is not documented
SECOND: Final = timedelta(seconds=1)
UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Request:
    """One request: `path` below the base URL is percent-encoded, `params` are not yet.

    `endpoint` is the template that limits are counted by, such as `/bitlinks/{bitlink}/clicks`.
    `body` is the JSON of a POST, None for a GET.
    """

    endpoint: str
    path: str
    params: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    method: str = "GET"
    body: bytes | None = None

    def __str__(self) -> str:
        """Name the request as a person does; it never holds the token."""
        return f"{self.method} {self.path}"


def plain_request(endpoint: str) -> Request:
    """Return the request of an endpoint without placeholders and arguments."""
    return Request(endpoint, endpoint)


def plan_limits_request(organization_guid: str) -> Request:
    """Return the request for an organization's monthly limits."""
    return Request(
        "/organizations/{organization_guid}/plan_limits",
        f"/organizations/{quote(organization_guid, safe='')}/plan_limits",
    )


def bitlinks_request(group_guid: str, search_after: str) -> Request:
    """Return the request for one page of a group's links, archived ones too.

    An empty `search_after` would start over (dev.bitly.com/docs/getting-started/
    changes-to-retrieve-bitlinks-by-group), so the first page goes without it.
    """
    params = {"size": str(PAGE), "archived": "both"}
    if search_after:
        params["search_after"] = search_after
    path = f"/groups/{quote(group_guid, safe='')}/bitlinks"
    return Request("/groups/{group_guid}/bitlinks", path, params)


def metric_request(
    facet: Facet, subject_name: str, windows: Sequence[Window], now: datetime
) -> Request:
    """Return the request for adjacent `windows`, oldest first, of one bitlink.

    Bitly counts `units` back from the bucket that holds `unit_reference`, that one included
    (dev.bitly.com/docs/tutorials/retrieve-metrics). Raises ValueError if the last starts after now.
    """
    params = _span(windows, now)
    if facet.size is not None:
        params["size"] = str(facet.size)
    domain, _, back_half = subject_name.partition("/")
    encoded = f"{quote(domain, safe='')}/{quote(back_half, safe='')}"
    return Request(facet.endpoint, facet.endpoint.replace("{bitlink}", encoded), params)


def group_clicks_request(guid: str, windows: Sequence[Window], now: datetime) -> Request:
    """Return the request for a group's clicks in adjacent `windows`, oldest first."""
    path = f"/groups/{quote(guid, safe='')}/clicks"
    return Request(GROUP_CLICKS, path, _span(windows, now))


def sorted_request(guid: str, windows: Sequence[Window], now: datetime) -> Request:
    """Return the request for a group's most clicked links over all of the adjacent `windows`."""
    path = f"/groups/{quote(guid, safe='')}/bitlinks/clicks"
    return Request(SORTED, path, {**_span(windows, now), "size": str(LONGEST)})


def _span(windows: Sequence[Window], now: datetime) -> dict[str, str]:
    last = windows[-1]
    if last.start > now:
        raise ValueError(f"{last} has not begun yet")
    reference = min(last.end - SECOND, now)
    return {
        "unit": last.unit.value,
        "units": str(len(windows)),
        "unit_reference": reference.isoformat(timespec="seconds").replace("+00:00", "+0000"),
    }


def deciphered(status: int, headers: Mapping[str, str], body: bytes, *, at: datetime) -> object:
    """Return the JSON of a good answer, received `at`.

    NUL and lone surrogates in texts become U+FFFD, since PostgreSQL's text holds neither.
    Raises the BitlyError that the answer stands for.
    """
    if status == HTTPStatus.OK:
        return _decoded(body)
    raise refused(status, headers, body, at)


def _decoded(body: bytes) -> object:
    """Return the JSON in `body`; control characters in texts do not hinder it."""
    try:
        decoded: object = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return _leniently_decoded(body)
    return _cleaned(decoded) if b"\\u0000" in body else decoded


def _leniently_decoded(body: bytes) -> object:
    """Return the JSON in `body` the slow way: titles with raw control characters are on record."""
    text = body.decode("utf-8-sig", errors="replace")
    try:
        return _cleaned(json.loads(text, strict=False, parse_constant=_no_number))
    except (ValueError, RecursionError):
        raise NotJson(f"the answer is not JSON: {excerpt(body)}") from None


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


def _cleaned(json_value: Any) -> Any:
    """Return the value with U+FFFD for every NUL and lone surrogate in its texts."""
    if isinstance(json_value, str):
        return UNSTORABLE.sub("\ufffd", json_value)
    if isinstance(json_value, list):
        return [_cleaned(item) for item in json_value]
    if isinstance(json_value, dict):
        return {_cleaned(key): _cleaned(item) for key, item in json_value.items()}
    return json_value
