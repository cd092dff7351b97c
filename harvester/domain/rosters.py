"""Rosters: who is there. What Bitly tells of organizations, groups and bitlinks themselves."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

WATCHED: Final = "watched"
"""Where a group's guid stands, that of links which are watched by name: it is none of Bitly's."""


@dataclass(frozen=True, slots=True)
class OrganizationDetails:
    """An organization; `tier` hints at the plan ("free", "basic", ...)."""

    guid: str
    name: str
    tier: str
    tier_name: str


@dataclass(frozen=True, slots=True)
class GroupDetails:
    """A group; instants are aware UTC, or None where Bitly gives none."""

    guid: str
    organization_guid: str
    name: str
    role: str
    is_active: bool
    created_at: datetime | None
    modified_at: datetime | None


@dataclass(frozen=True, slots=True)
class BitlinkDetails:
    """A bitlink as listed in its group.

    `id` is `domain/back-half` (domain in lower case, back-half byte for byte). `custom_ids` are
    the ids of its custom back-halves: metric subjects of their own, which Bitly counts apart
    (dev.bitly.com/docs/tutorials/changes-to-engagement-metrics). `deeplinks`, `expiration_at` and
    `dynamic_routing` are as Bitly writes them, the first and the last as JSON. None means Bitly did
    not say.
    """

    id: str
    link: str
    long_url: str
    title: str | None = None
    created_at: datetime | None = None
    created_by: str | None = None
    client_id: str | None = None
    archived: bool = False
    is_deleted: bool = False
    tags: tuple[str, ...] = ()
    custom_ids: tuple[str, ...] = ()
    campaign_ids: tuple[str, ...] = ()
    launchpad_ids: tuple[str, ...] = ()
    qr_code_ids: tuple[str, ...] = ()
    deeplinks: str | None = None
    expiration_at: str | None = None
    dynamic_routing: str | None = None
