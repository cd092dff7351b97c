"""How many names a group has and how many of its links were clicked: what requests cost."""

from collections.abc import Sequence

from sqlalchemy import Connection, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.windows import Window
from harvester.store.engine import read, rows
from harvester.store.interning import known_windows
from harvester.store.tables import bitlinks, facets, proofs, snapshots, subjects

_LISTED = and_(bitlinks.c.gone_at.is_(None), bitlinks.c.unlisted_at.is_(None))


async def sizes(engine: AsyncEngine, group_id: int) -> tuple[int, int]:
    """Return how many links, and how many custom back-halves, a group lists."""
    customs = func.count(bitlinks.c.custom_of)
    query = (
        select(func.count() - customs, customs)
        .select_from(subjects.join(bitlinks, bitlinks.c.subject_id == subjects.c.id))
        .where(subjects.c.group_id == group_id, _LISTED)
    )
    ((links, halves),) = await rows(engine, query)
    return int(links), int(halves)


async def owners(engine: AsyncEngine, group_id: int) -> dict[str, str]:
    """Return the link of each custom back-half that a group lists, both by name."""
    link = subjects.alias("link")
    query = (
        select(subjects.c.name, link.c.name.label("link"))
        .join(bitlinks, bitlinks.c.subject_id == subjects.c.id)
        .join(link, link.c.id == bitlinks.c.custom_of)
        .where(subjects.c.group_id == group_id, _LISTED)
    )
    return {row.name: row.link for row in await rows(engine, query)}


async def clicked(
    engine: AsyncEngine, group_id: int, windows: Sequence[Window]
) -> list[tuple[int, int]]:
    """Return (the group's clicks, its links with clicks) of those windows of which both are proved.

    Windows without clicks tell nothing and are left out.
    """
    count = func.count(case((bitlinks.c.custom_of.is_(None), snapshots.c.id)))

    def found(connection: Connection) -> list[tuple[int, int]]:
        keys = known_windows(connection, windows)
        query = (
            select(proofs.c.total, count)
            .select_from(proofs)
            .join(snapshots, snapshots.c.window_id == proofs.c.window_id)
            .join(facets, facets.c.id == snapshots.c.facet_id)
            .join(subjects, subjects.c.id == snapshots.c.subject_id)
            .join(bitlinks, bitlinks.c.subject_id == subjects.c.id)
            .where(
                proofs.c.group_id == group_id,
                subjects.c.group_id == group_id,
                proofs.c.window_id.in_(keys.values()),
                proofs.c.total > 0,
                facets.c.name == "clicks",
                snapshots.c.superseded_at.is_(None),
                snapshots.c.total > 0,
            )
            .group_by(proofs.c.window_id, proofs.c.total)
        )
        return [(int(total), int(links)) for total, links in connection.execute(query)]

    return await read(engine, found)
