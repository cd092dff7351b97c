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
class User(Entity):
    """Whose token it is, by login."""

    name: str | None = None
    is_active: bool | None = None
    default_group_guid: str | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None


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


@dataclass(frozen=True, slots=True)
class LogoImage(Entity):
    """A logo in a group's QR codes; `url` is without its query, which may hold a signature."""

    url: str | None = None


@dataclass(frozen=True, slots=True)
class Campaign(Entity):
    """A campaign; links and channels belong to it."""

    group_guid: str | None = None
    name: str | None = None
    description: str | None = None
    created_by: str | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Channel(Entity):
    """A channel; links belong to it, and it to campaigns."""

    group_guid: str | None = None
    name: str | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Webhook(Entity):
    """A webhook of an organization; of its URL only the `origin`: the rest may be a key."""

    group_guid: str | None = None
    name: str | None = None
    event: str | None = None
    origin: str | None = None
    status: str | None = None
    is_active: bool | None = None
    is_alert: bool | None = None
    fetch_tags: bool | None = None
    modified_by: str | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None
    alerted_at: datetime | None = None
    deactivated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class App(Entity):
    """An OAuth app that makes links; `guid` is its client id, which is no secret."""

    name: str | None = None
    description: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Preferences(Entity):
    """What a group prefers, by the group's guid: the domain of its new links."""

    domain: str | None = None


@dataclass(frozen=True, slots=True)
class FeatureUsage(Entity):
    """How much of a feature a group uses now; `guid` is the feature's name."""

    description: str | None = None
    used: int | None = None


@dataclass(frozen=True, slots=True)
class UsagePeriod(Entity):
    """How much of a feature a group used in a period that began at `starts_at`."""

    feature: str | None = None
    unit: str | None = None
    starts_at: datetime | None = None
    used: int | None = None
