"""The subjects to ask about: links are listed, the others follow from what is known already."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, func, literal, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.links import SHARED
from harvester.domain.subjects import Kind, Subject, Target
from harvester.store.engine import in_transaction, read, rows
from harvester.store.instants import instant, seconds
from harvester.store.tables import bitlinks, entities, groups, subjects
from harvester.store.upsert import insert_into

_UNLISTED: Final = (
    select(entities.c.subject_id)
    .where(entities.c.subject_id.is_not(None))
    .group_by(entities.c.subject_id)
    .having(func.count() == func.count(entities.c.unlisted_at))
)
"""What was listed once, and is not any more in any group."""


async def target_pages(
    engine: AsyncEngine, group_id: int, size: int = 500, kind: Kind = Kind.BITLINK
) -> AsyncIterator[list[Target]]:
    """Yield the group's subjects that are not gone, oldest key first, in pages.

    Custom back-halves are among the links; of other kinds what is not listed any more is left out.
    Each page is a query of its own: nothing is held open in between, and memory stays flat.
    """
    query = (
        select(subjects, groups.c.guid, bitlinks.c.custom_of, bitlinks.c.unlisted_at)
        .join(groups, groups.c.id == subjects.c.group_id)
        .outerjoin(bitlinks, bitlinks.c.subject_id == subjects.c.id)
        .where(_asked(group_id, kind))
        .order_by(subjects.c.id)
        .limit(size)
    )
    last = 0
    while True:
        found = await rows(engine, query.where(subjects.c.id > last))
        if not found:
            return
        yield [
            Target(
                row.id,
                Subject(Kind(row.kind), row.name),
                row.guid,
                custom=row.custom_of is not None,
                joined_at=instant(row.joined_at),
                left_at=None if row.unlisted_at is None else instant(row.unlisted_at),
            )
            for row in found
        ]
        if len(found) < size:
            return
        last = found[-1].id


async def save_targets(
    engine: AsyncEngine, account_id: int, kind: Kind, homes: Mapping[str, int], at: datetime
) -> None:
    """Let there be subjects of a kind: `homes` are the keys of their groups by Bitly's id."""
    of_kind = {"account_id": account_id, "kind": kind.value, "joined_at": seconds(at)}
    wanted = [{**of_kind, "name": name, "group_id": home} for name, home in homes.items()]
    await in_transaction(engine, lambda connection: _save(connection, wanted))


async def organization_homes(engine: AsyncEngine, group_ids: Sequence[int]) -> dict[str, int]:
    """Return the organizations of groups by guid, each with the first of its groups."""
    query = (
        select(groups.c.organization_guid, func.min(groups.c.id).label("home"))
        .where(groups.c.id.in_(group_ids), groups.c.organization_guid != "")
        .group_by(groups.c.organization_guid)
    )
    return {row.organization_guid: row.home for row in await rows(engine, query)}


async def target_of(engine: AsyncEngine, account_id: int, subject: Subject) -> int | None:
    """Return the key of a subject; None if it is not known."""
    query = select(subjects.c.id).where(
        subjects.c.account_id == account_id,
        subjects.c.kind == subject.kind.value,
        subjects.c.name == subject.name,
    )
    return await read(engine, lambda connection: connection.scalar(query))


async def save_custom_targets(engine: AsyncEngine, group_id: int) -> None:
    """Let each custom back-half of a group be a subject of that kind, too: what it led to changes.

    Bitly has them for domains of one's own alone.
    """
    shared = or_(*(subjects.c.name.startswith(f"{domain}/") for domain in sorted(SHARED)))
    names = (
        select(
            subjects.c.account_id,
            subjects.c.group_id,
            literal(Kind.CUSTOM_BITLINK.value).label("kind"),
            subjects.c.name,
            subjects.c.joined_at,
        )
        .join(bitlinks, bitlinks.c.subject_id == subjects.c.id)
        .where(subjects.c.group_id == group_id, bitlinks.c.custom_of.is_not(None), not_(shared))
    )

    def saved(connection: Connection) -> None:
        found = connection.execute(names).mappings()
        _save(connection, [dict(row) for row in found])

    await in_transaction(engine, saved)


def _save(connection: Connection, wanted: Sequence[dict[str, Any]]) -> None:
    """Store subjects; one that is known goes with its home."""
    if not wanted:
        return
    insert = insert_into(connection, subjects)
    moved = insert.on_conflict_do_update(
        index_elements=["account_id", "kind", "name"],
        set_={"group_id": insert.excluded.group_id},
        where=subjects.c.group_id != insert.excluded.group_id,
    )
    connection.execute(moved, wanted)


def _asked(group_id: int, kind: Kind) -> ColumnElement[bool]:
    of_group = and_(subjects.c.group_id == group_id, subjects.c.kind == kind.value)
    if kind is Kind.BITLINK:
        return and_(of_group, bitlinks.c.gone_at.is_(None))
    return and_(of_group, subjects.c.id.not_in(_UNLISTED))
