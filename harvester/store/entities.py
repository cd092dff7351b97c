"""Entities of all rosters: as last listed, with every change of what was listed before."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.entities import Entity
from harvester.domain.subjects import Kind
from harvester.store.differing import Change, as_text, differing
from harvester.store.engine import in_transaction
from harvester.store.instants import seconds
from harvester.store.tables import changes, entities, subjects
from harvester.store.upsert import insert_into

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where entities are listed: a roster of an account, and what of (`scope`: a guid, or none)."""

    account_id: int
    roster: str
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """As what metrics are measured of a roster's entities: a kind of subject, in a group."""

    kind: Kind
    group_id: int


async def save_entities(
    engine: AsyncEngine,
    place: Place,
    listed: Sequence[Entity],
    at: datetime,
    measured: Measured | None = None,
) -> None:
    """Store a page of a listing that began `at`; what differs from what is stored is a change.

    With `measured` each becomes a subject as well.
    """
    news = {each.guid: details_of(each) for each in listed}
    names = list(news)

    def saved(connection: Connection, some: Sequence[str]) -> None:
        keys = _subjects(connection, place, some, at, measured)
        _save(connection, place, {name: news[name] for name in some}, keys, seconds(at))

    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        await in_transaction(engine, partial(saved, some=some))


async def close_listing(engine: AsyncEngine, place: Place, at: datetime) -> None:
    """Mark those as unlisted that a whole listing, begun `at`, did not show; none is deleted."""
    absent = and_(
        _of(place), entities.c.unlisted_at.is_(None), entities.c.last_seen_at < seconds(at)
    )
    closed = update(entities).where(absent).values(unlisted_at=seconds(at))
    await in_transaction(engine, lambda connection: connection.execute(closed))


def save_changes(
    connection: Connection, place: Place, found: Mapping[str, Iterable[Change]], at: int
) -> None:
    """Append changes, by the entity's name; of two in one second the last `new` is kept."""
    rows = [
        {**_key(place), "guid": guid, "seen_at": at, **change._asdict()}
        for guid, its in found.items()
        for change in its
    ]
    if rows:
        insert = insert_into(connection, changes)
        key = list(changes.primary_key.columns)
        again = insert.on_conflict_do_update(index_elements=key, set_={"new": insert.excluded.new})
        connection.execute(again, rows)


def details_of(entity: Entity) -> dict[str, Any]:
    """Return what is told of an entity as JSON takes it; what is not said is not in it."""
    told = {field.name: getattr(entity, field.name) for field in fields(entity)}
    del told["guid"]
    return {name: _plain(value) for name, value in told.items() if value not in (None, "", ())}


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return seconds(value) if isinstance(value, datetime) else value


def _save(
    connection: Connection,
    place: Place,
    news: Mapping[str, dict[str, Any]],
    keys: Mapping[str, int],
    at: int,
) -> None:
    query = select(entities.c.guid, entities.c.details, entities.c.unlisted_at)
    known = connection.execute(query.where(_of(place), entities.c.guid.in_(list(news))))
    found: dict[str, list[Change]] = {}
    for row in known:
        old, new = json.loads(row.details), news[row.guid]
        found[row.guid] = list(differing(old, new, sorted(old.keys() | new.keys())))
        if row.unlisted_at is not None:
            was = as_text("unlisted_at", row.unlisted_at)
            found[row.guid].append(Change("unlisted_at", was, None))
    save_changes(connection, place, found, at)
    rows = [
        {
            **_key(place),
            "guid": guid,
            "details": json.dumps(details, ensure_ascii=False, separators=(",", ":")),
            "subject_id": keys.get(guid),
            "first_seen_at": at,
            "last_seen_at": at,
            "unlisted_at": None,
        }
        for guid, details in news.items()
    ]
    insert = insert_into(connection, entities)
    taken = ("details", "subject_id", "last_seen_at", "unlisted_at")
    upsert = insert.on_conflict_do_update(
        index_elements=["account_id", "roster", "scope", "guid"],
        set_={name: insert.excluded[name] for name in taken},
    )
    connection.execute(upsert, rows)


def _subjects(
    connection: Connection,
    place: Place,
    names: Sequence[str],
    at: datetime,
    measured: Measured | None,
) -> dict[str, int]:
    if measured is None:
        return {}
    key = {"account_id": place.account_id, "kind": measured.kind.value}
    insert = insert_into(connection, subjects)
    upsert = insert.on_conflict_do_update(
        index_elements=["account_id", "kind", "name"],
        set_={"group_id": insert.excluded.group_id, "joined_at": insert.excluded.joined_at},
        where=subjects.c.group_id != insert.excluded.group_id,
    )
    of_group = {**key, "group_id": measured.group_id, "joined_at": seconds(at)}
    connection.execute(upsert, [{**of_group, "name": name} for name in names])
    query = select(subjects.c.name, subjects.c.id).filter_by(**key)
    found = connection.execute(query.where(subjects.c.name.in_(names)))
    return {row.name: row.id for row in found}


def _key(place: Place) -> dict[str, object]:
    return {"account_id": place.account_id, "roster": place.roster, "scope": place.scope}


def _of(place: Place) -> ColumnElement[bool]:
    return and_(*(entities.c[name] == value for name, value in _key(place).items()))
