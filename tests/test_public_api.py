"""The library's public names are pinned: a change here is a change for those who build on them."""

import ast
import inspect
from pathlib import Path

import pytest

from harvester import bitly
from harvester.bitly import shapes

NAMES = """
    BITLY_URL AccountStopped BadRequest Bitly BitlyError Connections Export FacetRefused Forbidden
    InternalError NotAuthorised NotJson QuotaUsedUp RateLimited RepeatedCursor SubjectGone TooLarge
    Unanswered UnexpectedShape Unreadable instant link_id shapes
"""
METHODS = {
    "": "bsds platform_limits requests user",
    "apps": "get",
    "campaigns": "all get",
    "channels": "all get",
    "custom_links": "clicks clicks_by_destination get",
    "groups": "all bitlinks cities clicks countries devices export export_engagements feature_usage"
    " get historical_usage preferences qr_codes qr_images referrers referring_networks"
    " shorten_counts sorted_bitlinks tags",
    "links": "cities clicks clicks_summary countries devices engagements engagements_summary expand"
    " get referrer_name referrers referrers_by_domains referring_domains",
    "organizations": "all get plan_limits shorten_counts shorten_counts_by_group webhooks",
    "qr_codes": "browsers cities countries device_os get image scans scans_summary",
    "webhooks": "get",
}
SHAPES = """
    App Bitlink Campaign Channel City CityClicks CityMetrics CityScanMetrics CityScans ClickMetrics
    ClickSeries ClickSummary Clicks Counts CustomBitlink DeviceClicks DeviceMetrics Email
    EngagementCounts EngagementSeries EngagementSummary Engagements ExpandedBitlink FeatureUsage
    Group GroupClicks GroupCount GroupPreferences HistoricalUsage KeyCount Limit LogoImage
    MethodLimit
    Organization OtherCityClicks OtherCityScans PastUsage PlanLimits PlatformLimit QrCode
    QrCodeImage Referrer ReferrersByDomain ReferrersByDomains ScanMetrics ScanSeries ScanSummary
    Scans Shape SortedLink SortedLinks Timed Usage User ValueClicks ValueScans Webhook
"""


def public(thing: object) -> list[str]:
    return sorted(name for name in dir(thing) if not name.startswith("_"))


def test_the_public_names_are_these() -> None:
    assert sorted(bitly.__all__) == sorted(NAMES.split()) == dir(bitly)
    assert sorted(shapes.__all__) == sorted(SHAPES.split())


def test_the_public_methods_are_these() -> None:
    client = bitly.Bitly("token")
    assert public(client) == sorted([*METHODS[""].split(), *filter(None, METHODS)])
    for resource, methods in METHODS.items():
        if resource:
            assert public(getattr(client, resource)) == methods.split()


@pytest.mark.parametrize("name", NAMES.split())
def test_each_public_name_is_there_and_says_what_it_is(name: str) -> None:
    found = getattr(bitly, name)
    assert inspect.getdoc(found)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"harvester\.bitly.*'Bitley'"):
        _ = bitly.Bitley


def test_the_package_imports_nothing_of_its_own_until_it_is_used() -> None:
    tree = ast.parse(Path(bitly.__file__).read_text(encoding="utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert {getattr(node, "module", None) for node in imports} == {"importlib", "typing"}


def test_types_travel_with_the_package() -> None:
    assert Path(bitly.__file__).parents[1].joinpath("py.typed").exists()
