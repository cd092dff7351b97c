"""A client for commands that ask Bitly a few things: charged like any other, and closed again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.connections import Connections
from harvester.cli.wiring import client_for
from harvester.clock import SystemClock
from harvester.config import Account, Settings
from harvester.domain.events import ignore
from harvester.harvest.quota import charged


@asynccontextmanager
async def asking(
    account: Account, settings: Settings, engine: AsyncEngine
) -> AsyncIterator[BitlyClient]:
    """Yield a client of an account whose requests are charged to its month."""
    clock = SystemClock()
    connections = Connections(settings.bitly.connections)
    client = client_for(account, settings, clock=clock, connections=connections, notify=ignore)
    async with charged(account.name, client, engine, clock), client:
        yield client
