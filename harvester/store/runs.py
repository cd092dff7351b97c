"""Runs: when each began, what it was to do, how it ended."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.store.engine import in_transaction
from harvester.store.instants import instant, seconds
from harvester.store.tables import runs

_RESUMABLE: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Run:
    """A run under way. What was observed since `fresh_since` need not be asked for again."""

    id: int
    fresh_since: datetime


async def start_run(
    engine: AsyncEngine,
    account_id: int,
    at: datetime,
    *,
    since: date,
    until: date,
    strategy: str,
) -> Run:
    """Note that a run of the account begins; it goes on from one that did not come to its end.

    `fresh_since` is that run's if the account's last run is unfinished or was interrupted and began
    to collect less than a day ago; else `at`, in whole seconds.
    """
    last = (
        select(runs.c.fresh_since, runs.c.outcome)
        .where(runs.c.account_id == account_id)
        .order_by(runs.c.id.desc())
        .limit(1)
    )

    def started(connection: Connection) -> Run:
        previous = connection.execute(last).one_or_none()
        fresh_since = seconds(at)
        if previous is not None and previous.outcome in {None, "interrupted"}:
            too_old = fresh_since - previous.fresh_since >= _RESUMABLE.total_seconds()
            fresh_since = fresh_since if too_old else previous.fresh_since
        row = {
            "account_id": account_id,
            "started_at": seconds(at),
            "fresh_since": fresh_since,
            "since": since,
            "until": until,
            "strategy": strategy,
        }
        added = connection.execute(insert(runs).values(row).returning(runs.c.id))
        return Run(added.scalar_one(), instant(fresh_since))

    return await in_transaction(engine, started)


async def finish_run(  # noqa: PLR0913, PLR0917 - the columns of one row
    engine: AsyncEngine,
    run_id: int,
    at: datetime,
    outcome: str,
    requests: int,
    retries: int,
    snapshots: int,
    rows: int,
    missing: int,
    detail: str | None = None,
) -> None:
    """Note how a run ended; `outcome` is one word, "interrupted" where it may be taken up again."""
    ended = (
        update(runs)
        .where(runs.c.id == run_id)
        .values(
            finished_at=seconds(at),
            outcome=outcome,
            requests=requests,
            retries=retries,
            snapshots=snapshots,
            rows=rows,
            missing=missing,
            detail=detail,
        )
    )
    await in_transaction(engine, lambda connection: connection.execute(ended))
