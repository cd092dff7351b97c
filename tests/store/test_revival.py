"""What was not asked of a link while it was away is wanted again once it is back."""

from datetime import datetime, timedelta

from harvester.domain.proofs import Proof
from harvester.domain.snapshots import Reason
from harvester.domain.windows import Window, day_window
from harvester.store import coverage, listings, proofs, rosters
from tests.store.making import DAY, HOUR, NOW, Shop, clicks, link, lost

LEFT = NOW + HOUR
BACK = NOW + 40 * DAY
DAYS = {back: day_window((NOW + back * DAY).date()) for back in (-5, -1, 0, 1, 20)}


async def settled(shop: Shop, at: datetime) -> None:
    """Close all days as settled: both links are known in each of them."""
    for window in DAYS.values():
        await shop.record(clicks(shop.ids["bit.ly/b"], 1, at=at, window=window))
    await coverage.close_windows(
        shop.engine,
        shop.group_id,
        ["clicks"],
        list(DAYS.values()),
        at=at,
        settle=timedelta(0),
        reason=None,
    )


async def listed(shop: Shop, *names: str, at: datetime) -> None:
    links = [link(name) for name in names]
    await rosters.save_bitlinks(shop.engine, shop.account_id, shop.group_id, links, at)
    await listings.close_roster(shop.engine, shop.group_id, at)


async def open_days(shop: Shop) -> set[Window]:
    rows = await shop.rows("SELECT day FROM harvest_coverage WHERE status = 'open'")
    return {window for window in DAYS.values() if str(window.day) in {str(day) for (day,) in rows}}


async def test_a_link_that_is_listed_again_is_wanted_for_the_days_that_it_was_not(
    shop: Shop,
) -> None:
    for window, seen_at in ((DAYS[-5], LEFT - HOUR), (DAYS[-1], LEFT + HOUR), (DAYS[1], BACK)):
        proof = Proof(seen_at, 1, customs=False)
        await proofs.save_proofs(shop.engine, shop.group_id, {window: proof})
    await listed(shop, "bit.ly/b", at=LEFT)
    await settled(shop, BACK - DAY)
    assert await open_days(shop) == set()
    await listed(shop, "bit.ly/a", "bit.ly/b", at=BACK)
    assert await open_days(shop) == {DAYS[-1], DAYS[0], DAYS[1], DAYS[20]}
    kept = await proofs.proofs(shop.engine, shop.group_id, list(DAYS.values()))
    assert set(kept) == {DAYS[-5]}
    await listed(shop, "bit.ly/a", "bit.ly/b", at=BACK + HOUR)  # nothing is new in that


async def test_a_link_that_is_gone_and_still_listed_is_asked_again_a_month_later(
    shop: Shop,
) -> None:
    a = shop.ids["bit.ly/a"]
    await shop.record(lost(a, "clicks", Reason.GONE, at=LEFT, window=DAYS[-5]))
    await rosters.mark_gone(shop.engine, a, LEFT)
    await settled(shop, BACK - DAY)
    for days, there in ((29, False), (30, True)):
        await listed(shop, "bit.ly/a", "bit.ly/b", at=LEFT + days * DAY)
        query = "SELECT gone_at IS NULL FROM bitlink_details WHERE bitlink = 'bit.ly/a'"
        assert await shop.rows(query) == [(there,)]
        expected = {DAYS[-5], DAYS[0], DAYS[1], DAYS[20]} if there else set()
        assert await open_days(shop) == expected


async def test_what_lies_beyond_the_history_is_not_wanted_for_a_link_that_comes_back(
    shop: Shop,
) -> None:
    await listed(shop, "bit.ly/b", at=LEFT)
    await coverage.close_windows(
        shop.engine,
        shop.group_id,
        ["clicks"],
        [DAYS[0]],
        at=BACK - DAY,
        settle=timedelta(0),
        reason=None,
        edge=DAYS[1].day,
    )
    await listed(shop, "bit.ly/a", "bit.ly/b", at=BACK)
    assert await open_days(shop) == set()
