"""Every recorded answer is read; whatever else comes is refused rather than read as a zero."""

import json
from datetime import date
from itertools import chain
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.bitly.errors import UnexpectedShape
from harvester.bitly.facets import DEFAULT, FACETS, Answer, Facet
from harvester.domain.snapshots import Reading, Row
from harvester.domain.subjects import Kind
from harvester.domain.windows import Unit, Window, day_window, days_of, holding, spanning
from tests.bitly.serving import Sample

DAY = day_window(date(2026, 11, 20))
WEEK = list(spanning(day_window(date(2026, 11, 14)), DAY))
counts = st.integers(0, 2**53)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["link_clicks", "metrics", "clicks", "date", "value", "city", "units", "unit"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


def series(*clicks: tuple[Window, int], **more: object) -> dict[str, Any]:
    rows = [{"date": f"{day.start:%Y-%m-%dT%H:%M:%S+0000}", "clicks": n} for day, n in clicks]
    return {"link_clicks": rows} | more


def totals(answer: Answer) -> dict[Window, int]:
    return {reading.window: reading.total for reading in answer.readings}


def one(name: str, answer: object, window: Window = DAY) -> Reading:
    (reading,) = FACETS[name].parse(answer, [window]).readings
    return reading


def test_registry_begins_with_the_six_facets_that_most_people_look_at() -> None:
    six = ("clicks", "countries", "cities", "devices", "referrers", "referring_domains")
    assert six == DEFAULT
    assert tuple(FACETS)[:6] == six
    assert [FACETS[name].series for name in six] == [True] + 5 * [False]
    assert FACETS["cities"].columns == ("city", "subregion", "region", "country")
    assert all(name in FACETS[name].endpoint for name in six)


@pytest.mark.parametrize("facet", FACETS.values(), ids=lambda each: each.name)
def test_facet_is_asked_of_its_kind_and_proved_by_a_series_of_the_same_kind(facet: Facet) -> None:
    placeholder = {
        Kind.BITLINK: "{bitlink}",
        Kind.CUSTOM_BITLINK: "{custom_bitlink}",
        Kind.GROUP: "{group_guid}",
        Kind.ORGANIZATION: "{organization_guid}",
        Kind.QR_CODE: "{qrcode_id}",
    }
    assert placeholder[facet.kind] in facet.endpoint
    assert FACETS[facet.proved_by].kind is facet.kind
    assert FACETS[facet.proved_by].series or facet.bare
    assert len(facet.columns) <= 4


def test_path_keeps_the_slash_of_a_bitlink_and_nothing_else() -> None:
    assert FACETS["clicks"].path("bit.ly/50%-off") == "/bitlinks/bit.ly/50%25-off/clicks"
    assert FACETS["group_top_bitlinks"].path("Bk1") == "/groups/Bk1/bitlinks/clicks"
    assert FACETS["qr_scans"].path("Q?1") == "/qr-codes/Q%3F1/scans"


def test_recorded_sparse_series_of_all_time_is_zero_where_it_says_nothing(sample: Sample) -> None:
    days = list(spanning(day_window(date(2014, 3, 10)), day_window(date(2016, 8, 31))))
    said = totals(
        FACETS["clicks"].parse(json.loads(sample("2020_bitlink_clicks_units-1_sparse")), days)
    )
    assert sum(said.values()) == 35
    assert said[day_window(date(2014, 3, 11))] == 17
    assert said[day_window(date(2014, 3, 12))] == 0
    assert len(said) == len(days)


def test_recorded_dense_series_is_read(sample: Sample) -> None:
    answer = json.loads(sample("2025_bitlink_clicks_growth_dense_ABRIDGED"))
    days = list(spanning(day_window(date(2025, 10, 12)), day_window(date(2025, 10, 13))))
    assert list(totals(FACETS["clicks"].parse(answer, days)).values()) == [0, 1]


def test_recorded_countries_of_a_day_are_read(sample: Sample) -> None:
    reading = one("countries", json.loads(sample("2023_bitlink_countries_units1")))
    assert reading == Reading(DAY, 6, (Row(("US",), 4), Row(("GB",), 2)))


def test_recorded_referrers_of_a_week_are_read(sample: Sample) -> None:
    week = holding(DAY.start, Unit.WEEK)
    reading = one("referrers", json.loads(sample("2023_bitlink_referrers_units1_week")), week)
    assert reading.rows == (Row(("direct",), 4), Row(("X (Formerly Twitter)",), 2))


def test_recorded_referrers_add_up_to_the_recorded_summary(sample: Sample) -> None:
    answer = json.loads(sample("2025_bitlink_referrers_growth_COMPLETE")) | {"units": 1}
    assert one("referrers", answer).total == 3646


@pytest.mark.parametrize("name", ["2020_bitlink_referrers", "2020_bitlink_referring_domains"])
def test_answer_over_all_time_is_no_reading_of_a_day(sample: Sample, name: str) -> None:
    facet = FACETS[name.removeprefix("2020_bitlink_")]
    answer = json.loads(sample(name))
    assert facet.parse(answer | {"units": 1}, [DAY]).readings[0].total == 35
    with pytest.raises(UnexpectedShape, match="-1 windows"):
        facet.parse(answer, [DAY])


@given(st.lists(counts, min_size=7, max_size=7), st.randoms(), st.booleans())
def test_series_comes_back_in_order_dense_or_sparse(
    numbers: list[int], dice: Any, dense: bool
) -> None:
    pairs = [(day, n) for day, n in zip(WEEK, numbers, strict=True) if dense or n]
    dice.shuffle(pairs)
    answer = FACETS["clicks"].parse(series(*pairs, units=7, unit="day"), WEEK)
    assert list(totals(answer).items()) == list(zip(WEEK, numbers, strict=True))
    assert answer.beyond == ()


@pytest.mark.parametrize("units", [None, -1, 7, 8])
def test_units_that_cover_the_question_leave_nothing_beyond(units: int | None) -> None:
    answer = FACETS["clicks"].parse(series((WEEK[3], 5), units=units), WEEK)
    assert (len(answer.readings), answer.beyond) == (7, ())


def test_windows_that_the_answers_units_leave_out_are_beyond_and_not_zero() -> None:
    answer = FACETS["clicks"].parse(series((WEEK[6], 2), (WEEK[0], 0), units=3), WEEK)
    assert totals(answer) == {WEEK[4]: 0, WEEK[5]: 0, WEEK[6]: 2}
    assert answer.beyond == tuple(WEEK[:4])


def test_click_from_beyond_the_answers_units_is_kept() -> None:
    answer = FACETS["clicks"].parse(series((WEEK[1], 4), units=2), WEEK)
    assert totals(answer) == {WEEK[1]: 4, WEEK[5]: 0, WEEK[6]: 0}


def test_facet_window_that_units_leave_out_is_beyond() -> None:
    assert FACETS["countries"].parse({"metrics": [], "units": 0}, [DAY]) == Answer((), (DAY,))


def test_same_day_told_twice_alike_is_taken_once() -> None:
    assert totals(FACETS["clicks"].parse(series((DAY, 3), (DAY, 3)), [DAY])) == {DAY: 3}


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        ({}, "link_clicks"),
        ({"link_clicks": None}, "link_clicks"),
        ({"data": []}, "link_clicks"),
        (series((DAY, -1)), r"link_clicks\[0\]\.clicks"),
        (series((DAY, 2**63)), "clicks"),
        ({"link_clicks": [{"date": "2026-11-20T00:00:00+0000", "clicks": True}]}, "clicks"),
        ({"link_clicks": [{"date": "2026-11-20T00:00:00+0000", "clicks": 1.0}]}, "clicks"),
        ({"link_clicks": [{"date": "2026-11-20T00:00:00+0000", "clicks": "1"}]}, "clicks"),
        ({"link_clicks": [{"date": "2026-11-20T00:00:00+0000"}]}, "clicks"),
        ({"link_clicks": [{"date": 1763596800, "clicks": 1}]}, "date"),
        ({"link_clicks": [{"date": "2026-11-20", "clicks": 1}]}, "offset"),
        ({"link_clicks": [{"date": "2026-11-20T05:00:00+0000", "clicks": 1}]}, "no window"),
        (series((day_window(date(2026, 11, 13)), 1)), "no window"),
        (series((DAY, 1), (DAY, 2)), "two different counts"),
        (series((DAY, 1), unit="week"), "week"),
    ],
)
def test_wrong_series_is_refused_by_name(answer: object, named: str) -> None:
    with pytest.raises(UnexpectedShape, match=named):
        FACETS["clicks"].parse(answer, WEEK)


@pytest.mark.parametrize(
    ("name", "answer", "named"),
    [
        ("countries", {"metrics": None}, "metrics"),
        ("countries", {"metrics": [{"country": "US", "clicks": 1}]}, "value"),
        ("countries", {"metrics": [{"value": "US", "clicks": 1.5}]}, r"metrics\[0\]\.clicks"),
        ("countries", {"metrics": [], "units": 134}, "134 windows"),
        ("countries", {"metrics": [], "unit": "month"}, "month"),
        ("devices", {"metrics": [{"clicks": 1}]}, "device_type"),
        ("cities", {"metrics": [{"clicks": 1}]}, "city"),
        ("cities", {"metrics": [], "other_metrics": {"no_city_clicks": -3}}, "no_city_clicks"),
        ("referrers", {"metrics": [{"value": "a", "clicks": 2**62}] * 2}, "add up"),
    ],
)
def test_wrong_facet_is_refused_by_name(name: str, answer: object, named: str) -> None:
    with pytest.raises(UnexpectedShape, match=named):
        FACETS[name].parse(answer, [DAY])


def test_rows_with_like_labels_are_added_and_empty_rows_left_out() -> None:
    metrics = [("a", 1), ("b", 0), (None, 2), ("a", 3), ("", 4)]
    answer = {"metrics": [{"value": label, "clicks": n} for label, n in metrics]}
    assert one("referrers", answer).rows == (Row(("a",), 4), Row((None,), 2), Row(("",), 4))


def test_device_is_called_device_type_or_value() -> None:
    metrics = [
        {"device_type": "Desktop", "clicks": 2},
        {"value": "Mobile", "clicks": 3},
        {"device_type": None, "clicks": 1},
    ]
    reading = one("devices", {"metrics": metrics})
    assert reading.rows == (Row(("Desktop",), 2), Row(("Mobile",), 3), Row((None,), 1))


def test_clicks_of_other_and_no_cities_are_rows_of_their_own() -> None:
    york = {"city": "New York", "subregion": "", "region": "NY", "country": "US", "clicks": 5}
    other = {"other_city_clicks": 7, "no_city_clicks": 0}
    reading = one("cities", {"metrics": [york], "other_metrics": other})
    assert reading.total == 12
    assert reading.rows == (
        Row(("New York", "", "NY", "US"), 5),
        Row(("(other cities)", None, None, None), 7),
    )
    none = one("cities", {"metrics": [], "other_metrics": {"no_city_clicks": 1}})
    assert none.rows == (Row(("(no city)", None, None, None), 1),)


@pytest.mark.parametrize(("rows", "cut"), [(299, False), (300, True), (301, True)])
def test_answer_as_long_as_was_asked_for_is_marked_as_cut(rows: int, cut: bool) -> None:
    metrics = [{"value": str(n), "clicks": 1} for n in range(rows)]
    assert one("countries", {"metrics": metrics}).cut is cut


@pytest.mark.parametrize("name", FACETS)
@settings(max_examples=50)
@given(answer=json_values)
def test_garbage_never_yields_a_zero_that_was_not_there(name: str, answer: Any) -> None:
    try:
        read = FACETS[name].parse(answer, [DAY])
    except UnexpectedShape:
        return
    rows = answer["link_clicks" if name in {"clicks", "custom_clicks"} else "metrics"]
    assert isinstance(rows, list)
    assert sum(reading.total for reading in read.readings) == sum(row["clicks"] for row in rows)
    assert all(row.clicks > 0 for row in chain(*(reading.rows for reading in read.readings)))


def test_days_of_a_week_are_read_as_that_week() -> None:
    week = holding(DAY.start, Unit.WEEK)
    answer = {"metrics": [{"value": "DE", "clicks": 4}], "unit": "day", "units": 7}
    found = FACETS["countries"].parse(answer, days_of(week))
    assert found == Answer((Reading(week, 4, (Row(("DE",), 4),)),))


@pytest.mark.parametrize("units", [0, 3])
def test_days_of_a_week_that_is_cut_tell_nothing(units: int) -> None:
    days = days_of(holding(DAY.start, Unit.WEEK))
    answer = {"metrics": [], "unit": "day", "units": units}
    assert FACETS["countries"].parse(answer, days) == Answer((), days[: 7 - units])
