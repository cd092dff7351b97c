"""The library's front door: one object for one token, with all that can be read by it."""

from datetime import timedelta
from typing import Self

from harvester.bitly.api.groups import Groups
from harvester.bitly.api.links import CustomLinks, Links
from harvester.bitly.api.organizations import Apps, Campaigns, Channels, Organizations, Webhooks
from harvester.bitly.api.qr_codes import QrCodes
from harvester.bitly.api.resource import Resource
from harvester.bitly.client import BITLY_URL, BitlyClient
from harvester.bitly.connections import Connections
from harvester.bitly.limiter import Limiter
from harvester.bitly.shapes import PlatformLimit, User
from harvester.clock import SystemClock


class Bitly(Resource):
    """Reads Bitly's API v4 with one token, within its limits; nothing is ever changed there.

        async with Bitly(token) as bitly:
            for group in await bitly.groups.list():
                async for link in bitly.groups.bitlinks(group.guid):
                    print(link.id, link.long_url)

    At most five requests are under way at once, which is Bitly's limit for an address; several
    objects share it if they are given the same `connections`. Requests that fail for a reason that
    may pass are sent again, `attempts` times in all; a limit that is met is waited for.
    Raises ConfigError on a token or URL that cannot be.
    """

    def __init__(
        self,
        token: str,
        *,
        base_url: str = BITLY_URL,
        connections: Connections | None = None,
        timeout: timedelta = timedelta(seconds=30),
        attempts: int = 4,
    ) -> None:
        """Open nothing yet: that is `async with`."""
        clock = SystemClock()
        limiter = Limiter(clock, connections=connections) if connections else None
        super().__init__(
            BitlyClient(
                token,
                base_url=base_url,
                clock=clock,
                limiter=limiter,
                timeout=timeout,
                attempts=attempts,
            )
        )
        self.links = Links(self._client)
        self.custom_links = CustomLinks(self._client)
        self.groups = Groups(self._client)
        self.organizations = Organizations(self._client)
        self.campaigns = Campaigns(self._client)
        self.channels = Channels(self._client)
        self.qr_codes = QrCodes(self._client)
        self.webhooks = Webhooks(self._client)
        self.apps = Apps(self._client)

    def __repr__(self) -> str:
        """Name the base URL, never the token."""
        return f"Bitly({self._client!r})"

    async def __aenter__(self) -> Self:
        """Open the session."""
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the session."""
        await self._client.__aexit__()

    @property
    def requests(self) -> int:
        """How many requests were sent so far, each attempt for itself."""
        return self._client.sent.total()

    async def user(self) -> User:
        """Return whose token it is."""
        return await self._get("/user", User)

    async def platform_limits(self, path: str | None = None) -> list[PlatformLimit]:
        """Return the hourly limits of all endpoints, or of the one with this template."""
        given = {"path": path}
        return await self._rows(
            "/user/platform_limits", "platform_limits", PlatformLimit, given=given
        )

    async def bsds(self) -> list[str]:
        """Return the branded short domains."""
        return await self._rows("/bsds", "bsds", str)
