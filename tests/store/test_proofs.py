"""A proof speaks of those who were in the group then, and of back-halves only if it says so."""

from datetime import datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.proofs import Proof, Tally
from harvester.store import listings, rosters
from harvester.store.coverage import close_windows, open_windows
from harvester.store.proofs import drop_proofs, proofs, save_proofs, tallies
from tests.store.making import DAY, HOUR, NOW, YESTERDAY, Shop, clicks, countries, link, made_shop

LATER = NOW + 5 * DAY


@pytest.fixture
async def shop(engine: AsyncEngine) -> Shop:
    """Return a shop with the links a and b, and a back-half of b."""
    shop = await made_shop(engine, ["bit.ly/a"])
    b = link("bit.ly/b", "bit.ly/custom")
    await rosters.save_bitlinks(engine, shop.account_id, shop.group_id, [link("bit.ly/a"), b], NOW)
    return shop


async def closed(shop: Shop, facet: str, at: datetime = LATER) -> tuple[str, int]:
    """Close yesterday; return its status and how much is missing, which the view must list."""
    await open_windows(shop.engine, shop.group_id, [facet], [YESTERDAY])
    missing = await close_windows(
        shop.engine, shop.group_id, [facet], [YESTERDAY], at=at, settle=3 * DAY, reason=None
    )
    [(status,)] = await shop.rows(
        "SELECT status FROM harvest_coverage_by_facet WHERE facet = :facet", facet=facet
    )
    listed = await shop.rows(
        "SELECT bitlink FROM harvest_missing WHERE facet = :facet", facet=facet
    )
    assert len(listed) == missing
    return status, missing


async def filled(shop: Shop) -> dict[str, int]:
    rows = await shop.rows("SELECT bitlink, clicks FROM clicks_by_day_filled")
    return {bitlink: int(count) for bitlink, count in rows}


async def prove(shop: Shop, *, customs: bool, at: datetime = LATER, total: int = 0) -> None:
    proof = Proof(at, total, customs)
    await save_proofs(shop.engine, shop.group_id, {YESTERDAY: proof})
    assert await proofs(shop.engine, shop.group_id, [YESTERDAY]) == {YESTERDAY: proof}


@pytest.mark.parametrize("facet", ["clicks", "countries"])
async def test_links_are_covered_and_back_halves_only_if_it_says_so(shop: Shop, facet: str) -> None:
    assert await closed(shop, facet) == ("open", 3)
    await prove(shop, customs=False)
    assert await closed(shop, facet) == ("open", 1)
    assert await filled(shop) == {"bit.ly/a": 0, "bit.ly/b": 0}
    await prove(shop, customs=True)
    assert await closed(shop, facet) == ("settled", 0)
    assert await filled(shop) == {"bit.ly/a": 0, "bit.ly/b": 0, "bit.ly/custom": 0}


async def test_what_joined_later_or_had_left_is_not_covered(shop: Shop) -> None:
    await prove(shop, customs=True, at=NOW + HOUR)
    newer = NOW + 2 * HOUR
    page = [link("bit.ly/a"), link("bit.ly/new")]
    await rosters.save_bitlinks(shop.engine, shop.account_id, shop.group_id, page, newer)
    await listings.close_roster(shop.engine, shop.group_id, newer)
    assert set(await filled(shop)) == {"bit.ly/a", "bit.ly/b", "bit.ly/custom"}  # as it was then
    await prove(shop, customs=True, at=LATER)
    assert set(await filled(shop)) == {"bit.ly/a", "bit.ly/new"}


async def test_a_stored_count_is_confirmed_by_a_proof_and_settles_with_it(shop: Shop) -> None:
    a = (await rosters.target_ids(shop.engine, shop.account_id, ["bit.ly/a"]))["bit.ly/a"]
    await shop.record(clicks(a, 5), countries(a, [("DE", 5)]))
    await prove(shop, customs=True, total=5)
    assert await closed(shop, "clicks") == ("settled", 0)
    assert await closed(shop, "countries") == ("settled", 0)
    assert (await filled(shop))["bit.ly/a"] == 5


async def test_a_breakdown_that_does_not_add_up_is_as_old_as_it_is(shop: Shop) -> None:
    a = (await rosters.target_ids(shop.engine, shop.account_id, ["bit.ly/a"]))["bit.ly/a"]
    await shop.record(clicks(a, 5), countries(a, [("DE", 4)]))
    await prove(shop, customs=True, total=5)
    assert await closed(shop, "countries") == ("complete", 0)


async def test_a_tally_tells_links_from_back_halves_and_what_is_not_known(shop: Shop) -> None:
    names = ["bit.ly/a", "bit.ly/custom"]
    ids = await rosters.target_ids(shop.engine, shop.account_id, names)
    await shop.record(clicks(ids["bit.ly/a"], 5), clicks(ids["bit.ly/custom"], 3, at=NOW + HOUR))
    tally = (await tallies(shop.engine, shop.group_id, [YESTERDAY]))[YESTERDAY]
    assert (tally.links, tally.customs, tally.unknown, tally.unknown_customs) == (5, 3, 1, 0)
    assert (tally.oldest, tally.oldest_custom) == (NOW, NOW + HOUR)
    assert (await tallies(shop.engine, 99, [YESTERDAY])).get(YESTERDAY, Tally()) == Tally()


async def test_a_proof_can_be_taken_back(shop: Shop) -> None:
    await prove(shop, customs=True)
    await drop_proofs(shop.engine, shop.group_id, [YESTERDAY])
    assert await proofs(shop.engine, shop.group_id, [YESTERDAY]) == {}
    assert await filled(shop) == {}
