"""The pace is even: a step is short, and a minute's steps are a minute's allowance."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.bitly.pace import EvenPace, even_steps


@given(st.integers(1, 100_000))
def test_even_steps_spend_a_minutes_allowance_in_a_minute(per_minute: int) -> None:
    requests, seconds = even_steps(per_minute)
    assert requests / seconds * 60 == pytest.approx(per_minute)
    assert seconds >= 0.4999
    assert requests == 1 or seconds < 1


async def test_even_pace_lets_a_free_request_go_at_once() -> None:
    pace = EvenPace(1200)
    for _ in range(10):
        await asyncio.wait_for(pace.wait(), 0.05)


async def test_pace_that_is_changed_holds_at_once() -> None:
    pace = EvenPace(1)
    await pace.wait()
    pace.change(240)
    await asyncio.wait_for(pace.wait(), 0.05)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(pace.wait(), 0.05)
