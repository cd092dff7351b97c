"""How well each day of a chart is known. Pure: what is stored comes in as arguments."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Known(StrEnum):
    """What may be said of a day's clicks; the value is what reports show."""

    MISSING = "missing"  # nothing was harvested: there is no number, not even zero
    PARTIAL = "partial"  # something is not known: at least so many
    PROVISIONAL = "provisional"  # all is known so far, but late clicks may come
    FINAL = "final"


SURE = frozenset({Known.PROVISIONAL, Known.FINAL})
"""Days whose clicks are all known, so that they may be compared with others."""


@dataclass(frozen=True, slots=True)
class DayOfClicks:
    """The clicks of one UTC day, how well they are known, and why not better."""

    day: date
    clicks: int
    known: Known
    why: str = ""


@dataclass(frozen=True, slots=True)
class GroupDay:
    """What is stored of a group's day: its status, links that are not known, and the reason."""

    day: date
    group: tuple[str, str]  # account, guid
    status: str
    missing: int = 0
    reason: str | None = None


def days_known(
    days: Sequence[date],
    clicks: Mapping[date, int],
    stored: Iterable[GroupDay],
    groups: Mapping[tuple[str, str], date],
    today: date,
) -> tuple[DayOfClicks, ...]:
    """Return each of `days` with its clicks and how well it is known.

    `groups` says since when each group can have had clicks. A day of a group that nothing is stored
    of is missing, as is all of one that lies in the future.
    """
    by_day: dict[date, list[GroupDay]] = defaultdict(list)
    for each in stored:
        by_day[each.day].append(each)
    return tuple(
        _known(day, clicks.get(day, 0), by_day[day], _expected(groups, day), today) for day in days
    )


def _expected(groups: Mapping[tuple[str, str], date], day: date) -> set[tuple[str, str]]:
    return {group for group, since in groups.items() if since <= day}


def _known(
    day: date,
    clicks: int,
    stored: Sequence[GroupDay],
    expected: set[tuple[str, str]],
    today: date,
) -> DayOfClicks:
    asked = [each for each in stored if each.status != "open"]
    if not clicks and not asked:
        return DayOfClicks(day, 0, Known.MISSING, _reason(stored) or "not harvested")
    absent = expected - {each.group for each in asked}
    unknown = sum(each.missing for each in stored)
    if absent:
        why = f"{len(absent)} of {len(expected | {each.group for each in stored})} groups not known"
        return DayOfClicks(day, clicks, Known.PARTIAL, _reason(stored) or why)
    if unknown:
        return DayOfClicks(day, clicks, Known.PARTIAL, f"{unknown:,} links not known")
    if day >= today:
        return DayOfClicks(day, clicks, Known.PROVISIONAL, "not over yet")
    if any(each.status != "settled" for each in asked):
        return DayOfClicks(day, clicks, Known.PROVISIONAL, "late clicks may come")
    return DayOfClicks(day, clicks, Known.FINAL)


def _reason(stored: Sequence[GroupDay]) -> str:
    reasons = sorted({each.reason for each in stored if each.reason})
    return f"not harvested: {', '.join(reasons)}" if reasons else ""


def comparable(days: Sequence[DayOfClicks], earlier: Sequence[DayOfClicks], today: date) -> str:
    """Return why two periods cannot be compared, in a few words; nothing if they can."""
    if unsure := [each for each in days if each.known not in SURE]:
        return f"{_count(unsure)} of this period not wholly known"
    if unsure := [each for each in earlier if each.known not in SURE]:
        return f"{_count(unsure)} of the period before not wholly known"
    if days and days[-1].day >= today:
        return "today is not over"
    return ""


def _count(days: Sequence[DayOfClicks]) -> str:
    return "1 day" if len(days) == 1 else f"{len(days)} days"
