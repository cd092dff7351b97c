"""What leaves Bitly's reach before it is known is counted, and told with its day."""

from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.snapshots import Reason
from harvester.domain.windows import day_window
from harvester.store import coverage
from harvester.store.engine import read
from harvester.store.leaving import Leaving, leaving
from harvester.store.profiles import Fact, save
from tests.store.making import NOW, Shop, clicks, lost, made_shop

HISTORY = 10


def ago(days: int) -> date:
    return NOW.date() - timedelta(days=days)


async def shop_with(engine: AsyncEngine, *wanted: int) -> Shop:
    """Return a shop of two links whose plan shows ten days; days back that a run `wanted`."""
    shop = await made_shop(engine, ["bit.ly/a", "bit.ly/b"])
    fact = Fact(str(HISTORY), "seen", "", NOW)
    await save(shop.engine, shop.account_id, {"history_days Bg1": fact})
    windows = [day_window(ago(back)) for back in wanted]
    await coverage.open_windows(shop.engine, shop.group_id, ["clicks", "cities"], windows)
    return shop


async def told(shop: Shop) -> list[Leaving]:
    return await read(shop.engine, lambda connection: leaving(connection, NOW))


async def test_open_days_that_leave_within_a_week_count_once_for_each_link(
    engine: AsyncEngine,
) -> None:
    shop = await shop_with(engine, *range(12))
    assert await told(shop) == [
        Leaving("shop", "Bg1", 2 * 7, str(ago(9)), str(NOW.date() + timedelta(days=1)))
    ]


async def test_days_that_no_run_has_come_to_are_counted_from_the_first_wanted(
    engine: AsyncEngine,
) -> None:
    shop = await shop_with(engine, 5)
    assert await told(shop) == [
        Leaving("shop", "Bg1", 2 * 3, str(ago(5)), str(ago(5) + timedelta(days=HISTORY)))
    ]


async def test_what_is_known_or_lost_for_good_does_not_count(engine: AsyncEngine) -> None:
    shop = await shop_with(engine, 9, 8, 7, 6, 5, 4, 3)
    a, b = shop.ids.values()
    for back in range(3, 10):
        window = day_window(ago(back))
        await shop.record(clicks(a, int(back == 4), window=window))
        await shop.record(*(lost(b, f, Reason.GONE, window=window) for f in ("clicks", "cities")))
    assert [(each.link_days, each.first) for each in await told(shop)] == [(1, str(ago(4)))]


async def test_without_an_edge_nothing_is_known_to_leave(engine: AsyncEngine) -> None:
    shop = await shop_with(engine, *range(12))
    await save(shop.engine, shop.account_id, {"history_days Bg1": Fact("none", "set", "", NOW)})
    assert await told(shop) == []
