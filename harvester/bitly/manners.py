"""What one account's API takes and tells where its documentation is silent. Pure.

The defaults are the careful assumption; `harvest check --probe` finds out what holds.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PAGE: Final = 100  # what every production reader asks for; more is not documented
LONGEST: Final = 100  # the largest `size` of a sorted list, by the specification


class Reference(StrEnum):
    """Which instant of the last window a question names as its `unit_reference`.

    Any would do if Bitly takes the bucket that holds it. An old document of v3 says that it "rounds
    to the nearest unit": then only the window's first half names the window.
    """

    END = "end"
    START = "start"


@dataclass(frozen=True, slots=True)
class Manners:
    """How to ask an account's API.

    `page` links come on a page of a roster, `longest` in a sorted list; `rows` is the most rows a
    breakdown is told with (None: as many as are asked for). It is `settled` that `reference` names
    the window that is meant; if not, the first answers that bear dates tell, see dating.py.
    `counts_hours` is whether the counts of /user/platform_limits are of the present hour; they say
    nothing of it otherwise.
    """

    page: int = PAGE
    longest: int = LONGEST
    rows: int | None = None
    reference: Reference = Reference.END
    settled: bool = True
    counts_hours: bool = True
