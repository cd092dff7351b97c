"""What the endpoints of rosters answer, out of a world's shelf and its links."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

from harvester.domain.entities import Entity
from harvester.sandbox.bodies import Json, instant
from harvester.sandbox.spans import Refused, arguments, named, page_size
from harvester.sandbox.world import World

CANARY = "sandbox-client-secret"
"""The secret that the sandbox's webhooks have: it must never be stored."""

# What Bitly calls the fields of an entity, where it is not what we call them.
_WORDS = {"created_at": "created", "modified_at": "modified"}
_QR_WORDS = {
    **_WORDS,
    "guid": "qrcode_id",
    "type": "qr_code_type",
    "bitlink": "bitlink_id",
    "content": "serialized_content",
}
_FEATURES = ("qr_codes", "custom_bitlinks", "links")


def qr_codes(world: World, group: str, query: str) -> Json:
    """List a page of a group's QR codes, those without a date last."""
    given = arguments(query)
    size, after = page_size(given), given.get("search_after", "")
    since = int(given.get("created_after", "0"))
    listed = [
        {**_body(each, _QR_WORDS), "group_guid": group}
        for each in world.shelf.of("qr_codes", group)
        if not since or _made(each) >= since
    ]
    names = [each["qrcode_id"] for each in listed]
    start = names.index(after) + 1 if after in names else 0
    page = listed[start : start + size]
    cursor = names[start + size - 1] if start + size < len(names) else ""
    return {
        "qr_codes": page,
        "pagination": {"next": "", "search_after": cursor, "size": len(page)},
    }


def qr_logo_images(world: World, group: str, _query: str) -> Json:
    """List the logos of a group's QR codes, by URLs that bear a signature."""
    words = {"guid": "image_guid"}
    listed = [_body(each, words) for each in world.shelf.of("qr_logo_images", group)]
    return {"qr_logo_images": [{**each, "url": f"{each['url']}?sig={CANARY}"} for each in listed]}


def campaigns(world: World, _subject: str, query: str) -> Json:
    """List the campaigns, of one group if it is named."""
    return {"campaigns": _of_group(world.shelf.of("campaigns"), arguments(query))}


def channels(world: World, _subject: str, query: str) -> Json:
    """List the channels, of one group or campaign if it is named."""
    given = arguments(query)
    listed = _of_group(world.shelf.of("channels"), given)
    if "campaign_guid" in given:
        held = {each.guid for each in world.shelf.of("campaign_channels", given["campaign_guid"])}
        listed = [each for each in listed if each["guid"] in held]
    return {"channels": listed}


def tags(world: World, group: str, _query: str) -> Json:
    """List the tags of a group's links, a thousand at most."""
    found = {tag for link in world.links(group) for tag in link.tags}
    return {"tags": sorted(found)[:1_000]}


def bsds(world: World, _subject: str, _query: str) -> Json:
    """List the branded short domains."""
    return {"bsds": [each.guid for each in world.shelf.of("bsds")]}


def preferences(world: World, group: str, _query: str) -> Json:
    """Tell what a group prefers."""
    words = {"guid": "group_guid", "domain": "domain_preference"}
    [found] = world.shelf.of("preferences", group) or [Entity(group)]
    return _body(found, words)


def feature_usage(world: World, group: str, query: str) -> Json:
    """Tell how many links, custom back-halves and QR codes a group has."""
    used = usage(world, group)
    asked = named(query, "name") or list(_FEATURES)
    return {
        "group_guid": group,
        "limit_usage": [
            {"name": name, "description": f"{name} of the group", "count": used[name]}
            for name in asked
            if name in used
        ],
    }


def usage(world: World, group: str) -> dict[str, int]:
    """Return the truth of a group's use of features."""
    links = world.links(group)
    customs = sum(len(link.custom_ids) for link in links)
    counts = (len(world.shelf.of("qr_codes", group)), customs, len(links))
    return dict(zip(_FEATURES, counts, strict=True))


def historical_usage(world: World, group: str, query: str) -> Json:
    """Tell how many links a group had made by each month, for each feature that is named."""
    given = arguments(query)
    last = date.fromisoformat(given.get("end_date", str(world.today)))
    first = date.fromisoformat(given.get("start_date", f"{last.year}-01-01"))
    months = [
        datetime(year, month, 1, tzinfo=UTC)
        for year in range(first.year, last.year + 1)
        for month in range(1, 13)
        if first <= date(year, month, 1) <= last
    ]
    return {
        "group_guid": group,
        "unit": given.get("unit", "month"),
        "start_date": str(first),
        "end_date": str(last),
        "historical_limit_usage": [
            {
                "name": name,
                "usage": [
                    {"count": made_in(world, group, month), "unit_start": instant(month)}
                    for month in months
                ],
            }
            for name in named(query, "name")
        ],
    }


def made_in(world: World, group: str, month: datetime) -> int:
    """Return how many of a group's links were made in a month."""
    when = (month.year, month.month)
    made = [link.created_at for link in world.links(group) if link.created_at]
    return sum((each.year, each.month) == when for each in made)


def webhooks(world: World, organization: str, _query: str) -> Json:
    """List the webhooks of an organization, with secrets as Bitly tells them."""
    if organization != world.organization.guid:
        raise Refused(403)
    words = {**_WORDS, "origin": "url", "alerted_at": "alerted", "deactivated_at": "deactivated"}
    secrets = {"oauth_url": "https://in.example/oauth", "client_id": "x", "client_secret": CANARY}
    listed = [_body(each, words) for each in world.shelf.of("webhooks", organization)]
    return {
        "webhooks": [
            {
                "alerted": "",
                "deactivated": "",
                "organization_guid": organization,
                **each,
                **secrets,
                "url": f"{each['url']}/hook?key={CANARY}",
                "references": {},
            }
            for each in listed
        ]
    }


def app(world: World, client_id: str, _query: str) -> Json:
    """Tell of an app that has made a link."""
    made = (link.client_id for guid in world.groups for link in world.links(guid))
    if client_id not in made:
        raise Refused(404)
    return {
        "client_id": client_id,
        "name": f"App {client_id[:4]}",
        "description": "",
        "link": "https://app.example/",
        "require_oauth_pkce": False,
    }


def _made(code: Any) -> int:
    return int(code.created_at.timestamp()) if code.created_at else 0


def _of_group(listed: Sequence[Entity], given: Mapping[str, str]) -> list[Json]:
    found = [{**_body(each, _WORDS), "references": {}} for each in listed]
    group = given.get("group_guid")
    return [each for each in found if group is None or each["group_guid"] == group]


def _body(entity: Entity, words: Mapping[str, str]) -> Json:
    """Return an entity in Bitly's words; what it does not have is left out."""
    told = {field.name: getattr(entity, field.name) for field in fields(entity)}
    return {
        words.get(name, name): instant(value) if isinstance(value, datetime) else value
        for name, value in told.items()
        if value is not None
    }


ENDPOINTS: Mapping[str, Callable[[World, str, str], Json]] = MappingProxyType(
    {
        "/groups/{group_guid}/qr-codes": qr_codes,
        "/groups/{group_guid}/qr/images": qr_logo_images,
        "/campaigns": campaigns,
        "/channels": channels,
        "/groups/{group_guid}/tags": tags,
        "/bsds": bsds,
        "/groups/{group_guid}/preferences": preferences,
        "/groups/{group_guid}/feature_usage": feature_usage,
        "/groups/{group_guid}/historical_usage": historical_usage,
        "/organizations/{organization_guid}/webhooks": webhooks,
        "/apps/{client_id}": app,
    }
)
"""How each is answered: from the world, the guid in the path, and the query."""
