"""What goes on at present: what a daemon notes of itself, and what runs, leases and quotas say."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Date, TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.store.engine import in_transaction, read
from harvester.store.instants import instant, seconds
from harvester.store.tables import activity
from harvester.store.upsert import insert_into

RECENT: Final = 12  # runs that are told of
SAID: Final = "month.said"  # harvest/remembered.py: used, limit and ours, when Bitly was asked


@dataclass(frozen=True, slots=True)
class Activity:
    """What a daemon does for an account: `done` of `total` requests of a `stage`, since then.

    Nothing runs if `stage` is empty. `note` says what it waits for, `next_at` when it runs again.
    `outcome` and `detail` are those of its last tick, empty if there was none. It was so at
    `updated_at`: a daemon that was killed says nothing any more.
    """

    account: str
    stage: str
    done: int
    total: int | None
    note: str
    since: datetime
    updated_at: datetime
    next_at: datetime | None
    outcome: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RecentRun:
    """One of the latest runs; those without an end run still, or were killed."""

    account: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    requests: int | None
    rows: int | None
    missing: int | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class MonthQuota:
    """The month's API requests of an account: what Bitly allows, and what was used by whomever."""

    account: str
    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class Held:
    """`holder` harvests `account` at present, and longer than `expires_at` if it renews that."""

    account: str
    holder: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """A group's clicks are known up to `until`: the end of its last complete day, or as of then."""

    account: str
    group_guid: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Live:
    """What goes on: names of all accounts, and what is there of each.

    `succeeded` has the end of the last run that got to its end, `rests` why and until when nothing
    is asked.
    """

    accounts: tuple[str, ...]
    activities: tuple[Activity, ...]
    runs: tuple[RecentRun, ...]
    succeeded: dict[str, datetime]
    quotas: tuple[MonthQuota, ...]
    held: tuple[Held, ...]
    known: tuple[Known, ...]
    rests: dict[str, tuple[datetime, str]]


_ACCOUNTS: Final = text("SELECT name, stopped_until, stopped_why FROM accounts ORDER BY name")
_ACTIVITY: Final = text("SELECT * FROM activity ORDER BY account")
_RUNS: Final = text("""
SELECT accounts.name AS account, runs.started_at, runs.finished_at, runs.outcome, runs.requests,
       runs.rows, runs.missing, runs.detail
FROM runs JOIN accounts ON accounts.id = runs.account_id ORDER BY runs.id DESC LIMIT :most
""")
_SUCCEEDED: Final = text("""
SELECT accounts.name, max(runs.finished_at) AS at
FROM runs JOIN accounts ON accounts.id = runs.account_id
WHERE runs.outcome IN ('complete', 'incomplete') GROUP BY accounts.name
""")
_QUOTAS: Final = text("""
SELECT accounts.name, profiles.value, (
    SELECT coalesce(sum(ledger.requests), 0) FROM ledger
    WHERE ledger.account_id = accounts.id AND ledger.day >= :month
) AS ours
FROM profiles JOIN accounts ON accounts.id = profiles.account_id
WHERE profiles.name = :said AND profiles.seen_at >= :since
ORDER BY accounts.name
""").bindparams(bindparam("month", type_=Date))
_HELD: Final = text("SELECT account, holder, expires_at FROM leases WHERE expires_at > :now")
# Of the latest day that is not open, what was seen of its facets last, but not after its end.
_KNOWN: Final = text("""
SELECT accounts.name AS account, groups.guid AS group_guid, max(days.until) AS until
FROM (
    SELECT group_windows.group_id, min(
        CASE WHEN closed_at < windows.starts_at + 86400 THEN closed_at
        ELSE windows.starts_at + 86400 END
    ) AS until
    FROM group_windows
    JOIN windows ON windows.id = group_windows.window_id AND windows.unit = 'day'
    GROUP BY group_windows.group_id, group_windows.window_id
    HAVING sum(CASE WHEN group_windows.status = 'open' THEN 1 ELSE 0 END) = 0
) AS days
JOIN groups ON groups.id = days.group_id
JOIN accounts ON accounts.id = groups.account_id
WHERE days.until IS NOT NULL
GROUP BY accounts.name, groups.guid ORDER BY accounts.name, groups.guid
""")


async def live(engine: AsyncEngine, now: datetime) -> Live:
    """Read what goes on, as of `now`."""
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    asked = {
        "most": RECENT,
        "now": seconds(now),
        "said": SAID,
        "since": seconds(month),
        "month": month.date(),
    }

    def found(connection: Connection) -> Live:
        accounts = _rows(connection, _ACCOUNTS, asked)
        return Live(
            tuple(row["name"] for row in accounts),
            tuple(Activity(**row) for row in _rows(connection, _ACTIVITY, asked)),
            tuple(RecentRun(**row) for row in _rows(connection, _RUNS, asked)),
            {row["name"]: row["at"] for row in _rows(connection, _SUCCEEDED, asked)},
            tuple(
                quota
                for row in _rows(connection, _QUOTAS, asked)
                if (quota := _quota(**row)) is not None
            ),
            tuple(Held(**row) for row in _rows(connection, _HELD, asked)),
            tuple(Known(**row) for row in _rows(connection, _KNOWN, asked)),
            {
                row["name"]: (row["stopped_until"], row["stopped_why"])
                for row in accounts
                if row["stopped_until"] is not None and row["stopped_until"] > now
            },
        )

    return await read(engine, found)


async def save_activities(engine: AsyncEngine, activities: Iterable[Activity]) -> None:
    """Note what a daemon does, an account at a time. Raises StoreError."""
    rows = [
        {spec.name: _stored(getattr(each, spec.name)) for spec in fields(Activity)}
        for each in activities
    ]
    if not rows:
        return

    def saved(connection: Connection) -> None:
        insert = insert_into(connection, activity)
        news = {name: insert.excluded[name] for name in rows[0] if name != "account"}
        kept = insert.on_conflict_do_update(index_elements=["account"], set_=news)
        connection.execute(kept, rows)

    await in_transaction(engine, saved)


def _rows(
    connection: Connection, query: TextClause, values: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return the rows of `query`; columns of instants are instants."""
    found = connection.execute(query, values)
    return [
        {
            name: instant(value) if value is not None and _is_instant(name) else value
            for name, value in row.items()
        }
        for row in found.mappings()
    ]


def _is_instant(name: str) -> bool:
    return name in {"at", "since", "until"} or name.endswith(("_at", "_until"))


def _stored(value: object) -> object:
    return seconds(value) if isinstance(value, datetime) else value


def _quota(name: str, value: str, ours: int) -> MonthQuota | None:
    """Return what Bitly said, grown by what we have sent since; None if it does not say."""
    parts = value.split("/")
    if len(parts) != 3:  # noqa: PLR2004 - used, limit, ours
        return None
    used, limit, ours_then = map(int, parts)
    return MonthQuota(name, used + max(int(ours) - ours_then, 0), limit)
