"""Shapes of rosters: what is documented is read, wrong shapes are named, secrets are not read."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from harvester.bitly import entities
from harvester.bitly.entities import Page
from harvester.bitly.errors import UnexpectedShape
from harvester.bitly.rosters import ROSTERS, page_request
from harvester.domain.entities import (
    App,
    Campaign,
    Channel,
    Entity,
    FeatureUsage,
    LogoImage,
    Preferences,
    QrCode,
    UsagePeriod,
    User,
    Webhook,
)
from tests.bitly.serving import Sample

MADE = "2026-01-02T03:04:05+0000"
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DATES = {"created": MADE, "modified": MADE}


def test_recorded_qr_code_is_read_with_its_odd_date(sample: Sample) -> None:
    [found] = entities.qr_codes({"qr_codes": [json.loads(sample("2025_qrcode"))]}).listed
    assert found == QrCode(
        "the_qrcode_id",
        "The title",
        "bitlink",
        "bit.ly/abc1234",
        ("https://www.example.org",),
        "https://bit.ly/abc1234?r=qr",
        archived=False,
        created_at=datetime(2025, 1, 15, 12, 56, 28, tzinfo=UTC),
        modified_at=datetime(2025, 1, 15, 12, 56, 39, tzinfo=UTC),
    )


def test_a_page_of_qr_codes_leads_to_the_next() -> None:
    code = {"qrcode_id": "Q1", "title": "", "bitlink_id": "HTTPS://Bit.ly/aB?x=1", **DATES}
    page = entities.qr_codes({"qr_codes": [code], "pagination": {"search_after": "Q1"}})
    expected = QrCode("Q1", bitlink="bit.ly/aB?x=1", created_at=AT, modified_at=AT)
    assert page == Page([expected], "Q1")
    for end in ({"search_after": ""}, {}, None):
        assert entities.qr_codes({"qr_codes": [], "pagination": end}) == Page([], "")


HOOK = {"guid": "W1", "group_guid": "B1", "name": "hook", "event": "engagement", **DATES}
DOCUMENTED: dict[str, tuple[Any, Entity]] = {
    "users": (
        {"login": "sandy", "name": "", "emails": [{"email": "a@b"}], "is_active": True, **DATES},
        User("sandy", is_active=True, created_at=AT, modified_at=AT),
    ),
    "qr_logo_images": (
        {"qr_logo_images": [{"image_guid": "I1", "url": "https://i.example/1.png?sig=abc#x"}]},
        LogoImage("I1", "https://i.example/1.png"),
    ),
    "campaigns": (
        {
            "campaigns": [
                {"guid": "C1", "group_guid": "B1", "name": "n", "description": "", **DATES}
            ]
        },
        Campaign("C1", "B1", "n", created_at=AT, modified_at=AT),
    ),
    "channels": (
        {"channels": [{"guid": "H1", "group_guid": "B1", "name": "mail", **DATES}]},
        Channel("H1", "B1", "mail", AT, AT),
    ),
    "campaign_channels": ({"channels": [{"guid": "H1", "name": "mail"}]}, Entity("H1")),
    "channel_bitlinks": ({"links": [{"id": "bit.ly/a"}]}, Entity("bit.ly/a")),
    "tags": ({"tags": ["Größe 🧵"]}, Entity("Größe 🧵")),
    "bsds": ({"bsds": ["go.example.com"]}, Entity("go.example.com")),
    "preferences": (
        {"group_guid": "B1", "domain_preference": "go.example.com"},
        Preferences("B1", "go.example.com"),
    ),
    "feature_usage": (
        {"group_guid": "B1", "limit_usage": [{"name": "qr_codes", "description": "d", "count": 3}]},
        FeatureUsage("qr_codes", "d", 3),
    ),
    "historical_usage": (
        {
            "group_guid": "B1",
            "unit": "month",
            "start_date": "2026-01-01",
            "end_date": "2026-01-31",
            "historical_limit_usage": [
                {"name": "qr_codes", "usage": [{"count": 2, "unit_start": MADE}]}
            ],
        },
        UsagePeriod("qr_codes month 2026-01-02", "qr_codes", "month", AT, 2),
    ),
    "webhooks": (
        {"webhooks": [{**HOOK, "url": "https://in.example:8443/key?k=1", "alerted": ""}]},
        Webhook(
            "W1",
            "B1",
            "hook",
            "engagement",
            "https://in.example:8443",
            created_at=AT,
            modified_at=AT,
        ),
    ),
    "apps": (
        {"client_id": "A1", "name": "app", "link": "https://a/", "require_oauth_pkce": True},
        App("A1", "app", link="https://a/"),
    ),
}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_what_is_documented_is_read(name: str) -> None:
    answer, expected = DOCUMENTED[name]
    assert list(ROSTERS[name].parse(answer).listed) == [expected]


def test_each_roster_has_a_documented_answer_here() -> None:
    assert DOCUMENTED.keys() | {"qr_codes"} == ROSTERS.keys()


@pytest.mark.parametrize(
    "secret", ["client_secret", "client_id", "oauth_url", "password", "token", "authorization"]
)
def test_no_secret_of_a_webhook_is_read(secret: str) -> None:
    url = "https://someone:c4n4ry@in.example/c4n4ry/x?key=c4n4ry#c4n4ry"
    [hook] = entities.webhooks({"webhooks": [{**HOOK, "url": url, secret: "c4n4ry"}]}).listed
    assert "c4n4ry" not in repr(hook)
    assert "origin='https://in.example'" in repr(hook)


@pytest.mark.parametrize("url", ["", None, "nonsense", "https://[", "https://h:99999/"])
def test_a_webhook_without_a_proper_url_has_no_origin(url: str | None) -> None:
    [hook] = entities.webhooks({"webhooks": [{**HOOK, "url": url}]}).listed
    assert isinstance(hook, Webhook)
    assert hook.origin is None


@pytest.mark.parametrize(
    ("parse", "answer", "field"),
    [
        (entities.campaigns, {}, "campaigns"),
        (entities.campaigns, {"campaigns": [{"name": "n"}]}, "guid"),
        (entities.campaigns, {"campaigns": [{"guid": "C", "created": 5}]}, "created"),
        (entities.channels, {"channels": [{"guid": 7}]}, "guid"),
        (entities.qr_codes, {"qr_codes": [{"qrcode_id": "Q", "archived": "no"}]}, "archived"),
        (entities.qr_codes, {"qr_codes": [{"qrcode_id": "Q", "bitlink_id": "x"}]}, "no bitlink"),
        (entities.user, {"name": "n"}, "login"),
        (entities.tags, {"tags": [None]}, "tags"),
        (entities.tags, {"tags": ["x" * 2_049]}, "longer than 2048"),
        (entities.bsds, {"bsds": "go.example.com"}, "bsds"),
        (entities.webhooks, {"webhooks": [{"guid": "W", "is_active": 1}]}, "is_active"),
        (entities.feature_usage, {"limit_usage": [{"name": "q", "count": 1.5}]}, "count"),
        (entities.historical_usage, {"unit": "month"}, "historical_limit_usage"),
        (entities.app, {"name": "app"}, "client_id"),
        (entities.preferences, {"domain_preference": "d"}, "group_guid"),
        (entities.qr_logo_images, {"qr_logo_images": [{"url": "u"}]}, "image_guid"),
    ],
)
def test_a_wrong_shape_is_refused_by_the_field(
    parse: Callable[[object], Page], answer: object, field: str
) -> None:
    with pytest.raises(UnexpectedShape, match=field):
        parse(answer)


def test_arguments_go_where_the_documentation_has_them() -> None:
    of_channel = {"group_guid": "B/1", "channel_guid": "H1"}
    request = page_request(ROSTERS["channel_bitlinks"], of_channel, "next=")
    assert request.path == "/groups/B%2F1/bitlinks"
    assert request.query == "archived=both&size=100&channel_guid=H1&search_after=next%3D"
    dates = {"start_date": "2025-11-01", "end_date": "2026-11-21"}
    request = page_request(
        ROSTERS["historical_usage"], {"group_guid": "B1", "name": "qr_codes,links", **dates}
    )
    named = "name=qr_codes&name=links&start_date=2025-11-01&end_date=2026-11-21"
    assert request.query == f"unit=month&{named}"
    assert page_request(ROSTERS["qr_codes"], {"group_guid": "B1"}, made_since=AT).query == (
        f"archived=both&size=50&created_after={int(AT.timestamp())}"
    )
