"""A group is named by its name or its guid, and never by a name that two groups have."""

from dataclasses import dataclass

import pytest

from harvester.domain.errors import ConfigError
from harvester.domain.naming import named_groups


@dataclass(frozen=True)
class Group:
    guid: str
    name: str


SHOP, BLOG, OTHER_BLOG, ODD = (
    Group("B1", "Shop"),
    Group("B2", "Blog"),
    Group("B3", "Blog"),
    Group("B4", "B1"),
)
ALL = (SHOP, BLOG, OTHER_BLOG, ODD)


def test_names_and_guids_stand_for_groups_and_a_guid_comes_first() -> None:
    assert named_groups(ALL, ["Shop", "B3", "B1"]) == [SHOP, OTHER_BLOG]


def test_a_name_of_two_groups_is_refused_with_their_guids() -> None:
    line = r"2 groups are called 'Blog', say which by guid: Blog \(B2\), Blog \(B3\)"
    with pytest.raises(ConfigError, match=line):
        named_groups(ALL, ["Blog"])


def test_a_word_that_fits_nothing_is_refused_with_what_there_is() -> None:
    with pytest.raises(ConfigError, match=r"no group 'X' in this account; there are: Shop \(B1\)"):
        named_groups([SHOP], ["X"])
