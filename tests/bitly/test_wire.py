"""Requests are built as Bitly wants them; bodies are read, leniently where that loses nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.bitly.errors import Forbidden, NotJson
from harvester.bitly.facets import FACETS
from harvester.bitly.wire import bitlinks_request, deciphered, metric_request, plan_limits_request
from harvester.domain.windows import Unit, Window, day_window, holding, spanning
from tests.bitly.serving import Sample

NOW = datetime(2026, 11, 21, 12, 30, 15, 999, tzinfo=UTC)
YESTERDAY, TODAY = day_window(date(2026, 11, 20)), day_window(date(2026, 11, 21))


def read(body: bytes) -> object:
    return deciphered(200, {}, body, at=NOW)


def test_series_is_asked_up_to_the_last_second_of_its_last_window() -> None:
    days = list(spanning(day_window(date(2026, 11, 14)), YESTERDAY))
    request = metric_request(FACETS["clicks"], "bit.ly/2Qj2niP", days, NOW)
    assert str(request) == "GET /bitlinks/bit.ly/2Qj2niP/clicks"
    assert request.endpoint == "/bitlinks/{bitlink}/clicks"
    assert request.params == {
        "unit": "day",
        "units": "7",
        "unit_reference": "2026-11-20T23:59:59+0000",
    }


def test_open_window_is_asked_up_to_now_and_rows_up_to_the_facets_size() -> None:
    request = metric_request(FACETS["countries"], "bit.ly/a", [TODAY], NOW)
    assert request.params["unit_reference"] == "2026-11-21T12:30:15+0000"
    assert request.params["size"] == "300"


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
    reference = datetime.fromisoformat(request.params["unit_reference"])
    assert holding(reference, Unit(request.params["unit"])) == window
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
    assert bitlinks_request("g/1", "").params == {"size": "100", "archived": "both"}
    assert bitlinks_request("g/1", "x+y").params["search_after"] == "x+y"
    assert bitlinks_request("g/1", "").path == "/groups/g%2F1/bitlinks"


def test_plan_limits_are_asked_of_an_organization() -> None:
    assert plan_limits_request("o1").path == "/organizations/o1/plan_limits"


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a":[1,"x"]}', {"a": [1, "x"]}),
        (b'["a\\u0000b"]', ["a�b"]),
        (b'{"title":"two\nlines\x01"}', {"title": "two\nlines\x01"}),
        (b'["\\u0000", "\\ud83d", "\\ud83d\\ude00", "\\\\u0000"]', ["�", "�", "😀", "\\u0000"]),
        (b'{"\\u0000":{"b":["\x00"]}}', {"�": {"b": ["�"]}}),
        (b'["caf\xe9"]', ["caf�"]),
        (b"\xef\xbb\xbf[]", []),
    ],
)
def test_body_is_read_with_odd_characters_made_storable(body: bytes, value: object) -> None:
    assert read(body) == value


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>busy</html>", b'{"a":', b'{"a":1} x', b"NaN", b"[" * 100_000, b"9" * 5000],
)
def test_body_that_is_no_json_is_an_error(body: bytes) -> None:
    with pytest.raises(NotJson):
        read(body)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_text_comes_through_unchanged(text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    assert read(f'["{escaped}"]'.encode()) == [text]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_by_name(body: bytes) -> None:
    try:
        read(body)
    except NotJson as error:
        assert str(error).isprintable()  # noqa: PT017 - either outcome is right


def test_other_status_raises_what_it_stands_for(sample: Sample) -> None:
    with pytest.raises(Forbidden):
        deciphered(403, {}, sample("error_403_forbidden"), at=NOW)
