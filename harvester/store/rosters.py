"""Rosters: accounts, groups and bitlinks as last listed, and the targets to ask about."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Executable, and_, case, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.rosters import BitlinkDetails, GroupDetails, OrganizationDetails
from harvester.domain.subjects import Kind
from harvester.domain.utm import utm
from harvester.store.departures import keep_what_held
from harvester.store.engine import in_transaction, read
from harvester.store.instants import seconds
from harvester.store.link_changes import note_links, note_rows, stored_links
from harvester.store.revival import GONE_FOR, revive
from harvester.store.tables import accounts, bitlinks, groups, organizations, subjects
from harvester.store.upsert import insert_into

_AT_ONCE = 1_000
_OF_LISTINGS = ("listed_at", "heads_since", "headed_at")


async def save_account(engine: AsyncEngine, name: str, login: str, at: datetime) -> int:
    """Store an account under the name that the user gave it; return its key."""
    row = {"name": name, "login": login, "last_seen_at": seconds(at)}

    def saved(connection: Connection) -> int:
        upsert = insert_into(connection, accounts).values(row)
        upsert = upsert.on_conflict_do_update(index_elements=["name"], set_=row)
        return int(connection.execute(upsert.returning(accounts.c.id)).scalar_one())

    return await in_transaction(engine, saved)


async def save_groups(
    engine: AsyncEngine, account_id: int, listed: Iterable[GroupDetails], at: datetime
) -> dict[str, int]:
    """Store an account's groups as they are listed `at`; return the keys of all its groups."""
    rows = [_group_row(account_id, group, seconds(at)) for group in listed]

    def saved(connection: Connection) -> dict[str, int]:
        if rows:
            note_rows(connection, groups, account_id, rows)
            insert = insert_into(connection, groups)
            kept = {*_OF_LISTINGS, "id", "account_id", "guid", "first_seen_at"}
            new = {each.name: each for each in insert.excluded if each.name not in kept}
            upsert = insert.on_conflict_do_update(index_elements=["account_id", "guid"], set_=new)
            connection.execute(upsert, rows)
        query = select(groups.c.guid, groups.c.id).where(groups.c.account_id == account_id)
        return {row.guid: row.id for row in connection.execute(query)}

    return await in_transaction(engine, saved)


async def save_organizations(
    engine: AsyncEngine, account_id: int, listed: Iterable[OrganizationDetails], at: datetime
) -> None:
    """Store an account's organizations as they are listed `at`."""
    rows = [
        {
            "account_id": account_id,
            "guid": each.guid,
            "name": each.name,
            "tier": each.tier,
            "tier_name": each.tier_name,
            "last_seen_at": seconds(at),
        }
        for each in listed
    ]
    if not rows:
        return

    def saved(connection: Connection) -> None:
        note_rows(connection, organizations, account_id, rows)
        insert = insert_into(connection, organizations)
        key = ["account_id", "guid"]
        news = {name: insert.excluded[name] for name in rows[0] if name not in key}
        connection.execute(insert.on_conflict_do_update(index_elements=key, set_=news), rows)

    await in_transaction(engine, saved)


async def save_bitlinks(
    engine: AsyncEngine,
    account_id: int,
    group_id: int,
    links: Sequence[BitlinkDetails],
    at: datetime,
) -> None:
    """Store a page of a group's bitlinks and their custom back-halves; what changed is noted.

    `at` is the instant at which the listing began, the same for all its pages: a link that is
    listed by itself in this listing does not become somebody's back-half by it, and what is said to
    be the back-half of two is that of the first: the one that was made last. A link that comes back
    after it was unlisted, or is listed long after it was gone, is no longer taken for gone.
    """
    entries = {entry.name: entry for entry in _entries(links)}

    def saved(connection: Connection) -> None:
        before = stored_links(connection, account_id, list(entries))
        ids = _save_subjects(connection, account_id, group_id, list(entries), seconds(at))
        rows = [_bitlink_row(entry, ids, seconds(at)) for entry in entries.values()]
        if rows:
            for start in range(0, len(rows), _AT_ONCE):
                some = list(ids.values())[start : start + _AT_ONCE]
                revive(connection, group_id, some, seconds(at))
            connection.execute(_upsert_bitlinks(connection), rows)
        note_links(connection, account_id, before, seconds(at))

    await in_transaction(engine, saved)


async def mark_gone(engine: AsyncEngine, target_id: int, at: datetime) -> None:
    """Note that Bitly does not know the link any more (404, 410). What is stored of it stays."""
    gone = update(bitlinks).where(bitlinks.c.subject_id == target_id, bitlinks.c.gone_at.is_(None))
    noted = gone.values(gone_at=seconds(at))
    await in_transaction(engine, lambda connection: connection.execute(noted))


async def target_ids(engine: AsyncEngine, account_id: int, names: Sequence[str]) -> dict[str, int]:
    """Return the keys of bitlinks by name; names that were never listed are left out."""

    def found(connection: Connection) -> dict[str, int]:
        keys: dict[str, int] = {}
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            query = select(subjects.c.name, subjects.c.id).where(
                subjects.c.account_id == account_id,
                subjects.c.kind == Kind.BITLINK.value,
                subjects.c.name.in_(some),
            )
            keys |= {row.name: row.id for row in connection.execute(query)}
        return keys

    return await read(engine, found)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A subject of a listing: a link by itself, or `custom_of` one."""

    name: str
    custom_of: str | None
    details: BitlinkDetails


def _entries(links: Sequence[BitlinkDetails]) -> Iterable[_Entry]:
    """Yield back-halves first, so that a link listed by itself has the last word on its name.

    Of those who claim the same back-half the first has the last word.
    """
    for link in reversed(links):
        for custom in link.custom_ids:
            yield _Entry(custom, link.id, link)
    for link in links:
        yield _Entry(link.id, None, link)


def _save_subjects(
    connection: Connection, account_id: int, group_id: int, names: Sequence[str], at: int
) -> dict[str, int]:
    key = {"account_id": account_id, "kind": Kind.BITLINK.value}
    insert = insert_into(connection, subjects)
    upsert = insert.on_conflict_do_update(
        index_elements=["account_id", "kind", "name"],
        set_={"group_id": insert.excluded.group_id, "joined_at": insert.excluded.joined_at},
        where=subjects.c.group_id != insert.excluded.group_id,
    )
    ids: dict[str, int] = {}
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        rows = [{**key, "group_id": group_id, "name": name, "joined_at": at} for name in some]
        back = keep_what_held(connection, account_id, group_id, some, at)
        connection.execute(upsert, rows)
        if back:
            again = update(subjects).where(subjects.c.id.in_(back))
            connection.execute(again.values(joined_at=at))
        query = select(subjects.c.name, subjects.c.id).filter_by(**key)
        found = connection.execute(query.where(subjects.c.name.in_(some)))
        ids |= {row.name: row.id for row in found}
    return ids


def _upsert_bitlinks(connection: Connection) -> Executable:
    insert = insert_into(connection, bitlinks)
    new = insert.excluded
    kept = {"subject_id", "first_seen_at", "unlisted_at", "gone_at"}
    values: dict[str, object] = {each.name: each for each in new if each.name not in kept}
    values["unlisted_at"] = None
    still = and_(bitlinks.c.unlisted_at.is_(None), bitlinks.c.gone_at > new.last_seen_at - GONE_FOR)
    values["gone_at"] = case((still, bitlinks.c.gone_at), else_=None)
    # a back-half here that was already seen in the same listing, of its own or as another's
    first = or_(new.custom_of.is_(None), bitlinks.c.last_seen_at < new.last_seen_at)
    return insert.on_conflict_do_update(index_elements=["subject_id"], set_=values, where=first)


def _bitlink_row(entry: _Entry, ids: dict[str, int], at: int) -> dict[str, object]:
    details = entry.details
    return {
        "subject_id": ids[entry.name],
        "custom_of": None if entry.custom_of is None else ids[entry.custom_of],
        "link": details.link if entry.custom_of is None else f"https://{entry.name}",
        "long_url": details.long_url,
        "title": details.title,
        "created_at": details.created_at and seconds(details.created_at),
        "created_by": details.created_by,
        "client_id": details.client_id,
        "archived": details.archived,
        "is_deleted": details.is_deleted,
        "tags": json.dumps(details.tags, ensure_ascii=False),
        "custom_bitlinks": _listed(() if entry.custom_of else details.custom_ids) or "[]",
        "campaign_ids": _listed(details.campaign_ids),
        "launchpad_ids": _listed(details.launchpad_ids),
        "qr_code_ids": _listed(details.qr_code_ids),
        "deeplinks": details.deeplinks,
        "expiration_at": details.expiration_at,
        "dynamic_routing": details.dynamic_routing,
        "first_seen_at": at,
        "last_seen_at": at,
        **{f"utm_{name}": value for name, value in utm(details.long_url)._asdict().items()},
    }


def _listed(texts: Sequence[str]) -> str | None:
    return json.dumps(texts, ensure_ascii=False) if texts else None


def _group_row(account_id: int, group: GroupDetails, at: int) -> dict[str, object]:
    return {
        "account_id": account_id,
        "guid": group.guid,
        "organization_guid": group.organization_guid,
        "name": group.name,
        "role": group.role,
        "is_active": group.is_active,
        "created_at": group.created_at and seconds(group.created_at),
        "modified_at": group.modified_at and seconds(group.modified_at),
        "first_seen_at": at,
        "last_seen_at": at,
    }
