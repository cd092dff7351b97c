"""Entities of rosters: as last listed, with every change, on both engines."""

from datetime import timedelta
from typing import Any

import pytest

from harvester.domain.entities import Entity, QrCode
from harvester.domain.subjects import Kind
from harvester.store.entities import Measured, Place, close_listing, save_entities
from tests.store.making import DAY, HOUR, NOW, Shop

CHANGES = "SELECT entity, field, old, new FROM roster_changes ORDER BY entity, seen_at, field"
LISTED = "SELECT qr_code, unlisted_at IS NULL FROM qr_code_details ORDER BY qr_code"


def place(shop: Shop, roster: str = "qr_codes") -> Place:
    return Place(shop.account_id, roster, "Bg1")


async def save(shop: Shop, *codes: Entity, later: timedelta = timedelta()) -> None:
    measured = Measured(Kind.QR_CODE, shop.group_id)
    await save_entities(shop.engine, place(shop), codes, NOW + later, measured)


def code(guid: str, **details: Any) -> QrCode:
    return QrCode(guid, **{"title": "Poster", "bitlink": "bit.ly/a", "archived": False, **details})


async def test_a_qr_code_is_told_as_it_was_listed(shop: Shop) -> None:
    await save(shop, code("Q1", created_at=NOW, long_urls=("https://a.example/", 'https://b/"ü"')))
    columns = "account, group_guid, qr_code, bitlink, title, archived, is_gs1, long_urls"
    rows = await shop.rows(f"SELECT {columns} FROM qr_code_details")
    urls = '["https://a.example/","https://b/\\"ü\\""]'
    assert rows == [("shop", "Bg1", "Q1", "bit.ly/a", "Poster", False, None, urls)]
    [(created,)] = await shop.rows("SELECT created_at FROM qr_code_details")
    assert created in {NOW, "2026-11-21T12:00:00Z"}


async def test_a_qr_code_is_a_subject_of_its_group(shop: Shop) -> None:
    await save(shop, code("Q1"), code("Q2"))
    query = (
        "SELECT subjects.kind, subjects.name, entities.guid, subjects.group_id FROM entities"
        " JOIN subjects ON subjects.id = entities.subject_id ORDER BY entities.guid"
    )
    of_group = shop.group_id
    assert await shop.rows(query) == [
        ("qr_code", "Q1", "Q1", of_group),
        ("qr_code", "Q2", "Q2", of_group),
    ]


async def test_what_changes_is_kept_with_what_it_was(shop: Shop) -> None:
    await save(shop, code("Q1"), code("Q2"))
    changed = code("Q1", title=None, archived=True, modified_at=NOW, long_urls=("https://c/",))
    await save(shop, changed, code("Q2"), later=HOUR)
    await save(shop, code("Q1", archived=True), later=DAY)
    assert await shop.rows(CHANGES) == [
        ("Q1", "archived", "false", "true"),
        ("Q1", "long_urls", None, '["https://c/"]'),
        ("Q1", "modified_at", None, "2026-11-21T12:00:00Z"),
        ("Q1", "title", "Poster", None),
        ("Q1", "long_urls", '["https://c/"]', None),
        ("Q1", "modified_at", "2026-11-21T12:00:00Z", None),
        ("Q1", "title", None, "Poster"),
    ]
    query = "SELECT count(*) FROM entities WHERE first_seen_at = :at"
    assert await shop.rows(query, at=int(NOW.timestamp())) == [(2,)]


async def test_what_is_listed_no_more_is_marked_until_it_comes_back(shop: Shop) -> None:
    await save(shop, code("Q1"), code("Q2"))
    await save(shop, code("Q2"), later=HOUR)
    await close_listing(shop.engine, place(shop), NOW + HOUR)
    assert await shop.rows(LISTED) == [("Q1", False), ("Q2", True)]
    await save(shop, code("Q1"), later=DAY)
    assert await shop.rows(LISTED) == [("Q1", True), ("Q2", True)]
    assert await shop.rows(CHANGES) == [("Q1", "unlisted_at", "2026-11-21T13:00:00Z", None)]


async def test_rosters_and_scopes_do_not_meet(shop: Shop) -> None:
    await save(shop, code("Q1"))
    for other in (place(shop, "tags"), Place(shop.account_id, "qr_codes", "Bg2")):
        await save_entities(shop.engine, other, [Entity("Q1")], NOW + HOUR)
        await close_listing(shop.engine, other, NOW + DAY)
    assert await shop.rows(CHANGES) == []
    query = "SELECT unlisted_at IS NULL FROM qr_code_details WHERE group_guid = 'Bg1'"
    assert await shop.rows(query) == [(True,)]


@pytest.mark.parametrize(
    "text", ["🧵 \u202e Größe\n\x07", "x" * 2_048, "'; DROP TABLE entities; --", " ", "\x7f\ufffd"]
)
async def test_odd_texts_survive_as_names_and_as_details(shop: Shop, text: str) -> None:
    await save(shop, code(text, title="old"))
    await save(shop, code(text, title=text), later=HOUR)
    assert await shop.rows("SELECT qr_code, title FROM qr_code_details") == [(text, text)]
    assert await shop.rows(CHANGES) == [(text, "title", "old", text)]


async def test_an_empty_page_is_no_trouble_and_a_large_one_is_whole(shop: Shop) -> None:
    await save(shop)
    await save(shop, *(code(f"Q{number}") for number in range(1_200)))
    assert await shop.rows("SELECT count(*) FROM qr_code_details") == [(1_200,)]
