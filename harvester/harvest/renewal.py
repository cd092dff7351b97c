"""Which bitlinks of a group a run lists: all of them, or those that are new. Pure.

Bitly lists bitlinks by pages of a hundred, and can leave out those made before an instant. It
cannot tell who has left, or been changed: for that, all have to be listed now and then.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from harvester.domain.errors import HarvesterError

OVERLAP: Final = timedelta(hours=6)
"""New bitlinks are asked for from so long before the last listing: clocks differ, lists lag."""

SMALL: Final = 100
"""So many bitlinks are one page: all of them cost as much as the new ones."""


DAILY: Final = timedelta(days=1)
"""How often what is new of a roster is listed where that can be told from what is old."""

REFUSED_FOR: Final = timedelta(days=7)
"""A roster that the plan does not hold is asked for again after this long: plans change."""


class SurpriseError(HarvesterError):
    """An answer does not fit what is known of a group's bitlinks, which may be out of date."""


@dataclass(frozen=True, slots=True)
class Due:
    """A roster is to be listed: what was made `since`, or all of it."""

    since: datetime | None = None


class Listing(Protocol):
    """What is known of the listings of a roster that is not of bitlinks."""

    @property
    def listed_at(self) -> datetime | None:
        """When all of it was listed last."""
        ...

    @property
    def headed_at(self) -> datetime | None:
        """When, since then, what is new was listed last."""
        ...

    @property
    def plan(self) -> str:
        """The plan with which it was refused."""
        ...

    @property
    def retry_at(self) -> datetime | None:
        """When it is of use to ask again; None: at once."""
        ...


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


def due(
    known: Listing, now: datetime, every: timedelta, *, plan: str, dated: bool, lasting: bool
) -> Due | None:
    """Return what is to be listed of a roster at `now`; None if nothing is.

    All is listed `every` so often, or once if it is `lasting`; what is new of a `dated` one daily.
    One that was refused waits, unless the account's `plan` is another one by now.
    """
    if known.retry_at and now < known.retry_at and known.plan == plan:
        return None
    if known.listed_at is None or (not lasting and now >= known.listed_at + every):
        return Due()
    latest = known.headed_at or known.listed_at
    return Due(latest - OVERLAP) if dated and now >= latest + DAILY else None
