"""The requests of an account: charged to its ledger, held against the month's quota."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.clock import Clock
from harvester.store.accounts import account_key
from harvester.store.errors import StoreError
from harvester.store.ledger import StoredLedger


@asynccontextmanager
async def charged(
    account: str, client: BitlyClient, engine: AsyncEngine, clock: Clock
) -> AsyncIterator[int]:
    """Charge what `client` sends to the ledger of `account`, whose key is yielded.

    What was charged ahead and not sent is given back in the end, if the database lets us: without
    that the ledger stays a little high. Raises StoreError.
    """
    account_id = await account_key(engine, account, clock.now())
    client.limiter.purse.charge_to(StoredLedger(engine, account_id, clock))
    try:
        yield account_id
    finally:
        with suppress(StoreError):
            await client.limiter.purse.close()
