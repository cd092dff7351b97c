"""What leaves Bitly's reach before it is known: the countdown of `harvest status`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, text

from harvester.domain.snapshots import Reason
from harvester.domain.windows import Unit, holding

WITHIN: Final = timedelta(days=7)

_EDGES: Final = text("""
SELECT history.account, history.group_guid, history.days, wanted.first,
       coalesce(links.bitlinks, 0) AS bitlinks
FROM harvest_history AS history
JOIN (
    SELECT account, group_guid, min(day) AS first FROM harvest_coverage_by_facet
    WHERE unit = 'day' GROUP BY account, group_guid
) AS wanted ON wanted.account = history.account AND wanted.group_guid = history.group_guid
LEFT JOIN (
    SELECT account, group_guid, count(*) AS bitlinks FROM bitlink_details
    WHERE gone_at IS NULL AND unlisted_at IS NULL GROUP BY account, group_guid
) AS links ON links.account = history.account AND links.group_guid = history.group_guid
WHERE history.days IS NOT NULL
ORDER BY history.account, history.group_guid
""")
_VISITED: Final = text("""
SELECT DISTINCT account, group_guid, day FROM harvest_coverage_by_facet WHERE unit = 'day'
""")
_MISSING: Final = text("""
SELECT account, group_guid, day, count(DISTINCT bitlink) AS bitlinks FROM harvest_missing
WHERE unit = 'day' AND reason NOT IN :final
GROUP BY account, group_guid, day
""").bindparams(
    bindparam("final", sorted(reason.value for reason in Reason if reason.final), expanding=True)
)


@dataclass(frozen=True, slots=True)
class Leaving:
    """The (bitlink, day) of a group that are not known, and leave Bitly's history within a week.

    `first` is the oldest such day, and it is shown no more from `leaves_on`. Days are ISO text.
    """

    account: str
    group_guid: str
    link_days: int
    first: str
    leaves_on: str


def leaving(connection: Connection, now: datetime) -> list[Leaving]:
    """Count what leaves each group's history soon and is not known; groups without any do not show.

    Days that no run has come to are among them, from the first that a run wanted.
    """
    today = holding(now, Unit.DAY).day
    edges = connection.execute(_EDGES).all()
    if not any(list(_soon(group, today)) for group in edges):
        return []  # what is missing takes a while to count
    visited = {_place(row) for row in connection.execute(_VISITED)}
    missing = {_place(row): int(row.bitlinks) for row in connection.execute(_MISSING)}
    found = []
    for group in edges:
        counts = {
            day: missing.get(place, 0) if (place := (*group[:2], day)) in visited else links
            for day, links in _soon(group, today)
        }
        unknown = sorted(day for day, count in counts.items() if count)
        if unknown:
            gone = unknown[0] + timedelta(days=group.days)
            total = sum(counts.values())
            found.append(
                Leaving(group.account, group.group_guid, total, str(unknown[0]), str(gone))
            )
    return found


def _soon(group: Any, today: date) -> Iterator[tuple[date, int]]:
    """Yield the days of a group that leave soon, and how many links would lose each."""
    edge = today - timedelta(days=group.days - 1)
    first = max(edge, _day(group.first))
    for back in range((min(edge + WITHIN, today) - first).days):
        yield first + timedelta(days=back), int(group.bitlinks)


def _place(row: Any) -> tuple[str, str, date]:
    return row.account, row.group_guid, _day(row.day)


def _day(value: date | str) -> date:
    """Return a view's day, which is text on SQLite."""
    return date.fromisoformat(value) if isinstance(value, str) else value
