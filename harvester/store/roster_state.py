"""When each roster was listed, or why it cannot be, and whose rosters there are to list."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.snapshots import Reason
from harvester.store.engine import in_transaction, read, rows
from harvester.store.entities import Place
from harvester.store.instants import instant, seconds
from harvester.store.tables import bitlinks, entities, listings, organizations, subjects
from harvester.store.upsert import insert_into


@dataclass(frozen=True, slots=True)
class Listed:
    """What is known of the listings of one roster of one scope.

    All of it was listed `listed_at`, in so many `pages`; what is new, alone, `headed_at`. If
    there is a `reason` the last try failed, with `plan`; it is no use to try before `retry_at`.
    """

    listed_at: datetime | None = None
    headed_at: datetime | None = None
    pages: int = 1
    reason: Reason | None = None
    detail: str = ""
    plan: str = ""
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefusedRoster:
    """A roster that is refused to the account, or to some of its groups, until `retry_at`."""

    roster: str
    reason: Reason
    retry_at: datetime


async def refused_rosters(engine: AsyncEngine, account_id: int) -> tuple[RefusedRoster, ...]:
    """Return the rosters that an account is refused, each with the time of its next try."""
    query = (
        select(listings.c.roster, listings.c.reason, func.min(listings.c.retry_at))
        .where(listings.c.account_id == account_id, listings.c.retry_at.is_not(None))
        .group_by(listings.c.roster, listings.c.reason)
        .order_by(listings.c.roster)
    )
    return tuple(
        RefusedRoster(roster, Reason(reason), instant(retry_at))
        for roster, reason, retry_at in await rows(engine, query)
    )


async def listed(engine: AsyncEngine, account_id: int) -> dict[tuple[str, str], Listed]:
    """Return what is known of an account's listings, by roster and scope."""
    query = select(listings).where(listings.c.account_id == account_id)
    return {
        (row.roster, row.scope): Listed(
            _instant(row.listed_at),
            _instant(row.headed_at),
            row.pages,
            None if row.reason is None else Reason(row.reason),
            row.detail or "",
            row.plan or "",
            _instant(row.retry_at),
        )
        for row in await rows(engine, query)
    }


async def save_listed(engine: AsyncEngine, place: Place, state: Listed) -> None:
    """Store what is known of the listings of a roster."""
    row = {
        "account_id": place.account_id,
        "roster": place.roster,
        "scope": place.scope,
        "listed_at": state.listed_at and seconds(state.listed_at),
        "headed_at": state.headed_at and seconds(state.headed_at),
        "pages": state.pages,
        "reason": state.reason and state.reason.value,
        "detail": state.detail or None,
        "plan": state.plan or None,
        "retry_at": state.retry_at and seconds(state.retry_at),
    }

    def saved(connection: Connection) -> None:
        upsert = insert_into(connection, listings).values(row)
        key = list(listings.primary_key.columns)
        connection.execute(upsert.on_conflict_do_update(index_elements=key, set_=row))

    await in_transaction(engine, saved)


async def entity_details(
    engine: AsyncEngine, account_id: int, roster: str
) -> dict[tuple[str, str], str]:
    """Return the details, as JSON, of a roster's listed entities by scope and guid."""
    query = (
        select(entities.c.scope, entities.c.guid, entities.c.details)
        .where(
            entities.c.account_id == account_id,
            entities.c.roster == roster,
            entities.c.unlisted_at.is_(None),
        )
        .order_by(entities.c.id)
    )
    return {(row.scope, row.guid): row.details for row in await rows(engine, query)}


async def organization_guids(engine: AsyncEngine, account_id: int) -> list[str]:
    """Return the guids of an account's organizations."""
    query = select(organizations.c.guid).where(organizations.c.account_id == account_id)
    return await _texts(engine, query.order_by(organizations.c.guid))


async def client_ids(engine: AsyncEngine, account_id: int) -> list[str]:
    """Return the ids of the apps that made an account's links."""
    members = bitlinks.join(subjects, subjects.c.id == bitlinks.c.subject_id)
    query = select(bitlinks.c.client_id).select_from(members).distinct()
    known = query.where(subjects.c.account_id == account_id, bitlinks.c.client_id.is_not(None))
    return await _texts(engine, known.order_by(bitlinks.c.client_id))


async def plan_of(engine: AsyncEngine, account_id: int) -> str:
    """Return what Bitly calls the plans of an account's organizations, in one text."""
    query = select(organizations.c.tier).where(organizations.c.account_id == account_id)
    return ", ".join(await _texts(engine, query.order_by(organizations.c.guid)))


async def _texts(engine: AsyncEngine, query: Select[str]) -> list[str]:
    return await read(engine, lambda connection: list(connection.scalars(query)))


def _instant(stored: int | None) -> datetime | None:
    return None if stored is None else instant(stored)
