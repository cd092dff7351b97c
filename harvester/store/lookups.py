"""Which stored bitlinks lead to a long URL."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.urls import host_and_path, normal
from harvester.store.engine import reading
from harvester.store.tables import accounts, bitlinks, groups, subjects


@dataclass(frozen=True, slots=True)
class Leading:
    """A bitlink that leads somewhere; its back-halves are left out, they are the same link."""

    account: str
    group_guid: str
    bitlink: str
    long_url: str
    title: str | None


async def leading_to(
    engine: AsyncEngine, url: str, accounts_named: Collection[str] = ()
) -> list[Leading]:
    """Return the bitlinks that lead to a URL, in whatever spelling; see harvester/domain/urls.py.

    All links of its host are looked at, as a stream.
    """
    wanted, (host, _) = normal(url), host_and_path(url)
    query = (
        select(
            accounts.c.name.label("account"),
            groups.c.guid.label("group_guid"),
            subjects.c.name.label("bitlink"),
            bitlinks.c.long_url,
            bitlinks.c.title,
        )
        .join(bitlinks, bitlinks.c.subject_id == subjects.c.id)
        .join(groups, groups.c.id == subjects.c.group_id)
        .join(accounts, accounts.c.id == subjects.c.account_id)
        .where(bitlinks.c.custom_of.is_(None))
        .order_by(subjects.c.id)
    )
    if host.isascii():  # SQLite knows capitals of ASCII alone
        query = query.where(func.lower(bitlinks.c.long_url).contains(host, autoescape=True))
    if accounts_named:
        query = query.where(accounts.c.name.in_(accounts_named))
    async with reading(engine) as connection:
        rows = await connection.stream(query)
        return [
            Leading(**row) async for row in rows.mappings() if normal(row["long_url"]) == wanted
        ]
