"""Charts show what is there, never more than fits, and nothing that repaints the screen."""

from hypothesis import given
from hypothesis import strategies as st

from harvester.report.charts import bar, columns, printable


def test_columns_reach_the_top_for_the_largest_and_vanish_for_zero() -> None:
    assert columns([0, 1, 8, 16], height=2) == ["   █", " ▁██"]


@given(values=st.lists(st.integers(0, 2**53), max_size=40), height=st.integers(1, 9))
def test_each_column_shows_if_and_only_if_there_are_clicks(values: list[int], height: int) -> None:
    lines = columns(values, height=height)
    assert len(lines) == height
    assert [character != " " for character in lines[-1]] == [value > 0 for value in values]


@given(value=st.integers(0, 2**53), largest=st.integers(1, 2**53), width=st.integers(1, 40))
def test_a_bar_fits_its_width(value: int, largest: int, width: int) -> None:
    drawn = bar(min(value, largest), largest, width=width)
    assert len(drawn) <= width
    assert bool(drawn) is (value > 0)


def test_escape_sequences_are_not_passed_on() -> None:
    assert printable("\x1b[31mred\x07 \u202eabc") == "�[31mred� �abc"
    assert printable("👩\u200d👧") == "👩\u200d👧"
    assert printable("x" * 99, most=5) == "xxxx…"
