"""Every endpoint's answer, errors included, is what the official OpenAPI document describes.

The document is looked for at BITLY_OPENAPI, then beside the checkout. Without it the required keys
below are still checked: they hold with it, too.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from harvester.domain.rosters import BitlinkDetails
from harvester.sandbox.limits import UNMETERED
from harvester.sandbox.routes import POSTED, TEMPLATES
from harvester.sandbox.server import Sandbox
from harvester.sandbox.world import World
from tests.sandbox.asking import Api
from tests.specification import specification

SPAN = {"unit", "units", "unit_reference"}
ROWS = SPAN | {"facet", "metrics"}
EXPORT = {
    "export_type",
    "filename",
    "media_type",
    "row_count",
    "column_count",
    "columns",
    "size_bytes",
    "data_uri",
    "unix_from",
    "unix_to",
    "truncated",
}
REQUIRED = {
    "/user": {"login", "name", "is_active", "created", "modified", "emails", "default_group_guid"},
    "/user/platform_limits": {"platform_limits"},
    "/organizations": {"organizations"},
    "/organizations/{organization_guid}": {"guid", "name", "tier", "role", "bsds", "references"},
    "/organizations/{organization_guid}/plan_limits": {"organization_guid", "plan_limits"},
    "/groups": {"groups"},
    "/groups/{group_guid}": {"guid", "organization_guid", "name", "role", "is_active", "created"},
    "/groups/{group_guid}/bitlinks": {"links", "pagination"},
    "/groups/{group_guid}/bitlinks/{sort}": {"links", "sorted_links"},
    "/groups/{group_guid}/clicks": SPAN | {"data"},
    "/groups/{group_guid}/exports": EXPORT,
    "/expand": {"id", "link", "long_url", "created_at"},
    "/bitlinks/{bitlink}": {"id", "link", "long_url", "created_at", "custom_bitlinks", "archived"},
    "/bitlinks/{bitlink}/clicks": SPAN | {"link_clicks"},
    "/bitlinks/{bitlink}/clicks/summary": SPAN | {"total_clicks"},
    "/bitlinks/{bitlink}/countries": ROWS,
    "/bitlinks/{bitlink}/cities": ROWS | {"other_metrics"},
    "/bitlinks/{bitlink}/devices": ROWS,
    "/bitlinks/{bitlink}/referrers": ROWS,
    "/bitlinks/{bitlink}/referring_domains": ROWS,
    "/groups/{group_guid}/qr-codes": {"qr_codes", "pagination"},
    "/groups/{group_guid}/qr/images": {"qr_logo_images"},
    "/campaigns": {"campaigns"},
    "/channels": {"channels"},
    "/groups/{group_guid}/tags": {"tags"},
    "/bsds": {"bsds"},
    "/groups/{group_guid}/preferences": {"group_guid", "domain_preference"},
    "/groups/{group_guid}/feature_usage": {"group_guid", "limit_usage"},
    "/groups/{group_guid}/historical_usage": {"group_guid", "unit", "historical_limit_usage"},
    "/organizations/{organization_guid}/webhooks": {"webhooks"},
    "/bitlinks/{bitlink}/referrer_name": ROWS - {"facet"},
    "/bitlinks/{bitlink}/referrers_by_domains": SPAN | {"facet", "referrers_by_domain"},
    "/bitlinks/{bitlink}/engagements": SPAN | {"engagements"},
    "/custom_bitlinks/{custom_bitlink}/clicks": SPAN | {"link_clicks"},
    "/custom_bitlinks/{custom_bitlink}/clicks_by_destination": ROWS - {"facet"},
    "/groups/{group_guid}/countries": ROWS,
    "/groups/{group_guid}/cities": ROWS | {"other_metrics"},
    "/groups/{group_guid}/devices": ROWS,
    "/groups/{group_guid}/referrers": ROWS,
    "/groups/{group_guid}/referring_networks": ROWS,
    "/groups/{group_guid}/shorten_counts": ROWS,
    "/organizations/{organization_guid}/shorten_counts": ROWS,
    "/organizations/{organization_guid}/shorten_counts_by_group": ROWS,
    "/qr-codes/{qrcode_id}/scans": SPAN | {"scans"},
    "/qr-codes/{qrcode_id}/scans/countries": ROWS,
    "/qr-codes/{qrcode_id}/scans/cities": ROWS | {"other_metrics"},
    "/qr-codes/{qrcode_id}/scans/device_os": ROWS,
    "/qr-codes/{qrcode_id}/scans/browsers": ROWS,
    "/apps/{client_id}": {"name", "client_id", "link", "description", "require_oauth_pkce"},
}
RECORDED = {"/bitlinks/{bitlink}/referrers_by_domains"}
ERRORS = {
    400: "BadRequest",
    402: "UpgradeRequired",
    403: "Forbidden",
    404: "NotFound",
    410: "Gone",
    429: "MonthlyLimitExceeded",
    500: "InternalError",
    503: "TemporarilyUnavailable",
}


@pytest.fixture(scope="module")
def document() -> Any:
    return specification()


def check(document: Any, schema: Any, body: Any) -> None:
    """Hold `body` against `schema`, and allow no key that the document does not know."""
    if document is None:
        return
    rooted = {"components": document["components"], **schema}
    problems = [error.message for error in Draft202012Validator(rooted).iter_errors(body)]
    assert problems == []
    assert set(strangers(document, schema, body)) == set()


def strangers(document: Any, schema: Any, body: Any) -> Iterator[str]:
    """Yield the keys in `body` that `schema` does not name."""
    if isinstance(body, list):
        for each in body:
            yield from strangers(document, resolved(document, schema).get("items", {}), each)
    elif isinstance(body, dict):
        known = properties(document, schema)
        for key, value in body.items():
            if key not in known:
                yield key
            elif "additionalProperties" not in known[key]:
                yield from strangers(document, known[key], value)


def properties(document: Any, schema: Any) -> dict[str, Any]:
    schema = resolved(document, schema)
    known = dict(schema.get("properties", {}))
    for part in schema.get("allOf", ()):
        known |= properties(document, part)
    return known


def resolved(document: Any, schema: Any) -> Any:
    reference = schema.get("$ref")
    return document["components"]["schemas"][reference.rpartition("/")[2]] if reference else schema


def path_of(template: str, world: World) -> str:
    guid = next(iter(world.groups))
    query = "?name=qr_codes" if template.endswith("usage") else ""
    return query.join([template, ""]).format(
        organization_guid=world.organization.guid,
        group_guid=guid,
        sort="clicks",
        bitlink="{}",
        custom_bitlink="go.example.com/spring",
        qrcode_id=world.shelf.of("qr_codes", guid)[0].guid,
        client_id=next(link.client_id for link in world.links(guid) if link.client_id),
    )


def busiest(sandbox: Sandbox) -> str:
    names = sandbox.world.names(next(iter(sandbox.world.groups)))
    return max(names, key=lambda name: sandbox.world.clicks(name, sandbox.clock.now().date()))


@pytest.mark.parametrize("template", sorted(TEMPLATES))
async def test_answer_is_as_documented(api: Api, document: Any, template: str) -> None:
    api.sandbox.limits.per_month = 1_000  # so that plan_limits has its row
    if "{custom_bitlink}" in template:
        link = BitlinkDetails("go.example.com/x1", "", "", custom_ids=("go.example.com/spring",))
        api.sandbox.world.add_link(next(iter(api.sandbox.world.groups)), link)
    path, method = path_of(template, api.sandbox.world), "post" if template in POSTED else "get"
    if template in POSTED:
        name = busiest(api.sandbox)
        body = {"export_type": "link_engagements_batch", "bitlinks": [name], "bitlink_id": name}
        answer = await api.post(path, body)
    else:
        answer = await api.get(path, busiest(api.sandbox))
    assert answer.status == 200
    assert set(answer.json) >= REQUIRED[template]
    # exports are newer than some; of one there is a recorded answer in another shape
    if document is not None and template in document["paths"].keys() - RECORDED:
        described = document["paths"][template][method]["responses"]["200"]
        check(document, described["content"]["application/json"]["schema"], answer.json)


@pytest.mark.parametrize("status", sorted(ERRORS))
async def test_error_is_as_documented(api: Api, document: Any, status: int) -> None:
    api.sandbox.switches.script["/groups"] = [status]
    answer = await api.get("/groups")
    assert (answer.status, answer.content_type) == (status, "application/json")
    assert set(answer.json) >= {"message"}
    check(document, {"$ref": f"#/components/schemas/{ERRORS[status]}"}, answer.json)


@pytest.mark.parametrize(("field", "value"), [("unit", "year"), ("units", "-2"), ("size", "e")])
async def test_bad_argument_is_named_as_documented(
    api: Api, document: Any, field: str, value: str
) -> None:
    path = f"/bitlinks/{{}}/countries?{field}={value}"
    answer = await api.get(path, busiest(api.sandbox))
    assert answer.json == {
        "message": f"INVALID_ARG_{field.upper()}",
        "resource": "bitlinks",
        "description": "The value provided is invalid.",
        "errors": [{"field": field, "error_code": "invalid"}],
    }
    check(document, {"$ref": "#/components/schemas/BadRequest"}, answer.json)


async def test_used_up_month_is_the_documented_example(api: Api, document: Any) -> None:
    api.sandbox.limits.per_month = 0
    answer = await api.get("/groups")
    assert answer.json == {"message": "API_USAGE_LIMIT_EXCEEDED"}
    check(document, {"$ref": "#/components/schemas/MonthlyLimitExceeded"}, answer.json)


def test_unmetered_endpoints_are_those_without_a_documented_429(document: Any) -> None:
    assert UNMETERED < TEMPLATES
    if document is not None:
        paths = document["paths"]
        # some are of another year's document; it declares none for exports, and we count them
        asked = {each for each in TEMPLATES - POSTED if each in paths}
        declared = {each for each in asked if "429" in paths[each]["get"]["responses"]}
        assert declared == asked - UNMETERED
