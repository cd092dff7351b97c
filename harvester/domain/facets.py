"""Facets by name: what kind of subject each is of, and which series proves it empty. Pure.

A facet is known by one name everywhere: in settings, in the store, in the registry of
`harvester.bitly.facets`, which knows how it is asked. The name begins with the kind of its
subject, but for those of bitlinks.
"""

from collections.abc import Mapping
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

_PREFIXES: Final = (
    ("custom_", Kind.CUSTOM_BITLINK),
    ("group_", Kind.GROUP),
    ("organization_", Kind.ORGANIZATION),
    ("qr_", Kind.QR_CODE),
)


def kind_of(facet: str) -> Kind:
    """Return the kind of subject that a facet is a metric of."""
    return next((kind for word, kind in _PREFIXES if facet.startswith(word)), Kind.BITLINK)


def proved_by(facet: str) -> str:
    """Return the series whose zero proves a facet empty: itself, if there is no other."""
    return facet if facet in ALONE else SERIES_OF[kind_of(facet)]
