"""The requests of an account: charged to its ledger, held against the month's quota."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import (
    AccountStopped,
    BitlyError,
    ReserveReached,
    ShareSpent,
    UsageLimitExceeded,
)
from harvester.bitly.models import PlanLimit
from harvester.bitly.month import Month, done_by
from harvester.bitly.purse import Purse
from harvester.clock import Clock
from harvester.harvest.job import Budget, Job
from harvester.harvest.prelude import plan_limits, tightest
from harvester.harvest.remembered import Said, remember, remembered
from harvester.harvest.summary import Quota
from harvester.store.accounts import Stop, account_key, save_stop, stop_of
from harvester.store.entries import Entered
from harvester.store.errors import StoreError
from harvester.store.ledger import StoredLedger, spent
from harvester.store.plans import save_plans

LOOK: Final = 10  # requests of a run that finds nothing new


@asynccontextmanager
async def charged(
    account: str, client: BitlyClient, engine: AsyncEngine, clock: Clock
) -> AsyncIterator[int]:
    """Charge what `client` sends to the ledger of `account`, whose key is yielded.

    What was charged ahead and not sent is given back in the end, if the database lets us: without
    that the ledger stays a little high. Raises StoreError.
    """
    account_id = await account_key(engine, account, clock.now())
    client.limiter.purse.charge_to(StoredLedger(engine, account_id, clock))
    try:
        yield account_id
    finally:
        with suppress(StoreError):
            await client.limiter.purse.close()


async def refuse_rest(engine: AsyncEngine, account_id: int, now: datetime) -> None:
    """Return if the account may be asked. Raises UsageLimitExceeded if it rests for this month."""
    stop = await stop_of(engine, account_id)
    if stop is None:
        return
    if now >= stop.until:
        await save_stop(engine, account_id, None)
        return
    raise UsageLimitExceeded(
        f"nothing is asked before {stop.until:%Y-%m-%d %H:%M} UTC, since {stop.why};"
        " if the plan has grown since, `harvest check` finds out and ends the rest",
        until=stop.until,
    )


async def note_rest(
    engine: AsyncEngine, account_id: int, error: BitlyError | None, now: datetime
) -> None:
    """Let the account rest until the month turns if Bitly itself has said that it is spent."""
    if isinstance(error, UsageLimitExceeded) and error.refusal is not None:
        why = f"Bitly said on {now:%Y-%m-%d} that the month's API requests are spent ({error.code})"
        await save_stop(engine, account_id, Stop(error.until, why))


async def end_rest(
    engine: AsyncEngine, account_id: int, month: PlanLimit | None, now: datetime
) -> Stop | None:
    """End the account's rest if `month`, Bitly's word, has room again; else return the rest."""
    stop = await stop_of(engine, account_id)
    has_room = month is not None and month.count < month.limit
    if stop is None or (now < stop.until and not has_room):
        return stop
    await save_stop(engine, account_id, None)
    return None


async def hold_to_month(
    job: Job,
    client: BitlyClient,
    engine: AsyncEngine,
    known: Entered,
    now: datetime,
    *,
    row_named: str | None = None,
) -> None:
    """Tell the purse what the month holds: what the plan says, or `job` in its place.

    `row_named` is the plan's row of API requests, if a probe has found its name.

    Used is what Bitly counted or what our ledger has of the month, whichever is more. Nothing is
    held back if neither the plan nor `job` tells a limit. What Bitly said earlier this month is
    taken first, and read again once the run turns out to be more than a look.
    """
    purse = client.limiter.purse
    ours, today = await _sent(purse, engine, known.account_id, now)
    said = None if job.refresh else await remembered(engine, known.account_id, now)
    if said is not None:
        month = _month(job, said.now(ours), ours, today, now)
        if month is None or month.left_today(now) > LOOK:
            reader = Reader(job, client, engine, known, month, now, row_named) if month else None
            purse.hold(month, reader if said.row else None, read_after=LOOK)
            return
    row = await _read(client, engine, known, now, row_named)
    ours, today = await _sent(purse, engine, known.account_id, now)
    await remember(engine, known.account_id, Said(row, ours), now)
    month = _month(job, row, ours, today, now)
    if month is None or row is None:
        purse.hold(month)
    else:
        purse.hold(month, Reader(job, client, engine, known, month, now, row_named))


async def _read(
    client: BitlyClient, engine: AsyncEngine, known: Entered, now: datetime, row_named: str | None
) -> PlanLimit | None:
    """Read what the plans allow, keep it, and return the row that tells of the month."""
    said = await plan_limits(client, known.organizations)
    await save_plans(engine, known.account_id, said, now)
    return tightest(said, row_named)


async def _sent(
    purse: Purse, engine: AsyncEngine, account_id: int, now: datetime
) -> tuple[int, int]:
    """Return how many requests of ours the ledger has of this month, and of today."""
    first, today = now.date().replace(day=1), now.date()
    return (
        await spent(engine, account_id, first) - purse.unused(),
        await spent(engine, account_id, today) - purse.unused(),
    )


def _month(job: Job, row: PlanLimit | None, ours: int, today: int, now: datetime) -> Month | None:
    """Return the month as the plan's `row` has it, or `job`; None if neither tells a limit."""
    limit = row.limit if row is not None and job.month_requests is None else job.month_requests
    if limit is None:
        return None
    return Month(
        limit=limit,
        reserve=limit * job.reserve // 100,
        day=now.date(),
        counted=row.count if row else 0,
        ours=ours,
        today=today,
        even=job.budget is Budget.EVEN,
    )


def quota_of(purse: Purse, now: datetime) -> Quota | None:
    """Return the month's requests as they stand; None if no limit is known."""
    month = purse.month
    return Quota(month.limit, month.used, month.left(now)) if month else None


def paced(requests: int, month: Month, now: datetime, budget: Budget) -> tuple[int, date | None]:
    """Return how many requests `budget` has for today, and the day by which all can be sent.

    The day is None if there is none in sight.
    """
    month = replace(month, even=budget is Budget.EVEN)
    today = month.left_today(now)
    if requests <= today:
        return today, now.date()
    month.counted = month.used + today
    return today, done_by(requests - today, month, now)


def stop_line(ended: AccountStopped, left: int, month: Month | None, now: datetime) -> str:
    """Return one line for a person: what ended the account, what is left, when it can be done."""
    if month is None or not isinstance(ended, ShareSpent | ReserveReached):
        return str(ended)
    line = str(ended.args[0])
    if left:
        day = done_by(left, month, now)
        line += f"; about {left:,} requests are left, done by {day or 'no day in sight'}"
    if isinstance(ended, ShareSpent):
        line += "; --budget greedy spends the month's rest now"
    return line


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads Bitly's word on the month again: its count, and a limit that may have grown."""

    job: Job
    client: BitlyClient
    engine: AsyncEngine
    known: Entered
    month: Month
    began: datetime
    row_named: str | None

    async def __call__(self) -> int | None:
        """Return the month's count; None if Bitly does not say."""
        try:
            row = await _read(self.client, self.engine, self.known, self.began, self.row_named)
        except BitlyError:
            return None
        if row is None:
            return None
        if self.job.month_requests is None:
            self.month.limit = row.limit
            self.month.reserve = row.limit * self.job.reserve // 100
        await remember(self.engine, self.known.account_id, Said(row, self.month.ours), self.began)
        return row.count
