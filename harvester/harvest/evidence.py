"""What a probe asks of an account's API, and what comes of it. Pure.

probing.py puts the questions, probe.py concludes from the answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from harvester.bitly.plain import Rows, Series
from harvester.domain.windows import Window

EARLY, LATE = "00:00:01", "23:59:59"
NOT_IN_PLAN = frozenset({HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found out; `value` None if it could not be. `detail` is one line for a person."""

    name: str
    value: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A question that got an error: its status, None if there was no answer, and one line."""

    status: int | None
    why: str

    @property
    def by_plan(self) -> bool:
        """Whether the plan, and no fault of the question, is the reason."""
        return self.status in NOT_IN_PLAN


@dataclass(frozen=True, slots=True)
class Listed:
    """How many links a list named when so many were asked for; `more` if it says there are more."""

    asked: int
    links: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was asked, and what came of it; None where a question was not put.

    `series` is all of a link's clicks, `longer` the last `units` days of them. `clicks_at` and
    `rows_at` are the clicks and countries of the one past day `day`, by the time of day that was
    named. `breakdowns` cover `spanned` clicks up to `day`, by facet, with the size asked for.
    `pages` and `lists` are what came of each size. `group` are the clicks of the link's group,
    `of_links` those of all its links on `day` as a complete list has them. `custom` are the clicks
    of the custom back-half of a link whose own clicks are `own`.
    """

    today: Window
    day: Window | None = None
    series: Series | Refused | None = None
    longer: Series | Refused | None = None
    units: int = 0
    clicks_at: Mapping[str, Series | Refused] = field(default_factory=dict)
    rows_at: Mapping[str, Rows | Refused] = field(default_factory=dict)
    spanned: int | None = None
    breakdowns: Mapping[str, Sequence[tuple[int, Rows | Refused]]] = field(default_factory=dict)
    pages: Sequence[Listed | Refused] = ()
    lists: Sequence[Listed | Refused] = ()
    group: Series | Refused | None = None
    of_links: int | None = None
    own: Series | Refused | None = None
    custom: Series | Refused | None = None
    exports: bool | Refused | None = None


def because(*answers: object) -> str:
    """Return why there is no answer, as the end of a sentence."""
    why = [answer.why for answer in answers if isinstance(answer, Refused)]
    return f": {why[0]}" if why else ""
