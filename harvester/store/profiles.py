"""What the API was seen to do for an account where its documentation is silent: named facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.store.engine import reading, writing
from harvester.store.instants import instant, seconds
from harvester.store.tables import profiles
from harvester.store.upsert import insert_into


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is known of an account's API; `value` is text, whoever asks knows its form.

    `source` says how it is known ("probe", "seen", ...), `detail` is one line for a person.
    """

    value: str
    source: str
    detail: str
    seen_at: datetime


async def profile(engine: AsyncEngine, account_id: int) -> dict[str, Fact]:
    """Return all that is known of an account's API, by name."""
    query = select(profiles).where(profiles.c.account_id == account_id)
    async with reading(engine) as connection:
        return {
            row.name: Fact(row.value, row.source, row.detail, instant(row.seen_at))
            for row in await connection.execute(query)
        }


async def save(engine: AsyncEngine, account_id: int, facts: Mapping[str, Fact]) -> None:
    """Store facts by name; the newest word on a name counts, names not given stay as they are."""
    if not facts:
        return
    rows = [
        {
            "account_id": account_id,
            "name": name,
            "value": fact.value,
            "source": fact.source,
            "detail": fact.detail,
            "seen_at": seconds(fact.seen_at),
        }
        for name, fact in facts.items()
    ]
    async with writing(engine) as connection:
        insert = insert_into(connection, profiles)
        news = {name: insert.excluded[name] for name in ("value", "source", "detail", "seen_at")}
        key = ["account_id", "name"]
        await connection.execute(insert.on_conflict_do_update(index_elements=key, set_=news), rows)
