"""However clicks are shared out, none is lost and none is made."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from harvester.sandbox.catalogue import LABELS
from harvester.sandbox.traffic import clicks_on, hourly, key, overlap, split

counts = st.one_of(st.integers(0, 50), st.integers(0, 2**53))
dice = st.integers(0, 2**64 - 1)


@given(clicks=counts, dice=dice, facet=st.sampled_from(sorted(LABELS)))
def test_shares_add_up_and_none_is_empty(clicks: int, dice: int, facet: str) -> None:
    rows = split(clicks, dice, LABELS[facet])
    assert sum(rows.values()) == clicks
    assert all(share > 0 for share in rows.values())
    assert set(rows) <= set(LABELS[facet])


@given(clicks=counts, dice=dice)
def test_hours_add_up_to_their_day(clicks: int, dice: int) -> None:
    by_hour = hourly(clicks, dice)
    assert len(by_hour) == 24
    assert sum(by_hour) == clicks
    assert min(by_hour) >= 0


@given(clicks=counts, dice=dice, cut=st.floats(0, 1))
def test_parts_of_a_day_hold_each_click_once(clicks: int, dice: int, cut: float) -> None:
    rows = split(clicks, dice, LABELS["countries"])
    middle = int(clicks * cut)
    early, late = overlap(rows, 0, middle), overlap(rows, middle, clicks)
    assert sum(early.values()) == middle
    assert {each: early.get(each, 0) + late.get(each, 0) for each in rows} == rows


def test_a_few_names_have_most_of_the_clicks() -> None:
    day = date(2026, 11, 20).toordinal()
    clicks = sorted((clicks_on(key(1, f"name {n}"), day) for n in range(1_000)), reverse=True)
    assert sum(clicks[:50]) > sum(clicks[50:])
    assert clicks.count(0) > 200
