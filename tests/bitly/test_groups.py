"""A group's clicks and its most clicked links: nothing is read into them that was not said."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.bitly.errors import UnexpectedShape
from harvester.bitly.groups import group_clicks, sorted_links
from harvester.bitly.wire import group_clicks_request, sorted_request
from harvester.domain.windows import day_window
from tests.bitly.serving import params

SAMPLES = Path(__file__).parents[1] / "samples"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAYS = tuple(day_window(date(2026, 11, 21) - timedelta(days=back)) for back in range(4, -1, -1))


def answer(counts: dict[Any, Any], units: int = 5) -> dict[str, Any]:
    data = [{"ts": ts, "count": count} for ts, count in counts.items()]
    return {"unit": "day", "units": units, "unit_reference": "whatever", "data": data}


def test_dates_and_unix_seconds_both_name_a_day() -> None:
    said = answer({"2026-11-21T00:00:00+0000": 3, int(DAYS[0].start.timestamp()): 5})
    totals = [reading.total for reading in group_clicks(said, DAYS).readings]
    assert totals == [5, 0, 0, 0, 3]


def test_days_beyond_the_plans_history_have_no_total() -> None:
    found = group_clicks(answer({"2026-11-21T00:00:00+0000": 3}, units=2), DAYS)
    assert [reading.window for reading in found.readings] == list(DAYS[3:])
    assert found.beyond == DAYS[:3]


@pytest.mark.parametrize(
    "wrong",
    [
        {"link_clicks": []},
        {"data": [{"ts": "yesterday", "count": 1}]},
        {"data": [{"ts": 10**20, "count": 1}]},
        {"data": [{"ts": "2026-11-01T00:00:00+0000", "count": 1}]},
        {"data": [{"ts": "2026-11-21T00:00:00+0000"}]},
        {"data": [{"ts": "2026-11-21T00:00:00+0000", "count": -1}]},
        {"data": None},
        [],
    ],
)
def test_another_shape_is_no_zero(wrong: object) -> None:
    with pytest.raises(UnexpectedShape):
        group_clicks(wrong, DAYS)


def test_a_recorded_list_names_its_links() -> None:
    recorded = (SAMPLES / "2021_group_bitlinks_clicks_sorted_links.json").read_text()
    found = sorted_links(json.loads(recorded))
    assert found.clicks["bit.ly/2ODsGly"] == 2
    assert len(found.clicks) == 5
    assert not found.full


@given(counts=st.lists(st.integers(0, 3), max_size=8))
def test_a_list_is_full_only_if_more_links_may_have_clicks(counts: list[int]) -> None:
    said = {"sorted_links": [{"id": f"bit.ly/{n}", "clicks": c} for n, c in enumerate(counts)]}
    assert sorted_links(said, size=5).full is (len(counts) >= 5 and 0 not in counts)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"sorted_links": [{"id": "nothing", "clicks": 1}]},
        {"sorted_links": [{"id": "bit.ly/a", "clicks": 1}, {"id": "bit.ly/a", "clicks": 2}]},
        {"sorted_links": [{"id": "bit.ly/a", "clicks": True}]},
    ],
)
def test_a_list_that_cannot_be_is_refused(wrong: object) -> None:
    with pytest.raises(UnexpectedShape):
        sorted_links(wrong)


def test_both_ask_for_whole_windows_up_to_now() -> None:
    request = group_clicks_request("Bg/1", DAYS, NOW)
    assert request.path == "/groups/Bg%2F1/clicks"
    assert params(request)["units"] == "5"
    assert params(request)["unit_reference"] == "2026-11-21T12:00:00+0000"
    request = sorted_request("Bg1", DAYS[:1], NOW)
    assert (request.path, params(request)["size"]) == ("/groups/Bg1/bitlinks/clicks", "100")
    assert params(request)["unit_reference"] == "2026-11-17T23:59:59+0000"
