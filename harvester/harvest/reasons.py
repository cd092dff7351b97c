"""Why something is not known, from the error that it ended with. Pure."""

from harvester.bitly.errors import (
    BadRequest,
    BitlyError,
    FacetRefused,
    Forbidden,
    RateLimited,
    SubjectGone,
    Unanswered,
    Unreadable,
)
from harvester.domain.snapshots import Reason

_WHY: dict[type[BitlyError], Reason] = {
    FacetRefused: Reason.NOT_IN_PLAN,
    Forbidden: Reason.FORBIDDEN,
    SubjectGone: Reason.GONE,
    RateLimited: Reason.UNANSWERED,
    Unanswered: Reason.UNANSWERED,
    Unreadable: Reason.UNREADABLE,
    BadRequest: Reason.REJECTED,
}


def reason_of(error: BitlyError) -> Reason:
    """Return the reason that an error stands for; it must not be one that stops the account."""
    return next(reason for kind, reason in _WHY.items() if isinstance(error, kind))
