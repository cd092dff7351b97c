"""Proofs of whole group-windows, what is stored of them to judge by, and trust in a group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.proofs import Proof, Tally
from harvester.domain.windows import Window
from harvester.store.engine import in_transaction, read, rows
from harvester.store.instants import instant, seconds
from harvester.store.interning import Interning, known_windows
from harvester.store.tables import bitlinks, facets, snapshots, subjects
from harvester.store.tables import proofs as proof_table
from harvester.store.tables import trust as trust_table
from harvester.store.upsert import insert_into

_TALLIES = text("""
SELECT
    window_id,
    sum(CASE WHEN listed AND NOT custom THEN clicks ELSE 0 END) AS links,
    sum(CASE WHEN listed AND custom THEN clicks ELSE 0 END) AS customs,
    sum(CASE WHEN listed THEN 0 ELSE clicks END) AS departed,
    sum(CASE WHEN listed AND unknown THEN 1 ELSE 0 END) AS unknown,
    sum(CASE WHEN listed AND custom AND unknown THEN 1 ELSE 0 END) AS unknown_customs,
    min(CASE WHEN listed THEN seen_at END) AS oldest,
    min(CASE WHEN listed AND custom THEN seen_at END) AS oldest_custom,
    max(joined_at) AS joined_at,
    max(CASE WHEN clicks > 0 THEN left_at END) AS left_at
FROM (
    SELECT
        windows.id AS window_id,
        bitlinks.gone_at IS NULL AND bitlinks.unlisted_at IS NULL AS listed,
        bitlinks.custom_of IS NOT NULL AS custom,
        snapshots.id IS NULL AS unknown,
        coalesce(snapshots.total, 0) AS clicks,
        snapshots.last_seen_at AS seen_at,
        subjects.joined_at,
        coalesce(bitlinks.gone_at, bitlinks.unlisted_at) AS left_at
    FROM subjects
    JOIN bitlinks ON bitlinks.subject_id = subjects.id
    JOIN windows ON windows.id IN :windows
    LEFT JOIN snapshots
        ON snapshots.subject_id = subjects.id
        AND snapshots.facet_id = (SELECT id FROM facets WHERE name = 'clicks')
        AND snapshots.window_id = windows.id
        AND snapshots.superseded_at IS NULL
    WHERE subjects.group_id = :group
) AS stored
GROUP BY window_id
""").bindparams(bindparam("windows", expanding=True))


@dataclass(frozen=True, slots=True)
class StoredTrust:
    """How far a group's answers were seen to fit: see `Trust` in harvest/proofs.py."""

    totals: bool = True
    customs: bool | None = None
    contradictions: int = 0
    explained: bool | None = None
    detail: str = ""
    last_at: datetime | None = None


async def proofs(
    engine: AsyncEngine, group_id: int, windows: Sequence[Window]
) -> dict[Window, Proof]:
    """Return what is proved of a group's windows."""

    def found(connection: Connection) -> dict[Window, Proof]:
        keys = {key: each for each, key in known_windows(connection, windows).items()}
        query = select(proof_table).where(
            proof_table.c.group_id == group_id, proof_table.c.window_id.in_(list(keys))
        )
        return {
            keys[row.window_id]: Proof(instant(row.seen_at), row.total, row.customs)
            for row in connection.execute(query)
        }

    return await read(engine, found)


async def save_proofs(engine: AsyncEngine, group_id: int, found: Mapping[Window, Proof]) -> None:
    """Store what is proved of a group's windows; the newest proof of a window counts."""
    if not found:
        return

    def saved(connection: Connection) -> None:
        keys = Interning().windows(connection, found)
        values = [
            {
                "group_id": group_id,
                "window_id": keys[window],
                "seen_at": seconds(proof.seen_at),
                "total": proof.total,
                "customs": proof.customs,
            }
            for window, proof in found.items()
        ]
        insert = insert_into(connection, proof_table)
        news = {name: insert.excluded[name] for name in ("seen_at", "total", "customs")}
        key = ["group_id", "window_id"]
        connection.execute(insert.on_conflict_do_update(index_elements=key, set_=news), values)

    await in_transaction(engine, saved)


async def drop_proofs(
    engine: AsyncEngine, group_id: int, windows: Sequence[Window], since: datetime | None = None
) -> None:
    """Forget what was proved of a group's windows, `since` then or ever."""

    def dropped(connection: Connection) -> None:
        keys = known_windows(connection, windows)
        connection.execute(
            delete(proof_table).where(
                proof_table.c.group_id == group_id,
                proof_table.c.window_id.in_(keys.values()),
                proof_table.c.seen_at >= (0 if since is None else seconds(since)),
            )
        )

    await in_transaction(engine, dropped)


async def tallies(
    engine: AsyncEngine, group_id: int, windows: Sequence[Window]
) -> dict[Window, Tally]:
    """Return the clicks stored of a group's windows; a group without links has none."""

    def found(connection: Connection) -> dict[Window, Tally]:
        keys = {key: each for each, key in known_windows(connection, windows).items()}
        if not keys:
            return {}
        asked = {"group": group_id, "windows": list(keys)}
        return {
            keys[row.window_id]: Tally(
                links=int(row.links),
                customs=int(row.customs),
                departed=int(row.departed),
                unknown=int(row.unknown),
                unknown_customs=int(row.unknown_customs),
                oldest=_instant(row.oldest),
                oldest_custom=_instant(row.oldest_custom),
                joined_at=_instant(row.joined_at),
                left_at=_instant(row.left_at),
            )
            for row in connection.execute(_TALLIES, asked)
        }

    return await read(engine, found)


def _instant(stored: int | None) -> datetime | None:
    return None if stored is None else instant(stored)


async def clicked_links(engine: AsyncEngine, group_id: int, window: Window) -> list[str]:
    """Return the names of a group's links (no back-halves) that are stored with clicks there."""

    def found(connection: Connection) -> list[str]:
        keys = known_windows(connection, [window])
        query = (
            select(subjects.c.name)
            .join(bitlinks, bitlinks.c.subject_id == subjects.c.id)
            .join(snapshots, snapshots.c.subject_id == subjects.c.id)
            .join(facets, facets.c.id == snapshots.c.facet_id)
            .where(
                subjects.c.group_id == group_id,
                bitlinks.c.custom_of.is_(None),
                bitlinks.c.gone_at.is_(None),
                bitlinks.c.unlisted_at.is_(None),
                facets.c.name == "clicks",
                snapshots.c.window_id == keys.get(window),
                snapshots.c.superseded_at.is_(None),
                snapshots.c.total > 0,
            )
        )
        return list(connection.scalars(query))

    return await read(engine, found)


async def trust(engine: AsyncEngine, group_id: int) -> StoredTrust:
    """Return how far a group's answers were seen to fit each other."""
    query = select(trust_table).where(trust_table.c.group_id == group_id)
    found = await rows(engine, query)
    if not found:
        return StoredTrust()
    (row,) = found
    last_at = instant(row.last_at)
    values = row.totals, row.customs, row.contradictions, row.explained, row.detail, last_at
    return StoredTrust(*values)


async def save_trust(engine: AsyncEngine, group_id: int, found: StoredTrust, at: datetime) -> None:
    """Store how far a group's answers fit each other, as was seen `at` an instant."""
    news = {
        "totals": found.totals,
        "customs": found.customs,
        "contradictions": found.contradictions,
        "explained": found.explained,
        "detail": found.detail,
        "last_at": seconds(at),
    }

    def saved(connection: Connection) -> None:
        insert = insert_into(connection, trust_table).values(group_id=group_id, **news)
        connection.execute(insert.on_conflict_do_update(index_elements=["group_id"], set_=news))

    await in_transaction(engine, saved)
