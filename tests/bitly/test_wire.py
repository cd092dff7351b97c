"""Requests are built as Bitly wants them; what is not a 200 is the error it stands for."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.bitly.errors import Forbidden
from harvester.bitly.facets import FACETS
from harvester.bitly.wire import (
    bitlinks_request,
    deciphered,
    metric_request,
    plan_limits_request,
)
from harvester.domain.windows import Unit, Window, day_window, holding, spanning
from tests.bitly.serving import Sample, params

NOW = datetime(2026, 11, 21, 12, 30, 15, 999, tzinfo=UTC)
YESTERDAY, TODAY = day_window(date(2026, 11, 20)), day_window(date(2026, 11, 21))


def test_series_is_asked_up_to_the_last_second_of_its_last_window() -> None:
    days = list(spanning(day_window(date(2026, 11, 14)), YESTERDAY))
    request = metric_request(FACETS["clicks"], "bit.ly/2Qj2niP", days, NOW)
    assert str(request) == "GET /bitlinks/bit.ly/2Qj2niP/clicks"
    assert request.endpoint == "/bitlinks/{bitlink}/clicks"
    assert params(request) == {
        "unit": "day",
        "units": "7",
        "unit_reference": "2026-11-20T23:59:59+0000",
    }


def test_open_window_is_asked_up_to_now_and_rows_up_to_the_facets_size() -> None:
    request = metric_request(FACETS["countries"], "bit.ly/a", [TODAY], NOW)
    assert params(request)["unit_reference"] == "2026-11-21T12:30:15+0000"
    assert params(request)["size"] == "300"


def test_window_that_has_not_begun_is_refused() -> None:
    with pytest.raises(ValueError, match="not begun"):
        metric_request(FACETS["clicks"], "bit.ly/a", [day_window(date(2026, 11, 22))], NOW)


@given(
    start=st.datetimes(datetime(1990, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    unit=st.sampled_from(Unit),
)
def test_reference_of_a_past_window_lies_in_that_window(start: datetime, unit: Unit) -> None:
    window: Window = holding(start, unit)
    request = metric_request(FACETS["devices"], "bit.ly/a", [window], NOW)
    reference = datetime.fromisoformat(params(request)["unit_reference"])
    assert holding(reference, Unit(params(request)["unit"])) == window
    assert reference + timedelta(seconds=1) == window.end


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("bit.ly/Summer-24_x", "/bitlinks/bit.ly/Summer-24_x/clicks"),
        ("bit.ly/a b?c#d%", "/bitlinks/bit.ly/a%20b%3Fc%23d%25/clicks"),
        ("go.example/a/b", "/bitlinks/go.example/a%2Fb/clicks"),
        ("bücher.example/straße", "/bitlinks/b%C3%BCcher.example/stra%C3%9Fe/clicks"),
    ],
)
def test_each_half_of_a_link_is_encoded_and_the_slash_is_not(name: str, path: str) -> None:
    assert metric_request(FACETS["clicks"], name, [YESTERDAY], NOW).path == path


def test_first_page_has_no_cursor_and_later_pages_have() -> None:
    assert params(bitlinks_request("g/1", "")) == {"size": "100", "archived": "both"}
    assert params(bitlinks_request("g/1", "x+y"))["search_after"] == "x+y"
    assert bitlinks_request("g/1", "").path == "/groups/g%2F1/bitlinks"


def test_plan_limits_are_asked_of_an_organization() -> None:
    assert plan_limits_request("o1").path == "/organizations/o1/plan_limits"


def test_other_status_raises_what_it_stands_for(sample: Sample) -> None:
    with pytest.raises(Forbidden):
        deciphered(403, {}, sample("error_403_forbidden"), at=NOW)
