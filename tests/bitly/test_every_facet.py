"""Answers of every facet beside the six: as recorded where there is a record, else as specified."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from harvester.bitly.errors import UnexpectedShape
from harvester.bitly.facets import FACETS, Facet, sized
from harvester.bitly.wire import metric_request
from harvester.domain.snapshots import Reading, Row
from harvester.domain.windows import Unit, Window, day_window, spanning
from tests.bitly.serving import Sample

DAY = day_window(date(2026, 11, 20))
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ALONG = list(spanning(day_window(date(2014, 3, 28)), day_window(date(2020, 1, 18))))
SPAN = {"unit": "day", "units": 1, "unit_reference": "2026-11-20T23:59:59+0000"}
AT = "2026-11-20T00:00:00+0000"
CITY = {"city": "New York", "subregion": "", "region": "NY", "country": "US"}


def read(facet: str, body: dict[str, Any]) -> Reading:
    [reading] = FACETS[facet].parse(body, [DAY]).readings
    return reading


def of_one_day(sample: dict[str, Any]) -> dict[str, Any]:
    """A recorded answer over all time, as it would be of a single day."""
    return {**sample, "units": 1}


@pytest.mark.parametrize(
    ("facet", "name", "rows"),
    [
        ("group_countries", "2020_group_countries", {("PL",): 42, ("GB",): 36}),
        (
            "group_referring_networks",
            "2020_group_referring_networks",
            {("direct",): 167, ("other",): 9, ("twitter",): 4, ("facebook",): 1},
        ),
        (
            "referrers_by_domains",
            "2020_bitlink_referrers_by_domains_epoch_unit_reference",
            {
                ("twitter", "http://t.co/"): 30,
                ("twitter", "http://twitterrific.com/referrer"): 1,
                ("direct", "direct"): 4,
            },
        ),
        (
            "group_top_bitlinks",
            "2021_group_bitlinks_clicks_sorted_links",
            {("bit.ly/2ODsGly",): 2},
        ),
    ],
)
def test_recorded_rows_are_read(
    sample: Sample, facet: str, name: str, rows: dict[tuple[str, ...], int]
) -> None:
    found = read(facet, of_one_day(json.loads(sample(name))))
    told = {row.labels: row.clicks for row in found.rows}
    assert {labels: told[labels] for labels in rows} == rows
    assert found.total == sum(told.values())


@pytest.mark.parametrize("facet", ["group_shorten_counts", "organization_shorten_counts"])
def test_recorded_shorten_counts_have_the_date_for_a_key(sample: Sample, facet: str) -> None:
    body = json.loads(sample("2020_group_shorten_counts"))
    answer = FACETS[facet].parse(body, ALONG)
    counts = {f"{each.window}": each.total for each in answer.readings if each.total}
    assert counts == {"2019-04-17": 1, "2020-01-02": 2}
    assert len(answer.readings) == len(ALONG)


def test_referrers_by_domain_are_read_as_the_specification_has_them_too() -> None:
    referrers = [{"key": "http://t.co/", "value": 30}, {"key": "t.co", "value": 1}]
    body = {**SPAN, "referrers_by_domain": [{"network": "twitter", "referrers": referrers}]}
    found = read("referrers_by_domains", body)
    assert found.rows == (Row(("twitter", "http://t.co/"), 30), Row(("twitter", "t.co"), 1))


@pytest.mark.parametrize("referrer", [{"value": 3}, {"value": "t.co"}, {"key": "t.co"}])
def test_a_referrer_that_lacks_its_name_or_number_is_no_zero(referrer: dict[str, Any]) -> None:
    body = {**SPAN, "referrers_by_domain": [{"network": "twitter", "referrers": [referrer]}]}
    with pytest.raises(UnexpectedShape):
        read("referrers_by_domains", body)


@pytest.mark.parametrize(
    ("facet", "row", "labels"),
    [
        ("referrer_name", {"value": "direct", "clicks": 4}, ("direct",)),
        ("custom_clicks_by_destination", {"value": "https://a.b", "clicks": 4}, ("https://a.b",)),
        ("group_cities", {**CITY, "clicks": 4}, tuple(CITY.values())),
        ("group_devices", {"device_type": "Desktop", "clicks": 4}, ("Desktop",)),
        ("group_devices", {"value": "Desktop", "clicks": 4}, ("Desktop",)),
        ("group_referrers", {"value": "direct", "clicks": 4}, ("direct",)),
        ("qr_countries", {"value": "US", "scans": 4}, ("US",)),
        ("qr_cities", {**CITY, "scans": 4}, tuple(CITY.values())),
        ("qr_device_os", {"value": "Apple", "scans": 4}, ("Apple",)),
        ("qr_browsers", {"value": "Google Chrome", "scans": 4}, ("Google Chrome",)),
    ],
)
def test_rows_are_read_as_specified(
    facet: str, row: dict[str, Any], labels: tuple[str, ...]
) -> None:
    found = read(facet, {**SPAN, "metrics": [row]})
    assert found == Reading(DAY, 4, (Row(labels, 4),))
    with pytest.raises(UnexpectedShape):
        read(facet, {**SPAN, "metrics": [{**row, "clicks": None, "scans": None}]})


def test_scans_of_no_city_and_of_other_cities_are_rows_as_well() -> None:
    others = {"other_city_scans": 3, "no_city_scans": 2}
    found = read("qr_cities", {**SPAN, "metrics": [], "other_metrics": others})
    assert [row.clicks for row in found.rows] == [3, 2]


@pytest.mark.parametrize(
    ("facet", "body"),
    [
        ("qr_scans", {"scans": [{"date": AT, "scans": 7}]}),
        ("custom_clicks", {"link_clicks": [{"date": AT, "clicks": 7}]}),
        ("group_clicks", {"data": [{"ts": AT, "count": 7}]}),
    ],
)
def test_series_are_read_as_specified(facet: str, body: dict[str, Any]) -> None:
    assert read(facet, {**SPAN, **body}) == Reading(DAY, 7)


def test_engagements_are_told_apart() -> None:
    sorts = {"lib_button_clicks": 0, "clicks": 5, "scans": 2}
    body = {"engagements": [{"date": AT, "engagement_count": 7, "engagements": sorts}]}
    assert read("engagements", {**SPAN, **body}) == Reading(
        DAY, 7, (Row(("clicks",), 5), Row(("scans",), 2))
    )


def hours(facet: Facet, now: datetime, day: Window) -> list[Window]:
    return list(facet.asked([day], now))


def test_a_day_is_asked_and_read_by_the_hour() -> None:
    facet = FACETS["clicks_by_hour"]
    asked = hours(facet, NOW, DAY)
    query = metric_request(facet, "bit.ly/a", asked, NOW).query
    assert query == "unit=hour&units=24&unit_reference=2026-11-20T23%3A59%3A59%2B0000"
    body = {
        "link_clicks": [{"date": "2026-11-20T23:00:00+0000", "clicks": 2}],
        "unit": "hour",
        "units": 24,
    }
    [reading] = facet.parse(body, asked).readings
    assert reading == Reading(DAY, 2, (Row(("23",), 2),))


def test_of_today_no_hour_is_asked_that_has_not_begun() -> None:
    facet, today = FACETS["clicks_by_hour"], day_window(NOW.date())
    asked = hours(facet, NOW, today)
    assert (asked[0].start, asked[-1]) == (today.start, Window(NOW, Unit.HOUR))
    body = {"link_clicks": [], "unit": "hour", "units": len(asked)}
    assert facet.parse(body, asked).readings == (Reading(today, 0),)


def test_hours_beyond_the_history_are_no_zeros() -> None:
    facet = FACETS["clicks_by_hour"]
    body = {"link_clicks": [], "unit": "hour", "units": 3}
    answer = facet.parse(body, hours(facet, NOW, DAY))
    assert (answer.readings, answer.beyond) == ((), (DAY,))


def test_links_made_by_group_are_of_the_present_month_and_asked_without_arguments() -> None:
    facet = FACETS["organization_shorten_counts_by_group"]
    month = Window(datetime(2026, 11, 1, tzinfo=UTC), Unit.MONTH)
    request = metric_request(facet, "O1", [month], NOW)
    assert (request.path, request.query) == ("/organizations/O1/shorten_counts_by_group", "")
    answer = facet.parse({"metrics": [{"key": "B1", "value": 3}], "unit": "day"}, [month])
    assert answer.readings == (Reading(month, 3, (Row(("B1",), 3),)),)


def test_a_ranking_is_of_so_many_by_nature_and_not_called_cut() -> None:
    facet = sized(FACETS["group_top_bitlinks"], 2)
    links = [{"id": f"bit.ly/{n}", "clicks": 9 - n} for n in range(3)]
    [reading] = facet.parse({"sorted_links": links}, [DAY]).readings
    assert (len(reading.rows), reading.cut) == (2, False)
