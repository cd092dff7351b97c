"""What Bitly tells of single links: where they lead, what they are called, which lead somewhere.

What v3 called expand, info and link_lookup (dev.bitly.com, "Links"), by what v4 has for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from harvester.bitly.api.groups import Groups
from harvester.bitly.api.links import Links
from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import AccountStopped, BitlyError, FacetRefused, Forbidden, SubjectGone
from harvester.domain.links import link_id
from harvester.domain.urls import host_and_path, normal
from harvester.store.lookups import Leading


@dataclass(frozen=True, slots=True)
class Expanded:
    """Where a link leads. `given` is as a person wrote it; with an `error` nothing else is told.

    Of links that are not the account's Bitly tells neither a title nor who made them.
    """

    given: str
    id: str | None = None
    long_url: str | None = None
    title: str | None = None
    created_at: str | None = None
    created_by: str | None = None
    error: str | None = None


async def expanded(client: BitlyClient, given: str, domain: str | None = None) -> Expanded:
    """Return where a link leads: one request for the account's own, two for others.

    Raises AccountStopped.
    """
    try:
        name = link_id(given, domain)
    except ValueError as error:
        return Expanded(given, error=str(error))
    try:
        return await _expanded(client, given, name)
    except AccountStopped:
        raise
    except BitlyError as error:
        return Expanded(given, name, error=str(error))


async def _expanded(client: BitlyClient, given: str, name: str) -> Expanded:
    try:
        link = await Links(client).get(name)
        told = (link.title, link.created_at, link.created_by)
        return Expanded(given, name, link.long_url, *told)
    except (Forbidden, FacetRefused, SubjectGone):
        found = await Links(client).expand(name)
        return Expanded(given, name, found.long_url, created_at=found.created_at)


async def leading_at_bitly(
    client: BitlyClient, account: str, group_guids: Iterable[str], url: str
) -> list[Leading]:
    """Return the links of groups that lead to a URL: a request for each group, and for each page.

    Bitly finds by host and path, and we leave out what has another query. Raises BitlyError.
    """
    wanted, (host, path) = normal(url), host_and_path(url)
    by = f"{host}{path}".rstrip("/")
    return [
        Leading(account, guid, link.id, link.long_url, link.title)
        for guid in group_guids
        async for link in Groups(client).bitlinks(guid, hostname_path_query=by)
        if normal(link.long_url) == wanted
    ]
