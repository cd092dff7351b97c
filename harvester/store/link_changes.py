"""What becomes of bitlinks, groups and organizations: compared with what is stored, before it is.

Their rows are tables of their own, what changes of them goes where all changes go.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Table, select

from harvester.domain.subjects import Kind
from harvester.store.differing import Change, differing
from harvester.store.entities import Place, save_changes
from harvester.store.tables import bitlinks, groups, subjects

BITLINKS: Final = "bitlinks"
_FIELDS: Final = (
    "group_guid",
    "custom_of",
    "link",
    "long_url",
    "title",
    "created_by",
    "client_id",
    "archived",
    "is_deleted",
    "tags",
    "unlisted_at",
    "gone_at",
)
_LATER: Final = (  # columns that were not there in the first schemas
    "custom_bitlinks",
    "campaign_ids",
    "launchpad_ids",
    "qr_code_ids",
    "deeplinks",
    "expiration_at",
    "dynamic_routing",
)
_AT_ONCE: Final = 1_000

Rows = Mapping[str, Mapping[str, Any]]
"""Rows of bitlinks by name; with the guid of the group, and the name of the owner."""


def stored_links(
    connection: Connection, account_id: int, names: Sequence[str]
) -> dict[str, Mapping[str, Any]]:
    """Return what is stored of bitlinks, wherever they are; those that are new are left out."""
    owners = subjects.alias()
    query = (
        select(bitlinks, subjects.c.name)
        .add_columns(groups.c.guid.label("group_guid"), owners.c.name.label("owner"))
        .join(subjects, subjects.c.id == bitlinks.c.subject_id)
        .join(groups, groups.c.id == subjects.c.group_id)
        .outerjoin(owners, owners.c.id == bitlinks.c.custom_of)
        .where(subjects.c.account_id == account_id, subjects.c.kind == Kind.BITLINK.value)
    )
    found: dict[str, Mapping[str, Any]] = {}
    for start in range(0, len(names), _AT_ONCE):
        some = query.where(subjects.c.name.in_(names[start : start + _AT_ONCE]))
        for row in connection.execute(some).mappings():
            found[row["name"]] = {**row, "custom_of": row["owner"]}
    return found


def note_links(connection: Connection, account_id: int, before: Rows, at: int) -> None:
    """Note how bitlinks, as they are stored now, differ from `before`; ends of absence, too."""
    after = stored_links(connection, account_id, list(before))
    found = {name: list(_changes(old, after[name])) for name, old in before.items()}
    save_changes(connection, Place(account_id, BITLINKS), found, at)


def note_rows(
    connection: Connection, table: Table, account_id: int, rows: Iterable[Mapping[str, Any]]
) -> None:
    """Note how rows of groups or organizations differ from what is stored of them."""
    news = {row["guid"]: row for row in rows}
    query = select(table).where(table.c.account_id == account_id, table.c.guid.in_(list(news)))
    found: dict[str, list[Change]] = {}
    at = 0
    for old in connection.execute(query).mappings():
        new = news[old["guid"]]
        at = new["last_seen_at"]
        told = [name for name in new if name not in {"first_seen_at", "last_seen_at"}]
        found[old["guid"]] = list(differing(dict(old), new, told))
    save_changes(connection, Place(account_id, table.name), found, at)


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterable[Change]:
    yield from differing(old, new, _FIELDS)
    if old["custom_bitlinks"] is not None:  # else it was stored before these were read
        yield from differing(old, new, _LATER)
