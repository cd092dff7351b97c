"""Rosters: which lists of entities Bitly keeps, and how each is asked for.

A new roster is a new entry of ROSTERS, beside its shape in entities.py and its view. Each is of
something: the account as a whole, an organization, a group, or an entity of another roster.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, Protocol, TypeVar

from harvester.bitly import entities
from harvester.bitly.entities import Page
from harvester.bitly.paging import paged
from harvester.bitly.wire import Request, roster_request
from harvester.domain.entities import Entity

ACCOUNT: Final = ""
ORGANIZATION: Final = "organization_guid"
GROUP: Final = "group_guid"
CAMPAIGN: Final = "campaign_guid"
CHANNEL: Final = "channel_guid"
APP: Final = "client_id"

Whose = Mapping[str, str]
"""Whose roster is meant: guids by the names that endpoints and arguments have for them."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Roster:
    """One list of entities.

    It is listed of `of`: that word of `Whose` is the scope of what it lists. `arguments` are those
    of `Whose` that go into the query, `fixed` ones are sent as they are. One that is `dated` can
    leave out what was made before an instant. One that is not `whole` tells of a part, such as the
    last months: what it does not list may be there all the same. One that is `lasting` is asked
    once for each scope.
    """

    name: str
    endpoint: str
    of: str
    parse: Callable[[object], Page]
    arguments: tuple[str, ...] = ()
    fixed: tuple[tuple[str, str], ...] = ()
    dated: bool = False
    whole: bool = True
    lasting: bool = False


USED: Final = ("name", "start_date", "end_date")
"""What a question for the use of features names: which ones, and which days."""

_ALL: Final = (  # in the order in which they are asked for: some tell whose there are of others
    Roster("users", "/user", ACCOUNT, entities.user),
    Roster(
        "qr_codes",
        "/groups/{group_guid}/qr-codes",
        GROUP,
        entities.qr_codes,
        fixed=(("archived", "both"), ("size", "50")),  # 50 is documented, as the default
        dated=True,
    ),
    Roster("qr_logo_images", "/groups/{group_guid}/qr/images", GROUP, entities.qr_logo_images),
    Roster("campaigns", "/campaigns", ACCOUNT, entities.campaigns),
    Roster("channels", "/channels", ACCOUNT, entities.channels),
    Roster("tags", "/groups/{group_guid}/tags", GROUP, entities.tags),
    Roster("bsds", "/bsds", ACCOUNT, entities.bsds),
    Roster("preferences", "/groups/{group_guid}/preferences", GROUP, entities.preferences),
    Roster("feature_usage", "/groups/{group_guid}/feature_usage", GROUP, entities.feature_usage),
    Roster(
        "historical_usage",
        "/groups/{group_guid}/historical_usage",
        GROUP,
        entities.historical_usage,
        USED,
        (("unit", "month"),),
        whole=False,
    ),
    Roster(
        "webhooks",
        "/organizations/{organization_guid}/webhooks",
        ORGANIZATION,
        entities.webhooks,
    ),
    Roster("campaign_channels", "/channels", CAMPAIGN, entities.channel_names, (CAMPAIGN,)),
    Roster(
        "channel_bitlinks",
        "/groups/{group_guid}/bitlinks",
        CHANNEL,
        entities.bitlink_names,
        (CHANNEL,),
        (("archived", "both"), ("size", "100")),
    ),
    Roster("apps", "/apps/{client_id}", APP, entities.app, lasting=True),
)
ROSTERS: Final[Mapping[str, Roster]] = MappingProxyType({each.name: each for each in _ALL})


class Asks(Protocol):
    """What sends requests: the client."""

    async def answer(self, request: Request, parse: Callable[[object], T]) -> T:
        """Return what `parse` makes of the answer. Raises BitlyError."""
        ...


async def roster_pages(
    client: Asks, roster: Roster, whose: Whose, made_since: datetime | None = None
) -> AsyncIterator[list[Entity]]:
    """Yield the pages of a roster; of a `dated` one those made since an instant, if one is given.

    Raises BitlyError: FacetRefused where the plan does not hold it.
    """

    def request(cursor: str) -> Request:
        return page_request(roster, whose, cursor, made_since)

    async def ask(cursor: str) -> Page:
        return await client.answer(request(cursor), roster.parse)

    async for page in paged(ask, str(request(""))):
        yield page


def page_request(
    roster: Roster, whose: Whose, cursor: str = "", made_since: datetime | None = None
) -> Request:
    """Return the request for one page; several names of one argument are parted by commas."""
    arguments = [*roster.fixed]
    for name in roster.arguments:
        arguments += [(name, each) for each in whose[name].split(",")]
    if roster.dated and made_since:
        arguments.append(("created_after", str(max(int(made_since.timestamp()), 0))))
    if cursor:
        arguments.append(("search_after", cursor))
    return roster_request(roster.endpoint, whose, arguments)
