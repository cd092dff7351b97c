"""Waits double, within a cap, over their whole range."""

from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from harvester.bitly.backoff import FIRST, LONGEST, delay


class Highest(Random):
    def uniform(self, a: float, b: float) -> float:  # noqa: ARG002 - the dice's own signature
        return b


def test_ceiling_doubles_until_the_cap() -> None:
    ceilings = [delay(attempt, Highest()).total_seconds() for attempt in range(1, 8)]
    assert ceilings == [1, 2, 4, 8, 16, 30, 30]


@given(attempt=st.integers(1, 10_000), seed=st.integers())
def test_wait_lies_between_nothing_and_the_cap(attempt: int, seed: int) -> None:
    wait = delay(attempt, Random(seed))
    assert timedelta() <= wait <= min(LONGEST, FIRST * 2 ** min(attempt - 1, 10))
