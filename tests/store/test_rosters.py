"""Rosters: what is listed, what is not any more, whose back-half is whose."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.rosters import BitlinkDetails
from harvester.store import listings, rosters
from harvester.store.targets import target_pages
from tests.store.making import DAY, HOUR, NOW, Shop, clicks, group, link, select, targets

CUSTOMS = "SELECT bitlink, custom_of FROM bitlink_details ORDER BY bitlink"
LISTED = "SELECT bitlink, unlisted_at IS NULL FROM bitlink_details ORDER BY bitlink"


async def save(shop: Shop, *links: BitlinkDetails, later: timedelta = timedelta()) -> None:
    await rosters.save_bitlinks(shop.engine, shop.account_id, shop.group_id, links, NOW + later)


async def gone(shop: Shop, name: str) -> None:
    await rosters.mark_gone(shop.engine, shop.ids[name], NOW)


async def test_an_account_keeps_its_key_and_takes_a_new_login(engine: AsyncEngine) -> None:
    first = await rosters.save_account(engine, "shop", "one", NOW)
    assert await rosters.save_account(engine, "shop", "two", NOW) == first
    assert await rosters.save_account(engine, "other", "two", NOW) != first
    assert await select(engine, "SELECT login FROM accounts WHERE name = 'shop'") == [("two",)]


async def test_groups_keep_their_keys_and_when_they_were_first_seen(shop: Shop) -> None:
    later = NOW + HOUR
    keys = await rosters.save_groups(shop.engine, shop.account_id, [group("Bg2")], later)
    assert keys["Bg1"] == shop.group_id
    again = await rosters.save_groups(shop.engine, shop.account_id, [group("Bg1")], later)
    assert again == keys
    query = "SELECT first_seen_at, last_seen_at FROM groups WHERE guid = 'Bg1'"
    assert await shop.rows(query) == [(int(NOW.timestamp()), int(later.timestamp()))]


async def test_a_link_takes_what_is_listed_last(shop: Shop) -> None:
    await save(shop, link("bit.ly/a", title="old"), link("bit.ly/a", title='"new" 🧵\n'))
    query = "SELECT title, long_url, tags FROM bitlink_details WHERE bitlink = 'bit.ly/a'"
    assert await shop.rows(query) == [('"new" 🧵\n', "https://shop.example/", "[]")]
    assert await targets(shop.engine, shop.group_id) == shop.ids


async def test_back_halves_are_targets_of_their_own(shop: Shop) -> None:
    await save(shop, link("bit.ly/a", "bit.ly/sale", "bit.ly/Sale"), link("bit.ly/b"))
    ids = await targets(shop.engine, shop.group_id)
    assert set(ids) == {"bit.ly/a", "bit.ly/b", "bit.ly/sale", "bit.ly/Sale"}
    customs = {name: of for name, of in await shop.rows(CUSTOMS) if of}
    assert customs == {"bit.ly/sale": "bit.ly/a", "bit.ly/Sale": "bit.ly/a"}


async def test_a_back_half_may_move_to_another_link_and_keeps_its_clicks(shop: Shop) -> None:
    await save(shop, link("bit.ly/a", "bit.ly/sale"))
    target = (await targets(shop.engine, shop.group_id))["bit.ly/sale"]
    await shop.record(clicks(target, 7))
    await save(shop, link("bit.ly/a"), link("bit.ly/b", "bit.ly/sale"), later=HOUR)
    assert ("bit.ly/sale", "bit.ly/b") in await shop.rows(CUSTOMS)
    assert await shop.rows("SELECT bitlink, clicks FROM clicks_by_day") == [("bit.ly/sale", 7)]


@pytest.mark.parametrize("own_first", [True, False])
async def test_a_link_listed_by_itself_is_nobodys_back_half(shop: Shop, own_first: bool) -> None:
    pages = [link("bit.ly/b")], [link("bit.ly/a", "bit.ly/a", "bit.ly/b")]
    for page in pages if own_first else reversed(pages):
        await save(shop, *page, later=HOUR)
    assert await shop.rows(CUSTOMS) == [("bit.ly/a", None), ("bit.ly/b", None)]


async def test_a_link_that_is_only_a_back_half_any_more_becomes_one(shop: Shop) -> None:
    await save(shop, link("bit.ly/a", "bit.ly/b"), later=HOUR)
    assert await shop.rows(CUSTOMS) == [("bit.ly/a", None), ("bit.ly/b", "bit.ly/a")]


async def test_what_a_full_list_does_not_name_is_unlisted_until_it_is_named_again(
    shop: Shop,
) -> None:
    await save(shop, link("bit.ly/a", "bit.ly/sale"), later=HOUR)
    await listings.close_roster(shop.engine, shop.group_id, NOW + HOUR)
    assert [name for name, listed in await shop.rows(LISTED) if not listed] == ["bit.ly/b"]
    await save(shop, link("bit.ly/b"), later=DAY)
    await listings.close_roster(shop.engine, shop.group_id, NOW + DAY)
    unlisted = [name for name, listed in await shop.rows(LISTED) if not listed]
    assert unlisted == ["bit.ly/a", "bit.ly/sale"]


async def test_closing_a_roster_leaves_other_groups_alone(shop: Shop) -> None:
    keys = await rosters.save_groups(shop.engine, shop.account_id, [group("Bg2")], NOW)
    await listings.close_roster(shop.engine, keys["Bg2"], NOW + DAY)
    assert all(listed for _, listed in await shop.rows(LISTED))


async def test_a_link_may_move_to_another_group(shop: Shop) -> None:
    keys = await rosters.save_groups(shop.engine, shop.account_id, [group("Bg2")], NOW)
    await rosters.save_bitlinks(
        shop.engine, shop.account_id, keys["Bg2"], [link("bit.ly/a")], NOW + HOUR
    )
    await listings.close_roster(shop.engine, shop.group_id, NOW + HOUR)
    query = "SELECT bitlink, group_guid, unlisted_at IS NULL FROM bitlink_details ORDER BY bitlink"
    assert [tuple(row) for row in await shop.rows(query)] == [
        ("bit.ly/a", "Bg2", True),
        ("bit.ly/b", "Bg1", False),
    ]


async def test_a_gone_link_is_asked_for_no_more_until_it_comes_back(shop: Shop) -> None:
    await gone(shop, "bit.ly/a")
    assert set(await targets(shop.engine, shop.group_id)) == {"bit.ly/b"}
    await save(shop, link("bit.ly/a"), later=HOUR)  # still listed: that says nothing new
    assert set(await targets(shop.engine, shop.group_id)) == {"bit.ly/b"}
    await listings.close_roster(shop.engine, shop.group_id, NOW + DAY)
    await save(shop, link("bit.ly/a"), later=2 * DAY)
    assert set(await targets(shop.engine, shop.group_id)) == shop.ids.keys()


async def test_the_same_link_in_two_accounts_is_two_targets(shop: Shop) -> None:
    other = await rosters.save_account(shop.engine, "other", "x", NOW)
    keys = await rosters.save_groups(shop.engine, other, [group("Bg1")], NOW)
    await rosters.save_bitlinks(shop.engine, other, keys["Bg1"], [link("bit.ly/a")], NOW)
    mine = (await targets(shop.engine, keys["Bg1"]))["bit.ly/a"]
    assert mine not in shop.ids.values()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 500])
async def test_pages_hold_every_target_once_in_order(shop: Shop, size: int) -> None:
    await save(shop, *(link(f"bit.ly/{n}") for n in range(5)))
    pages = [page async for page in target_pages(shop.engine, shop.group_id, size)]
    ids = [target.id for page in pages for target in page]
    assert len(ids) == 7
    assert ids == sorted(set(ids))
    assert all(len(page) == size for page in pages[:-1])


async def test_an_empty_page_is_no_trouble(shop: Shop) -> None:
    await save(shop)
    assert set(await targets(shop.engine, shop.group_id)) == shop.ids.keys()
