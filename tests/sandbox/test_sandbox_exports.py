"""Exports tell the world's truth in a CSV, in each way that the specification leaves open."""

import csv
import io
import json
from base64 import b64decode
from datetime import date, timedelta
from typing import Any

import pytest

from harvester.domain.rosters import BitlinkDetails
from harvester.domain.windows import day_window
from harvester.sandbox.answers import Answers, Call
from harvester.sandbox.catalogue import Rows
from harvester.sandbox.limits import Limits
from harvester.sandbox.spans import Refused
from harvester.sandbox.switches import Exports, Switches
from harvester.sandbox.world import World
from tests.sandbox.asking import NOW, TODAY, Api, days_ago, link, world_of

ENDPOINT = "/groups/{group_guid}/exports"
BATCH = {"export_type": "link_engagements_batch"}
DAY = day_window(days_ago(1))
BEGIN, END = int(DAY.start.timestamp()), int(DAY.end.timestamp()) - 1
ODD = 'He said "yes", =1+1,\r\nüber'


def ask(world: World, body: object, switches: Switches | None = None) -> Any:
    answers = Answers(world, switches or Switches(), Limits())
    guid = next(iter(world.groups))
    return answers.to(Call(ENDPOINT, guid, "", "", NOW, json.dumps(body).encode()))


def table(answer: Any) -> list[dict[str, str]]:
    head, _, data = answer["data_uri"].partition(",")
    assert head == "data:text/csv;base64"
    found = list(csv.DictReader(io.StringIO(b64decode(data).decode(), newline="")))
    assert answer["row_count"] == len(found)
    return found


def batch(*names: str, **more: Any) -> dict[str, Any]:
    return {**BATCH, "bitlinks": list(names), "unix_from": BEGIN, "unix_to": END, **more}


def small() -> World:
    clicks = {("bit.ly/a", days_ago(1)): 7, ("bit.ly/a", TODAY): 3, ("bit.ly/c", days_ago(1)): 2}
    rows: dict[tuple[str, str, date], Rows] = {
        ("bit.ly/a", "referrers", days_ago(1)): {("Bitly QR Code",): 5, ("direct",): 2}
    }
    first, other = link("bit.ly/a", title=ODD, custom_ids=("bit.ly/c",)), link("bit.ly/b")
    return World.of({"G": [first, other]}, clicks, rows, today=TODAY)


def test_a_batch_tells_the_clicks_of_a_day_by_name() -> None:
    answer = ask(small(), batch("bit.ly/c", "bit.ly/a", "bit.ly/b", "bit.ly/unknown"))
    assert [(row["link"], row["clicks"]) for row in table(answer)] == [
        ("bit.ly/c", "2"),
        ("bit.ly/a", "7"),
        ("bit.ly/b", "0"),
    ]
    assert table(answer)[1]["title"] == ODD
    assert (answer["unix_from"], answer["unix_to"], answer["truncated"]) == (BEGIN, END, False)
    assert answer["columns"] == ["link", "title", "clicks", "scans", "button_clicks"]


def test_a_batch_adds_up_the_days_of_its_range() -> None:
    answer = ask(small(), batch("bit.ly/a", unix_to=int(NOW.timestamp())))
    assert table(answer)[0]["clicks"] == "10"


@pytest.mark.parametrize(("apart", "clicks"), [(False, "7"), (True, "2")])
def test_scans_are_within_the_clicks_or_beside_them(apart: bool, clicks: str) -> None:
    switches = Switches(exports=Exports(scans_apart=apart))
    row = table(ask(small(), batch("bit.ly/a"), switches))[0]
    assert (row["clicks"], row["scans"]) == (clicks, "5")


def test_columns_have_the_names_and_the_order_that_are_switched_on() -> None:
    columns = {"clicks": "Clicks", "link": "Short Link"}
    switches = Switches(exports=Exports(columns, with_scheme=True))
    answer = ask(small(), batch("bit.ly/a"), switches)
    assert answer["columns"] == ["Clicks", "Short Link"]
    assert table(answer) == [{"Clicks": "7", "Short Link": "https://bit.ly/a"}]


def test_more_links_than_its_rows_are_cut_off() -> None:
    answer = ask(small(), batch("bit.ly/a", "bit.ly/b"), Switches(exports=Exports(most=1)))
    assert (answer["truncated"], answer["row_count"]) == (True, 1)


def test_a_range_before_the_plans_history_is_clamped_and_says_so() -> None:
    answer = ask(small(), batch("bit.ly/a", unix_to=int(NOW.timestamp())), Switches(history=1))
    assert answer["unix_from"] == BEGIN + 86_400
    assert table(answer)[0]["clicks"] == "3"


def test_a_list_of_links_is_told_with_or_without_metrics() -> None:
    body = {"export_type": "links_list", "filter": {"archived": "both"}}
    assert "clicks" not in table(ask(small(), body))[0]
    with_metrics = {**body, "include_metrics": True, "unix_from": BEGIN, "unix_to": END}
    found = {row["link"]: row["clicks"] for row in table(ask(small(), with_metrics))}
    assert found == {"bit.ly/a": "7", "bit.ly/b": "0"}


@pytest.mark.parametrize(("metrics", "most"), [(True, 200), (False, 1_000)])
def test_a_list_of_links_is_cut_at_its_rows(metrics: bool, most: int) -> None:
    world = world_of(*(BitlinkDetails(f"bit.ly/{n}", "", "") for n in range(1_001)))
    body = {"export_type": "links_list", "filter": {}, "include_metrics": metrics}
    answer = ask(world, body)
    assert (answer["row_count"], answer["truncated"]) == (most, True)


def test_codes_are_those_of_the_group() -> None:
    world = small()
    rows = table(ask(world, {"export_type": "qr_codes_list", "filter": {}}))
    codes = [code for guid in world.groups for code in world.shelf.of("qr_codes", guid)]
    assert {row["qrcode_id"] for row in rows} <= {code.guid for code in codes}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([], 400),
        ({"export_type": "links"}, 400),
        (batch("bit.ly/a", unix_from=END + 1, unix_to=BEGIN), 400),
        (batch(), 422),
        (batch("bit.ly/a", filter={}), 422),
        ({"export_type": "links_list"}, 422),
    ],
)
def test_a_bad_question_is_refused(body: object, status: int) -> None:
    with pytest.raises(Refused) as refused:
        ask(small(), body)
    assert refused.value.status == status


async def test_exports_are_posted_and_nothing_else_is(api: Api) -> None:
    guid = next(iter(api.sandbox.world.groups))
    name = next(api.sandbox.world.names(guid))
    assert (await api.post(f"/groups/{guid}/exports", batch(name))).status == 200
    assert (await api.get(f"/groups/{guid}/exports")).status == 405
    assert (await api.post(f"/groups/{guid}", {})).status == 405
    assert api.sandbox.requests["POST", ENDPOINT] == 1
    told = (await api.get("/user/platform_limits")).json["platform_limits"]
    [limit] = [each for each in told if each["endpoint"] == ENDPOINT]
    assert [(each["name"], each["count"]) for each in limit["methods"]] == [("POST", 1)]


async def test_exports_that_the_plan_does_not_hold_ask_for_an_upgrade(api: Api) -> None:
    api.sandbox.switches.refused.add(ENDPOINT)
    guid = next(iter(api.sandbox.world.groups))
    assert (await api.post(f"/groups/{guid}/exports", batch("bit.ly/a"))).status == 402


def test_clicks_that_are_lacking_do_not_add_up() -> None:
    switches = Switches(exports=Exports(lacking=1))
    assert table(ask(small(), batch("bit.ly/a"), switches))[0]["clicks"] == "6"


def test_nothing_is_told_of_days_to_come() -> None:
    later = int((NOW + timedelta(days=3)).timestamp())
    answer = ask(small(), batch("bit.ly/a", unix_to=later))
    assert table(answer)[0]["clicks"] == "10"
