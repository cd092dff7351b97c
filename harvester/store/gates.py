"""What the API refuses to a plan, and when it may be asked for again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.snapshots import Reason
from harvester.store.engine import in_transaction, rows
from harvester.store.instants import instant, seconds
from harvester.store.interning import Interning
from harvester.store.tables import facets as facet_table
from harvester.store.tables import groups, organizations
from harvester.store.tables import refusals as refusal_table
from harvester.store.upsert import insert_into

TOTALS: Final = "group clicks"
LISTS: Final = "sorted links"
EXPORTS: Final = "exports"
"""What a refusal is remembered by: no facets of a link, but a plan may lack them as well."""

_TIER: Final = (
    select(organizations.c.tier)
    .where(
        organizations.c.account_id == groups.c.account_id,
        organizations.c.guid == groups.c.organization_guid,
    )
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class Gate:
    """A facet that is refused at present: to how many groups, why, and until when that is taken."""

    facet: str
    reason: Reason
    groups: int
    retry_at: datetime


async def refusals(engine: AsyncEngine, group_id: int) -> dict[str, datetime]:
    """Return the facets that the API refused to a group, and when each may be asked for again."""
    query = (
        select(facet_table.c.name, refusal_table.c.retry_at)
        .join(facet_table, facet_table.c.id == refusal_table.c.facet_id)
        .where(refusal_table.c.group_id == group_id)
    )
    return {row.name: instant(row.retry_at) for row in await rows(engine, query)}


async def refused_now(engine: AsyncEngine, group_id: int, now: datetime) -> bool:
    """Whether a group's totals or its sorted lists are not to be had at present."""
    found = await refusals(engine, group_id)
    return any(found[what] > now for what in (TOTALS, LISTS) if what in found)


async def save_refusal(  # noqa: PLR0913 - the columns of one row
    engine: AsyncEngine,
    group_id: int,
    facet: str,
    reason: Reason,
    detail: str,
    *,
    at: datetime,
    retry_at: datetime,
) -> None:
    """Remember that the API refused a facet to a group, until `retry_at`."""

    def saved(connection: Connection) -> None:
        facet_id = Interning().facets(connection, [facet])[facet]
        tier = connection.execute(select(_TIER).where(groups.c.id == group_id))
        news = {
            "tier": tier.scalar_one_or_none() or "",
            "reason": reason.value,
            "detail": detail,
            "last_at": seconds(at),
            "retry_at": seconds(retry_at),
        }
        key = {"group_id": group_id, "facet_id": facet_id}
        insert = insert_into(connection, refusal_table).values(**key, **news, first_at=seconds(at))
        connection.execute(insert.on_conflict_do_update(index_elements=list(key), set_=news))

    await in_transaction(engine, saved)


async def plan_groups(engine: AsyncEngine, group_id: int) -> Mapping[str, int]:
    """Return the groups that share a group's plan, itself included: keys by guid."""
    one = groups.alias()
    same = select(groups.c.guid, groups.c.id).join(
        one,
        (groups.c.account_id == one.c.account_id)
        & (groups.c.organization_guid == one.c.organization_guid),
    )
    found = await rows(engine, same.where(one.c.id == group_id))
    return {row.guid: row.id for row in found}


async def gates(engine: AsyncEngine, account_id: int, now: datetime) -> list[Gate]:
    """Return what is refused to an account at present, by the names of facets."""
    query = (
        select(
            facet_table.c.name,
            refusal_table.c.reason,
            func.count().label("groups"),
            func.min(refusal_table.c.retry_at).label("retry_at"),
        )
        .join(refusal_table, refusal_table.c.facet_id == facet_table.c.id)
        .join(groups, groups.c.id == refusal_table.c.group_id)
        .where(groups.c.account_id == account_id, refusal_table.c.retry_at > seconds(now))
        .group_by(facet_table.c.name, refusal_table.c.reason)
        .order_by(facet_table.c.name, refusal_table.c.reason)
    )
    return [
        Gate(row.name, Reason(row.reason), row.groups, instant(row.retry_at))
        for row in await rows(engine, query)
    ]


def forget_other_plans(connection: Connection, account_id: int) -> None:
    """Forget what was refused to a plan that an account does not have any more."""
    other = exists().where(
        groups.c.id == refusal_table.c.group_id,
        groups.c.account_id == account_id,
        organizations.c.account_id == account_id,
        organizations.c.guid == groups.c.organization_guid,
        organizations.c.tier != refusal_table.c.tier,
    )
    connection.execute(delete(refusal_table).where(refusal_table.c.tier != "", other))
