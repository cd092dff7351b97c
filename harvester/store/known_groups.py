"""The groups that the store knows: their names, where they belong, how fresh what is stored is."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.rosters import WATCHED
from harvester.store.engine import rows


@dataclass(frozen=True, slots=True)
class KnownGroup:
    """A group as last listed. `links` counts its bitlinks that are neither gone nor unlisted.

    `listed_at` is when its links were last listed, in part or all; None: never. `through` is the
    last day of which all is known.
    """

    account: str
    guid: str
    name: str
    organization_guid: str
    organization: str
    is_active: bool
    links: int
    listed_at: int | None
    through: str | None

    @property
    def is_real(self) -> bool:
        """Whether it is one of Bitly's, and not the home of watched links."""
        return self.guid != WATCHED


_GROUPS = """
WITH links AS (
  SELECT subjects.group_id, count(*) AS links
  FROM subjects JOIN bitlinks ON bitlinks.subject_id = subjects.id
  WHERE bitlinks.custom_of IS NULL AND bitlinks.unlisted_at IS NULL AND bitlinks.gone_at IS NULL
  GROUP BY subjects.group_id
), known AS (
  SELECT account, group_guid, max(day) AS through FROM harvest_coverage
  WHERE status <> 'open' GROUP BY account, group_guid
)
SELECT accounts.name AS account, groups.guid, groups.name, groups.organization_guid,
       coalesce(organizations.name, '') AS organization, groups.is_active,
       coalesce(links.links, 0) AS links,
       CASE WHEN groups.headed_at > groups.listed_at OR groups.listed_at IS NULL
            THEN groups.headed_at ELSE groups.listed_at END AS listed_at,
       known.through
FROM groups
JOIN accounts ON accounts.id = groups.account_id
LEFT JOIN organizations ON organizations.account_id = groups.account_id
  AND organizations.guid = groups.organization_guid
LEFT JOIN links ON links.group_id = groups.id
LEFT JOIN known ON known.account = accounts.name AND known.group_guid = groups.guid
ORDER BY accounts.name, groups.name, groups.guid
"""


async def known_groups(engine: AsyncEngine, accounts: tuple[str, ...] = ()) -> list[KnownGroup]:
    """Return the groups of some accounts, or of all."""
    found = await rows(engine, text(_GROUPS))
    return [_known(row) for row in found if not accounts or row.account in accounts]


def _known(row: Row[*tuple[Any, ...]]) -> KnownGroup:
    through = None if row.through is None else str(row.through)
    told = {**row._asdict(), "is_active": bool(row.is_active), "through": through}
    return KnownGroup(**told)
