"""The public contract: which views there are, with which columns, and how instants look."""

from datetime import date, datetime

import pytest
from sqlalchemy import Connection, inspect

from harvester.domain.snapshots import Reading, Reason, Row, Snapshot
from harvester.store.profiles import Fact, save
from tests.store.making import HOUR, NOW, YESTERDAY, Shop, clicks, countries, lost

PLACE = ["day", "unit", "account", "group_guid", "bitlink"]
COLUMNS = {
    "anomalies": [
        "day",
        "kind",
        "account",
        "group_guid",
        "bitlink",
        "label",
        "clicks",
        "usual",
        "weeks",
    ],
    "clicks_by_day": [*PLACE, "clicks"],
    "clicks_by_day_filled": [*PLACE, "clicks"],
    "clicks_by_country": [*PLACE, "country", "clicks"],
    "clicks_by_city": [*PLACE, "city", "subregion", "region", "country", "clicks"],
    "clicks_by_device": [*PLACE, "device_type", "clicks"],
    "clicks_by_referrer": [*PLACE, "referrer", "clicks"],
    "clicks_by_referring_domain": [*PLACE, "domain", "clicks"],
    "clicks_by_hour": ["hour", "day", "account", "group_guid", "bitlink", "clicks"],
    "clicks_by_referrer_and_network": [*PLACE, "network", "referrer", "clicks"],
    "clicks_by_referrer_name": [*PLACE, "referrer", "clicks"],
    "custom_clicks_by_day": [*PLACE[:4], "custom_bitlink", "clicks"],
    "custom_clicks_by_destination": [*PLACE[:4], "custom_bitlink", "destination", "clicks"],
    "engagements_by_day": [*PLACE, "engagements", "clicks", "scans", "button_clicks"],
    "group_clicks_by_city": [*PLACE[:4], "city", "subregion", "region", "country", "clicks"],
    "group_clicks_by_country": [*PLACE[:4], "country", "clicks"],
    "group_clicks_by_day": [*PLACE[:4], "clicks"],
    "group_clicks_by_device": [*PLACE[:4], "device_type", "clicks"],
    "group_clicks_by_network": [*PLACE[:4], "network", "clicks"],
    "group_clicks_by_referrer": [*PLACE[:4], "referrer", "clicks"],
    "group_links_by_day": [*PLACE[:4], "links"],
    "group_top_bitlinks": [*PLACE, "clicks", "place"],
    "organization_links_by_day": ["day", "unit", "account", "organization_guid", "links"],
    "organization_links_by_group": [
        "day",
        "unit",
        "account",
        "organization_guid",
        "group_guid",
        "links",
    ],
    "plan_limits": [
        "day",
        "account",
        "organization_guid",
        "name",
        "description",
        "allowed",
        "used",
        "seen_at",
    ],
    "qr_code_details": [
        "account",
        "group_guid",
        "qr_code",
        "bitlink",
        "title",
        "type",
        "long_urls",
        "content",
        "is_customized",
        "is_gs1",
        "archived",
        "created_by",
        "created_at",
        "modified_at",
        "first_seen_at",
        "last_seen_at",
        "unlisted_at",
    ],
    "roster_changes": ["account", "roster", "scope", "entity", "field", "old", "new", "seen_at"],
    "scans_by_browser": [*PLACE[:4], "qr_code", "browser", "scans"],
    "scans_by_city": [*PLACE[:4], "qr_code", "city", "subregion", "region", "country", "scans"],
    "scans_by_country": [*PLACE[:4], "qr_code", "country", "scans"],
    "scans_by_day": [*PLACE[:4], "qr_code", "scans"],
    "scans_by_device_os": [*PLACE[:4], "qr_code", "device_os", "scans"],
    "bitlink_details": [
        "account",
        "group_guid",
        "bitlink",
        "custom_of",
        "link",
        "long_url",
        "title",
        "created_at",
        "created_by",
        "archived",
        "tags",
        "first_seen_at",
        "last_seen_at",
        "unlisted_at",
        "gone_at",
    ],
    "group_details": [
        "account",
        "organization_guid",
        "group_guid",
        "name",
        "role",
        "is_active",
        "created_at",
        "modified_at",
        "first_seen_at",
        "last_seen_at",
    ],
    "harvest_history": [
        "account",
        "group_guid",
        "days",
        "is_sure",
        "source",
        "detail",
        "since",
    ],
    "harvest_contradictions": [
        "account",
        "group_guid",
        "bitlink",
        "facet",
        "day",
        "unit",
        "clicks",
        "facet_clicks",
        "detail",
        "seen_at",
    ],
    "harvest_coverage": [
        "account",
        "group_guid",
        "day",
        "unit",
        "status",
        "clicks",
        "missing",
        "reason",
    ],
    "harvest_coverage_by_facet": [
        "account",
        "group_guid",
        "facet",
        "day",
        "unit",
        "status",
        "links",
        "missing",
        "reason",
        "closed_at",
    ],
    "harvest_leases": ["account", "holder", "taken_at", "expires_at"],
    "harvest_missing": [
        "account",
        "group_guid",
        "bitlink",
        "facet",
        "day",
        "unit",
        "reason",
        "detail",
        "attempts",
        "last_attempt_at",
        "next_attempt_at",
        "kind",
        "subject",
    ],
    "harvest_profile": ["account", "name", "value", "source", "detail", "seen_at"],
    "harvest_requests": ["account", "day", "endpoint", "requests"],
    "harvest_runs": [
        "account",
        "run",
        "started_at",
        "finished_at",
        "since",
        "until",
        "strategy",
        "outcome",
        "requests",
        "retries",
        "snapshots",
        "rows",
        "missing",
        "detail",
    ],
    "snapshot_history": [
        "account",
        "group_guid",
        "bitlink",
        "facet",
        "day",
        "unit",
        "total",
        "observed_at",
        "last_seen_at",
        "superseded_at",
        "cut",
        "label_1",
        "label_2",
        "label_3",
        "label_4",
        "clicks",
        "kind",
        "subject",
    ],
}


async def test_views_and_their_columns_are_those_promised(shop: Shop) -> None:
    def columns(connection: Connection) -> dict[str, list[str]]:
        found = inspect(connection)
        return {
            view: [column["name"] for column in found.get_columns(view)]
            for view in found.get_view_names()
        }

    async with shop.engine.connect() as connection:
        assert await connection.run_sync(columns) == COLUMNS


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
    for other in {name for name in COLUMNS if name.startswith("clicks_by_")} - {view}:
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
