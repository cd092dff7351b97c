"""The truth of what is counted beside the clicks of links, by facet, subject and day.

A facet is named as the harvester names it. Counts follow from the seed, or from clicks of links.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from harvester.domain.facets import kind_of
from harvester.domain.links import SHARED
from harvester.domain.subjects import Kind
from harvester.sandbox.catalogue import LABELS, Rows
from harvester.sandbox.traffic import clicks_on, key, split
from harvester.sandbox.world import World

_QR_CODE = ("Bitly QR Code",)
_LONGEST = 100  # links of a sorted list


@dataclass(frozen=True, slots=True)
class Measures:
    """What a world has counted; `customs` says if a group's clicks hold those of back-halves."""

    world: World
    customs: bool = True

    def rows(self, facet: str, subject: str, day: date) -> Rows:
        """Return counts by labels, none of them 0; of a series the labels are ().

        Raises KeyError if there is no such facet.
        """
        made = _SPECIAL[facet] if facet in _SPECIAL else _BY_KIND[kind_of(facet)]
        rows = made(self, facet, subject, day)
        return {labels: count for labels, count in rows.items() if count}

    def subjects(self, kind: Kind) -> Iterator[tuple[str, str]]:
        """Yield all subjects of a kind, each with the group that it belongs to."""
        world = self.world
        if kind is Kind.ORGANIZATION:
            yield world.organization.guid, next(iter(world.groups))
            return
        for guid in world.groups:
            if kind is Kind.GROUP:
                yield guid, guid
            elif kind is Kind.QR_CODE:
                yield from ((code.guid, guid) for code in world.shelf.of("qr_codes", guid))
            else:
                is_meant = self.is_custom if kind is Kind.CUSTOM_BITLINK else world.knows
                yield from ((name, guid) for name in world.names(guid) if is_meant(name))

    def is_custom(self, name: str) -> bool:
        """Whether a known name is a custom back-half on a domain of one's own."""
        return name.partition("/")[0] not in SHARED and self.world.found(name)[0].id != name

    def names(self, group_guid: str) -> Iterator[str]:
        """Yield the names whose clicks are in those of a group."""
        if self.customs:
            return self.world.names(group_guid)
        return (link.id for link in self.world.links(group_guid))

    def made_up(self, what: str, day: date) -> int:
        """Return a count that nothing else tells of."""
        if day < self.world.opened:
            return 0
        return clicks_on(key(self.world.seed, what), day.toordinal())


def added(parts: Iterable[Rows]) -> Rows:
    """Return rows added up by labels."""
    rows: Rows = {}
    for part in parts:
        for labels, count in part.items():
            rows[labels] = rows.get(labels, 0) + count
    return rows


def _of_link(truth: Measures, facet: str, name: str, day: date) -> Rows:
    return truth.world.rows(name, facet, day)


def _of_group(truth: Measures, facet: str, guid: str, day: date) -> Rows:
    word = facet.removeprefix("group_")
    return added(truth.world.rows(name, word, day) for name in truth.names(guid))


def _of_code(truth: Measures, facet: str, code: str, day: date) -> Rows:
    scans = truth.made_up(f"scans of {code}", day)
    dice = key(truth.world.seed, f"{facet} of {code}") ^ day.toordinal()
    return split(scans, dice, LABELS[facet.removeprefix("qr_")])


def _scans(truth: Measures, _: str, code: str, day: date) -> Rows:
    return {(): truth.made_up(f"scans of {code}", day)}


def _engagements(truth: Measures, _: str, name: str, day: date) -> Rows:
    """Tell clicks and scans apart; buttons are clicked on days without either, too."""
    clicks = truth.world.clicks(name, day)
    scans = min(truth.world.rows(name, "referrers", day).get(_QR_CODE, 0), clicks)
    buttons = truth.made_up(f"buttons of {name}", day) // 2
    return {("clicks",): clicks - scans, ("scans",): scans, ("lib_button_clicks",): buttons}


def _hours(truth: Measures, _: str, name: str, day: date) -> Rows:
    return {(f"{hour:02}",): n for hour, n in enumerate(truth.world.hours(name, day))}


def _custom_clicks(truth: Measures, _: str, name: str, day: date) -> Rows:
    return {(): truth.world.clicks(name, day)}


def _destinations(truth: Measures, _: str, name: str, day: date) -> Rows:
    link, _group = truth.world.found(name)
    places = ((link.long_url,), (f"https://www.example.com/before/{name}",))
    return split(truth.world.clicks(name, day), key(truth.world.seed, name), places)


def _top(truth: Measures, _: str, guid: str, day: date) -> Rows:
    clicks = {link.id: truth.world.clicks(link.id, day) for link in truth.world.links(guid)}
    first = sorted(clicks.items(), key=lambda each: (-each[1], each[0]))[:_LONGEST]
    return {(name,): count for name, count in first}


def _group_clicks(truth: Measures, _: str, guid: str, day: date) -> Rows:
    return {(): sum(truth.world.clicks(name, day) for name in truth.names(guid))}


def _made(truth: Measures, _: str, guid: str, day: date) -> Rows:
    made = (link.created_at for link in truth.world.links(guid) if link.created_at)
    return {(): sum(instant.date() == day for instant in made)}


def _made_in_all(truth: Measures, facet: str, _: str, day: date) -> Rows:
    return added(_made(truth, facet, guid, day) for guid in truth.world.groups)


def _made_by_group(truth: Measures, facet: str, _: str, day: date) -> Rows:
    return {(guid,): _made(truth, facet, guid, day)[()] for guid in truth.world.groups}


_Truth = Callable[[Measures, str, str, date], Rows]
_BY_KIND: Mapping[Kind, _Truth] = MappingProxyType(
    {Kind.BITLINK: _of_link, Kind.GROUP: _of_group, Kind.QR_CODE: _of_code}
)
_SPECIAL: Mapping[str, _Truth] = MappingProxyType(
    {
        "clicks_by_hour": _hours,
        "engagements": _engagements,
        "custom_clicks": _custom_clicks,
        "custom_clicks_by_destination": _destinations,
        "group_clicks": _group_clicks,
        "group_top_bitlinks": _top,
        "group_shorten_counts": _made,
        "organization_shorten_counts": _made_in_all,
        "organization_shorten_counts_by_group": _made_by_group,
        "qr_scans": _scans,
    }
)
