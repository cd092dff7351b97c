"""All that is stored of bitlinks, under Bitly's own names: what a backup is made of."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, func, select

from harvester.store.tables import accounts, bitlinks, groups, subjects


def links(
    accounts_named: Collection[str] = (), group_guids: Collection[str] = (), *, after: int = 0
) -> Select[Any]:
    """Return the query for bitlinks, those gone or unlisted included, in the order of their keys.

    The first column is the key, and only those beyond `after` are asked for. Lists are JSON, and
    instants unix seconds. The back-halves of what was listed before their own column was stored
    come in `halves`, one to a line.
    """
    customs = bitlinks.alias("customs")
    names = subjects.alias("names")
    halves = (
        select(customs.c.custom_of, func.aggregate_strings(names.c.name, "\n").label("names"))
        .join(names, names.c.id == customs.c.subject_id)
        .where(customs.c.custom_of.is_not(None))
        .group_by(customs.c.custom_of)
        .subquery("halves")
    )
    of = bitlinks.c
    query = (
        select(
            subjects.c.id.label("key"),
            accounts.c.name.label("account"),
            groups.c.guid.label("group_guid"),
            subjects.c.name.label("id"),
            *(each for each in of if each.name not in {"subject_id", "custom_of"}),
            halves.c.names.label("halves"),
        )
        .select_from(subjects)
        .join(bitlinks, of.subject_id == subjects.c.id)
        .join(groups, groups.c.id == subjects.c.group_id)
        .join(accounts, accounts.c.id == subjects.c.account_id)
        .outerjoin(halves, halves.c.custom_of == subjects.c.id)
        .where(of.custom_of.is_(None), subjects.c.id > after)
        .order_by(subjects.c.id)
    )
    if accounts_named:
        query = query.where(accounts.c.name.in_(accounts_named))
    return query.where(groups.c.guid.in_(group_guids)) if group_guids else query
