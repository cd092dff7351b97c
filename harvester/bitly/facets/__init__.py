"""The registry of facets: where each is asked, what its rows mean, how its answer is read. Pure.

A facet is one entry: a new one is a new entry, not a new code path. A series gives many windows in
one answer; the others answer one window per request.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from harvester.bitly.facets.answers import MOST_ROWS, SIZE, Answer, Answered, Facet, series, sized
from harvester.bitly.facets.bitlinks import BITLINKS, CUSTOM_BITLINKS
from harvester.bitly.facets.groups import GROUPS, ORGANIZATIONS
from harvester.bitly.facets.qr_codes import QR_CODES

FACETS: Final[Mapping[str, Facet]] = MappingProxyType(
    {
        facet.name: facet
        for facet in (*BITLINKS, *CUSTOM_BITLINKS, *GROUPS, *ORGANIZATIONS, *QR_CODES)
    }
)
"""All facets by name."""

DEFAULT: Final = tuple(facet.name for facet in BITLINKS[:6])
"""What is harvested unless other facets are asked for: what most people look at."""

__all__ = [
    "DEFAULT",
    "FACETS",
    "MOST_ROWS",
    "SIZE",
    "Answer",
    "Answered",
    "Facet",
    "series",
    "sized",
]
