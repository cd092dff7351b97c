"""Between our words and HTTP: requests as data; status, headers and bytes as JSON or an error.

Pure: knows no network, no clock and no token.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlencode

import msgspec

from harvester.bitly.decoding import Body
from harvester.bitly.facets import Facet
from harvester.bitly.groups import GROUP_CLICKS, SORTED
from harvester.bitly.manners import LONGEST, PAGE, Reference
from harvester.bitly.refusals import refused
from harvester.domain.windows import Window

SECOND: Final = timedelta(seconds=1)
Given = str | int | datetime | Sequence[str] | None
"""A value of an argument: what is not given is None."""

_PLACEHOLDER: Final = re.compile(r"\{\w+\}")
_DATE_END: Final = re.compile(r"([+-]\d\d):(\d\d)$")  # Bitly writes +0000


@dataclass(frozen=True, slots=True)
class Request:
    """One request: `path` below the base URL and `query` are percent-encoded.

    `endpoint` is the template that limits are counted by, such as `/bitlinks/{bitlink}/clicks`.
    `body` is the JSON of a POST, None for a GET.
    """

    endpoint: str
    path: str
    query: str = ""
    method: str = "GET"
    body: bytes | None = None

    def __str__(self) -> str:
        """Name the request as a person does; it never holds the token."""
        return f"{self.method} {self.path}"


def plain_request(endpoint: str) -> Request:
    """Return the request of an endpoint without placeholders and arguments."""
    return Request(endpoint, endpoint)


def resource_request(endpoint: str, name: str, given: Mapping[str, Given]) -> Request:
    """Return the GET of an endpoint with at most one placeholder, which `name` fills.

    Arguments that are None or an empty list are left out. Instants are written as the argument
    wants them: `created_...` in unix seconds, `unit_reference` as text.
    """
    parts = name.split("/", 1) if "bitlink}" in endpoint else [name]
    encoded = "/".join(quote(part, safe="") for part in parts)
    path = _PLACEHOLDER.sub(lambda _: encoded, endpoint.replace("{sort}", "clicks"), count=1)
    query = [(key, text) for key, value in given.items() for text in _written(key, value)]
    return Request(endpoint, path, urlencode(query))


def _written(key: str, value: Given) -> Sequence[str]:
    if value is None:
        return ()
    if isinstance(value, datetime):
        seconds, text = int(value.timestamp()), value.isoformat(timespec="seconds")
        return (str(seconds) if key.startswith("created_") else _DATE_END.sub(r"\1\2", text),)
    return (str(value),) if isinstance(value, str | int) else tuple(value)


def expand_request(bitlink: str) -> Request:
    """Return the request for where any public bitlink leads: a POST that changes nothing."""
    return Request(
        "/expand", "/expand", method="POST", body=msgspec.json.encode({"bitlink_id": bitlink})
    )


def plan_limits_request(organization_guid: str) -> Request:
    """Return the request for an organization's monthly limits."""
    return Request(
        "/organizations/{organization_guid}/plan_limits",
        f"/organizations/{quote(organization_guid, safe='')}/plan_limits",
    )


def bitlinks_request(
    group_guid: str, search_after: str, made_since: datetime | None = None, *, size: int = PAGE
) -> Request:
    """Return the request for one page of `size` of a group's links, archived ones too.

    With `made_since` those made before it are left out.

    An empty `search_after` would start over (dev.bitly.com/docs/getting-started/
    changes-to-retrieve-bitlinks-by-group), so the first page goes without it.
    """
    params = {"size": str(size), "archived": "both"}
    if made_since:
        params["created_after"] = str(max(int(made_since.timestamp()), 0))
    if search_after:
        params["search_after"] = search_after
    path = f"/groups/{quote(group_guid, safe='')}/bitlinks"
    return Request("/groups/{group_guid}/bitlinks", path, urlencode(params))


def roster_request(
    endpoint: str, whose: Mapping[str, str], arguments: Sequence[tuple[str, str]] = ()
) -> Request:
    """Return the request for a page of a roster; `whose` fills the placeholders of `endpoint`."""
    path = re.sub(r"\{(\w+)\}", lambda each: _segment(whose[each[1]]), endpoint)
    return Request(endpoint, path, urlencode(arguments))


def _segment(name: str) -> str:
    return quote(name, safe="")


def metric_request(
    facet: Facet,
    subject_name: str,
    windows: Sequence[Window],
    now: datetime,
    *,
    reference: Reference = Reference.END,
) -> Request:
    """Return the request for adjacent `windows`, oldest first, of one subject.

    Bitly counts `units` back from the bucket that holds `unit_reference`, that one included
    (dev.bitly.com/docs/tutorials/retrieve-metrics). Raises ValueError if the last starts after now.
    """
    path = facet.path(subject_name)
    if facet.bare:
        return Request(facet.endpoint, path)
    return Request(facet.endpoint, path, _span(windows, now, reference, facet.size))


def group_clicks_request(
    guid: str, windows: Sequence[Window], now: datetime, *, reference: Reference = Reference.END
) -> Request:
    """Return the request for a group's clicks in adjacent `windows`, oldest first."""
    path = f"/groups/{quote(guid, safe='')}/clicks"
    return Request(GROUP_CLICKS, path, _span(windows, now, reference))


def sorted_request(
    guid: str,
    windows: Sequence[Window],
    now: datetime,
    *,
    size: int = LONGEST,
    reference: Reference = Reference.END,
) -> Request:
    """Return the request for a group's most clicked links over all of the adjacent `windows`."""
    path = f"/groups/{quote(guid, safe='')}/bitlinks/clicks"
    return Request(SORTED, path, _span(windows, now, reference, size))


def _span(
    windows: Sequence[Window], now: datetime, named: Reference, size: int | None = None
) -> str:
    last = windows[-1]
    if last.start > now:
        raise ValueError(f"{last} has not begun yet")
    return _query(last, len(windows), size, named, None if last.end <= now else now)


# asked for the same over and over: all links of a window
@lru_cache(maxsize=4096)
def _query(
    last: Window, units: int, size: int | None, named: Reference, now: datetime | None
) -> str:
    """Return the query for `units` windows up to `last`, which is over unless there is a `now`."""
    instant = last.end - SECOND if named is Reference.END else last.start + SECOND
    reference = instant if now is None else min(instant, now)
    params = {
        "unit": last.unit.value,
        "units": str(units),
        "unit_reference": reference.isoformat(timespec="seconds").replace("+00:00", "+0000"),
    }
    return urlencode(params if size is None else {**params, "size": str(size)})


def deciphered(status: int, headers: Mapping[str, str], body: bytes, *, at: datetime) -> Body:
    """Return the body of a good answer. Raises the BitlyError that one received `at` stands for."""
    if status == HTTPStatus.OK:
        return Body(body)
    raise refused(status, headers, body, at)
