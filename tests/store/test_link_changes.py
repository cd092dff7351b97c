"""What becomes of links, groups and organizations stays readable with its dates."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from harvester.domain.rosters import BitlinkDetails, OrganizationDetails
from harvester.store import listings, rosters
from tests.store.making import DAY, HOUR, NOW, Shop, group, link, select

A = link("bit.ly/a")
CHANGES = "SELECT entity, field, old, new FROM roster_changes ORDER BY seen_at, entity, field"


async def save(shop: Shop, *links: BitlinkDetails, later: timedelta = HOUR) -> None:
    await rosters.save_bitlinks(shop.engine, shop.account_id, shop.group_id, links, NOW + later)


async def history(shop: Shop, bitlink: str, field: str) -> list[tuple[Any, ...]]:
    rows = await shop.rows(
        "SELECT value, valid_from, valid_until FROM bitlink_history"
        " WHERE bitlink = :bitlink AND field = :field ORDER BY valid_from",
        bitlink=bitlink,
        field=field,
    )
    return [(row[0], _hours(row[1]), _hours(row[2])) for row in rows]


def _hours(stored: Any) -> float | None:
    """Return how many hours after NOW an instant is, in whichever type the engine has."""
    if stored is None:
        return None
    at = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return (at - NOW) / HOUR


async def test_a_former_destination_is_readable_with_its_dates(shop: Shop) -> None:
    await save(shop, replace(A, long_url="https://b.example/"))
    await save(shop, replace(A, long_url="https://b.example/"), later=2 * HOUR)
    await save(shop, replace(A, long_url="https://c.example/\u202e🧵"), later=3 * HOUR)
    assert await history(shop, "bit.ly/a", "long_url") == [
        ("https://shop.example/", 0, 1),
        ("https://b.example/", 1, 3),
        ("https://c.example/\u202e🧵", 3, None),
    ]
    assert await history(shop, "bit.ly/b", "long_url") == [("https://shop.example/", 0, None)]


@pytest.mark.parametrize(
    ("field", "details", "old", "new"),
    [
        ("title", {"title": "new"}, None, "new"),
        ("tags", {"tags": ("ä", 'q"')}, "[]", '["ä", "q\\""]'),
        ("archived", {"archived": True}, "false", "true"),
        ("is_deleted", {"is_deleted": True}, "false", "true"),
        ("campaign_ids", {"campaign_ids": ("C1",)}, None, '["C1"]'),
        ("launchpad_ids", {"launchpad_ids": ("M1",)}, None, '["M1"]'),
        ("qr_code_ids", {"qr_code_ids": ("Q1",)}, None, '["Q1"]'),
        ("deeplinks", {"deeplinks": '[{"os":"ios"}]'}, None, '[{"os":"ios"}]'),
        ("expiration_at", {"expiration_at": "2027-01-01"}, None, "2027-01-01"),
        ("dynamic_routing", {"dynamic_routing": '{"a":1}'}, None, '{"a":1}'),
        ("client_id", {"client_id": "app"}, None, "app"),
        ("created_by", {"created_by": "somebody"}, None, "somebody"),
        ("custom_bitlinks", {"custom_ids": ("bit.ly/x",)}, "[]", '["bit.ly/x"]'),
    ],
)
async def test_each_field_of_a_link_is_watched(
    shop: Shop, field: str, details: dict[str, Any], old: str | None, new: str
) -> None:
    await save(shop, replace(A, **details))
    assert await shop.rows(CHANGES) == [("bit.ly/a", field, old, new)]
    [(shown,)] = await shop.rows(f"SELECT {field} FROM bitlink_details WHERE bitlink = 'bit.ly/a'")
    assert shown in {new, True}


async def test_a_link_that_was_stored_before_all_was_read_has_not_changed_by_that(
    shop: Shop,
) -> None:
    async with shop.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE bitlinks SET custom_bitlinks = NULL")
    await save(shop, replace(A, campaign_ids=("C1",), custom_ids=("bit.ly/x",)))
    assert await shop.rows(CHANGES) == []
    await save(shop, replace(A, campaign_ids=("C2",), custom_ids=("bit.ly/x",)), later=DAY)
    told = [(field, old, new) for _, field, old, new in await shop.rows(CHANGES)]
    assert told == [("campaign_ids", '["C1"]', '["C2"]')] * 2  # the link's and its back-half's


async def test_a_back_half_that_leads_elsewhere_has_changed_its_owner(shop: Shop) -> None:
    b = replace(link("bit.ly/b"), long_url="https://b.example/")
    await save(shop, replace(A, custom_ids=("bit.ly/x",)), b)
    await save(shop, A, replace(b, custom_ids=("bit.ly/x",)), later=2 * HOUR)
    assert await history(shop, "bit.ly/x", "custom_of") == [
        ("bit.ly/a", 1, 2),
        ("bit.ly/b", 2, None),
    ]
    assert len(await history(shop, "bit.ly/x", "long_url")) == 2


@pytest.mark.parametrize("pages", [1, 2])
async def test_a_back_half_that_two_links_claim_does_not_change_with_each_listing(
    shop: Shop, pages: int
) -> None:
    claims = [replace(link(name), custom_ids=("bit.ly/x",)) for name in ("bit.ly/a", "bit.ly/b")]
    for later in (HOUR, 2 * HOUR, 3 * HOUR):
        for page in [claims] if pages == 1 else [claims[:1], claims[1:]]:
            await save(shop, *page, later=later)
    assert await history(shop, "bit.ly/x", "custom_of") == [("bit.ly/a", 1, None)]


async def test_a_link_that_moves_is_known_to_have_been_in_the_other_group(shop: Shop) -> None:
    keys = await rosters.save_groups(shop.engine, shop.account_id, [group("Bg2")], NOW)
    await rosters.save_bitlinks(shop.engine, shop.account_id, keys["Bg2"], [A], NOW + HOUR)
    assert await shop.rows(CHANGES) == [("bit.ly/a", "group_guid", "Bg1", "Bg2")]
    assert await history(shop, "bit.ly/a", "group_guid") == [("Bg1", 0, 1), ("Bg2", 1, None)]


async def test_a_link_that_comes_back_is_known_to_have_been_away(shop: Shop) -> None:
    await save(shop, link("bit.ly/b"))
    await listings.close_roster(shop.engine, shop.group_id, NOW + HOUR)
    assert await shop.rows(CHANGES) == []
    await save(shop, A, later=DAY)
    assert await shop.rows(CHANGES) == [("bit.ly/a", "unlisted_at", "2026-11-21T13:00:00Z", None)]


async def test_groups_and_organizations_have_their_changes(shop: Shop) -> None:
    renamed = replace(group("Bg1"), name="Neu", is_active=False)
    await rosters.save_groups(shop.engine, shop.account_id, [renamed], NOW + HOUR)
    for name, tier, later in (("Shop", "free", HOUR), ("Shop & Co", "growth", DAY)):
        listed = [OrganizationDetails("Oo1", name, tier, tier.title())]
        await rosters.save_organizations(shop.engine, shop.account_id, listed, NOW + later)
    assert await shop.rows(CHANGES) == [
        ("Bg1", "is_active", "true", "false"),
        ("Bg1", "name", "Group Bg1", "Neu"),
        ("Oo1", "name", "Shop", "Shop & Co"),
        ("Oo1", "tier", "free", "growth"),
        ("Oo1", "tier_name", "Free", "Growth"),
    ]


async def test_tags_and_campaigns_have_a_row_for_each_link_and_back_half(shop: Shop) -> None:
    await save(
        shop,
        replace(A, tags=("ä", "b"), campaign_ids=("C1",), custom_ids=("bit.ly/x",)),
        replace(link("bit.ly/b"), tags=("b",)),
    )
    query = "SELECT bitlink, tag FROM bitlink_tags ORDER BY bitlink, tag"
    assert set(await shop.rows(query)) == {
        *((name, tag) for name in ("bit.ly/a", "bit.ly/x") for tag in ("ä", "b")),
        ("bit.ly/b", "b"),
    }
    query = "SELECT bitlink, campaign, name FROM campaign_bitlinks ORDER BY bitlink"
    expected = [("bit.ly/a", "C1", None), ("bit.ly/x", "C1", None)]
    assert await select(shop.engine, query) == expected
