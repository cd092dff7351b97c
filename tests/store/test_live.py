"""What goes on, as it stands in the store."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.windows import day_window
from harvester.store import coverage, leases, runs
from harvester.store.accounts import Stop, save_stop
from harvester.store.ledger import StoredLedger
from harvester.store.live import Held, Known, MonthQuota, live
from harvester.store.notices import save_told, told
from harvester.store.profiles import Fact, save
from tests.fakes import FakeClock
from tests.store.making import DAY, HOUR, NOW, Shop, clicks

TODAY = day_window(NOW.date())
YESTERDAY = day_window(NOW.date() - DAY)


async def close(shop: Shop, *, hours_ago: int = 0) -> None:
    await coverage.close_windows(
        shop.engine,
        shop.group_id,
        ["clicks"],
        [YESTERDAY, TODAY],
        at=NOW - hours_ago * HOUR,
        settle=DAY,
        reason=None,
    )


async def test_a_group_is_known_up_to_the_last_look_at_its_last_whole_day(shop: Shop) -> None:
    a, b = shop.ids.values()
    assert (await live(shop.engine, NOW)).known == ()
    await shop.record(*(clicks(each, 1, window=YESTERDAY) for each in (a, b)))
    await close(shop)
    midnight = NOW.replace(hour=0)
    assert (await live(shop.engine, NOW)).known == (Known("shop", "Bg1", midnight),)
    await shop.record(*(clicks(each, 1, window=TODAY) for each in (a, b)))
    await close(shop, hours_ago=2)
    assert (await live(shop.engine, NOW)).known == (Known("shop", "Bg1", NOW - 2 * HOUR),)


async def test_the_month_is_what_bitly_said_and_what_was_sent_since(shop: Shop) -> None:
    said = Fact("120/5000/10", "seen", "", NOW)
    await save(shop.engine, shop.account_id, {"month.said": said})
    ledger = StoredLedger(shop.engine, shop.account_id, FakeClock(NOW))
    await ledger.charge(NOW.date(), {"/user": 40})
    await ledger.charge(NOW.date() - 30 * DAY, {"/user": 900})
    assert (await live(shop.engine, NOW)).quotas == (MonthQuota("shop", 150, 5000),)
    assert (await live(shop.engine, NOW + 30 * DAY)).quotas == ()


async def test_a_month_of_which_bitly_says_nothing_is_not_shown(shop: Shop) -> None:
    await save(shop.engine, shop.account_id, {"month.said": Fact("unknown", "seen", "", NOW)})
    assert (await live(shop.engine, NOW)).quotas == ()


async def test_runs_come_latest_first_and_a_success_is_one_that_got_to_its_end(
    shop: Shop,
) -> None:
    for hours, outcome in enumerate(("complete", "incomplete", "quota"), 1):
        run = await runs.start_run(
            shop.engine,
            shop.account_id,
            NOW,
            since=NOW.date(),
            until=NOW.date(),
            strategy="economical",
        )
        at = NOW + hours * HOUR
        await runs.finish_run(shop.engine, run.id, at, outcome, 1, 0, 0, 0, 0)
    found = await live(shop.engine, NOW)
    assert [run.outcome for run in found.runs] == ["quota", "incomplete", "complete"]
    assert found.succeeded == {"shop": NOW + 2 * HOUR}


async def test_leases_and_rests_are_told_while_they_last(shop: Shop) -> None:
    until = NOW + HOUR
    await leases.take(shop.engine, "shop", "me:1", at=NOW, until=until)
    await save_stop(shop.engine, shop.account_id, Stop(until, "the month is spent"))
    found = await live(shop.engine, NOW)
    assert found.held == (Held("shop", "me:1", until),)
    assert found.rests == {"shop": (until, "the month is spent")}
    later = await live(shop.engine, until)
    assert (later.held, later.rests) == ((), {})


async def test_what_was_told_last_is_remembered(engine: AsyncEngine) -> None:
    for state in ("dead", "well"):
        await save_told(engine, "shop", "token", state, NOW + timedelta(seconds=1))
    assert await told(engine) == {("shop", "token"): "well"}
