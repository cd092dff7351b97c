"""A clock for the clients in these tests."""

from datetime import UTC, datetime

import pytest

from tests.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that stands at a Saturday's noon."""
    return FakeClock(datetime(2026, 11, 21, 12, tzinfo=UTC))
