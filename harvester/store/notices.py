"""What people were told last, of each topic of each account: so that nothing is told twice."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.store.engine import in_transaction, rows
from harvester.store.instants import seconds
from harvester.store.tables import notices
from harvester.store.upsert import insert_into

Told = Mapping[tuple[str, str], str]
"""The state that was told last, by account and topic."""


async def told(engine: AsyncEngine) -> dict[tuple[str, str], str]:
    """Return all that was told last. Raises StoreError."""
    return {(row.account, row.topic): row.state for row in await rows(engine, select(notices))}


async def save_told(
    engine: AsyncEngine, account: str, topic: str, state: str, at: datetime
) -> None:
    """Note what people were told of a topic `at` an instant. Raises StoreError."""
    row = {"account": account, "topic": topic, "state": state, "told_at": seconds(at)}

    def saved(connection: Connection) -> None:
        insert = insert_into(connection, notices).values(row)
        news = {"state": state, "told_at": seconds(at)}
        connection.execute(
            insert.on_conflict_do_update(index_elements=["account", "topic"], set_=news)
        )

    await in_transaction(engine, saved)
