"""Whose an account is, its organizations and groups: as they were when all that was last asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Update, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.rosters import GroupDetails, OrganizationDetails
from harvester.store.engine import in_transaction, read
from harvester.store.gates import forget_other_plans
from harvester.store.instants import instant, seconds
from harvester.store.rosters import save_account, save_groups, save_organizations
from harvester.store.tables import accounts, groups, organizations


@dataclass(frozen=True, slots=True)
class Entered:
    """What was said of an account `at` an instant; `keys` are those of its groups by guid."""

    account_id: int
    login: str
    at: datetime
    organizations: tuple[OrganizationDetails, ...]
    groups: tuple[GroupDetails, ...]
    keys: Mapping[str, int]


async def entered(engine: AsyncEngine, name: str) -> Entered | None:
    """Return what is remembered of the account called `name`; None if it has to be asked."""
    query = select(accounts).where(accounts.c.name == name, accounts.c.entered_at.is_not(None))

    def found(connection: Connection) -> Entered | None:
        row = connection.execute(query).one_or_none()
        if row is None:
            return None
        # what was not in the answers of then is not the account's any more
        listed = connection.execute(
            select(groups)
            .where(groups.c.account_id == row.id, groups.c.last_seen_at >= row.entered_at)
            .order_by(groups.c.id)
        ).all()
        return Entered(
            row.id,
            row.login,
            instant(row.entered_at),
            _organizations(connection, row.id, row.entered_at),
            tuple(_group(each) for each in listed),
            {each.guid: each.id for each in listed},
        )

    return await read(engine, found)


async def save_entry(
    engine: AsyncEngine,
    name: str,
    login: str,
    belongs_to: Sequence[OrganizationDetails],
    listed: Sequence[GroupDetails],
    at: datetime,
) -> Entered:
    """Remember what was said `at` an instant of the account called `name`."""

    def entering(connection: Connection) -> None:
        connection.execute(_entering(account_id).values(entered_at=seconds(at)))
        forget_other_plans(connection, account_id)

    account_id = await save_account(engine, name, login, at)
    keys = await save_groups(engine, account_id, listed, at)
    await save_organizations(engine, account_id, belongs_to, at)
    await in_transaction(engine, entering)
    whole_second = instant(seconds(at))
    return Entered(account_id, login, whole_second, tuple(belongs_to), tuple(listed), keys)


async def forget_entry(engine: AsyncEngine, account_id: int) -> None:
    """Let the next run ask anew whose the account is and which groups it has."""
    anew = _entering(account_id).values(entered_at=None)
    await in_transaction(engine, lambda connection: connection.execute(anew))


def _entering(account_id: int) -> Update:
    return update(accounts).filter_by(id=account_id)


def _organizations(
    connection: Connection, account_id: int, since: int
) -> tuple[OrganizationDetails, ...]:
    query = (
        select(organizations)
        .where(organizations.c.account_id == account_id, organizations.c.last_seen_at >= since)
        .order_by(organizations.c.guid)
    )
    return tuple(
        OrganizationDetails(row.guid, row.name, row.tier, row.tier_name)
        for row in connection.execute(query)
    )


def _group(row: Row[Any]) -> GroupDetails:
    return GroupDetails(
        row.guid,
        row.organization_guid,
        row.name,
        row.role,
        row.is_active,
        None if row.created_at is None else instant(row.created_at),
        None if row.modified_at is None else instant(row.modified_at),
    )
