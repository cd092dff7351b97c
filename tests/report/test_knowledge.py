"""How well a day is known: a missing day has no number, and is never called a zero."""

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.report.knowledge import SURE, GroupDay, Known, comparable, days_known

DAY, TODAY, LONG_AGO = date(2026, 11, 18), date(2026, 11, 21), date(2008, 1, 1)
A, B = ("shop", "Ba"), ("shop", "Bb")
BOTH: Mapping[tuple[str, str], date] = {A: LONG_AGO, B: LONG_AGO}


@pytest.mark.parametrize(
    ("stored", "clicks", "known", "why"),
    [
        ([], 0, Known.MISSING, "not harvested"),
        ([GroupDay(DAY, A, "open", 0, "quota")], 0, Known.MISSING, "not harvested: quota"),
        ([GroupDay(DAY, A, "settled")], 0, Known.PARTIAL, "1 of 2 groups not known"),
        ([GroupDay(DAY, A, "open")], 5, Known.PARTIAL, "2 of 2 groups not known"),
        (
            [GroupDay(DAY, A, "settled"), GroupDay(DAY, B, "complete", 3)],
            9,
            Known.PARTIAL,
            "3 links not known",
        ),
        (
            [GroupDay(DAY, A, "settled"), GroupDay(DAY, B, "complete")],
            0,
            Known.PROVISIONAL,
            "late clicks may come",
        ),
        ([GroupDay(DAY, A, "settled"), GroupDay(DAY, B, "settled")], 0, Known.FINAL, ""),
    ],
)
def test_a_day_is_as_well_known_as_its_worst_group(
    stored: list[GroupDay], clicks: int, known: Known, why: str
) -> None:
    [day] = days_known([DAY], {DAY: clicks}, stored, BOTH, TODAY)
    assert (day.clicks, day.known, day.why) == (clicks, known, why)


def test_a_group_that_was_made_later_is_not_missed() -> None:
    groups = {A: LONG_AGO, B: TODAY}
    [day] = days_known([DAY], {}, [GroupDay(DAY, A, "settled")], groups, TODAY)
    assert day.known is Known.FINAL


def test_today_is_provisional_whatever_is_known() -> None:
    stored = [GroupDay(TODAY, A, "complete")]
    [day] = days_known([TODAY], {}, stored, {A: LONG_AGO}, TODAY)
    assert (day.known, day.why) == (Known.PROVISIONAL, "not over yet")
    assert comparable([day], [], TODAY) == "today is not over"


@given(
    stored=st.lists(
        st.builds(
            GroupDay,
            st.just(DAY),
            st.sampled_from([A, B]),
            st.sampled_from(["open", "complete", "settled"]),
            st.integers(0, 3),
        ),
        max_size=2,
        unique_by=lambda each: each.group,
    ),
    clicks=st.integers(0, 5),
)
def test_only_days_of_which_nothing_is_open_or_lacking_are_compared(
    stored: list[GroupDay], clicks: int
) -> None:
    [day] = days_known([DAY], {DAY: clicks}, stored, BOTH, TODAY)
    whole = len(stored) == 2 and all(each.status != "open" and not each.missing for each in stored)
    assert (day.known in SURE) is whole
    assert (not comparable([day], [day], TODAY)) is whole
    assert (day.known is Known.FINAL) is (
        whole and all(each.status == "settled" for each in stored)
    )
