"""A small Bitly account and the truth about its clicks: what a harvest must end up with.

The same seed makes the same world. Between two harvests a world can change: late clicks, new and
deleted bitlinks. What it says of a name and a day holds for the whole day, today's too, so that a
run with a fixed clock sees stable counts; the server hides the days after its clock's.
"""

from bisect import insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any

from harvester.domain.rosters import BitlinkDetails, GroupDetails, OrganizationDetails
from harvester.sandbox.catalogue import LABELS, Rows
from harvester.sandbox.roster import Recipe, made_up
from harvester.sandbox.shelf import Shelf, stocked
from harvester.sandbox.traffic import clicks_on, hourly, key, split

FACETS = ("clicks", *LABELS)
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
_FOUNDED = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)


def newest_first(link: BitlinkDetails) -> tuple[float, str]:
    """Return what sorts bitlinks as Bitly lists them."""
    return (-(link.created_at or _BEFORE_ALL).timestamp(), link.id)


class World:
    """Organization, groups, bitlinks, and the true clicks of each name on each day (UTC)."""

    def __init__(
        self,
        seed: int = 1,
        *,
        today: date,
        groups: int = 2,
        links: int = 150,
        days: int = 30,
        control_characters: bool = False,
    ) -> None:
        """Make up `links` bitlinks in `groups` groups, with clicks on the last `days` days."""
        self.seed = seed
        self.today = today
        self.first_day = self.opened = today - timedelta(days=days - 1)
        self.login = f"sandbox{seed}"
        self.organization = OrganizationDetails(
            f"O{seed}sandbox", "Sandbox & Söhne", "growth", "Growth"
        )
        self.groups: dict[str, GroupDetails] = {}
        self._listed: dict[str, list[BitlinkDetails]] = {}
        self._home: dict[str, str] = {}  # every name that has metrics -> its group
        self._owner: dict[str, BitlinkDetails] = {}
        self._told: Mapping[tuple[str, date], int] | None = None
        self._told_rows: Mapping[tuple[str, str, date], Rows] = {}
        self._late: dict[tuple[str, date], int] = {}
        self._group_clicks = lru_cache(maxsize=4_096)(self._summed)
        recipe = Recipe(seed, today, days, self.login, control_characters=control_characters)
        for number in range(groups):
            self._add_group(f"B{seed}group{number}", made_up(recipe, range(number, links, groups)))

    @classmethod
    def of(
        cls,
        links: Mapping[str, Sequence[BitlinkDetails]],
        clicks: Mapping[tuple[str, date], int],
        rows: Mapping[tuple[str, str, date], Rows] | None = None,
        *,
        today: date,
        seed: int = 1,
    ) -> "World":
        """Return the world of these bitlinks by group guid and these clicks by (name, day).

        `rows`, by (name, facet, day), stand as they are told, even where they do not add up to
        the clicks; those that are not told are made up.
        """
        world = cls(seed, today=today, groups=0)
        world._told, world._told_rows = clicks, rows or {}
        world.first_day = min((day for _, day in clicks), default=today)
        for guid, listed in links.items():
            world._add_group(guid, listed)
        return world

    @cached_property
    def shelf(self) -> Shelf:
        """What there is beside links; made up from them when it is first asked for."""
        return stocked(self.seed, self.organization.guid, self._listed.items())

    def links(self, group_guid: str) -> Sequence[BitlinkDetails]:
        """Return the bitlinks of a group, newest created first. Raises KeyError if unknown."""
        return self._listed[group_guid]

    def names(self, group_guid: str) -> Iterator[str]:
        """Yield every name of a group that has metrics: each id and its custom back-halves."""
        for link in self._listed[group_guid]:
            for name in dict.fromkeys((link.id, *link.custom_ids)):
                if self._owner[name] is link:  # a back-half can be listed with two bitlinks
                    yield name

    def knows(self, name: str) -> bool:
        """Return whether `name` is the id or a custom back-half of a bitlink."""
        return name in self._owner

    def found(self, name: str) -> tuple[BitlinkDetails, str]:
        """Return the bitlink of that name and its group's guid. Raises KeyError if none."""
        return self._owner[name], self._home[name]

    def clicks(self, name: str, day: date) -> int:
        """Return the true clicks of a name on a day; 0 for an unknown name."""
        return self._first_clicks(name, day) + self._late.get((name, day), 0)

    def rows(self, name: str, facet: str, day: date) -> Rows:
        """Return clicks by labels, in the shape of the facet's columns; no row has 0 clicks.

        The rows add up to `clicks(name, day)`. For the facet "clicks" the labels are ().
        Raises KeyError if the facet is unknown.
        """
        if facet == "clicks":
            clicks = self.clicks(name, day)
            return {(): clicks} if clicks else {}
        labels = LABELS[facet]
        dice = key(self.seed, f"{facet} of {name}") ^ day.toordinal()
        told = self._told_rows.get((name, facet, day))
        rows = (
            dict(told) if told is not None else split(self._first_clicks(name, day), dice, labels)
        )
        late = self._late.get((name, day), 0)
        if late:
            label = labels[dice % len(labels)]
            rows[label] = rows.get(label, 0) + late
        return rows

    def hours(self, name: str, day: date) -> tuple[int, ...]:
        """Return the clicks of a day by the hour, 24 counts that add up to it."""
        return hourly(self.clicks(name, day), key(self.seed, name) ^ day.toordinal())

    def group_clicks(self, group_guid: str, day: date) -> int:
        """Return the clicks of all names of a group on a day. Slow for a large group, once."""
        return self._group_clicks(group_guid, day)

    def upgrade(self, tier: str) -> None:
        """Let the organization have another plan."""
        self.organization = replace(self.organization, tier=tier, tier_name=tier.title())

    def add_late(self, name: str, day: date, extra: int) -> None:
        """Let `extra` clicks of a day arrive late. Raises KeyError if the name is unknown."""
        if name not in self._home:
            raise KeyError(name)
        self._late[name, day] = self._late.get((name, day), 0) + extra
        self.first_day = min(self.first_day, day)
        self._group_clicks.cache_clear()

    def add_link(self, group_guid: str, link: BitlinkDetails) -> None:
        """Add a bitlink; its clicks follow from its names. Raises KeyError if no such group."""
        insort(self._listed[group_guid], link, key=newest_first)
        self._enter(group_guid, link)
        self._group_clicks.cache_clear()

    def change_link(self, name: str, **details: Any) -> None:
        """Change a bitlink: title, tags, destination, campaigns. Raises KeyError if there is none.

        Its names stay as they are, and so do their clicks.
        """
        link = self._owner[name]
        changed = replace(link, **details)
        listed = self._listed[self._home[name]]
        listed[listed.index(link)] = changed
        for each in (link.id, *link.custom_ids):
            if self._owner.get(each) is link:
                self._owner[each] = changed

    def delete_link(self, name: str) -> None:
        """Delete a bitlink with all its names. Raises KeyError if there is none of this id."""
        link = self._owner[name]
        self._listed[self._home[name]].remove(link)
        for each in (link.id, *link.custom_ids):
            if self._owner.get(each) is link:
                del self._home[each], self._owner[each]
        self._group_clicks.cache_clear()

    def _add_group(
        self, guid: str, links: Iterator[BitlinkDetails] | Sequence[BitlinkDetails]
    ) -> None:
        number = len(self.groups)
        self.groups[guid] = GroupDetails(
            guid,
            self.organization.guid,
            f"Größe {number}",
            "org-admin",
            is_active=True,
            created_at=_FOUNDED,
            modified_at=_FOUNDED,
        )
        self._listed[guid] = listed = sorted(
            {link.id: link for link in links}.values(), key=newest_first
        )
        for link in listed:
            self._enter(guid, link)

    def _enter(self, group_guid: str, link: BitlinkDetails) -> None:
        self._home[link.id], self._owner[link.id] = group_guid, link
        for name in link.custom_ids:
            self._home.setdefault(name, group_guid)
            self._owner.setdefault(name, link)

    def _first_clicks(self, name: str, day: date) -> int:
        if self._told is not None:
            return self._told.get((name, day), 0)
        link = self._owner.get(name)
        if link is None or day < self.opened:
            return 0
        if link.created_at is not None and day < link.created_at.date():
            return 0
        return clicks_on(key(self.seed, name), day.toordinal())

    def _summed(self, group_guid: str, day: date) -> int:
        return sum(self.clicks(name, day) for name in self.names(group_guid))
