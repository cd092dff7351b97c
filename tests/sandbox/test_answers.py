"""Answers tell the world's truth, cut up as facts about the real API say."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from harvester.sandbox.answers import Answers, Call
from harvester.sandbox.limits import Limits
from harvester.sandbox.spans import Refused
from harvester.sandbox.switches import Switches
from harvester.sandbox.world import World
from tests.sandbox.asking import NOW, TODAY, days_ago, link, world_of

METRICS = "/bitlinks/{bitlink}/"
GROUP = "/groups/{group_guid}/"


def ask(
    world: World, endpoint: str, subject: str, query: str = "", switches: Switches | None = None
) -> Any:
    """Return the answer of `endpoint` at NOW."""
    answers = Answers(world, switches or Switches(), Limits())
    path = endpoint.replace("{sort}", "clicks")
    return answers.to(Call(endpoint, subject, path, query, NOW))


def busiest(world: World) -> str:
    names = (name for guid in world.groups for name in world.names(guid))
    return max(names, key=lambda name: world.clicks(name, TODAY))


def of_reference(days: int) -> str:
    return f"unit_reference={days_ago(days)}T23:59:59%2B0000"


def test_series_is_dense_and_newest_first(world: World) -> None:
    name = busiest(world)
    answer = ask(world, f"{METRICS}clicks", name, "unit=day&units=3")
    assert answer == {
        "link_clicks": [
            {"date": f"{days_ago(n)}T00:00:00+0000", "clicks": world.clicks(name, days_ago(n))}
            for n in range(3)
        ],
        "units": 3,
        "unit": "day",
        "unit_reference": "2026-11-20T15:30:00+0000",
    }


def test_unlimited_series_leaves_empty_days_out() -> None:
    clicks = {("bit.ly/A", days_ago(400)): 4, ("bit.ly/A", days_ago(2)): 1}
    answer = ask(world_of(link("bit.ly/A"), clicks=clicks), f"{METRICS}clicks", "bit.ly/A")
    assert [row["clicks"] for row in answer["link_clicks"]] == [1, 4]
    assert answer["units"] == -1


def test_late_clicks_of_a_day_before_all_others_show_in_the_unlimited_series() -> None:
    world = world_of(link("bit.ly/A"), clicks={("bit.ly/A", TODAY): 1})
    world.add_late("bit.ly/A", days_ago(9), 5)
    answer = ask(world, f"{METRICS}clicks", "bit.ly/A")
    assert [row["clicks"] for row in answer["link_clicks"]] == [1, 5]


@pytest.mark.parametrize(("unit", "days"), [("week", 7), ("week", 14)])
def test_week_is_the_sum_of_its_days(world: World, unit: str, days: int) -> None:
    name, sunday = busiest(world), of_reference(5)
    weeks = ask(world, f"{METRICS}clicks", name, f"unit={unit}&units={days // 7}&{sunday}")
    each = ask(world, f"{METRICS}clicks", name, f"unit=day&units={days}&{sunday}")
    assert sum(row["clicks"] for row in weeks["link_clicks"]) == sum(
        row["clicks"] for row in each["link_clicks"]
    )
    assert weeks["link_clicks"][0]["date"] == "2026-11-09T00:00:00+0000"


def test_hours_add_up_to_the_partial_day(world: World) -> None:
    name = busiest(world)
    answer = ask(world, f"{METRICS}clicks", name, "unit=hour&units=16")
    assert sum(row["clicks"] for row in answer["link_clicks"]) == world.clicks(name, TODAY)


def test_rows_of_hours_add_up_to_the_rows_of_their_day(world: World) -> None:
    name, total = busiest(world), Counter[str]()
    for hour in range(24):
        query = f"unit=hour&units=1&unit_reference={days_ago(1)}T{hour:02}:00:00%2B0000"
        rows = ask(world, f"{METRICS}countries", name, query)["metrics"]
        total.update({row["value"]: row["clicks"] for row in rows})
    truth = world.rows(name, "countries", days_ago(1))
    assert {(value,): clicks for value, clicks in total.items()} == truth


@pytest.mark.parametrize("facet", ["countries", "devices", "referrers", "referring_domains"])
def test_rows_of_one_day_are_the_truth_most_clicks_first(world: World, facet: str) -> None:
    name = busiest(world)
    answer = ask(world, METRICS + facet, name, f"units=1&size=1000&{of_reference(1)}")
    label = "device_type" if facet == "devices" else "value"
    clicks = [row["clicks"] for row in answer["metrics"]]
    assert {(row[label],): row["clicks"] for row in answer["metrics"]} == world.rows(
        name, facet, days_ago(1)
    )
    assert clicks == sorted(clicks, reverse=True)
    assert answer["facet"] == facet


def test_cities_tell_what_they_leave_out() -> None:
    rows: dict[tuple[str | None, ...], int] = {
        ("Wien", "", "9", "AT"): 5,
        ("Linz", "", "4", "AT"): 3,
        ("(other cities)", None, None, None): 2,
        ("(no city)", None, None, None): 1,
    }
    told = {("bit.ly/A", "cities", TODAY): rows}
    world = World.of({"G": [link("bit.ly/A")]}, {("bit.ly/A", TODAY): 11}, told, today=TODAY)
    answer = ask(world, f"{METRICS}cities", "bit.ly/A", "units=1&size=1")
    assert answer["metrics"] == [
        {"city": "Wien", "subregion": "", "region": "9", "country": "AT", "clicks": 5}
    ]
    assert answer["other_metrics"] == {"other_city_clicks": 5, "no_city_clicks": 1}


def test_rows_beyond_the_size_are_cut_without_a_word(world: World) -> None:
    answer = ask(world, f"{METRICS}countries", busiest(world), "units=-1&size=2")
    assert len(answer["metrics"]) == 2


def test_today_does_not_change_while_the_clock_stands(world: World) -> None:
    name = busiest(world)
    first, second = (ask(world, f"{METRICS}cities", name, "units=1") for _ in range(2))
    assert first == second
    assert first["metrics"]


def test_summary_is_the_sum_of_the_series(world: World) -> None:
    name = busiest(world)
    series = ask(world, f"{METRICS}clicks", name, "units=9")["link_clicks"]
    summary = ask(world, f"{METRICS}clicks/summary", name, "units=9")
    assert summary["total_clicks"] == sum(row["clicks"] for row in series)


def test_group_clicks_are_those_of_all_its_names(world: World) -> None:
    answer = ask(world, f"{GROUP}clicks", "B3group0", f"units=2&{of_reference(1)}")
    assert answer["data"] == [
        {
            "ts": f"{days_ago(n)}T00:00:00+0000",
            "count": sum(world.clicks(name, days_ago(n)) for name in world.names("B3group0")),
        }
        for n in (1, 2)
    ]


def test_sorted_list_has_the_clicked_ones_only_most_clicks_first() -> None:
    clicks = {("bit.ly/A", TODAY): 2, ("bit.ly/B", TODAY): 7, ("bit.ly/S", TODAY): 50}
    world = world_of(
        link("bit.ly/A", custom_ids=("bit.ly/S",)),
        link("bit.ly/B"),
        link("bit.ly/C"),
        clicks=clicks,
    )
    answer = ask(world, f"{GROUP}bitlinks/{{sort}}", "G", "units=1")
    assert answer["sorted_links"] == [
        {"id": "bit.ly/B", "clicks": 7},
        {"id": "bit.ly/A", "clicks": 2},
    ]
    assert [each["id"] for each in answer["links"]] == ["bit.ly/B", "bit.ly/A"]


def test_custom_back_halves_are_listed_as_urls_and_absent_fields_left_out() -> None:
    world = world_of(link("bit.ly/A", custom_ids=("bit.ly/Größe",)))
    listed = ask(world, f"{GROUP}bitlinks", "G")["links"]
    assert listed[0]["custom_bitlinks"] == ["https://bit.ly/Größe"]
    assert "title" not in listed[0]
    assert ask(world, "/bitlinks/{bitlink}", "bit.ly/Größe") == listed[0]


def test_history_cuts_series_and_rows_alike() -> None:
    clicks = {("bit.ly/A", days_ago(n)): 1 for n in range(9)}
    world, switches = world_of(link("bit.ly/A"), clicks=clicks), Switches(history=3)
    series = ask(world, f"{METRICS}clicks", "bit.ly/A", "units=9", switches)
    rows = ask(world, f"{METRICS}devices", "bit.ly/A", "units=9", switches)
    assert (series["units"], len(series["link_clicks"]), rows["units"]) == (3, 3, 3)
    assert sum(row["clicks"] for row in rows["metrics"]) == 3


def test_history_can_be_told_as_zeros() -> None:
    clicks = {("bit.ly/A", days_ago(n)): 1 for n in range(9)}
    switches = Switches(history=3, history_as_zeros=True)
    world = world_of(link("bit.ly/A"), clicks=clicks)
    answer = ask(world, f"{METRICS}clicks", "bit.ly/A", "units=5", switches)
    assert [row["clicks"] for row in answer["link_clicks"]] == [1, 1, 1, 0, 0]
    assert answer["units"] == 5


def test_units_can_tell_of_a_history_that_is_told_as_zeros() -> None:
    clicks = {("bit.ly/A", days_ago(n)): 1 for n in range(9)}
    switches = Switches(history=3, history_as_zeros=True, history_units=True)
    world = world_of(link("bit.ly/A"), clicks=clicks)
    answer = ask(world, f"{METRICS}clicks", "bit.ly/A", "units=5", switches)
    assert [row["clicks"] for row in answer["link_clicks"]] == [1, 1, 1, 0, 0]
    assert answer["units"] == 3


def test_a_week_partly_before_the_history_counts_what_may_be_seen() -> None:
    clicks = {("bit.ly/A", days_ago(n)): 1 for n in range(9)}
    world, switches = world_of(link("bit.ly/A"), clicks=clicks), Switches(history=2)
    answer = ask(world, f"{METRICS}clicks", "bit.ly/A", "unit=week&units=2", switches)
    assert [row["clicks"] for row in answer["link_clicks"]] == [2]


def test_days_after_today_are_empty() -> None:
    clicks = {("bit.ly/A", TODAY + timedelta(days=1)): 9}
    answer = ask(
        world_of(link("bit.ly/A"), clicks=clicks),
        f"{METRICS}clicks",
        "bit.ly/A",
        "units=2&" + of_reference(-1),
    )
    assert [row["clicks"] for row in answer["link_clicks"]] == [0, 0]


@pytest.mark.parametrize(
    ("switches", "status"),
    [
        (Switches(refused={"cities"}), 402),
        (Switches(refused={f"{METRICS}cities"}), 402),
        (Switches(forbidden={"bit.ly/A"}), 403),
        (Switches(not_found={"bit.ly/A"}), 404),
        (Switches(gone={"bit.ly/A"}), 410),
    ],
)
def test_switches_refuse_a_facet_or_a_bitlink(switches: Switches, status: int) -> None:
    with pytest.raises(Refused) as refused:
        ask(world_of(link("bit.ly/A")), f"{METRICS}cities", "bit.ly/A", "", switches)
    assert refused.value.status == status


@pytest.mark.parametrize(
    ("call", "status", "code"),
    [
        (Call(f"{METRICS}clicks", "bit.ly/a", "", "", NOW), 404, ""),
        (Call("/groups/{group_guid}", "H", "", "", NOW), 403, ""),
        (Call("/organizations/{organization_guid}", "P", "", "", NOW), 403, ""),
        (Call("/groups", "", "", "organization_guid=P", NOW), 403, ""),
        (Call(f"{GROUP}bitlinks/{{sort}}", "G", "/v4/x/top", "", NOW), 400, "INVALID_ARG_SORT"),
        (
            Call(f"{GROUP}bitlinks/{{sort}}", "G", "/clicks", "size=101", NOW),
            400,
            "INVALID_ARG_SIZE",
        ),
        (Call(f"{METRICS}countries", "bit.ly/A", "", "size=e", NOW), 400, "INVALID_ARG_SIZE"),
    ],
)
def test_what_is_not_there_or_not_well_put_is_refused(call: Call, status: int, code: str) -> None:
    answers = Answers(world_of(link("bit.ly/A")), Switches(), Limits())
    with pytest.raises(Refused) as refused:
        answers.to(call)
    assert (refused.value.status, refused.value.code) == (status, code)


def test_misspelt_and_foreign_arguments_are_ignored(world: World) -> None:
    name = busiest(world)
    plain = ask(world, f"{METRICS}clicks", name, "units=2")
    assert ask(world, f"{METRICS}clicks", name, "units=2&size=e&days=9") == plain


def test_limits_are_told_from_the_counters_that_count() -> None:
    world, limits = world_of(), Limits(per_hour=1_000, per_month=500, used_before=4)
    answers = Answers(world, Switches(), limits)
    limits.taken("/groups", NOW)
    call = Call("/user/platform_limits", "", "", "path=/groups", NOW)
    assert answers.to(call)["platform_limits"] == [
        {"endpoint": "/groups", "methods": [{"name": "GET", "limit": 1_000, "count": 1}]}
    ]
    plan = Call("/organizations/{organization_guid}/plan_limits", "O1sandbox", "", "", NOW)
    row = next(row for row in answers.to(plan)["plan_limits"] if row["name"] == "api_requests")
    assert (row["limit"], row["count"]) == (500, 5)
    limits_of_none = Answers(world, Switches(), Limits()).to(replace(plan))["plan_limits"]
    assert [row["name"] for row in limits_of_none] == ["encodes"]
