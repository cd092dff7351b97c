"""The shapes of users, groups, links and limits: from JSON to the words of the trade. Pure.

Unknown keys are ignored, since Bitly adds some now and then. A key that is needed and absent, or
of another type, is an UnexpectedShape that names the field.
Source: dev.bitly.com/api-reference; answers on record in tests/samples.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final, TypeVar

import msgspec

from harvester.bitly.decoding import Body, converted
from harvester.bitly.errors import UnexpectedShape
from harvester.domain.rosters import BitlinkDetails, GroupDetails, OrganizationDetails
from harvester.domain.subjects import bitlink_id

MOST: Final = 2**63 - 1  # what a database's integer holds
Count = Annotated[int, msgspec.Meta(ge=0, le=MOST)]
# A hundred are asked for at most; the others are far above what any account has.
_Page = msgspec.Meta(max_length=1_000)
_Whole = msgspec.Meta(max_length=10_000)
_Guid = Annotated[str, msgspec.Meta(max_length=200)]  # true ones have a dozen characters
_Cursor = Annotated[str, msgspec.Meta(max_length=2_000)]  # it becomes a part of the next URL
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class User:
    """Whose token it is."""

    login: str
    name: str = ""
    default_group_guid: str | None = None


@dataclass(frozen=True, slots=True)
class PlanLimit:
    """One monthly limit of an organization's plan and how much of it is used.

    The value that means "unlimited" is not documented.
    """

    name: str
    limit: int
    count: int
    description: str = ""


@dataclass(frozen=True, slots=True)
class PlatformLimit:
    """How often `method` may be sent to `endpoint` (a template), and how often it was.

    `limit` is per hour, as far as is known; what span `count` covers is not documented.
    """

    endpoint: str
    method: str
    limit: int
    count: int

    @property
    def ours(self) -> bool:
        """Whether we ever send such requests: exports and expansions alone are posted."""
        posted = self.endpoint.endswith(("/exports", "/expand"))
        return self.method == ("POST" if posted else "GET")


def shaped(json_value: object, shape: type[T]) -> T:
    """Return JSON, or the Body that holds it, as `shape`. Raises NotJson or UnexpectedShape."""
    if isinstance(json_value, Body):
        return json_value.shaped(shape)
    return converted(json_value, shape)


def instant(text: str) -> datetime:
    """Return Bitly's `2020-01-31T23:59:59+0000` in UTC. Raises UnexpectedShape on anything else."""
    try:
        read = datetime.fromisoformat(text)
        if read.tzinfo is not None:
            return read.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise UnexpectedShape(f"not a date with an offset: {text[:40]!r}")


class _Organization(msgspec.Struct):
    guid: _Guid
    name: str = ""
    tier: str = ""
    tier_display_name: str = ""


class _Organizations(msgspec.Struct):
    organizations: Annotated[list[_Organization], _Whole]


class _Group(msgspec.Struct):
    guid: _Guid
    organization_guid: str = ""
    name: str = ""
    role: str = ""
    is_active: bool = True
    created: str | None = None
    modified: str | None = None


class _Groups(msgspec.Struct):
    groups: Annotated[list[_Group], _Whole]


class _Deeplink(msgspec.Struct, omit_defaults=True):
    guid: str | None = None
    bitlink: str | None = None
    app_uri_path: str | None = None
    install_url: str | None = None
    app_guid: str | None = None
    os: str | None = None
    install_type: str | None = None
    created: str | None = None
    modified: str | None = None
    brand_guid: str | None = None


class Bitlink(msgspec.Struct):
    """A bitlink as Bitly writes it."""

    id: str
    link: str = ""
    long_url: str = ""
    title: str | None = None
    created_at: str | None = None
    created_by: str | None = None
    client_id: str | None = None
    archived: bool = False
    is_deleted: bool = False
    tags: list[str] | None = None
    custom_bitlinks: list[str] | None = None
    campaign_ids: list[str] | None = None
    launchpad_ids: list[str] | None = None
    qr_code_ids: list[str] | None = None
    deeplinks: list[_Deeplink] | None = None
    expiration_at: str | int | None = None  # of newer documents, which do not say its type
    dynamic_routing: object = None  # of newer documents, which do not say its shape


class _Pagination(msgspec.Struct):
    search_after: _Cursor | None = None


class _Bitlinks(msgspec.Struct):
    links: Annotated[list[Bitlink], _Page]
    pagination: _Pagination | None = None


class _PlanLimits(msgspec.Struct):
    plan_limits: Annotated[list[PlanLimit], _Whole]


class _MethodLimit(msgspec.Struct):
    name: str
    limit: int
    count: int = 0


class _PlatformLimit(msgspec.Struct):
    endpoint: str
    methods: list[_MethodLimit]


class _PlatformLimits(msgspec.Struct):
    platform_limits: Annotated[list[_PlatformLimit], _Whole]


def user(json_value: object) -> User:
    """Return the user in an answer of /user."""
    return shaped(json_value, User)


def organizations(json_value: object) -> list[OrganizationDetails]:
    """Return the organizations in an answer of /organizations."""
    return [
        OrganizationDetails(found.guid, found.name, found.tier, found.tier_display_name)
        for found in shaped(json_value, _Organizations).organizations
    ]


def groups(json_value: object) -> list[GroupDetails]:
    """Return the groups in an answer of /groups."""
    return [
        GroupDetails(
            guid=found.guid,
            organization_guid=found.organization_guid,
            name=found.name,
            role=found.role,
            is_active=found.is_active,
            created_at=_instant_or_none(found.created),
            modified_at=_instant_or_none(found.modified),
        )
        for found in shaped(json_value, _Groups).groups
    ]


def bitlinks(json_value: object) -> tuple[list[BitlinkDetails], str]:
    """Return the links of a page and the cursor of the next one, empty after the last page."""
    page = shaped(json_value, _Bitlinks)
    cursor = page.pagination.search_after if page.pagination else None
    return [bitlink(found) for found in page.links], cursor or ""


def plan_limits(json_value: object) -> list[PlanLimit]:
    """Return the rows of /organizations/{organization_guid}/plan_limits."""
    return shaped(json_value, _PlanLimits).plan_limits


def platform_limits(json_value: object) -> list[PlatformLimit]:
    """Return the rows of /user/platform_limits, one for each endpoint and method."""
    return [
        PlatformLimit(found.endpoint, method.name, method.limit, method.count)
        for found in shaped(json_value, _PlatformLimits).platform_limits
        for method in found.methods
    ]


def bitlink(found: Bitlink) -> BitlinkDetails:
    """Return a bitlink in the words of the trade. Raises UnexpectedShape on ids that are none."""
    own, *_ = _ids([found.id])
    custom = _ids(found.custom_bitlinks or ())
    return BitlinkDetails(
        id=own,
        link=found.link,
        long_url=found.long_url,
        title=found.title,
        created_at=_instant_or_none(found.created_at),
        created_by=found.created_by,
        client_id=found.client_id,
        archived=found.archived,
        is_deleted=found.is_deleted,
        tags=tuple(found.tags or ()),
        custom_ids=tuple(dict.fromkeys(name for name in custom if name != own)),
        campaign_ids=tuple(found.campaign_ids or ()),
        launchpad_ids=tuple(found.launchpad_ids or ()),
        qr_code_ids=tuple(found.qr_code_ids or ()),
        deeplinks=_json_or_none(found.deeplinks),
        expiration_at=None if found.expiration_at in (None, "") else str(found.expiration_at),
        dynamic_routing=_json_or_none(found.dynamic_routing),
    )


def _json_or_none(told: object) -> str | None:
    """Return JSON, its keys in one order, or None where nothing is told."""
    return msgspec.json.encode(told, order="deterministic").decode() if told else None


def _ids(texts: Iterable[str]) -> list[str]:
    try:
        return [bitlink_id(text) for text in texts]
    except ValueError as error:
        raise UnexpectedShape(str(error)[:200]) from None


def _instant_or_none(text: str | None) -> datetime | None:
    return instant(text) if text else None
