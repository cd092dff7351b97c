"""Walking the pages shows each bitlink once, whatever comes or goes in between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.domain.rosters import BitlinkDetails
from harvester.sandbox.pages import page
from harvester.sandbox.spans import Refused
from tests.sandbox.asking import NOW, link, world_of

ages = st.lists(st.integers(0, 5), max_size=25)


def links_of(ages: list[int]) -> list[BitlinkDetails]:
    return [link(f"bit.ly/{n}", age=age, archived=n % 3 == 0) for n, age in enumerate(ages)]


@given(ages=ages, size=st.integers(1, 10), archived=st.sampled_from(["on", "off", "both"]))
def test_pages_hold_each_match_once_in_order(ages: list[int], size: int, archived: str) -> None:
    links = world_of(*links_of(ages)).links("G")
    given = {"size": str(size), "archived": archived}
    found = [part := page(links, given)]
    while part.search_after:
        found.append(part := page(links, given | {"search_after": part.search_after}))
        assert len(found) <= len(links)
    wanted = [each for each in links if archived == "both" or each.archived is (archived == "on")]
    assert [each for part in found for each in part.links] == wanted
    assert all(len(part.links) == size for part in found[:-1])


def test_archived_bitlinks_are_left_out_unless_asked_for() -> None:
    links = world_of(*links_of([1, 2, 3, 4])).links("G")
    assert [each.id for each in page(links, {}).links] == ["bit.ly/1", "bit.ly/2"]


def test_a_full_page_may_be_the_last() -> None:
    links = world_of(*links_of([1, 2])).links("G")
    assert page(links, {"size": "2", "archived": "both"}).search_after == ""


def test_a_bitlink_deleted_or_added_between_pages_shifts_nothing() -> None:
    world = world_of(*links_of([1, 2, 3, 4]))
    given = {"size": "2", "archived": "both"}
    first = page(world.links("G"), given)
    world.delete_link("bit.ly/1")
    world.add_link("G", link("bit.ly/newest", age=0))
    second = page(world.links("G"), given | {"search_after": first.search_after})
    assert [each.id for each in second.links] == ["bit.ly/2", "bit.ly/3"]


def test_created_after_is_inclusive_and_created_before_is_not() -> None:
    links = world_of(*links_of([1, 2, 3])).links("G")
    second = int(NOW.timestamp()) - 2 * 86_400
    assert [each.id for each in page(links, {"created_after": str(second)}).links] == ["bit.ly/1"]
    given = {"archived": "both", "created_before": str(second)}
    assert [each.id for each in page(links, given).links] == ["bit.ly/2"]


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"size": "e"}, 400, "INVALID_ARG_SIZE"),
        ({"size": "-1"}, 500, ""),
        ({"size": "188888"}, 500, ""),
        ({"archived": "maybe"}, 400, "INVALID_ARG_ARCHIVED"),
        ({"search_after": "garbage!"}, 400, "INVALID_ARG_SEARCH_AFTER"),
    ],
)
def test_ill_put_pages_are_refused(given: dict[str, str], status: int, code: str) -> None:
    with pytest.raises(Refused) as refused:
        page([], given)
    assert (refused.value.status, refused.value.code) == (status, code)
