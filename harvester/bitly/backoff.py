"""How long to wait before asking again: capped exponential backoff with full jitter."""

from datetime import timedelta
from random import Random

FIRST = timedelta(seconds=1)
LONGEST = timedelta(seconds=30)


def delay(attempt: int, dice: Random) -> timedelta:
    """Return the wait after the failed `attempt` (1 is the first): anything up to its ceiling.

    The whole range is used, so that requests which failed together do not come back together.
    """
    ceiling = min(FIRST.total_seconds() * 2 ** min(attempt - 1, 16), LONGEST.total_seconds())
    return timedelta(seconds=dice.uniform(0, ceiling))
