"""Which plan would do, by what an account was seen to do."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.harvest.advice import DAYS_A_MONTH, FREQUENCIES, Activity, advise

activities = st.builds(
    Activity,
    clicked=st.dictionaries(st.integers(1, 64), st.floats(0, 1000), max_size=5),
    breakdowns=st.integers(0, 5),
    fixed=st.integers(1, 100),
    first_day=st.floats(0, 5),
)


def by_name(activity: Activity, reserve: int = 20) -> dict[str, dict[str, bool]]:
    return {
        each.plan.name: {name: each.fits(name) for name in FREQUENCIES}
        for each in advise(activity, reserve)
    }


def test_a_month_of_daily_harvests_of_twenty_clicked_links_fits_into_core() -> None:
    activity = Activity({1: 15.0, 30: 5.0}, breakdowns=5, fixed=14, first_day=1)
    found = by_name(activity)
    assert found["Core"] == {"daily": True, "6-hourly": False, "hourly": False}
    assert found["Growth"] == {"daily": True, "6-hourly": True, "hourly": False}
    assert not any(found["Free"].values())  # it shows no metrics, whatever it would take
    assert activity.first(30) == 14 + 30 * (1 + 5 * 20)


def test_a_link_with_one_click_moves_once_however_often_one_looks() -> None:
    activity = Activity({1: 10.0}, breakdowns=5, fixed=0, first_day=0)
    assert [activity.a_day(n) for n in (1, 4, 24)] == pytest.approx([50.0] * 3)


def test_a_link_that_is_clicked_all_the_time_has_moved_at_each_harvest() -> None:
    assert Activity({64: 1.0}, 5, 0, 0).a_day(4) == pytest.approx(20, rel=0.01)


@given(activity=activities, reserve=st.integers(0, 99))
def test_a_larger_plan_and_fewer_harvests_never_take_a_larger_share(
    activity: Activity, reserve: int
) -> None:
    found = advise(activity, reserve)
    for small, large in pairwise(found):
        assert all(small.shares[name] >= large.shares[name] for name in FREQUENCIES)
    for each in found:
        assert each.shares["daily"] <= each.shares["6-hourly"] + 1e-6
        assert each.shares["6-hourly"] <= each.shares["hourly"] + 1e-6
        assert each.may_send * each.shares["daily"] / 100 == pytest.approx(
            DAYS_A_MONTH * activity.a_day(1)
        )
