"""How far each group is harvested and what is missing: the figures behind `harvest status`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.store.engine import read
from harvester.store.leaving import Leaving, leaving


@dataclass(frozen=True, slots=True)
class GroupStanding:
    """One group: its days from `first` to `last`, by status, and what is missing in them.

    `settled_through` is the last day before the first one that is not settled. Days are ISO text.
    """

    account: str
    group_guid: str
    name: str
    bitlinks: int
    first: str
    last: str
    settled_through: str | None
    open_days: int
    complete_days: int
    settled_days: int
    missing: int


@dataclass(frozen=True, slots=True)
class MissingCount:
    """How many (bitlink, day) of one facet of one group are missing for one reason."""

    account: str
    group_guid: str
    facet: str
    reason: str
    windows: int
    bitlinks: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Contradictions:
    """What of one group cannot be true together, as the view harvest_contradictions lists it.

    `breakdowns` do not add up to their clicks; `answers` is 1 if the group's own clicks or lists
    did not fit its links, else 0.
    """

    account: str
    group_guid: str
    breakdowns: int
    answers: int


@dataclass(frozen=True, slots=True)
class LastRun:
    """The latest run of one account; `finished_at` is None if it runs still, or was killed."""

    account: str
    started_at: str
    finished_at: str | None
    outcome: str | None
    requests: int | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class MonthRequests:
    """The requests of one account in the latest `month` (such as 2026-11, UTC) that has any."""

    account: str
    month: str
    requests: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the store stands."""

    groups: tuple[GroupStanding, ...]
    missing: tuple[MissingCount, ...]
    runs: tuple[LastRun, ...]
    requests: tuple[MonthRequests, ...] = ()
    leaving: tuple[Leaving, ...] = ()
    contradictions: tuple[Contradictions, ...] = ()


_GROUPS = """
WITH days AS (
  SELECT account, group_guid, min(day) AS first, max(day) AS last, sum(missing) AS missing,
         sum(CASE WHEN status = 'open' THEN 1 ELSE 0 END) AS open_days,
         sum(CASE WHEN status = 'complete' THEN 1 ELSE 0 END) AS complete_days,
         sum(CASE WHEN status = 'settled' THEN 1 ELSE 0 END) AS settled_days,
         min(CASE WHEN status <> 'settled' THEN day END) AS unsettled
  FROM harvest_coverage WHERE unit = 'day' GROUP BY account, group_guid
), settled AS (
  SELECT coverage.account, coverage.group_guid, max(coverage.day) AS settled_through
  FROM harvest_coverage AS coverage
  JOIN days ON days.account = coverage.account AND days.group_guid = coverage.group_guid
  WHERE coverage.status = 'settled' AND coverage.unit = 'day'
    AND (days.unsettled IS NULL OR coverage.day < days.unsettled)
  GROUP BY coverage.account, coverage.group_guid
), links AS (
  SELECT account, group_guid, count(*) AS bitlinks FROM bitlink_details
  WHERE gone_at IS NULL GROUP BY account, group_guid
)
SELECT details.account, details.group_guid, details.name, coalesce(links.bitlinks, 0) AS bitlinks,
       days.first, days.last, settled.settled_through, days.open_days, days.complete_days,
       days.settled_days, days.missing
FROM group_details AS details
JOIN days ON days.account = details.account AND days.group_guid = details.group_guid
LEFT JOIN settled
  ON settled.account = details.account AND settled.group_guid = details.group_guid
LEFT JOIN links ON links.account = details.account AND links.group_guid = details.group_guid
ORDER BY details.account, details.name, details.group_guid
"""
_MISSING = """
SELECT account, group_guid, facet, reason, count(*) AS windows,
       count(DISTINCT subject) AS bitlinks, min(day) AS first, max(day) AS last
FROM harvest_missing GROUP BY account, group_guid, facet, reason
ORDER BY account, group_guid, facet, reason
"""
# Kept by each run for its windows: the view harvest_contradictions has to look at every snapshot.
_CONTRADICTIONS = """
SELECT accounts.name AS account, groups.guid AS group_guid,
       sum(kept.breakdowns) AS breakdowns, sum(kept.answers) AS answers
FROM (
  SELECT group_id, sum(contradictions) AS breakdowns, 0 AS answers
  FROM group_windows GROUP BY group_id
  UNION ALL SELECT group_id, 0, 1 FROM trust WHERE contradictions > 0
) AS kept
JOIN groups ON groups.id = kept.group_id
JOIN accounts ON accounts.id = groups.account_id
GROUP BY accounts.name, groups.guid
HAVING sum(kept.breakdowns) > 0 OR sum(kept.answers) > 0
ORDER BY accounts.name, groups.guid
"""
_RUNS = """
SELECT account, started_at, finished_at, outcome, requests, detail FROM harvest_runs AS runs
WHERE run = (SELECT max(run) FROM harvest_runs AS later WHERE later.account = runs.account)
ORDER BY account
"""
_REQUESTS = """
SELECT account, month, sum(requests) AS requests FROM (
  SELECT account, substr(CAST(day AS text), 1, 7) AS month, requests,
         max(substr(CAST(day AS text), 1, 7)) OVER (PARTITION BY account) AS latest
  FROM harvest_requests
) AS months WHERE month = latest GROUP BY account, month ORDER BY account
"""


async def standing(engine: AsyncEngine, now: datetime) -> Standing:
    """Read how far each group is harvested, what is missing and why, what contradicts itself.

    Last runs and requests sent are told as well. What leaves Bitly's reach soon is reckoned from
    `now`.
    """

    def found(connection: Connection) -> Standing:
        return Standing(
            tuple(GroupStanding(**row) for row in _rows(connection, _GROUPS)),
            tuple(MissingCount(**row) for row in _rows(connection, _MISSING)),
            tuple(LastRun(**row) for row in _rows(connection, _RUNS)),
            tuple(MonthRequests(**row) for row in _rows(connection, _REQUESTS)),
            tuple(leaving(connection, now)),
            tuple(Contradictions(**row) for row in _rows(connection, _CONTRADICTIONS)),
        )

    return await read(engine, found)


def _rows(connection: Connection, query: str) -> list[dict[str, Any]]:
    """Return rows with days and instants as text, counts as they are (not PostgreSQL's Decimal)."""
    return [
        {name: _value(value) for name, value in row.items()}
        for row in connection.execute(text(query)).mappings()
    ]


def _value(value: Any) -> Any:
    if value is None or isinstance(value, str | int):
        return value
    if hasattr(value, "isoformat"):
        return value.isoformat().replace("+00:00", "Z")  # as SQLite's views have it
    return int(value)
