"""Which bitlinks of a group a run lists: all of them, or those that are new. Pure.

Bitly lists bitlinks by pages of a hundred, and can leave out those made before an instant. It
cannot tell who has left, or been changed: for that, all have to be listed now and then.
"""

from datetime import datetime, timedelta
from typing import Final, Protocol

from harvester.domain.errors import HarvesterError

OVERLAP: Final = timedelta(hours=6)
"""New bitlinks are asked for from so long before the last listing: clocks differ, lists lag."""

SMALL: Final = 100
"""So many bitlinks are one page: all of them cost as much as the new ones."""


class SurpriseError(HarvesterError):
    """An answer does not fit what is known of a group's bitlinks, which may be out of date."""


class Roster(Protocol):
    """What is known of a group's bitlinks."""

    @property
    def links(self) -> int:
        """How many there are."""
        ...

    @property
    def listed_at(self) -> datetime | None:
        """When all were listed last."""
        ...

    @property
    def headed_at(self) -> datetime | None:
        """When, since then, new ones were listed last."""
        ...


def made_since(roster: Roster, now: datetime, every: timedelta, small: int) -> datetime | None:
    """Return from when on made bitlinks are to be listed; None if all are.

    All are listed the first time, `every` so often, and where they are no more than `small`.
    """
    if roster.listed_at is None or roster.links <= small or now >= roster.listed_at + every:
        return None
    return (roster.headed_at or roster.listed_at) - OVERLAP
