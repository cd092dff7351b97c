"""What leaves soon is weighed against the requests that are left, by link and by facet."""

from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.facets import FACETS
from harvester.bitly.month import Month
from harvester.domain.snapshots import Reading, Row, Snapshot
from harvester.domain.windows import Unit, Window, day_window, days_of, holding
from harvester.harvest.adapt import Adaptation
from harvester.harvest.plan import Goal, Scope
from harvester.store.ledger import StoredLedger
from tests.fakes import FakeClock
from tests.store.making import NOW, Shop, clicks, made_shop

EDGE = date(2026, 10, 24)
WEEK = holding(day_window(date(2026, 10, 28)).start, Unit.WEEK)
NEXT = holding(WEEK.end, Unit.WEEK)
FACET = "countries"


def scope(shop: Shop, *, edge: date | None = EDGE) -> Scope:
    windows = (*days_of(WEEK), *days_of(NEXT))
    goal = Goal(windows, fresh_since=NOW, settle=timedelta(days=3), edge=edge)
    return Scope("Bg1", shop.group_id, goal)


async def shop_with_clicks(engine: AsyncEngine) -> Shop:
    """Two links with clicks on each day of two weeks, of which the first leaves soon."""
    shop = await made_shop(engine, ["bit.ly/a", "bit.ly/b"])
    for window in scope(shop).goal.windows:
        each = [clicks(target, target, window=window) for target in shop.ids.values()]
        await shop.record(*each)
    return shop


def adaptation(shop: Shop) -> Adaptation:
    return Adaptation(shop.account_id, shop.engine, FakeClock(NOW), [FACET])


async def test_only_days_whose_week_leaves_soon_are_needed(engine: AsyncEngine) -> None:
    shop = await shop_with_clicks(engine)
    found = [need async for _, need in adaptation(shop).needs(scope(shop))]
    assert [need.days for need in found] == [days_of(WEEK)] * 2
    assert [need async for _, need in adaptation(shop).needs(scope(shop, edge=None))] == []


async def test_what_cannot_be_afforded_by_the_day_is_asked_by_the_week(
    engine: AsyncEngine,
) -> None:
    shop = await shop_with_clicks(engine)
    for allowed, weeks in ((14, 0), (8, 1), (2, 2), (None, 0)):
        adapted = await adaptation(shop).adapt([scope(shop)], allowed)
        assert [request.windows for request in adapted.requests] == [days_of(WEEK)] * weeks
        assert adapted.refines is (weeks == 0)
        offer = await adaptation(shop).offer([scope(shop)], allowed)
        assert (offer.weeks if offer else 0) == weeks


async def test_a_stored_week_is_not_chosen_again(engine: AsyncEngine) -> None:
    shop = await shop_with_clicks(engine)
    a, b = shop.ids.values()
    await shop.record(of_week(a, WEEK, NOW))
    adapted = await adaptation(shop).adapt([scope(shop)], 7)
    assert (adapted.requests, adapted.refines) == ((), False)
    adapted = await adaptation(shop).adapt([scope(shop)], 6)
    assert [request.target.id for request in adapted.requests] == [b]


def of_week(target: int, week: Window, at: datetime) -> Snapshot:
    return Snapshot(target, FACET, Reading(week, 7, (Row(("DE",), 7),)), at)


async def test_a_week_is_granted_its_share_of_the_month_less_what_it_takes_besides(
    engine: AsyncEngine,
) -> None:
    shop = await shop_with_clicks(engine)
    month = Month(limit=1000, reserve=50, day=NOW.date())
    assert await adaptation(shop).allowance(None) is None
    granted = await adaptation(shop).allowance(month)
    assert granted == 700  # 950 for nine and a half days
    ledger = StoredLedger(shop.engine, shop.account_id, FakeClock(NOW))
    yesterday = NOW.date() - timedelta(days=1)
    await ledger.charge(yesterday, {"/groups/{group_guid}/clicks": 100})
    await ledger.charge(yesterday, {FACETS[FACET].endpoint: 60})
    await ledger.charge(NOW.date(), {"/groups": 5})
    assert await adaptation(shop).allowance(month) == 600
