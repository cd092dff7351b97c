"""Entities: what Bitly keeps beside links, groups and organizations, as a roster lists it.

Each has a `guid`, Bitly's own name for it, unique in its roster and scope: the account, an
organization, a group, or another entity that it belongs to. Instants are aware UTC. None, an empty
text and an empty list stand for what Bitly does not say. The fields are all that is ever stored of
an entity: what is not named here, such as the secrets of a webhook, is not even read.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Entity:
    """Something that is known by its name alone, such as a tag or a branded short domain."""

    guid: str


@dataclass(frozen=True, slots=True)
class QrCode(Entity):
    """A QR code of a group. `bitlink` is the id of the link that it leads to, if it is one's."""

    title: str | None = None
    type: str | None = None
    bitlink: str | None = None
    long_urls: tuple[str, ...] = ()
    content: str | None = None
    is_customized: bool | None = None
    is_gs1: bool | None = None
    archived: bool | None = None
    created_by: str | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None
