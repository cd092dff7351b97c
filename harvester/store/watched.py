"""Watched links: which ones a person named, and where they are kept.

A link that is in none of the account's groups is in no group's total or list either. So those that
are watched have a home of their own: it looks like a group in every view, but is none of Bitly's.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.rosters import WATCHED, GroupDetails
from harvester.domain.subjects import Kind
from harvester.store.engine import in_transaction, read
from harvester.store.instants import seconds
from harvester.store.rosters import save_groups
from harvester.store.tables import bitlinks, groups, subjects, watched
from harvester.store.upsert import insert_into

_AT_ONCE: Final = 1_000
_NEVER: Final = 0  # so that it is no group that Bitly listed


async def watch(engine: AsyncEngine, account: str, names: Iterable[str], at: datetime) -> int:
    """Note that an account watches these links; return how many it did not watch before."""
    rows = [{"account": account, "bitlink": each, "added_at": seconds(at)} for each in names]

    def noted(connection: Connection) -> None:
        insert = insert_into(connection, watched).on_conflict_do_nothing()
        for start in range(0, len(rows), _AT_ONCE):
            connection.execute(insert, rows[start : start + _AT_ONCE])

    before = len(await watched_links(engine, account))
    await in_transaction(engine, noted)
    return len(await watched_links(engine, account)) - before


async def unwatch(engine: AsyncEngine, account: str, names: Collection[str]) -> int:
    """Forget that an account watches these links; return how many it did. Their facts stay."""
    of = delete(watched).filter_by(account=account)

    def forgotten(connection: Connection) -> int:
        return sum(connection.execute(of.filter_by(bitlink=name)).rowcount for name in names)

    return await in_transaction(engine, forgotten)


async def watched_links(engine: AsyncEngine, account: str) -> list[str]:
    """Return the links that an account was told to watch."""
    query = select(watched.c.bitlink).filter_by(account=account).order_by(watched.c.bitlink)
    return await read(engine, lambda connection: list(connection.scalars(query)))


async def home(engine: AsyncEngine, account_id: int, organization_guid: str, at: datetime) -> int:
    """Return the key of the group that holds an account's watched links; it is made if need be."""
    details = GroupDetails(WATCHED, organization_guid, "watched links", "", True, None, None)  # noqa: FBT003
    keys = await save_groups(engine, account_id, [details], at)
    never = update(groups).filter_by(id=keys[WATCHED]).values(last_seen_at=_NEVER)
    await in_transaction(engine, lambda connection: connection.execute(never))
    return keys[WATCHED]


async def home_key(engine: AsyncEngine, account_id: int) -> int | None:
    """Return the key of the group that holds an account's watched links, if there is one."""
    query = select(groups.c.id).filter_by(account_id=account_id, guid=WATCHED)
    return await read(engine, lambda connection: connection.scalar(query))


async def at_home(engine: AsyncEngine, group_id: int) -> set[str]:
    """Return the links that are kept as watched ones now."""
    query = select(subjects.c.name).join(bitlinks, bitlinks.c.subject_id == subjects.c.id)
    kept = query.where(subjects.c.group_id == group_id, bitlinks.c.unlisted_at.is_(None))
    return await read(engine, lambda connection: set(connection.scalars(kept)))


async def elsewhere(engine: AsyncEngine, account_id: int, names: Sequence[str]) -> set[str]:
    """Return those of the links that a group of the account's lists: they are harvested there."""
    query = (
        select(subjects.c.name)
        .join(bitlinks, bitlinks.c.subject_id == subjects.c.id)
        .join(groups, groups.c.id == subjects.c.group_id)
        .where(
            subjects.c.account_id == account_id,
            subjects.c.kind == Kind.BITLINK.value,
            groups.c.guid != WATCHED,
            bitlinks.c.unlisted_at.is_(None),
        )
    )

    def found(connection: Connection) -> set[str]:
        others: set[str] = set()
        for start in range(0, len(names), _AT_ONCE):
            some = query.where(subjects.c.name.in_(names[start : start + _AT_ONCE]))
            others.update(connection.scalars(some))
        return others

    return await read(engine, found)


async def let_go(engine: AsyncEngine, group_id: int, names: Collection[str], at: datetime) -> None:
    """Note that these links are not watched any more, and not asked for. What is stored stays."""
    of = select(subjects.c.id).where(subjects.c.group_id == group_id)
    gone = update(bitlinks).values(unlisted_at=seconds(at), gone_at=seconds(at))

    def let(connection: Connection) -> None:
        for name in names:
            its = bitlinks.c.subject_id.in_(of.where(subjects.c.name == name))
            connection.execute(gone.where(its))

    await in_transaction(engine, let)
