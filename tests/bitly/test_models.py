"""Rosters and limits: every recorded shape is taken, a wrong one is refused by the field's name."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from harvester.bitly import models
from harvester.bitly.errors import UnexpectedShape
from harvester.bitly.models import PlanLimit, PlatformLimit
from harvester.domain.rosters import OrganizationDetails
from tests.bitly.serving import Sample


def link(**more: Any) -> dict[str, Any]:
    return {"links": [{"id": "bit.ly/a", "link": "https://bit.ly/a", "long_url": "x"} | more]}


def test_recorded_user_is_read(sample: Sample) -> None:
    user = models.user(json.loads(sample("2020_user")))
    assert (user.login, user.name, user.default_group_guid) == ("testuser", "Test User", "def456")


def test_recorded_organization_is_read(sample: Sample) -> None:
    answer = {"organizations": [json.loads(sample("2020_organization"))]}
    assert models.organizations(answer) == [
        OrganizationDetails("abc123", "testorg", "free", "Free")
    ]


def test_recorded_groups_are_read(sample: Sample) -> None:
    (group,) = models.groups(json.loads(sample("2021_groups_list")))
    assert (group.guid, group.organization_guid) == ("Bl39i27Ji5U", "Ol39iJl8uVl")
    assert (group.role, group.is_active) == ("org-admin", True)
    assert group.created_at == datetime(2021, 3, 9, 18, 0, 50, tzinfo=UTC)
    assert models.groups({"groups": [json.loads(sample("2020_group"))]})[0].guid == "def456"


def test_recorded_link_without_title_is_read(sample: Sample) -> None:
    links, cursor = models.bitlinks({"links": [json.loads(sample("2020_bitlink"))]})
    assert cursor == ""
    assert (links[0].id, links[0].title, links[0].tags) == ("bit.ly/2Qj2niP", None, ())
    assert links[0].created_at == datetime(2020, 1, 2, 23, 51, 47, tzinfo=UTC)


def test_link_keeps_its_case_and_its_domain_is_lowered() -> None:
    (found,), _ = models.bitlinks(link(id="Bit.LY/AbC", tags=["b", "a"], title=""))
    assert (found.id, found.tags, found.title) == ("bit.ly/AbC", ("b", "a"), "")


def test_custom_back_halves_are_ids_without_repeats_and_without_the_link_itself() -> None:
    urls = ["http://Bit.ly/new", "https://bit.ly/old", "http://bit.ly/new", "http://bit.ly/a"]
    (found,), _ = models.bitlinks(link(custom_bitlinks=urls))
    assert found.custom_ids == ("bit.ly/new", "bit.ly/old")


def test_null_lists_of_a_link_are_empty() -> None:
    (found,), _ = models.bitlinks(link(custom_bitlinks=None, tags=None, created_at=None))
    assert (found.custom_ids, found.tags, found.created_at) == ((), (), None)


@pytest.mark.parametrize("pagination", [None, {}, {"search_after": ""}, {"search_after": None}])
def test_list_ends_without_a_cursor(pagination: object) -> None:
    assert models.bitlinks(link() | {"pagination": pagination})[1] == ""


def test_cursor_is_handed_on() -> None:
    assert models.bitlinks({"links": [], "pagination": {"search_after": "x"}}) == ([], "x")


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        ({}, "links"),
        ({"links": None}, r"\$\.links"),
        ({"links": {}}, r"\$\.links"),
        (link(id=5), r"\$\.links\[0\]\.id"),
        (link(archived="no"), "archived"),
        (link(tags="x"), "tags"),
        (link(id="nothing"), "nothing"),
        (link(custom_bitlinks=["http://bit.ly"]), "bit.ly"),
        (link(created_at="yesterday"), "yesterday"),
        (link(created_at="2020-01-01T00:00:00"), "offset"),
        (link(created_at="0001-01-01T00:00:00+2300"), "0001"),
        ([], "object"),
    ],
)
def test_wrong_shape_of_a_page_is_refused_by_name(answer: object, named: str) -> None:
    with pytest.raises(UnexpectedShape, match=named):
        models.bitlinks(answer)


def test_plan_limits_are_read() -> None:
    rows = [{"name": "encodes", "description": "Links", "limit": -1, "count": 3, "new": []}]
    assert models.plan_limits({"plan_limits": rows}) == [PlanLimit("encodes", -1, 3, "Links")]


def test_platform_limits_are_one_row_for_each_method() -> None:
    methods = [{"name": "GET", "limit": 1500, "count": 12}, {"name": "POST", "limit": 9}]
    answer = {"platform_limits": [{"endpoint": "/groups", "methods": methods}]}
    assert models.platform_limits(answer) == [
        PlatformLimit("/groups", "GET", 1500, 12),
        PlatformLimit("/groups", "POST", 9, 0),
    ]


@pytest.mark.parametrize("read", [models.user, models.plan_limits, models.platform_limits])
@pytest.mark.parametrize("answer", [None, [], {}, {"login": 3}, {"plan_limits": [{}]}])
def test_answer_without_what_is_needed_is_refused(read: Any, answer: object) -> None:
    with pytest.raises(UnexpectedShape):
        read(answer)
