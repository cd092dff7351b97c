"""The shapes of rosters' answers: from JSON to entities. Pure.

The specification calls nearly all keys optional, so no more than a name is needed. Keys that are
not named here, secrets among them, are never read.
Source: dev.bitly.com/api-reference; an answer on record in tests/samples.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Annotated, Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

import msgspec

from harvester.bitly import models, shapes
from harvester.bitly.errors import UnexpectedShape
from harvester.bitly.models import Count, instant, shaped
from harvester.domain import entities
from harvester.domain.entities import Entity
from harvester.domain.subjects import LONGEST, bitlink_id

_MOST = msgspec.Meta(max_length=100_000)
E = TypeVar("E", bound=Entity)


class Page(NamedTuple):
    """What a page lists, and the cursor to the next one: empty after the last."""

    listed: Sequence[Entity]
    cursor: str = ""


class _Pagination(msgspec.Struct):
    search_after: Annotated[str, msgspec.Meta(max_length=2_000)] | None = None


class _User(msgspec.Struct):
    login: str
    name: str | None = None
    is_active: bool | None = None
    default_group_guid: str | None = None
    created: str | None = None
    modified: str | None = None


class _QrCode(msgspec.Struct):
    qrcode_id: str
    title: str | None = None
    qr_code_type: str | None = None
    bitlink_id: str | None = None
    long_urls: tuple[str, ...] | None = None
    serialized_content: str | None = None
    is_customized: bool | None = None
    is_gs1: bool | None = None
    archived: bool | None = None
    created_by: str | None = None
    created: str | None = None
    modified: str | None = None
    updated: str | None = None  # on record in place of the documented `modified`


class _QrCodes(msgspec.Struct):
    qr_codes: Annotated[list[_QrCode], _MOST]
    pagination: _Pagination | None = None


class _LogoImages(msgspec.Struct):
    qr_logo_images: Annotated[list[shapes.LogoImage], _MOST]


class _Campaigns(msgspec.Struct):
    campaigns: Annotated[list[shapes.Campaign], _MOST]


class _Channels(msgspec.Struct):
    channels: Annotated[list[shapes.Channel], _MOST]


class _Bsds(msgspec.Struct):
    bsds: Annotated[list[str], _MOST]


class _Tags(msgspec.Struct):
    tags: Annotated[list[str], _MOST]


class _Webhooks(msgspec.Struct):
    webhooks: Annotated[list[shapes.Webhook], _MOST]


class _Usage(msgspec.Struct):
    name: str
    description: str | None = None
    count: Count | None = None


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
    return Page([_made(entities.User, shaped(json_value, _User), guid="login")])


def qr_codes(json_value: object) -> Page:
    """Return the QR codes of a page of /groups/{group_guid}/qr-codes."""
    page = shaped(json_value, _QrCodes)
    cursor = page.pagination.search_after if page.pagination else None
    return Page([_qr_code(each) for each in page.qr_codes], cursor or "")


def qr_logo_images(json_value: object) -> Page:
    """Return the logos of /groups/{group_guid}/qr/images."""
    found = shaped(json_value, _LogoImages).qr_logo_images
    logos = [_made(entities.LogoImage, each, guid="image_guid") for each in found]
    return Page([replace(each, url=each.url and _bare(each.url)) for each in logos])


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
    hooks = [_made(entities.Webhook, each, origin="url") for each in found]
    return Page([replace(each, origin=_origin(each.origin)) for each in hooks])


def app(json_value: object) -> Page:
    """Return the one app of /apps/{client_id}."""
    return Page([_made(entities.App, shaped(json_value, shapes.App), guid="client_id")])


def preferences(json_value: object) -> Page:
    """Return the preferences of /groups/{group_guid}/preferences."""
    found = shaped(json_value, shapes.GroupPreferences)
    return Page([_made(entities.Preferences, found, guid="group_guid", domain="domain_preference")])


def feature_usage(json_value: object) -> Page:
    """Return what of each feature is used now, of /groups/{group_guid}/feature_usage."""
    found = shaped(json_value, _FeatureUsage).limit_usage
    return Page([_made(entities.FeatureUsage, each, guid="name", used="count") for each in found])


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
    words = {"type": "qr_code_type", "bitlink": "bitlink_id", "content": "serialized_content"}
    code = _made(entities.QrCode, found, guid="qrcode_id", **words)
    modified_at = code.modified_at or _read("modified_at", found.updated)
    try:
        bitlink = code.bitlink and bitlink_id(code.bitlink)
    except ValueError as error:
        raise UnexpectedShape(str(error)[:200]) from None
    return replace(code, bitlink=bitlink, modified_at=modified_at, long_urls=code.long_urls or ())


def _made(kind: type[E], found: object, **words: str) -> E:
    """Return the entity whose fields a shape holds; `words` are Bitly's for them, if not ours."""
    names = [field.name for field in fields(kind)]
    told = {name: getattr(found, words.get(name, name.removesuffix("_at"))) for name in names}
    return kind(**{name: _read(name, value) for name, value in told.items()})


def _read(field: str, value: Any) -> Any:
    """Return a field's value; an empty text says as little as none."""
    if field.endswith("_at"):
        return instant(value) if value else None
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


def _bare(url: str) -> str:
    return url.partition("?")[0].partition("#")[0]
