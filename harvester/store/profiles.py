"""What the API was seen to do for an account where its documentation is silent: named facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.store.engine import in_transaction, rows
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
    return {
        row.name: Fact(row.value, row.source, row.detail, instant(row.seen_at))
        for row in await rows(engine, query)
    }


async def save(engine: AsyncEngine, account_id: int, facts: Mapping[str, Fact]) -> None:
    """Store facts by name; the newest word on a name counts, names not given stay as they are."""
    if not facts:
        return
    news = [
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

    def saved(connection: Connection) -> None:
        insert = insert_into(connection, profiles)
        changed = {each: insert.excluded[each] for each in ("value", "source", "detail", "seen_at")}
        key = ["account_id", "name"]
        connection.execute(insert.on_conflict_do_update(index_elements=key, set_=changed), news)

    await in_transaction(engine, saved)
