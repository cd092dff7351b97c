"""What the store knows of a plan's history: whose plan it is, what to ask again, what has left."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import Boolean, Connection, Date, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.snapshots import Reason
from harvester.store.engine import in_transaction, rows
from harvester.store.tables import groups, organizations

_FINAL: Final = sorted(reason.value for reason in Reason if reason.final)

_REOPEN: Final = text("""
UPDATE group_windows SET status = 'open'
WHERE group_id = :group
    AND window_id IN (SELECT id FROM windows WHERE :all_days OR day >= :first)
    AND (
        reason = 'history'
        OR EXISTS (
            SELECT 1 FROM missing
            JOIN subjects ON subjects.id = missing.subject_id
            WHERE missing.reason = 'history'
                AND missing.facet_id = group_windows.facet_id
                AND missing.window_id = group_windows.window_id
                AND subjects.group_id = group_windows.group_id
        )
    )
""").bindparams(bindparam("all_days", type_=Boolean), bindparam("first", type_=Date))

_LEFT: Final = text("""
UPDATE missing SET reason = 'history', detail = 'it left the plan''s history before it was learnt'
WHERE window_id IN :windows
    AND facet_id IN :facets
    AND reason NOT IN :final
    AND subject_id IN (SELECT id FROM subjects WHERE group_id = :group)
""").bindparams(
    bindparam("windows", expanding=True),
    bindparam("facets", expanding=True),
    bindparam("final", _FINAL, expanding=True),
)


async def tier(engine: AsyncEngine, group_id: int) -> str:
    """Return what Bitly calls the plan of a group's organization; empty if it is not known."""
    query = (
        select(organizations.c.tier, organizations.c.tier_name)
        .join(groups, groups.c.organization_guid == organizations.c.guid)
        .where(groups.c.id == group_id, groups.c.account_id == organizations.c.account_id)
    )
    found = await rows(engine, query)
    return " ".join(filter(None, dict.fromkeys(found[0]))) if found else ""


async def reopen(engine: AsyncEngine, group_id: int, first: date | None) -> None:
    """Want again what lay beyond the history: of a group's days from `first` on, or of all."""
    asked = {"group": group_id, "all_days": first is None, "first": first or date.min}
    await in_transaction(engine, lambda connection: connection.execute(_REOPEN, asked))


def leave(
    connection: Connection, group_id: int, facet_ids: Sequence[int], window_ids: Sequence[int]
) -> None:
    """Note that windows of a group have left the history: what is missing of them cannot be had."""
    asked = {"group": group_id, "facets": list(facet_ids), "windows": list(window_ids)}
    if facet_ids and window_ids:
        connection.execute(_LEFT, asked)
