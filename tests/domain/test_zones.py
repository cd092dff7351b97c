"""Offsets of zones: without gaps, and the same as the clocks there at every instant."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from harvester.domain.zones import Offset, offsets

FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
ZONES = ["UTC", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Casablanca"]
KNOWN = {zone: list(offsets(zone, FIRST, LAST)) for zone in ZONES}


@given(st.sampled_from(ZONES), st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31)))  # noqa: DTZ001
def test_each_instant_has_the_offset_of_the_clocks(zone: str, naive: datetime) -> None:
    at = naive.replace(tzinfo=UTC, microsecond=0)
    [found] = [each.seconds for each in KNOWN[zone] if each.from_at <= at < each.until_at]
    assert timedelta(seconds=found) == at.astimezone(ZoneInfo(zone)).utcoffset()


def test_there_are_no_gaps() -> None:
    for found in KNOWN.values():
        assert (found[0].from_at, found[-1].until_at) == (FIRST, LAST)
        assert all(one.until_at == other.from_at for one, other in pairwise(found))


def test_clocks_change_when_they_do() -> None:
    spring = datetime(2026, 3, 29, 1, tzinfo=UTC)
    autumn = datetime(2026, 10, 25, 1, tzinfo=UTC)
    assert Offset(spring, autumn, 7200) in KNOWN["Europe/Berlin"]
