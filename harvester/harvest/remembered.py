"""What Bitly said of the month when it was asked last, so that a quiet run need not ask again."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.models import PlanLimit
from harvester.store.profiles import Fact, profile, save

NAME: Final = "month.said"
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Said:
    """The plan's row of API requests, if it has one, and what our ledger had of the month then."""

    row: PlanLimit | None
    ours: int

    def now(self, ours: int) -> PlanLimit | None:
        """Return the row as it must be by now: grown by what we have sent since, at least."""
        if self.row is None:
            return None
        return replace(self.row, count=self.row.count + max(ours - self.ours, 0))


async def remember(engine: AsyncEngine, account_id: int, said: Said, now: datetime) -> None:
    """Keep what Bitly says `now`."""
    value = UNKNOWN if said.row is None else f"{said.row.count}/{said.row.limit}/{said.ours}"
    detail = "API requests: used, in the plan, and sent by us, when plan_limits was read"
    await save(engine, account_id, {NAME: Fact(value, "seen", detail, now)})


async def remembered(engine: AsyncEngine, account_id: int, now: datetime) -> Said | None:
    """Return what Bitly said last of the month of `now`; None if it has not been asked yet."""
    fact = (await profile(engine, account_id)).get(NAME)
    if fact is None or (fact.seen_at.year, fact.seen_at.month) != (now.year, now.month):
        return None
    if fact.value == UNKNOWN:
        return Said(None, 0)
    count, limit, ours = map(int, fact.value.split("/"))
    return Said(PlanLimit(NAME, limit, count), ours)
