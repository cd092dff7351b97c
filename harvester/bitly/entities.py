"""The shapes of rosters' answers: from JSON to entities. Pure.

The specification calls nearly all keys optional, so no more than a name is needed. Keys that are
not named here, secrets among them, are never read.
Source: dev.bitly.com/api-reference; an answer on record in tests/samples.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Annotated, Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

import msgspec

from harvester.bitly import models
from harvester.bitly.errors import UnexpectedShape
from harvester.bitly.models import Count, instant, shaped
from harvester.domain import entities
from harvester.domain.entities import Entity
from harvester.domain.subjects import LONGEST, bitlink_id

_MOST = msgspec.Meta(max_length=100_000)
_DATES = {"created_at": "created", "modified_at": "modified"}
E = TypeVar("E", bound=Entity)


class Page(NamedTuple):
    """What a page lists, and the cursor to the next one: empty after the last."""

    listed: Sequence[Entity]
    cursor: str = ""


class _Pagination(msgspec.Struct):
    search_after: Annotated[str, msgspec.Meta(max_length=2_000)] | None = None


# The fields of each shape have the names of its entity; what Bitly calls them is said beside.
class _Dated(msgspec.Struct, rename=_DATES):
    created_at: str | None = None
    modified_at: str | None = None


class _User(_Dated, kw_only=True, rename={**_DATES, "guid": "login"}):
    guid: str
    name: str | None = None
    is_active: bool | None = None
    default_group_guid: str | None = None


class _QrCode(
    _Dated,
    kw_only=True,
    rename={
        **_DATES,
        "guid": "qrcode_id",
        "type": "qr_code_type",
        "bitlink": "bitlink_id",
        "content": "serialized_content",
    },
):
    guid: str
    title: str | None = None
    type: str | None = None
    bitlink: str | None = None
    long_urls: list[str] | None = None
    content: str | None = None
    is_customized: bool | None = None
    is_gs1: bool | None = None
    archived: bool | None = None
    created_by: str | None = None
    updated: str | None = None  # on record in place of the documented `modified`


class _QrCodes(msgspec.Struct):
    qr_codes: Annotated[list[_QrCode], _MOST]
    pagination: _Pagination | None = None


class _LogoImage(msgspec.Struct, rename={"guid": "image_guid"}):
    guid: str
    url: str | None = None


class _LogoImages(msgspec.Struct):
    qr_logo_images: Annotated[list[_LogoImage], _MOST]


class _Channel(_Dated, kw_only=True):
    guid: str
    group_guid: str | None = None
    name: str | None = None


class _Campaign(_Channel, kw_only=True):
    description: str | None = None
    created_by: str | None = None


class _Campaigns(msgspec.Struct):
    campaigns: Annotated[list[_Campaign], _MOST]


class _Channels(msgspec.Struct):
    channels: Annotated[list[_Channel], _MOST]


class _Bsds(msgspec.Struct):
    bsds: Annotated[list[str], _MOST]


class _Tags(msgspec.Struct):
    tags: Annotated[list[str], _MOST]


class _Webhook(
    _Channel,
    kw_only=True,
    rename={**_DATES, "origin": "url", "alerted_at": "alerted", "deactivated_at": "deactivated"},
):
    event: str | None = None
    origin: str | None = None
    status: str | None = None
    is_active: bool | None = None
    is_alert: bool | None = None
    fetch_tags: bool | None = None
    modified_by: str | None = None
    alerted_at: str | None = None
    deactivated_at: str | None = None


class _Webhooks(msgspec.Struct):
    webhooks: Annotated[list[_Webhook], _MOST]


class _App(msgspec.Struct, rename={"guid": "client_id"}):
    guid: str
    name: str | None = None
    description: str | None = None
    link: str | None = None


class _Preferences(msgspec.Struct, rename={"guid": "group_guid", "domain": "domain_preference"}):
    guid: str
    domain: str | None = None


class _Usage(msgspec.Struct, rename={"guid": "name", "used": "count"}):
    guid: str
    description: str | None = None
    used: Count | None = None


class _FeatureUsage(msgspec.Struct):
    limit_usage: Annotated[list[_Usage], _MOST]


class _Period(msgspec.Struct):
    unit_start: str
    count: Count


class _Periods(msgspec.Struct):
    name: str
    usage: Annotated[list[_Period], _MOST]


class _HistoricalUsage(msgspec.Struct):
    unit: str
    historical_limit_usage: Annotated[list[_Periods], _MOST]


def user(json_value: object) -> Page:
    """Return the one user of /user, without addresses of electronic mail."""
    return Page([_made(entities.User, shaped(json_value, _User))])


def qr_codes(json_value: object) -> Page:
    """Return the QR codes of a page of /groups/{group_guid}/qr-codes."""
    page = shaped(json_value, _QrCodes)
    cursor = page.pagination.search_after if page.pagination else None
    return Page([_qr_code(each) for each in page.qr_codes], cursor or "")


def qr_code(json_value: object) -> Page:
    """Return the one QR code of /qr-codes/{qrcode_id}."""
    return Page([_qr_code(shaped(json_value, _QrCode))])


def qr_logo_images(json_value: object) -> Page:
    """Return the logos of /groups/{group_guid}/qr/images."""
    found = shaped(json_value, _LogoImages).qr_logo_images
    for each in found:
        each.url = each.url and each.url.partition("?")[0].partition("#")[0]
    return Page([_made(entities.LogoImage, each) for each in found])


def campaigns(json_value: object) -> Page:
    """Return the campaigns of /campaigns."""
    found = shaped(json_value, _Campaigns).campaigns
    return Page([_made(entities.Campaign, each) for each in found])


def channels(json_value: object) -> Page:
    """Return the channels of /channels."""
    found = shaped(json_value, _Channels).channels
    return Page([_made(entities.Channel, each) for each in found])


def channel_names(json_value: object) -> Page:
    """Return the channels of /channels by their guids alone: which ones a campaign has."""
    return Page([_made(Entity, each) for each in shaped(json_value, _Channels).channels])


def bitlink_names(json_value: object) -> Page:
    """Return the links of a page of /groups/{group_guid}/bitlinks by their ids alone."""
    links, cursor = models.bitlinks(json_value)
    return Page([Entity(link.id) for link in links], cursor)


def bsds(json_value: object) -> Page:
    """Return the branded short domains of /bsds."""
    return Page([Entity(_named(each)) for each in shaped(json_value, _Bsds).bsds])


def tags(json_value: object) -> Page:
    """Return the tags of /groups/{group_guid}/tags, a thousand at most."""
    return Page([Entity(_named(each)) for each in shaped(json_value, _Tags).tags])


def webhooks(json_value: object) -> Page:
    """Return the webhooks of /organizations/{organization_guid}/webhooks, without any secret."""
    found = shaped(json_value, _Webhooks).webhooks
    for each in found:
        each.origin = _origin(each.origin)
    return Page([_made(entities.Webhook, each) for each in found])


def app(json_value: object) -> Page:
    """Return the one app of /apps/{client_id}."""
    return Page([_made(entities.App, shaped(json_value, _App))])


def preferences(json_value: object) -> Page:
    """Return the preferences of /groups/{group_guid}/preferences."""
    return Page([_made(entities.Preferences, shaped(json_value, _Preferences))])


def feature_usage(json_value: object) -> Page:
    """Return what of each feature is used now, of /groups/{group_guid}/feature_usage."""
    found = shaped(json_value, _FeatureUsage).limit_usage
    return Page([_made(entities.FeatureUsage, each) for each in found])


def historical_usage(json_value: object) -> Page:
    """Return what was used of features, of /groups/{group_guid}/historical_usage."""
    return Page(list(_periods(shaped(json_value, _HistoricalUsage))))


def _periods(found: _HistoricalUsage) -> Iterator[Entity]:
    for feature in found.historical_limit_usage:
        for each in feature.usage:
            starts_at = instant(each.unit_start)
            guid = _named(f"{feature.name} {found.unit} {starts_at:%Y-%m-%d}")
            yield entities.UsagePeriod(guid, feature.name, found.unit, starts_at, each.count)


def _qr_code(found: _QrCode) -> Entity:
    found.modified_at = found.modified_at or found.updated
    found.long_urls = found.long_urls or []
    try:
        found.bitlink = found.bitlink and bitlink_id(found.bitlink)
    except ValueError as error:
        raise UnexpectedShape(str(error)[:200]) from None
    return _made(entities.QrCode, found)


def _made(kind: type[E], found: Any) -> E:
    """Return the entity whose fields a shape holds; an empty text says as little as none."""
    names = [field.name for field in fields(kind)]
    return kind(**{name: _read(name, getattr(found, name)) for name in names})


def _read(field: str, value: Any) -> Any:
    if field.endswith("_at"):
        return instant(value) if value else None
    if isinstance(value, list):
        return tuple(value)
    return _named(value) if field == "guid" else None if value == "" else value


def _named(text: str) -> str:
    """Return a name that both databases can hold in an index. Raises UnexpectedShape."""
    if len(text.encode()) > LONGEST:
        raise UnexpectedShape(f"a name is longer than {LONGEST} bytes: {text[:100]!r}")
    return text


def _origin(url: str | None) -> str | None:
    """Return scheme, host and port of a URL: keys are seen in each of its other parts."""
    try:
        split = urlsplit(url or "")
        port = f":{split.port}" if split.port else ""
    except ValueError:
        return None
    return f"{split.scheme}://{split.hostname}{port}" if split.hostname else None
