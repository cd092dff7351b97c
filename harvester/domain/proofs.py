"""Proofs of emptiness: what lets us know "no clicks" of links that were not asked one by one."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Proof:
    """As of `seen_at`, a group's links without a stored count had no clicks in the window.

    `total` is the group's clicks then, None if they were not known. `customs` tells whether the
    proof holds for custom back-halves, too.
    """

    seen_at: datetime
    total: int | None
    customs: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """What is stored of a group's window: clicks of its links, and of their custom back-halves.

    `departed` are the clicks of links that have left the group since; whether its total still holds
    them is not known. `unknown` counts the links and back-halves of which no count is stored,
    `unknown_customs` the back-halves alone. `oldest` is when the stalest count was seen last,
    `oldest_custom` that of a back-half. `joined_at` is when the latest joined the group, `left_at`
    when the latest of those with clicks left it.
    """

    links: int = 0
    customs: int = 0
    departed: int = 0
    unknown: int = 0
    unknown_customs: int = 0
    oldest: datetime | None = None
    oldest_custom: datetime | None = None
    joined_at: datetime | None = None
    left_at: datetime | None = None
