"""New bitlinks are listed alone where it saves requests, and all of them in time."""

from datetime import UTC, datetime, timedelta

from harvester.harvest.renewal import OVERLAP, SMALL, made_since
from harvester.store.listings import Roster

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def asked(roster: Roster) -> datetime | None:
    return made_since(roster, NOW, 7 * DAY, SMALL)


def test_all_are_listed_the_first_time_a_week_later_and_where_they_fit_a_page() -> None:
    assert asked(Roster(500)) is None
    assert asked(Roster(500, NOW - 7 * DAY, NOW - DAY)) is None
    assert asked(Roster(SMALL, NOW - DAY)) is None


def test_else_those_made_since_the_last_listing_whichever_it_was() -> None:
    assert asked(Roster(500, NOW - 2 * DAY)) == NOW - 2 * DAY - OVERLAP
    assert asked(Roster(500, NOW - 2 * DAY, NOW - DAY)) == NOW - DAY - OVERLAP
