"""A plain client and a fixed day for the sandbox's own tests."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from aiohttp import ClientSession

from harvester.domain.rosters import BitlinkDetails
from harvester.sandbox.server import Sandbox
from harvester.sandbox.world import World

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)  # a Friday
TODAY = NOW.date()


def days_ago(count: int) -> date:
    return TODAY - timedelta(days=count)


def link(name: str, *, age: int = 400, **details: Any) -> BitlinkDetails:
    created = NOW - timedelta(days=age)
    return BitlinkDetails(
        name, f"https://{name}", "https://example.com", created_at=created, **details
    )


def world_of(*links: BitlinkDetails, clicks: dict[tuple[str, date], int] | None = None) -> World:
    return World.of({"G": links}, clicks or {}, today=TODAY)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content_type: str
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass(frozen=True, slots=True)
class Api:
    """Asks a sandbox; `{}` in a path is filled with a bitlink, its halves encoded."""

    sandbox: Sandbox
    session: ClientSession

    async def get(
        self, path: str, name: str = "", *, token: str | None = None, **params: str | int
    ) -> Answer:
        domain, _, back_half = name.partition("/")
        url = self.sandbox.url + path.format(f"{domain}/{quote(back_half, safe='')}")
        headers = {"Authorization": f"Bearer {self.sandbox.token if token is None else token}"}
        async with self.session.get(url, params=params, headers=headers) as response:
            return Answer(response.status, response.content_type, await response.text())

    async def post(self, path: str, json: Any) -> Answer:
        """Post `json`."""
        headers = {"Authorization": f"Bearer {self.sandbox.token}"}
        url = self.sandbox.url + path
        async with self.session.post(url, json=json, headers=headers) as response:
            return Answer(response.status, response.content_type, await response.text())
