"""The subjects to ask about beside links follow from what is listed."""

from sqlalchemy import update

from harvester.domain.entities import QrCode
from harvester.domain.subjects import Kind, Subject
from harvester.store import targets
from harvester.store.engine import writing
from harvester.store.entities import Measured, Place, close_listing, save_entities
from harvester.store.rosters import save_bitlinks
from harvester.store.tables import groups
from tests.store.making import HOUR, NOW, Shop, link


async def names(shop: Shop, kind: Kind) -> list[str]:
    pages = [page async for page in targets.target_pages(shop.engine, shop.group_id, 1, kind)]
    return [target.subject.name for page in pages for target in page]


async def test_groups_and_organizations_are_subjects_once(shop: Shop) -> None:
    async with writing(shop.engine) as connection:
        await connection.execute(update(groups).values(organization_guid="O1"))
    for _ in range(2):
        homes = await targets.organization_homes(shop.engine, [shop.group_id])
        await targets.save_targets(shop.engine, shop.account_id, Kind.ORGANIZATION, homes, NOW)
    assert await names(shop, Kind.ORGANIZATION) == ["O1"]
    known = await targets.target_of(shop.engine, shop.account_id, Subject(Kind.ORGANIZATION, "O1"))
    assert known is not None
    nobody = Subject(Kind.GROUP, "O1")
    assert await targets.target_of(shop.engine, shop.account_id, nobody) is None


async def test_back_halves_on_domains_of_ones_own_are_subjects_of_their_own(shop: Shop) -> None:
    halves = ("go.example.com/Sale", "bit.ly/sale", "j.mp/sale")
    links = [link("go.example.com/1", *halves), link("go.example.com/2")]
    await save_bitlinks(shop.engine, shop.account_id, shop.group_id, links, NOW)
    for _ in range(2):
        await targets.save_custom_targets(shop.engine, shop.group_id)
    assert await names(shop, Kind.CUSTOM_BITLINK) == ["go.example.com/Sale"]
    assert "go.example.com/Sale" in await names(shop, Kind.BITLINK)


async def test_a_qr_code_is_asked_about_as_long_as_it_is_listed(shop: Shop) -> None:
    place = Place(shop.account_id, "qr_codes", "Bg1")
    measured = Measured(Kind.QR_CODE, shop.group_id)
    codes = [QrCode("Q1", "a", "bitlink"), QrCode("Q2", "b", "bitlink")]
    await save_entities(shop.engine, place, codes, NOW, measured)
    assert await names(shop, Kind.QR_CODE) == ["Q1", "Q2"]
    later = NOW + HOUR
    await save_entities(shop.engine, place, codes[1:], later, measured)
    await close_listing(shop.engine, place, later)
    assert await names(shop, Kind.QR_CODE) == ["Q2"]
