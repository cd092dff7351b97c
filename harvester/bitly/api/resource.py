"""What the resources share: how an endpoint is asked, and the arguments that many of them take."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Final, Literal, TypedDict, TypeVar, cast

from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import UnexpectedShape
from harvester.bitly.models import shaped
from harvester.bitly.paging import paged
from harvester.bitly.wire import Given, resource_request
from harvester.domain.links import link_id

PAGE: Final = 100  # what every production reader asks for; more is not documented
T = TypeVar("T")
Filter = Literal["on", "off", "both"]


class Span(TypedDict, total=False):
    """Which buckets: `units` of `unit` (minute, hour, day, week, month) back from an instant.

    The bucket that holds `unit_reference` (now, if not given) is the last one; -1 units, which is
    Bitly's default, are all time.
    """

    unit: str
    units: int
    unit_reference: datetime


class Sized(Span, total=False):
    """Which buckets, and how many rows at most: Bitly cuts at 50 without a word if not told."""

    size: int


class Resource:
    """The endpoints of one kind of thing. All methods raise BitlyError.

    A bitlink may be named in any form that is in use (see harvester/domain/links.py); other things
    by Bitly's guid. ValueError is raised for what is no bitlink. Arguments of None are not sent.
    """

    def __init__(self, client: BitlyClient) -> None:
        """Ask by `client`."""
        self._client = client

    async def _get(
        self, path: str, shape: type[T], name: str = "", given: Mapping[str, Any] | None = None
    ) -> T:
        """Return the answer of an endpoint; `name` stands in its path."""
        named = link_id(name) if "bitlink}" in path else name
        request = resource_request(path, named, cast("Mapping[str, Given]", given or {}))
        return await self._client.answer(request, lambda body: shaped(body, shape))

    async def _rows(
        self,
        path: str,
        key: str,
        shape: type[T],
        name: str = "",
        given: Mapping[str, Any] | None = None,
    ) -> list[T]:
        """Return the rows that an endpoint lists under `key`."""
        return _listed(await self._get(path, dict[str, Any], name, given), key, shape)

    async def _paged(
        self, path: str, key: str, shape: type[T], name: str, given: Mapping[str, Any]
    ) -> AsyncIterator[T]:
        """Yield the rows of all pages, one by one. Raises RepeatedCursor as well."""

        async def ask(cursor: str) -> tuple[list[T], str]:
            more = {"size": PAGE, **given, "search_after": cursor or None}
            answer = await self._get(path, dict[str, Any], name, more)
            return _listed(answer, key, shape), _cursor(answer)

        async for page in paged(ask, f"GET {path}"):
            for row in page:
                yield row


def _listed(answer: Mapping[str, Any], key: str, shape: type[T]) -> list[T]:
    rows = answer.get(key)
    if not isinstance(rows, list):
        raise UnexpectedShape(f"the answer has no list of {key}")
    return [shaped(row, shape) for row in rows]


def _cursor(answer: Mapping[str, Any]) -> str:
    pagination = answer.get("pagination")
    cursor = pagination.get("search_after") if isinstance(pagination, dict) else None
    return cursor if isinstance(cursor, str) else ""
