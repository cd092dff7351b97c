"""Bitly's API v4 as a library: typed answers, typed errors, and limits that are kept.

    from harvester.bitly import Bitly

    async with Bitly(token) as bitly:
        print((await bitly.user()).login)

The names in `__all__` are public and stay (docs/library.md); modules below are not. Answers are the
classes of `shapes`. Names are imported as they are used: `harvest --help` must not wait for them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harvester.bitly import shapes
    from harvester.bitly.api.bitly import Bitly
    from harvester.bitly.client import BITLY_URL
    from harvester.bitly.connections import Connections
    from harvester.bitly.csvs import Export
    from harvester.bitly.errors import (
        AccountStopped,
        BadRequest,
        BitlyError,
        FacetRefused,
        Forbidden,
        InternalError,
        NotAuthorised,
        NotJson,
        QuotaUsedUp,
        RateLimited,
        RepeatedCursor,
        SubjectGone,
        TooLarge,
        Unanswered,
        UnexpectedShape,
        Unreadable,
    )
    from harvester.bitly.models import instant
    from harvester.domain.links import link_id

_ERRORS = (
    "AccountStopped",
    "BadRequest",
    "BitlyError",
    "FacetRefused",
    "Forbidden",
    "InternalError",
    "NotAuthorised",
    "NotJson",
    "QuotaUsedUp",
    "RateLimited",
    "RepeatedCursor",
    "SubjectGone",
    "TooLarge",
    "Unanswered",
    "UnexpectedShape",
    "Unreadable",
)
_HOMES = {
    "BITLY_URL": "harvester.bitly.client",
    "Bitly": "harvester.bitly.api.bitly",
    "Connections": "harvester.bitly.connections",
    "Export": "harvester.bitly.csvs",
    "instant": "harvester.bitly.models",
    "link_id": "harvester.domain.links",
    **dict.fromkeys(_ERRORS, "harvester.bitly.errors"),
}

__all__ = [
    "BITLY_URL",
    "AccountStopped",
    "BadRequest",
    "Bitly",
    "BitlyError",
    "Connections",
    "Export",
    "FacetRefused",
    "Forbidden",
    "InternalError",
    "NotAuthorised",
    "NotJson",
    "QuotaUsedUp",
    "RateLimited",
    "RepeatedCursor",
    "SubjectGone",
    "TooLarge",
    "Unanswered",
    "UnexpectedShape",
    "Unreadable",
    "instant",
    "link_id",
    "shapes",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for."""
    if name == "shapes":
        return import_module("harvester.bitly.shapes")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
