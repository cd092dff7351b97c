"""How far an account's schedule has come outlives the process."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.store.ticks import Ticks, save_ticks, ticks_of

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


async def test_ticks_are_kept_by_account_and_the_last_word_counts(engine: AsyncEngine) -> None:
    assert await ticks_of(engine, "shop") is None
    first = Ticks("shop", NOON, None, None, None, short=False)
    await save_ticks(engine, first)
    await save_ticks(engine, replace(first, account="press"))
    later = Ticks("shop", NOON + timedelta(hours=6), NOON, NOON, NOON, short=True)
    await save_ticks(engine, later)
    assert await ticks_of(engine, "shop") == later
    assert await ticks_of(engine, "press") == replace(first, account="press")
