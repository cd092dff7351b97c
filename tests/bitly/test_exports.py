"""An export is read by what its columns are called and hold, and never by where they stand."""

import csv
import io
import json
from base64 import b64encode
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.bitly.csvs import LARGEST
from harvester.bitly.errors import UnexpectedShape
from harvester.bitly.exports import (
    BATCH,
    Engagements,
    engagements,
    engagements_request,
)
from harvester.domain.windows import day_window

DAY = day_window(date(2026, 11, 20))
BEGIN, END = int(DAY.start.timestamp()), int(DAY.end.timestamp()) - 1
NAMES = ["bit.ly/a", "bit.ly/A", "go.example.com/größe"]
HEADS = ["link", "title", "clicks", "scans", "button_clicks"]


def table(rows: Sequence[Sequence[object]], **how: Any) -> str:
    text = io.StringIO()
    csv.writer(text, **how).writerows(rows)
    return text.getvalue()


def answer(text: str | bytes, **changes: Any) -> dict[str, Any]:
    data = text if isinstance(text, bytes) else text.encode()
    told = {
        "export_type": "link_engagements_batch",
        "data_uri": f"data:text/csv;base64,{b64encode(data).decode()}",
        "unix_from": BEGIN,
        "unix_to": END,
        "truncated": False,
    }
    return told | changes


def read(*rows: Sequence[object], heads: Sequence[str] = HEADS, **changes: Any) -> Engagements:
    return engagements(answer(table([heads, *rows]), columns=heads, **changes), NAMES, DAY)


def test_the_request_names_the_links_and_the_first_and_last_second_of_the_window() -> None:
    request = engagements_request("g/1", NAMES, DAY)
    assert (str(request), request.endpoint) == (
        "POST /groups/g%2F1/exports",
        "/groups/{group_guid}/exports",
    )
    assert request.body is not None
    assert json.loads(request.body) == {
        "export_type": "link_engagements_batch",
        "bitlinks": NAMES,
        "unix_from": BEGIN,
        "unix_to": END,
    }


@pytest.mark.parametrize("count", [0, BATCH + 1])
def test_no_request_asks_for_more_links_than_are_answered(count: int) -> None:
    with pytest.raises(ValueError, match="links in one export"):
        engagements_request("g", ["bit.ly/a"] * count, DAY)


def test_clicks_and_scans_are_read_by_link() -> None:
    found = read(["bit.ly/a", "A", 5, 2, 0], ["bit.ly/A", "a", 0, 0, 1])
    assert found == Engagements(
        {"bit.ly/a": 5, "bit.ly/A": 0}, {"bit.ly/a": 2, "bit.ly/A": 0}, whole=True
    )


@pytest.mark.parametrize(
    "heads",
    [
        ["Clicks", "QR Scans", "Title", "Short URL"],
        ["Link-Clicks", "scans", "link", "destination"],
        ["CLICKS", "QR Code Scans", "x", "y"],
    ],
)
def test_columns_may_have_other_names_and_another_order(heads: list[str]) -> None:
    found = read([7, 1, "bit.ly/zzz", "https://BIT.LY/a"], heads=heads)
    assert (found.clicks, found.scans) == ({"bit.ly/a": 7}, {"bit.ly/a": 1})


def test_scans_need_not_be_told() -> None:
    assert read(["bit.ly/a", 7], heads=["link", "clicks"]).scans == {}


@pytest.mark.parametrize(
    "shown", ["go.example.com/größe", "https://go.example.com/gr%C3%B6%C3%9Fe"]
)
def test_a_link_is_known_with_or_without_scheme_and_percent_signs(shown: str) -> None:
    assert read([shown, "", 3, 0, 0]).clicks == {"go.example.com/größe": 3}


def test_a_spelling_that_may_be_two_links_is_neither() -> None:
    names = ["bit.ly/50%25", "bit.ly/50%"]
    text = table([["link", "clicks"], ["bit.ly/50%2525", 1]])
    assert engagements(answer(text), names, DAY).clicks == {"bit.ly/50%25": 1}
    text = table([["link", "clicks"], ["bit.ly/50%25", 1]])
    with pytest.raises(UnexpectedShape):
        engagements(answer(text), names, DAY)


def test_titles_may_hold_quotes_commas_lines_and_names_of_links() -> None:
    odd = 'He said "yes", =1+1,\r\nbit.ly/A \ufeff\x0b 東京'
    assert read(["bit.ly/a", odd, 3, 0, 0]).clicks == {"bit.ly/a": 3}


def test_a_byte_order_mark_empty_lines_and_spaces_after_commas_are_no_hindrance() -> None:
    text = "\ufefflink, clicks\r\n\r\nbit.ly/a, 3\n"
    uri = f"data:text/csv;charset=utf-8;base64,{b64encode(text.encode()).decode()}"
    assert engagements(answer("", data_uri=uri), NAMES, DAY).clicks == {"bit.ly/a": 3}


def test_an_export_without_rows_tells_of_nobody() -> None:
    assert read() == Engagements({}, {}, whole=True)


@pytest.mark.parametrize(
    ("changes", "whole"),
    [
        ({}, True),
        ({"unix_to": END + 1}, True),
        ({"truncated": True}, False),
        ({"unix_from": BEGIN + 86_400}, False),
        ({"unix_to": END - 1}, False),
    ],
)
def test_a_part_of_the_rows_or_of_the_window_is_not_the_whole(
    changes: dict[str, Any], whole: bool
) -> None:
    assert read(["bit.ly/a", "", 3, 0, 0], **changes).whole is whole


@pytest.mark.parametrize(
    "rows",
    [
        [["bit.ly/other", "", 3, 0, 0]],
        [["bit.ly/a", "", 3, 0, 0], ["", "", 4, 0, 0]],
        [["bit.ly/a", "", "3.0", 0, 0]],
        [["bit.ly/a", "", "", 0, 0]],
        [["bit.ly/a", "", -3, 0, 0]],
        [["bit.ly/a", "", "1,000", 0, 0]],
        [["bit.ly/a", "", 2**63, 0, 0]],
        [["bit.ly/a", "", "³", 0, 0]],
        [["bit.ly/a", "", "1" * 5_000, 0, 0]],
        [["bit.ly/a", "", 3, 0]],
        [["bit.ly/a", "", 3, 0, 0], ["bit.ly/a", "", 4, 0, 0]],
    ],
)
def test_a_number_that_may_be_another_links_is_not_taken(rows: list[list[object]]) -> None:
    with pytest.raises(UnexpectedShape):
        read(*rows)


@pytest.mark.parametrize(
    "told",
    [
        {},
        [],
        answer("link,clicks\nbit.ly/a,3", row_count=2),
        answer("link,clicks\nbit.ly/a,3", columns=["clicks", "link"]),
        answer("link,taps\nbit.ly/a,3"),
        answer(""),
        answer("", data_uri="data:text/html;base64,AAAA"),
        answer("", data_uri="data:text/csv;base64,A"),
        answer("", data_uri="data:text/csv;base64," + "A" * (LARGEST * 4 // 3)),
        answer(b"link,clicks\nbit.ly/\xff,3"),
        answer('link,clicks\n"bit.ly/a"x,3'),
        answer(f'link,clicks\n"{"x" * 200_000}",3'),
    ],
)
def test_what_is_no_export_is_told(told: Any) -> None:
    with pytest.raises(UnexpectedShape):
        engagements(told, NAMES, DAY)


@given(
    clicks=st.dictionaries(st.sampled_from(NAMES), st.integers(0, 2**63 - 1)),
    title=st.text(st.characters(exclude_categories=["Cs"])),
    order=st.permutations(["link", "title", "clicks"]),
)
def test_any_title_and_order_gives_the_same_counts(
    clicks: dict[str, int], title: str, order: list[str]
) -> None:
    rows = [{"link": name, "title": title, "clicks": n} for name, n in clicks.items()]
    text = table([order, *([row[head] for head in order] for row in rows)])
    assert engagements(answer(text), NAMES, DAY).clicks == clicks


@given(st.binary())
def test_no_bytes_become_a_count_that_was_not_said(data: bytes) -> None:
    try:
        found = engagements(answer(data), NAMES, DAY)
    except UnexpectedShape:
        return
    assert found.clicks.keys() <= set(NAMES)
