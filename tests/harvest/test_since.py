"""What a person types for --since becomes whole UTC days, or one clear line."""

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.domain.errors import ConfigError
from harvester.harvest.since import Days, days

NOW = datetime(2026, 11, 21, 0, 30, tzinfo=UTC)
TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("word", "first"),
    [
        ("2026-11-01", date(2026, 11, 1)),
        ("today", TODAY),
        ("Yesterday", date(2026, 11, 20)),
        ("1d", TODAY),
        ("7d", date(2026, 11, 15)),
        ("2w", date(2026, 11, 8)),
        ("1h", TODAY),
        ("2h", date(2026, 11, 20)),
        ("2026-11-20T23:30:00-02:00", TODAY),
        ("2026-11-20T23:30:00", date(2026, 11, 20)),
        ("2026-11-20T23:30:00Z", date(2026, 11, 20)),
    ],
)
def test_a_word_names_the_first_day(word: str, first: date) -> None:
    assert days(word, None, NOW) == Days(first, TODAY)


def test_until_is_part_of_the_range_and_never_goes_past_today() -> None:
    assert days("2026-11-01", "yesterday", NOW).last == date(2026, 11, 20)
    assert days("2026-11-01", "2030-01-01", NOW).last == TODAY


@pytest.mark.parametrize(
    ("since", "until", "says"),
    [
        ("2026-11-22", None, "in the future"),
        ("7d", "2026-11-01", "before --since"),
        ("soon", None, "--since 'soon' is no point in time"),
        ("7d", "whenever", "--until 'whenever' is no point in time"),
        ("0d", None, "no point in time"),
        ("999999w", None, "no point in time"),
        ("2026-13-01", None, "no point in time"),
        ("2007-12-31", None, "no clicks before 2008-01-01"),
        ("", None, "no point in time"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(since: str, until: str | None, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as refusal:
        days(since, until, NOW)
    assert "\n" not in str(refusal.value)


@given(text=st.text(max_size=30), until=st.none() | st.text(max_size=10))
def test_any_text_gives_days_up_to_today_or_a_refusal(text: str, until: str | None) -> None:
    try:
        found = days(text, until, NOW)
    except ConfigError:
        return
    assert found.first <= found.last <= TODAY


@given(length=st.integers(1, 400))
def test_windows_are_as_many_adjacent_days_as_were_asked_for(length: int) -> None:
    windows = days(f"{length}d", None, NOW).windows()
    assert len(windows) == length
    assert windows[-1].day == TODAY
    assert all(a.end == b.start for a, b in pairwise(windows))
