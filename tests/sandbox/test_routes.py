"""Paths find their endpoint, and what is no path of ours finds none."""

import pytest

from harvester.sandbox.answers import ENDPOINTS
from harvester.sandbox.routes import TEMPLATES, routed


@pytest.mark.parametrize(
    ("path", "template", "subject"),
    [
        ("/user", "/user", ""),
        ("/user/platform_limits", "/user/platform_limits", ""),
        ("/organizations/O1/plan_limits", "/organizations/{organization_guid}/plan_limits", "O1"),
        ("/groups", "/groups", ""),
        ("/groups/G1", "/groups/{group_guid}", "G1"),
        ("/groups/G1/bitlinks", "/groups/{group_guid}/bitlinks", "G1"),
        ("/groups/G1/bitlinks/clicks", "/groups/{group_guid}/bitlinks/{sort}", "G1"),
        ("/groups/G1/qr-codes", "/groups/{group_guid}/qr-codes", "G1"),
        ("/groups/G1/qr/images", "/groups/{group_guid}/qr/images", "G1"),
        ("/apps/a%2Fb", "/apps/{client_id}", "a/b"),
        ("/bitlinks/BIT.ly/aB", "/bitlinks/{bitlink}", "bit.ly/aB"),
        ("/bitlinks/bit.ly%2FaB/cities", "/bitlinks/{bitlink}/cities", "bit.ly/aB"),
        ("/bitlinks/bit.ly/50%25-%C3%BC/clicks", "/bitlinks/{bitlink}/clicks", "bit.ly/50%-ü"),
        ("/bitlinks/bit.ly/a/clicks/summary", "/bitlinks/{bitlink}/clicks/summary", "bit.ly/a"),
    ],
)
def test_path_names_an_endpoint(path: str, template: str, subject: str) -> None:
    assert routed(path) == (template, subject)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "user",
        "/nope",
        "/groups//B1/bitlinks",
        "/groups/G1/nope",
        "/bitlinks",
        "/bitlinks/x",
        "/bitlinks/bit.ly/",
        "/bitlinks/bit.ly/a/referring_networks",
        "/user/",
        "/{bitlink}",
    ],
)
def test_other_paths_name_none(path: str) -> None:
    assert routed(path) is None


def test_every_endpoint_has_a_path_and_an_answer() -> None:
    assert set(ENDPOINTS) == TEMPLATES
