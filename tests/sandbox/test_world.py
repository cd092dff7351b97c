"""The made-up world agrees with itself, can be told, and can change between two harvests."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.sandbox.world import FACETS, World
from tests.sandbox.asking import TODAY, days_ago, link, world_of

seeds = st.integers(0, 2**32)
days = st.integers(-2, 12).map(days_ago)
labels = st.one_of(st.none(), st.sampled_from(["", "direct", '"', "'; --", "Größe\u202e", "\x00"]))


def small(seed: int) -> World:
    return World(seed, today=TODAY, groups=2, links=12, days=10)


@given(seed=seeds, day=days)
def test_same_seed_makes_the_same_world(seed: int, day: date) -> None:
    one, other = small(seed), small(seed)
    for guid in one.groups:
        assert one.links(guid) == other.links(guid)
        for name in one.names(guid):
            assert [one.rows(name, facet, day) for facet in FACETS] == [
                other.rows(name, facet, day) for facet in FACETS
            ]


def test_another_seed_makes_another_world() -> None:
    assert not set(small(1).names("B1group0")) & set(small(2).names("B2group0"))


@given(seed=seeds, day=days, extra=st.integers(0, 3))
def test_rows_of_every_facet_add_up_to_the_clicks(seed: int, day: date, extra: int) -> None:
    world = small(seed)
    for name in world.names(f"B{seed}group0"):
        world.add_late(name, day, extra)
        clicks = world.clicks(name, day)
        assert {sum(world.rows(name, facet, day).values()) for facet in FACETS} == {clicks}
        assert sum(world.hours(name, day)) == clicks


@given(seed=seeds)
def test_nothing_is_clicked_before_it_is_created_or_the_world_begins(seed: int) -> None:
    world = small(seed)
    for each in world.links(f"B{seed}group1"):
        assert each.created_at is not None
        assert world.clicks(each.id, days_ago(10)) == 0
        for day in map(days_ago, range(10)):
            assert day >= each.created_at.date() or world.clicks(each.id, day) == 0


@given(seed=seeds)
def test_bitlinks_come_newest_first_each_name_once(seed: int) -> None:
    world = small(seed)
    for guid in world.groups:
        created = [each.created_at for each in world.links(guid)]
        assert created == sorted(created, key=str, reverse=True)
    names = [name for guid in world.groups for name in world.names(guid)]
    assert len(names) == len(set(names))


@given(
    clicks=st.integers(0, 2**53),
    rows=st.dictionaries(st.tuples(labels), st.integers(1, 2**53), max_size=4),
)
def test_what_is_told_stands(clicks: int, rows: dict[tuple[str | None, ...], int]) -> None:
    told = {("bit.ly/A", "referrers", TODAY): rows}
    world = World.of({"G": [link("bit.ly/A")]}, {("bit.ly/A", TODAY): clicks}, told, today=TODAY)
    assert world.clicks("bit.ly/A", TODAY) == clicks
    assert world.clicks("bit.ly/A", days_ago(1)) == 0
    assert world.rows("bit.ly/A", "referrers", TODAY) == rows
    assert sum(world.rows("bit.ly/A", "countries", TODAY).values()) == clicks


def test_a_made_up_world_has_the_oddities_of_life() -> None:
    world = World(1, today=TODAY, links=400, control_characters=True)
    links = [each for guid in world.groups for each in world.links(guid)]
    ids = {each.id for each in links}
    assert any(each.archived for each in links)
    assert any(each.title is None for each in links)
    assert any(each.title and not each.title.isascii() for each in links)
    assert any("\x07" in (each.title or "") for each in links)
    assert any(each.created_at and each.created_at.year == 1970 for each in links)
    assert any(not name.isascii() for each in links for name in each.custom_ids)
    assert any("%" in name for each in links for name in each.custom_ids)
    assert any(f"bit.ly/{name.removeprefix('bit.ly/').swapcase()}" in ids for name in ids)


def test_custom_back_half_is_counted_apart() -> None:
    clicks = {("bit.ly/A", TODAY): 3, ("bit.ly/Sale", TODAY): 40}
    world = world_of(link("bit.ly/A", custom_ids=("bit.ly/Sale",)), clicks=clicks)
    assert world.clicks("bit.ly/A", TODAY) == 3
    assert world.clicks("bit.ly/Sale", TODAY) == 40
    assert world.group_clicks("G", TODAY) == 43


def test_late_clicks_change_their_day_only() -> None:
    world = world_of(link("bit.ly/A"), clicks={("bit.ly/A", days_ago(1)): 5})
    before = world.rows("bit.ly/A", "countries", days_ago(1))
    assert world.group_clicks("G", days_ago(1)) == 5
    world.add_late("bit.ly/A", days_ago(1), 2)
    after = world.rows("bit.ly/A", "countries", days_ago(1))
    assert world.group_clicks("G", days_ago(1)) == 7
    assert all(after[each] >= clicks for each, clicks in before.items())
    assert world.clicks("bit.ly/A", TODAY) == 0


def test_late_clicks_of_an_unknown_name_are_a_mistake() -> None:
    with pytest.raises(KeyError):
        world_of().add_late("bit.ly/B", TODAY, 1)


def test_new_bitlink_takes_its_place_by_age() -> None:
    world = world_of(link("bit.ly/old", age=9), link("bit.ly/new", age=1))
    world.add_link("G", link("bit.ly/middle", age=5))
    assert [each.id for each in world.links("G")] == ["bit.ly/new", "bit.ly/middle", "bit.ly/old"]


def test_deleted_bitlink_takes_its_back_halves_along() -> None:
    world = world_of(link("bit.ly/A", custom_ids=("bit.ly/Sale",)), link("bit.ly/B"))
    world.delete_link("bit.ly/A")
    assert list(world.names("G")) == ["bit.ly/B"]
    assert not world.knows("bit.ly/Sale")


def test_back_half_that_moved_counts_once() -> None:
    old = link("bit.ly/A", custom_ids=("bit.ly/Sale",), age=9)
    world = world_of(old, link("bit.ly/B", custom_ids=("bit.ly/Sale", "bit.ly/B")))
    assert sorted(world.names("G")) == ["bit.ly/A", "bit.ly/B", "bit.ly/Sale"]
    world.delete_link("bit.ly/B")
    assert world.knows("bit.ly/Sale")
