"""What there is: bitlinks, groups, organizations, campaigns, QR codes."""

from typing import Any

import msgspec

from harvester.bitly.models import Count
from harvester.bitly.shapes.base import Shape


class Bitlink(Shape, frozen=True, kw_only=True):
    """A bitlink. `custom_bitlinks` are URLs, most recently edited first."""

    id: str
    link: str = ""
    long_url: str = ""
    title: str | None = None
    archived: bool = False
    created_at: str | None = None
    created_by: str | None = None
    client_id: str | None = None
    custom_bitlinks: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    launchpad_ids: tuple[str, ...] = ()
    qr_code_ids: tuple[str, ...] = ()
    campaign_ids: tuple[str, ...] = ()
    deeplinks: tuple[dict[str, Any], ...] = ()
    is_deleted: bool = False
    expiration_at: str | None = None
    references: dict[str, Any] = msgspec.field(default_factory=dict)


class ExpandedBitlink(Shape, frozen=True, kw_only=True):
    """Where a public bitlink leads."""

    id: str
    link: str = ""
    long_url: str
    created_at: str | None = None


class CustomBitlink(Shape, frozen=True, kw_only=True):
    """A custom back-half: the bitlink behind it now, and those behind it before."""

    custom_bitlink: str
    bitlink: Bitlink | None = None
    bitlink_history: tuple[dict[str, Any], ...] = ()


class SortedLink(Shape, frozen=True, kw_only=True):
    """A bitlink's place in a ranking."""

    id: str
    clicks: Count


class SortedLinks(Shape, frozen=True, kw_only=True):
    """The most clicked bitlinks: clicks in `sorted_links`, the rest in `links`, in any order."""

    sorted_links: tuple[SortedLink, ...]
    links: tuple[Bitlink, ...] = ()


class Email(Shape, frozen=True, kw_only=True):
    """An address of a user."""

    email: str
    is_primary: bool = False
    is_verified: bool = False


class User(Shape, frozen=True, kw_only=True):
    """Whose token it is."""

    login: str
    name: str = ""
    is_active: bool = True
    created: str | None = None
    modified: str | None = None
    is_sso_user: bool = False
    emails: tuple[Email, ...] = ()
    is_2fa_enabled: bool = False
    default_group_guid: str | None = None


class Organization(Shape, frozen=True, kw_only=True):
    """An organization; `tier` names its plan."""

    guid: str
    name: str = ""
    is_active: bool = True
    tier: str = ""
    tier_family: str = ""
    tier_display_name: str = ""
    role: str = ""
    created: str | None = None
    modified: str | None = None
    bsds: tuple[str, ...] = ()


class Group(Shape, frozen=True, kw_only=True):
    """A group of an organization."""

    guid: str
    organization_guid: str = ""
    name: str = ""
    is_active: bool = True
    role: str = ""
    created: str | None = None
    modified: str | None = None
    bsds: tuple[str, ...] = ()


class GroupPreferences(Shape, frozen=True, kw_only=True):
    """The domain that a group shortens with."""

    group_guid: str
    domain_preference: str | None = None


class Campaign(Shape, frozen=True, kw_only=True):
    """A campaign of a group."""

    guid: str
    group_guid: str | None = None
    name: str | None = None
    description: str | None = None
    created_by: str | None = None
    created: str | None = None
    modified: str | None = None


class Channel(Shape, frozen=True, kw_only=True):
    """A channel of a group."""

    guid: str
    group_guid: str | None = None
    name: str | None = None
    created: str | None = None
    modified: str | None = None


class App(Shape, frozen=True, kw_only=True):
    """An OAuth app."""

    client_id: str
    name: str = ""
    description: str = ""
    link: str | None = None


class Webhook(Shape, frozen=True, kw_only=True):
    """A webhook, without its secrets."""

    guid: str
    organization_guid: str | None = None
    group_guid: str | None = None
    name: str | None = None
    event: str | None = None
    url: str | None = None
    status: str | None = None
    is_active: bool | None = None
    is_alert: bool | None = None
    created: str | None = None
    modified: str | None = None
    modified_by: str | None = None
    alerted: str | None = None
    deactivated: str | None = None
    fetch_tags: bool | None = None


class QrCode(Shape, frozen=True, kw_only=True):
    """A QR code; `bitlink_id` is absent from one that leads nowhere near a bitlink."""

    qrcode_id: str
    group_guid: str | None = None
    title: str | None = None
    qr_code_type: str | None = None
    bitlink_id: str | None = None
    long_urls: tuple[str, ...] = ()
    serialized_content: str | None = None
    is_customized: bool | None = None
    is_gs1: bool | None = None
    archived: bool | None = None
    created_by: str | None = None
    created: str | None = None
    modified: str | None = None
    render_customizations: dict[str, Any] | None = None


class QrCodeImage(Shape, frozen=True, kw_only=True):
    """A picture as a data URI."""

    qr_code_image: str


class LogoImage(Shape, frozen=True, kw_only=True):
    """A picture that QR codes bear."""

    image_guid: str
    url: str | None = None
