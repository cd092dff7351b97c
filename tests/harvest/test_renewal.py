"""New bitlinks are listed alone where it saves requests, and all of them in time."""

from datetime import UTC, datetime, timedelta

import pytest

from harvester.harvest.renewal import OVERLAP, SMALL, Due, due, made_since
from harvester.store.listings import Roster
from harvester.store.roster_state import Listed

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def asked(roster: Roster) -> datetime | None:
    return made_since(roster, NOW, 7 * DAY, SMALL)


def test_all_are_listed_the_first_time_a_week_later_and_where_they_fit_a_page() -> None:
    assert asked(Roster(500)) is None
    assert asked(Roster(500, NOW - 7 * DAY, NOW - DAY)) is None
    assert asked(Roster(SMALL, NOW - DAY)) is None


def test_else_those_made_since_the_last_listing_whichever_it_was() -> None:
    assert asked(Roster(500, NOW - 2 * DAY)) == NOW - 2 * DAY - OVERLAP
    assert asked(Roster(500, NOW - 2 * DAY, NOW - DAY)) == NOW - DAY - OVERLAP


def listing(state: Listed, *, dated: bool = False, lasting: bool = False) -> Due | None:
    return due(state, NOW, 7 * DAY, plan="growth", dated=dated, lasting=lasting)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (Listed(), Due()),
        (Listed(NOW - 7 * DAY), Due()),
        (Listed(NOW - 7 * DAY + SECOND), None),
        (Listed(plan="growth", retry_at=NOW + SECOND), None),
        (Listed(plan="growth", retry_at=NOW), Due()),
        (Listed(plan="free", retry_at=NOW + DAY), Due()),
        (Listed(NOW - DAY, plan="free", retry_at=NOW + DAY), None),
    ],
)
def test_a_roster_is_listed_in_time_and_a_refused_one_later_or_with_another_plan(
    state: Listed, expected: Due | None
) -> None:
    assert listing(state) == expected


def test_what_is_new_of_a_dated_roster_is_listed_daily_and_a_lasting_one_is_listed_once() -> None:
    assert listing(Listed(NOW - DAY), dated=True) == Due(NOW - DAY - OVERLAP)
    assert listing(Listed(NOW - 3 * DAY, NOW - DAY), dated=True) == Due(NOW - DAY - OVERLAP)
    assert listing(Listed(NOW - 3 * DAY, NOW - DAY + SECOND), dated=True) is None
    assert listing(Listed(NOW - 7 * DAY, NOW), dated=True) == Due()
    assert listing(Listed(NOW - 99 * DAY), lasting=True) is None
