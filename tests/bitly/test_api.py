"""Each read endpoint of Bitly's API has a method, which asks and reads as the API is documented."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, TypeVar, cast

import pytest

from harvester.bitly import Bitly, RepeatedCursor, UnexpectedShape
from harvester.bitly.api.resource import Resource
from harvester.bitly.client import BitlyClient
from harvester.bitly.decoding import Body
from harvester.bitly.wire import Request
from tests.bitly.serving import Sample

T = TypeVar("T")
EAST = datetime(2026, 11, 21, 14, 30, tzinfo=timezone(timedelta(hours=5)))
# Every GET of Bitly's OpenAPI document (July 2026), and those of engagements and logos.
SPECIFIED = """
/apps/{client_id} /bitlinks/{bitlink} /bitlinks/{bitlink}/cities /bitlinks/{bitlink}/clicks
/bitlinks/{bitlink}/clicks/summary /bitlinks/{bitlink}/countries /bitlinks/{bitlink}/devices
/bitlinks/{bitlink}/referrer_name /bitlinks/{bitlink}/referrers
/bitlinks/{bitlink}/referrers_by_domains /bitlinks/{bitlink}/referring_domains
/bitlinks/{bitlink}/engagements /bitlinks/{bitlink}/engagements/summary /bsds /campaigns
/campaigns/{campaign_guid} /channels /channels/{channel_guid} /custom_bitlinks/{custom_bitlink}
/custom_bitlinks/{custom_bitlink}/clicks /custom_bitlinks/{custom_bitlink}/clicks_by_destination
/groups /groups/{group_guid} /groups/{group_guid}/bitlinks /groups/{group_guid}/bitlinks/{sort}
/groups/{group_guid}/cities /groups/{group_guid}/clicks /groups/{group_guid}/countries
/groups/{group_guid}/devices /groups/{group_guid}/feature_usage
/groups/{group_guid}/historical_usage /groups/{group_guid}/preferences
/groups/{group_guid}/qr-codes /groups/{group_guid}/qr/images /groups/{group_guid}/referrers
/groups/{group_guid}/referring_networks /groups/{group_guid}/shorten_counts
/groups/{group_guid}/tags /organizations /organizations/{organization_guid}
/organizations/{organization_guid}/plan_limits /organizations/{organization_guid}/shorten_counts
/organizations/{organization_guid}/shorten_counts_by_group
/organizations/{organization_guid}/webhooks /qr-codes/{qrcode_id} /qr-codes/{qrcode_id}/image
/qr-codes/{qrcode_id}/scans /qr-codes/{qrcode_id}/scans/browsers
/qr-codes/{qrcode_id}/scans/cities /qr-codes/{qrcode_id}/scans/countries
/qr-codes/{qrcode_id}/scans/device_os /qr-codes/{qrcode_id}/scans/summary /user
/user/platform_limits /webhooks/{webhook_guid}
"""


class Canned:
    """Stands where the client does: answers the same to everything, and keeps what was asked."""

    def __init__(self, *answers: bytes) -> None:
        self.answers, self.asked = list(answers) or [b"{}"], list[Request]()
        self.sent = Counter[str]()

    async def answer(self, request: Request, parse: Callable[[object], T]) -> T:
        self.asked.append(request)
        return parse(Body(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]))


def bitly_with(canned: Canned) -> Bitly:
    bitly = Bitly("token")
    for resource in (bitly, *vars(bitly).values()):
        if isinstance(resource, Resource):
            vars(resource)["_client"] = cast("BitlyClient", canned)
    return bitly


async def ask_all(bitly: Bitly) -> None:
    """Call each method of each resource with a name, and take whatever comes of it."""
    for resource in (bitly, *(each for each in vars(bitly).values() if isinstance(each, Resource))):
        for name in [each for each in dir(resource) if not each.startswith("_")]:
            method = getattr(resource, name)
            if not callable(method) or isinstance(method, Resource):
                continue
            for arguments in ((), ("bit.ly/a",)):
                try:
                    answer: Awaitable[Any] | AsyncIterator[Any] = method(*arguments)
                    if isinstance(answer, AsyncIterator):
                        await anext(answer)
                    else:
                        await answer
                except (TypeError, UnexpectedShape):
                    continue


async def test_each_endpoint_of_the_specification_has_a_method() -> None:
    canned = Canned()
    await ask_all(bitly_with(canned))
    gets = {each.endpoint for each in canned.asked if each.method == "GET"}
    assert gets == set(SPECIFIED.split())


@pytest.mark.parametrize(
    ("ask", "path"),
    [
        (lambda b: b.links.get("http://J.mp/1RmnUT+"), "/bitlinks/bit.ly/1RmnUT"),
        (lambda b: b.links.get("go.example.com/frühling 5%".replace(" ", "_")),
         "/bitlinks/go.example.com/fr%C3%BChling_5%25"),
        (lambda b: b.links.clicks("bit.ly/a", unit="day", units=7, unit_reference=EAST),
         "/bitlinks/bit.ly/a/clicks?unit=day&units=7&unit_reference=2026-11-21T14%3A30%3A00%2B0500"),
        (lambda b: b.groups.sorted_bitlinks("B1", size=100), "/groups/B1/bitlinks/clicks?size=100"),
        (lambda b: b.groups.get("../user"), "/groups/..%2Fuser"),
        (lambda b: b.groups.feature_usage("B1", ["qr_codes", "x"]),
         "/groups/B1/feature_usage?name=qr_codes&name=x"),
        (lambda b: b.campaigns.all(), "/campaigns"),
        (lambda b: b.channels.all(campaign_guid="C1"), "/channels?campaign_guid=C1"),
        (lambda b: b.platform_limits("/groups/{group_guid}"),
         "/user/platform_limits?path=%2Fgroups%2F%7Bgroup_guid%7D"),
    ],
)  # fmt: skip
async def test_a_method_asks_as_the_api_is_documented(
    ask: Callable[[Bitly], Awaitable[object]], path: str
) -> None:
    canned = Canned()
    with pytest.raises(UnexpectedShape):
        await ask(bitly_with(canned))
    [request] = canned.asked
    assert request.path + (request.query and f"?{request.query}") == path


async def test_answers_on_record_are_read(sample: Sample) -> None:
    def told(name: str) -> Bitly:
        return bitly_with(Canned(sample(name)))

    link = await told("2020_bitlink").links.get("bit.ly/2Qj2niP")
    assert (link.id, link.custom_bitlinks, link.archived) == ("bit.ly/2Qj2niP", (), False)
    clicks = await told("2020_bitlink_clicks_units-1_sparse").links.clicks("bit.ly/a")
    assert clicks.units == -1
    assert clicks.link_clicks[0].clicks == 1
    summary = await told("2025_bitlink_clicks_summary_growth").links.clicks_summary("bit.ly/a")
    assert (summary.total_clicks, summary.units) == (3646, 134)
    networks = await told("2020_group_referring_networks").groups.referring_networks("B1")
    assert {row.value for row in networks.metrics} >= {"direct", "twitter"}
    made = await told("2020_group_shorten_counts").groups.shorten_counts("B1")
    assert all(isinstance(row.value, int) for row in made.metrics)
    assert (await told("2020_user").user()).default_group_guid
    assert (await told("2025_qrcode").qr_codes.get("Q1")).serialized_content


async def test_referrers_by_domains_are_read_in_both_shapes_on_record(sample: Sample) -> None:
    recorded = sample("2020_bitlink_referrers_by_domains_epoch_unit_reference")
    said = await bitly_with(Canned(recorded)).links.referrers_by_domains("bit.ly/a")
    assert isinstance(said.unit_reference, int)
    first = said.referrers_by_domain[0].referrers[0]
    documented = {
        "referrers_by_domain": [{"network": "x", "referrers": [{"key": "k", "value": 3}]}]
    }
    canned = Canned(json.dumps(documented).encode())
    other = await bitly_with(canned).links.referrers_by_domains("bit.ly/a")
    assert (first.name, first.count > 0) == ("http://t.co/", True)
    second = other.referrers_by_domain[0].referrers[0]
    assert (second.name, second.count) == ("k", 3)


def page(*names: str, after: str = "") -> bytes:
    links = [{"id": f"bit.ly/{name}"} for name in names]
    return json.dumps({"links": links, "pagination": {"search_after": after}}).encode()


async def test_pages_are_read_to_their_end_with_the_filters_given() -> None:
    canned = Canned(page("a", "b", after="x"), page("c"))
    made = datetime(2026, 11, 1, tzinfo=UTC)
    listed = bitly_with(canned).groups.bitlinks("B1", tags=["news", "a b"], created_after=made)
    assert [link.id async for link in listed] == ["bit.ly/a", "bit.ly/b", "bit.ly/c"]
    query = f"size=100&archived=both&tags=news&tags=a+b&created_after={int(made.timestamp())}"
    assert [each.query for each in canned.asked] == [query, f"{query}&search_after=x"]


async def test_pages_that_lead_in_a_circle_end_in_an_error() -> None:
    listed = bitly_with(Canned(page("a", after="x"))).groups.bitlinks("B1")
    with pytest.raises(RepeatedCursor, match=r"/groups/\{group_guid\}/bitlinks"):
        _ = [link async for link in listed]


async def test_where_a_link_leads_is_asked_by_a_post() -> None:
    answer = b'{"id":"bit.ly/a","link":"https://bit.ly/a","long_url":"https://example.com/"}'
    canned = Canned(answer)
    expanded = await bitly_with(canned).links.expand("https://bit.ly/a?r=qr")
    assert expanded.long_url == "https://example.com/"
    [request] = canned.asked
    assert (request.method, request.body) == ("POST", b'{"bitlink_id":"bit.ly/a"}')


def test_the_token_is_not_shown() -> None:
    assert "canary" not in repr(Bitly("canary"))
