"""How many names a group has, and how many of its links are clicked: requests are chosen by it."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.proofs import Proof
from harvester.domain.windows import day_window
from harvester.store import listings, rosters
from harvester.store.activity import clicked, owners, sizes
from harvester.store.proofs import save_proofs
from tests.store.making import (
    DAY,
    NOW,
    YESTERDAY,
    Shop,
    clicks,
    countries,
    link,
    made_shop,
    targets,
)

BEFORE = day_window(YESTERDAY.day - DAY)
TODAY = day_window(NOW.date())


@pytest.fixture
async def shop(engine: AsyncEngine) -> Shop:
    """Return a shop with the links a, b and c, two back-halves of b and one of c."""
    shop = await made_shop(engine, ["bit.ly/a"])
    links = [link("bit.ly/b", "bit.ly/half", "bit.ly/old"), link("bit.ly/c", "bit.ly/other")]
    await rosters.save_bitlinks(engine, shop.account_id, shop.group_id, links, NOW)
    return Shop(engine, shop.account_id, shop.group_id, await targets(engine, shop.group_id))


async def test_links_and_back_halves_that_are_listed_are_counted(shop: Shop) -> None:
    assert await sizes(shop.engine, shop.group_id) == (3, 3)
    [a, b] = [link("bit.ly/a"), link("bit.ly/b", "bit.ly/half", "bit.ly/old")]
    await rosters.save_bitlinks(shop.engine, shop.account_id, shop.group_id, [a, b], NOW + DAY)
    await listings.close_roster(shop.engine, shop.group_id, NOW + DAY)
    assert await sizes(shop.engine, shop.group_id) == (2, 2)
    assert await owners(shop.engine, shop.group_id) == {
        "bit.ly/half": "bit.ly/b",
        "bit.ly/old": "bit.ly/b",
    }


async def test_a_group_without_links_has_none(shop: Shop) -> None:
    assert await sizes(shop.engine, 99) == (0, 0)
    assert await owners(shop.engine, 99) == {}
    assert await clicked(shop.engine, 99, [YESTERDAY]) == []


async def test_links_with_clicks_are_counted_in_windows_whose_total_is_proved(shop: Shop) -> None:
    a, b, half = (shop.ids[f"bit.ly/{name}"] for name in ("a", "b", "half"))
    await shop.record(clicks(a, 5), clicks(b, 2), clicks(half, 9), countries(a, [("DE", 5)]))
    await shop.record(clicks(a, 7), clicks(b, 0))  # the newest word counts
    await shop.record(clicks(a, 1, window=BEFORE), clicks(a, 1, window=TODAY))
    proofs = {
        YESTERDAY: Proof(NOW, 16, customs=True),
        BEFORE: Proof(NOW, 0, customs=True),
        TODAY: Proof(NOW, None, customs=False),
    }
    assert await clicked(shop.engine, shop.group_id, [YESTERDAY]) == []
    await save_proofs(shop.engine, shop.group_id, proofs)
    assert await clicked(shop.engine, shop.group_id, [BEFORE, YESTERDAY, TODAY]) == [(16, 1)]
    assert await clicked(shop.engine, shop.group_id, [BEFORE]) == []
