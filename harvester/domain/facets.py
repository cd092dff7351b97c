"""Facets by name: what kind of subject each is of, and which series proves it empty. Pure.

A facet is known by one name everywhere: in settings, in the store, in the registry of
`harvester.bitly.facets`, which knows how it is asked. The name begins with the kind of its
subject, but for those of bitlinks.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from harvester.domain.subjects import Kind

CLICKS: Final = "clicks"
"""The clicks of a bitlink: what a group proves of all its links at once is about them."""

HOURS: Final = "clicks_by_hour"
"""The clicks of a bitlink's day, hour by hour."""

SERIES_OF: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.BITLINK: CLICKS,
        Kind.CUSTOM_BITLINK: "custom_clicks",
        Kind.GROUP: "group_clicks",
        Kind.ORGANIZATION: "organization_shorten_counts",
        Kind.QR_CODE: "qr_scans",
    }
)
"""The series of each kind of subject: where it is zero the other facets have no rows."""

ALONE: Final = frozenset(
    {"engagements", "group_shorten_counts", "organization_shorten_counts_by_group"}
)
"""Facets of which no series tells anything: they count something else, or something more."""

_FEW_FIRST: Final = (
    Kind.ORGANIZATION,
    Kind.GROUP,
    Kind.QR_CODE,
    Kind.CUSTOM_BITLINK,
    Kind.BITLINK,
)
_PREFIXES: Final = (
    ("custom_", Kind.CUSTOM_BITLINK),
    ("group_", Kind.GROUP),
    ("organization_", Kind.ORGANIZATION),
    ("qr_", Kind.QR_CODE),
)


@cache  # of a few dozen names, asked for each link
def kind_of(facet: str) -> Kind:
    """Return the kind of subject that a facet is a metric of."""
    return next((kind for word, kind in _PREFIXES if facet.startswith(word)), Kind.BITLINK)


@cache
def proved_by(facet: str) -> str:
    """Return the series whose zero proves a facet empty: itself, if there is no other."""
    return facet if facet in ALONE else SERIES_OF[kind_of(facet)]


def breakdowns(facets: Iterable[str]) -> list[str]:
    """Return those that break the clicks of bitlinks down, by the hour left out.

    So much of them is wanted as there are links and days with clicks.
    """
    return [each for each in facets if proved_by(each) == CLICKS and each not in {CLICKS, HOURS}]


def by_kind(facets: Iterable[str]) -> Mapping[Kind, list[str]]:
    """Return the facets by the kind of their subjects; of what there are fewest comes first."""
    found: dict[Kind, list[str]] = {kind: [] for kind in _FEW_FIRST}
    for facet in facets:
        found[kind_of(facet)].append(facet)
    return {kind: its for kind, its in found.items() if its}
