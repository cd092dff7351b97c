"""What the views show of what was stored, and how days and instants look."""

from datetime import date, datetime

import pytest

from harvester.domain.snapshots import Reading, Reason, Row, Snapshot
from harvester.store.profiles import Fact, save
from harvester.store.upgrade import view_sources
from tests.store.making import HOUR, NOW, YESTERDAY, Shop, clicks, countries, lost

VIEWS = view_sources()


@pytest.mark.parametrize(
    ("facet", "view", "columns"),
    [
        ("countries", "clicks_by_country", ["country"]),
        ("cities", "clicks_by_city", ["city", "subregion", "region", "country"]),
        ("devices", "clicks_by_device", ["device_type"]),
        ("referrers", "clicks_by_referrer", ["referrer"]),
        ("referring_domains", "clicks_by_referring_domain", ["domain"]),
    ],
)
async def test_each_facet_has_its_view(
    shop: Shop, facet: str, view: str, columns: list[str]
) -> None:
    labels = tuple(f"a {column}" for column in columns)
    reading = Reading(YESTERDAY, 3, (Row(labels, 3),))
    await shop.record(Snapshot(shop.ids["bit.ly/a"], facet, reading, NOW))
    names = ", ".join(columns)
    assert await shop.rows(f"SELECT {names}, clicks FROM {view}") == [(*labels, 3)]
    for other in {name for name in VIEWS if name.startswith("clicks_by_")} - {view}:
        assert await shop.rows(f"SELECT * FROM {other}") == []


async def test_zeros_are_shown_only_where_asked_for(shop: Shop) -> None:
    a, b = shop.ids.values()
    await shop.record(clicks(a, 0), clicks(b, 2))
    assert await shop.rows("SELECT bitlink FROM clicks_by_day") == [("bit.ly/b",)]
    filled = await shop.rows("SELECT bitlink, clicks FROM clicks_by_day_filled ORDER BY clicks")
    assert filled == [("bit.ly/a", 0), ("bit.ly/b", 2)]


async def test_days_and_instants_are_what_each_engine_calls_them(shop: Shop) -> None:
    await shop.record(clicks(shop.ids["bit.ly/a"], 2))
    found = await shop.rows("SELECT day, observed_at, superseded_at FROM snapshot_history")
    texts = ("2026-11-20", "2026-11-21T12:00:00Z", None)
    values = (date(2026, 11, 20), datetime.fromisoformat("2026-11-21T12:00:00Z"), None)
    assert found == [texts if shop.engine.dialect.name == "sqlite" else values]


async def test_history_shows_every_revision_with_its_rows(shop: Shop) -> None:
    a = shop.ids["bit.ly/a"]
    await shop.record(countries(a, [("DE", 2)]))
    await shop.record(countries(a, [], at=NOW + HOUR))
    query = "SELECT total, label_1, clicks, superseded_at IS NULL FROM snapshot_history ORDER BY 1"
    assert [tuple(row) for row in await shop.rows(query)] == [
        (0, None, None, True),
        (2, "DE", 2, False),
    ]


async def test_gaps_of_links_that_are_gone_stay_listed(shop: Shop) -> None:
    await shop.record(lost(shop.ids["bit.ly/a"], "clicks", Reason.GONE))
    query = "SELECT bitlink, facet, reason, detail, attempts FROM harvest_missing"
    assert await shop.rows(query) == [("bit.ly/a", "clicks", "gone", "it was gone", 1)]


async def test_how_far_back_is_told_beside_facts_that_are_no_numbers(shop: Shop) -> None:
    facts = {"exports": Fact("apart", "seen", "", NOW)}
    facts |= {f"history_days Bg{number}": Fact("30+", "seen", "", NOW) for number in range(1, 400)}
    await save(shop.engine, shop.account_id, facts)
    found = await shop.rows("SELECT days FROM harvest_history WHERE days IS NOT NULL")
    assert found == [(30,)]
