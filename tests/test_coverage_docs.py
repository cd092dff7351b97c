"""docs/coverage.md lists every endpoint that can be read, and tells the truth of each."""

import re
from pathlib import Path

import pytest

from harvester.bitly.facets import DEFAULT, FACETS
from harvester.bitly.rosters import ROSTERS
from harvester.store.upgrade import view_sources
from tests.specification import specification

PAGE = (Path(__file__).parent.parent / "docs" / "coverage.md").read_text(encoding="utf-8")
ROWS = {
    endpoint: (found, why)
    for endpoint, found, why in re.findall(
        r"^\| `([^`]+)` \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE
    )
}
EXPORTS = "POST /groups/{group_guid}/exports"


def test_every_endpoint_of_the_specification_is_listed() -> None:
    document = specification()
    if document is None:
        pytest.skip("the specification is not at hand")
    readable = {path for path, methods in document["paths"].items() if "get" in methods}
    assert readable | {EXPORTS} <= ROWS.keys()


def test_each_row_names_views_that_are_there_or_says_why_there_is_none() -> None:
    for endpoint, (found, why) in ROWS.items():
        views = re.findall(r"`(\w+)`", found)
        assert set(views) <= view_sources().keys(), endpoint
        assert views or (found == "-" and why), endpoint


@pytest.mark.parametrize("name", FACETS)
def test_each_facet_is_told_with_its_endpoint(name: str) -> None:
    found, why = ROWS[FACETS[name].endpoint]
    assert (f"*`{name}`*" in why) is (name not in DEFAULT)
    assert f"`{name}`" in why
    # clicks, and they alone, are kept in a table of their own besides
    shown = "FROM clicked" if name == "clicks" else f"facets.name = '{name}'"
    assert any(shown in view_sources()[view] for view in re.findall(r"`(\w+)`", found))


@pytest.mark.parametrize("name", ROSTERS)
def test_each_roster_is_told_with_its_endpoint(name: str) -> None:
    found, why = ROWS[ROSTERS[name].endpoint]
    assert f"roster `{name}`" in why
    assert any(
        f".roster = '{name}'" in view_sources()[view] for view in re.findall(r"`(\w+)`", found)
    )
