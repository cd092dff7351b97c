"""When a group's totals and lists are believed. Pure.

A group whose answers contradicted each other is asked link by link. Bitly may have mended it
meanwhile, so it is tried again after a week, and after each further contradiction twice as late.
"""

from datetime import datetime, timedelta
from typing import Final, Protocol

FIRST_WAIT: Final = timedelta(days=7)
LONGEST_WAIT: Final = timedelta(days=90)


class Record(Protocol):
    """What is stored of a group's trustworthiness."""

    @property
    def totals(self) -> bool:
        """Whether its answers fitted each other when they were last compared."""
        ...

    @property
    def contradictions(self) -> int:
        """How often they did not."""
        ...

    @property
    def last_at(self) -> datetime | None:
        """When that was."""
        ...


def tried_again_at(record: Record) -> datetime | None:
    """Return from when on a group is believed again; None if it is believed."""
    if record.totals or record.last_at is None:
        return None
    doublings: int = min(max(record.contradictions - 1, 0), 10)
    return record.last_at + min(FIRST_WAIT * int(2**doublings), LONGEST_WAIT)


def believed(record: Record, now: datetime) -> bool:
    """Whether a group's totals and lists are believed at present."""
    again = tried_again_at(record)
    return again is None or now >= again
