"""What plans allow and what is used of them, day by day: each reading is kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.store.engine import in_transaction
from harvester.store.instants import seconds
from harvester.store.tables import plan_readings
from harvester.store.upsert import insert_into

_NEWS: Final = ("description", "allowed", "used", "seen_at")


class Limit(Protocol):
    """One limit of a plan."""

    @property
    def name(self) -> str:
        """Bitly's word for what is limited."""
        ...

    @property
    def description(self) -> str:
        """The same for people."""
        ...

    @property
    def limit(self) -> int:
        """How many the plan allows."""
        ...

    @property
    def count(self) -> int:
        """How many are used."""
        ...


async def save_plans(
    engine: AsyncEngine, account_id: int, said: Mapping[str, Sequence[Limit]], at: datetime
) -> None:
    """Keep what was said `at` an instant, by organization guid; the last word of a day stays."""
    rows = {
        (guid, limit.name): {
            "account_id": account_id,
            "organization_guid": guid,
            "name": limit.name,
            "day": at.date(),
            "description": limit.description,
            "allowed": limit.limit,
            "used": limit.count,
            "seen_at": seconds(at),
        }
        for guid, limits in said.items()
        for limit in limits
    }
    if not rows:
        return

    def saved(connection: Connection) -> None:
        insert = insert_into(connection, plan_readings)
        key = list(plan_readings.primary_key.columns)
        news = {name: insert.excluded[name] for name in _NEWS}
        upsert = insert.on_conflict_do_update(index_elements=key, set_=news)
        connection.execute(upsert, list(rows.values()))

    await in_transaction(engine, saved)
