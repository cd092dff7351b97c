"""Which endpoint a path names."""

from urllib.parse import unquote

from harvester.sandbox.metrics import MEASURED

FACETS = ("countries", "cities", "devices", "referrers", "referring_domains")
ROSTERS = (
    "/groups/{group_guid}/qr-codes",
    "/groups/{group_guid}/qr/images",
    "/campaigns",
    "/channels",
    "/groups/{group_guid}/tags",
    "/bsds",
    "/groups/{group_guid}/preferences",
    "/groups/{group_guid}/feature_usage",
    "/groups/{group_guid}/historical_usage",
    "/organizations/{organization_guid}/webhooks",
    "/apps/{client_id}",
)
TEMPLATES = frozenset(
    {
        "/expand",
        "/user",
        "/user/platform_limits",
        "/organizations",
        "/organizations/{organization_guid}",
        "/organizations/{organization_guid}/plan_limits",
        "/groups",
        "/groups/{group_guid}",
        "/groups/{group_guid}/bitlinks",
        "/groups/{group_guid}/bitlinks/{sort}",
        "/groups/{group_guid}/clicks",
        "/groups/{group_guid}/exports",
        "/bitlinks/{bitlink}",
        "/bitlinks/{bitlink}/clicks",
        "/bitlinks/{bitlink}/clicks/summary",
        *(f"/bitlinks/{{bitlink}}/{facet}" for facet in FACETS),
        *ROSTERS,
        *MEASURED,
    }
)
POSTED = frozenset({"/expand", "/groups/{group_guid}/exports"})
_HELD = {
    "groups": "{group_guid}",
    "organizations": "{organization_guid}",
    "apps": "{client_id}",
    "qr-codes": "{qrcode_id}",
}


def routed(path: str) -> tuple[str, str] | None:
    """Return the template of a path below /v4 and the name or guid in it; None if no such route."""
    _, head, *rest = path.split("/") if path.startswith("/") else ("", "")
    if head in {"bitlinks", "custom_bitlinks"} and rest:
        return _bitlink(head, rest)
    subject = ""
    if head in _HELD and rest:
        subject, rest = unquote(rest[0]), [_HELD[head], *rest[1:]]
        if rest[1:2] == ["bitlinks"] and len(rest) > 2:  # noqa: PLR2004 - the word to sort by
            rest[2] = "{sort}"
    return _known("/".join(("", head, *rest)), subject)


def _bitlink(head: str, parts: list[str]) -> tuple[str, str] | None:
    # The slash inside a bitlink is literal in Bitly's examples; encoded it works as well.
    domain, *rest = parts[0].replace("%2f", "%2F").split("%2F", 1) + parts[1:]
    if not rest or not rest[0]:
        return None
    name = f"{unquote(domain).lower()}/{unquote(rest[0])}"
    return _known("/".join((f"/{head}/{{{head.removesuffix('s')}}}", *rest[1:])), name)


def _known(template: str, subject: str) -> tuple[str, str] | None:
    return (template, subject) if template in TEMPLATES else None
