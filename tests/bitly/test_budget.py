"""Turns come after now, a minute has a tenth of the hour, the plan's row is found or not."""

from datetime import UTC, datetime, timedelta

import pytest

from harvester.bitly.budget import (
    api_requests,
    next_hour,
    next_minute,
    next_month,
    per_minute,
    renewed,
)
from harvester.bitly.models import PlanLimit

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("hour", "minute"), [(1, 1), (9, 1), (1000, 100), (1500, 150)])
def test_minute_is_a_tenth_of_the_hour_and_at_least_one(hour: int, minute: int) -> None:
    assert per_minute(hour) == minute


def test_turns_of_minute_hour_and_month_come_after_now() -> None:
    at = datetime(2026, 12, 31, 23, 59, 59, 5, tzinfo=UTC)
    assert next_minute(at) == next_hour(at) == next_month(at) == datetime(2027, 1, 1, tzinfo=UTC)
    assert next_minute(NOON) == NOON + MINUTE
    assert next_month(datetime(2028, 2, 1, tzinfo=UTC)) == datetime(2028, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("spent", "renewal"),
    [
        ("2026-11-21T12:00", "2026-12-01T12:00"),
        ("2026-12-01T03:00", "2026-12-01T12:00"),  # Bitly's clock may still be in November
        ("2026-12-01T12:00", "2027-01-01T12:00"),
        ("2026-12-31T23:59", "2027-01-01T12:00"),
    ],
)
def test_month_that_is_spent_has_turned_once_it_has_in_every_time_zone(
    spent: str, renewal: str
) -> None:
    at, then = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (spent, renewal))
    assert renewed(at) == then


ENCODES = PlanLimit("encodes", 500, 3)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([], None),
        ([ENCODES], None),
        ([ENCODES, PlanLimit("api_requests", 1000, 5)], "api_requests"),
        ([ENCODES, PlanLimit("x", 1000, 5, "API calls per month")], "x"),
        ([PlanLimit("requests", 9, 1), PlanLimit("y", 9, 1, "API requests")], "y"),
        ([PlanLimit("api_links", 9, 1), PlanLimit("api_codes", 9, 1)], None),
        ([PlanLimit("api_requests", -1, 5)], None),
        ([PlanLimit("capital", 10, 5)], None),
    ],
)
def test_row_of_api_requests_is_found_or_not_known(
    rows: list[PlanLimit], found: str | None
) -> None:
    row = api_requests(rows)
    assert (row.name if row else None) == found
