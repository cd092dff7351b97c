"""Listings of a group's bitlinks: when there was one, who was in it, and who is missing since.

A listing of all bitlinks, read to its end, tells who has left. One of the new ones does not: who is
found to have left may have done so at any time after the last full one, so proofs that were made in
the meantime do not speak of them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.windows import Window
from harvester.store.departures import doubt
from harvester.store.engine import in_transaction, read
from harvester.store.instants import instant, seconds
from harvester.store.interning import known_windows
from harvester.store.tables import bitlinks, facets, groups, snapshots, subjects

_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Roster:
    """A group's bitlinks as far as they are known: `links` of them.

    All were listed `listed_at`, the new ones alone, since then, `headed_at` (None: never).
    """

    links: int = 0
    listed_at: datetime | None = None
    headed_at: datetime | None = None


async def roster(engine: AsyncEngine, group_id: int) -> Roster:
    """Return what is known of a group's bitlinks, back-halves not counted."""
    members = subjects.join(bitlinks, bitlinks.c.subject_id == subjects.c.id)
    listed = and_(
        subjects.c.group_id == group_id,
        bitlinks.c.custom_of.is_(None),
        bitlinks.c.unlisted_at.is_(None),
    )
    counted = select(func.count()).select_from(members).where(listed)

    def found(connection: Connection) -> Roster:
        links = connection.execute(counted).scalar_one()
        at = connection.execute(select(groups).filter_by(id=group_id)).one()
        return Roster(links, _instant(at.listed_at), _instant(at.headed_at))

    return await read(engine, found)


async def close_roster(engine: AsyncEngine, group_id: int, at: datetime) -> None:
    """Mark those of the group as unlisted that a full listing, begun `at`, did not show.

    They are taken to have left as early as they may have: at the first listing that was not full
    after the last one that showed them.
    """
    members = select(subjects.c.id).where(subjects.c.group_id == group_id)
    gap = select(groups.c.heads_since).where(groups.c.id == group_id)
    absent = and_(
        bitlinks.c.subject_id.in_(members),
        bitlinks.c.unlisted_at.is_(None),
        bitlinks.c.last_seen_at < seconds(at),
    )

    def closed(connection: Connection) -> None:
        since = connection.execute(gap).scalar_one() or seconds(at)
        doubt(connection, group_id, select(bitlinks.c.subject_id).where(absent), since)
        left = case((bitlinks.c.last_seen_at >= since, bitlinks.c.last_seen_at + 1), else_=since)
        connection.execute(update(bitlinks).where(absent).values(unlisted_at=left))
        news = {"listed_at": seconds(at), "headed_at": None, "heads_since": None}
        connection.execute(update(groups).filter_by(id=group_id).values(news))

    await in_transaction(engine, closed)


async def close_head(engine: AsyncEngine, group_id: int, at: datetime) -> None:
    """Note that a group's new bitlinks, and only they, were listed to the end; it began `at`."""
    since = func.coalesce(groups.c.heads_since, seconds(at))
    news = {"headed_at": seconds(at), "heads_since": since}
    closed = update(groups).filter_by(id=group_id).values(news)
    await in_transaction(engine, lambda connection: connection.execute(closed))


async def at_home(engine: AsyncEngine, group_id: int, names: Collection[str]) -> set[str]:
    """Return those of the bitlinks that are known to be in the group, listed and not gone."""

    def found(connection: Connection) -> set[str]:
        here: set[str] = set()
        for some in _chunks(list(names)):
            here.update(connection.scalars(_listed(group_id).where(subjects.c.name.in_(some))))
        return here

    return await read(engine, found)


async def clicks_of(
    engine: AsyncEngine, account_id: int, names: Collection[str], windows: Sequence[Window]
) -> dict[str, int]:
    """Return the clicks stored of bitlinks over all of `windows`, wherever they are listed."""
    found: dict[str, int] = {}
    for some in _chunks(list(names)):
        of_names = and_(subjects.c.account_id == account_id, subjects.c.name.in_(some))
        found |= await _clicks(engine, of_names, windows)
    return found


async def clicks_of_group(
    engine: AsyncEngine, group_id: int, windows: Sequence[Window]
) -> dict[str, int]:
    """Return the clicks stored of a group's bitlinks over `windows`; none that is 0, no back-half.

    Those that are known to have left, or to be gone, are not the group's any more.
    """
    own = and_(subjects.c.name.in_(_listed(group_id)), bitlinks.c.custom_of.is_(None))
    found = await _clicks(engine, and_(subjects.c.group_id == group_id, own), windows)
    return {name: clicks for name, clicks in found.items() if clicks}


async def _clicks(
    engine: AsyncEngine, of: ColumnElement[bool], windows: Sequence[Window]
) -> dict[str, int]:

    def found(connection: Connection) -> dict[str, int]:
        keys = known_windows(connection, windows)
        query = (
            select(subjects.c.name, func.sum(snapshots.c.total))
            .join(bitlinks, bitlinks.c.subject_id == subjects.c.id)
            .join(snapshots, snapshots.c.subject_id == subjects.c.id)
            .join(facets, facets.c.id == snapshots.c.facet_id)
            .where(
                of,
                facets.c.name == "clicks",
                snapshots.c.window_id.in_(list(keys.values())),
                snapshots.c.superseded_at.is_(None),
            )
            .group_by(subjects.c.name)
        )
        return {name: int(clicks) for name, clicks in connection.execute(query)}

    return await read(engine, found)


def _listed(group_id: int) -> Select[tuple[str]]:
    return (
        select(subjects.c.name)
        .join(bitlinks, bitlinks.c.subject_id == subjects.c.id)
        .where(
            subjects.c.group_id == group_id,
            bitlinks.c.unlisted_at.is_(None),
            bitlinks.c.gone_at.is_(None),
        )
    )


def _chunks(names: Sequence[str]) -> Sequence[Sequence[str]]:
    return [names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE)]


def _instant(stored: int | None) -> datetime | None:
    return None if stored is None else instant(stored)
