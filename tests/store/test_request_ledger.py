"""The ledger adds up over processes, by day and endpoint, and is what harvest_requests shows."""

import asyncio
from datetime import date, timedelta
from pathlib import Path
from shutil import copyfile

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.store.accounts import Stop, account_key, save_stop, stop_of
from harvester.store.engine import opened
from harvester.store.errors import StoreBusy
from harvester.store.ledger import StoredLedger, spent
from harvester.store.rosters import save_account
from harvester.store.sqlite import SqliteEngine
from tests.fakes import FakeClock
from tests.store.making import DAY, NOW, select

TODAY = NOW.date()
CLICKS, USER = "/bitlinks/{bitlink}/clicks", "/user"


async def ledger_of(engine: AsyncEngine, name: str = "shop") -> StoredLedger:
    return StoredLedger(engine, await account_key(engine, name, NOW), FakeClock(NOW))


async def test_charges_of_several_add_up_by_day_and_endpoint(engine: AsyncEngine) -> None:
    ledger = await ledger_of(engine)
    await asyncio.gather(*(ledger.charge(TODAY, {CLICKS: 32}) for _ in range(3)))
    await ledger.charge(TODAY, {USER: 2, CLICKS: 4})
    await ledger.give_back(TODAY, {USER: 1, CLICKS: 4})
    await ledger.charge(TODAY + DAY, {CLICKS: 2})
    await ledger.give_back(TODAY, {CLICKS: 6})
    rows = await select(engine, "SELECT * FROM harvest_requests ORDER BY day, endpoint")
    assert [(name, str(day), endpoint, count) for name, day, endpoint, count in rows] == [
        ("shop", "2026-11-21", CLICKS, 90),
        ("shop", "2026-11-21", USER, 1),
        ("shop", "2026-11-22", CLICKS, 2),
    ]


async def test_what_was_spent_is_counted_from_a_day_on_for_one_account(engine: AsyncEngine) -> None:
    ledger, other = await ledger_of(engine), await ledger_of(engine, "other")
    await other.charge(TODAY, {CLICKS: 100})
    for day in (date(2026, 10, 31), date(2026, 11, 1), TODAY):
        await ledger.charge(day, {CLICKS: 5})
    assert await spent(engine, ledger.account_id, date(2026, 11, 1)) == 10
    assert await spent(engine, ledger.account_id, TODAY + timedelta(days=1)) == 0


async def test_account_has_one_key_before_and_after_its_login_is_known(engine: AsyncEngine) -> None:
    key = await account_key(engine, "shop", NOW)
    assert await save_account(engine, "shop", "somebody", NOW) == key
    assert await account_key(engine, "shop", NOW) == key
    assert await select(engine, "SELECT login FROM accounts") == [("somebody",)]


async def test_account_rests_until_its_stop_is_taken_away(engine: AsyncEngine) -> None:
    key, stop = await account_key(engine, "shop", NOW), Stop(NOW + DAY, "spent")
    assert await stop_of(engine, key) is None
    await save_stop(engine, key, stop)
    assert await stop_of(engine, key) == stop
    await save_stop(engine, key, None)
    assert await stop_of(engine, key) is None


async def test_a_busy_database_is_waited_for_within_a_bound(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = copyfile(sqlite_template, tmp_path / "busy.db")
    async with opened(f"sqlite:///{path}") as engine, opened(f"sqlite:///{path}") as other:
        ledger = await ledger_of(engine)
        assert isinstance(ledger.clock, FakeClock)
        assert isinstance(engine, SqliteEngine)
        with engine.writer.engine.connect() as connection:  # the only one: it shall not wait long
            connection.exec_driver_sql("PRAGMA busy_timeout = 1")
        async with other.connect() as holder:
            await holder.execute(text("COMMIT"))
            await holder.execute(text("BEGIN IMMEDIATE"))
            with pytest.raises(StoreBusy):
                await ledger.charge(TODAY, {CLICKS: 1})
            await holder.execute(text("ROLLBACK"))
        assert len(ledger.clock.slept) == 5
        await ledger.charge(TODAY, {CLICKS: 1})
        assert await spent(engine, ledger.account_id, TODAY) == 1
