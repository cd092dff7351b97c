"""What people were told last, of each topic of each account: so that nothing is told twice."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.store.engine import reading, writing
from harvester.store.instants import seconds
from harvester.store.tables import notices
from harvester.store.upsert import insert_into

Told = Mapping[tuple[str, str], str]
"""The state that was told last, by account and topic."""


async def told(engine: AsyncEngine) -> dict[tuple[str, str], str]:
    """Return all that was told last. Raises StoreError."""
    async with reading(engine) as connection:
        found = await connection.execute(select(notices))
        return {(row.account, row.topic): row.state for row in found}


async def save_told(
    engine: AsyncEngine, account: str, topic: str, state: str, at: datetime
) -> None:
    """Note what people were told of a topic `at` an instant. Raises StoreError."""
    row = {"account": account, "topic": topic, "state": state, "told_at": seconds(at)}
    async with writing(engine) as connection:
        insert = insert_into(connection, notices).values(row)
        news = {"state": state, "told_at": seconds(at)}
        await connection.execute(
            insert.on_conflict_do_update(index_elements=["account", "topic"], set_=news)
        )
