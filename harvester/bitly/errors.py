"""What may go wrong between us and Bitly, cut by what the caller does next.

    BitlyError                   exit  what happens next
      AccountStopped                   the account is left; the others go on
        NotAuthorised              4   401 anywhere
        Silent                     3   nothing is answered, not even who we are
        QuotaUsedUp(until)         5   the account rests until `until`
          UsageLimitExceeded           429 API_USAGE_LIMIT_EXCEEDED: Bitly says so
          ReserveReached               we stop first: the rest is left to the account's other users
          ShareSpent                   we stop for today: the rest is for the days left
      FacetRefused                 3   remembered, asked again after a long time
        UpgradeRequired                402, on any endpoint
      Forbidden                    3   403: one answer for wrong token, foreign and absent group
      SubjectGone                  3   marked gone, its history is kept
        NotFound | Gone                404 | 410
      RateLimited(retry_after)     3   429 RATE_LIMIT_EXCEEDED, 403 with that code: wait, ask again
      Unanswered                   3   asked again a few times, then missing
        ServerError                    5xx: InternalError | BadGateway | TemporarilyUnavailable
        Timeout                        no whole answer in time, and 408
        ConnectionFailed               reset, cut off; Unreachable: no connection at all
      Unreadable                   3   missing, never a zero
        NotJson                        HTML, half a body: asked again, as after ServerError
        UnexpectedShape (OtherWindow) | Redirected | TooLarge | RepeatedCursor
      BadRequest                   1   our own mistake, loud
        InvalidArgument                400 INVALID_ARG_*
        UnknownRoute                   404 without Bitly's envelope: wrong base URL or endpoint
        MethodNotAllowed | ExpectationFailed | UnprocessableEntity      405 | 417 | 422
        EncodeLimitReached             429 of writes, which the harvester never sends

Codes: dev.bitly.com/api-reference, and answers on record (tests/samples/README.md).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from harvester.domain.errors import Exit, HarvesterError


@dataclass(frozen=True, slots=True)
class FieldError:
    """One entry of an error's `errors`: which argument, and what is wrong with it."""

    field: str
    error_code: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Bitly's error envelope: HTTP `status`, `code` (its `message`), description and fields."""

    status: int
    code: str = ""
    description: str = ""
    fields: tuple[FieldError, ...] = ()


class BitlyError(HarvesterError):
    """Bitly did not give what it was asked for."""

    exit_code: ClassVar[Exit] = Exit.INCOMPLETE

    def __init__(self, message: str = "", refusal: Refusal | None = None) -> None:
        """Take one line for a person, and what Bitly said, if it said anything."""
        super().__init__(message or (type(self).__doc__ or "").partition("\n")[0])
        self.refusal = refusal
        self.request = ""
        self.attempts = 0

    @property
    def status(self) -> int | None:
        """HTTP status, or None if there was no answer."""
        return self.refusal.status if self.refusal else None

    @property
    def code(self) -> str:
        """Bitly's word for the error, or an empty string."""
        return self.refusal.code if self.refusal else ""

    @property
    def description(self) -> str:
        """Bitly's sentence about the error, or an empty string."""
        return self.refusal.description if self.refusal else ""

    @property
    def fields(self) -> tuple[FieldError, ...]:
        """The arguments Bitly complains about."""
        return self.refusal.fields if self.refusal else ()

    def add_request(self, request: str, attempts: int) -> None:
        """Note which request failed and how often it was sent."""
        self.request, self.attempts = request, attempts

    def __str__(self) -> str:
        """Say what happened, of which request, after how many attempts: one line."""
        attempts = f", {self.attempts} attempts" if self.attempts > 1 else ""
        return f"{self.args[0]} ({self.request}{attempts})" if self.request else str(self.args[0])


class AccountStopped(BitlyError):
    """Nothing more can be asked with this token."""


class NotAuthorised(AccountStopped):
    """Bitly does not accept the token."""

    exit_code: ClassVar[Exit] = Exit.NOT_AUTHORISED


class Silent(AccountStopped):
    """Bitly answers nothing at present."""


class QuotaUsedUp(AccountStopped):
    """The month's API requests are spent."""

    exit_code: ClassVar[Exit] = Exit.QUOTA

    def __init__(
        self, message: str = "", refusal: Refusal | None = None, *, until: datetime
    ) -> None:
        """Take also the instant from which requests are granted again."""
        super().__init__(message, refusal)
        self.until = until


class UsageLimitExceeded(QuotaUsedUp):
    """Bitly says that the month's API requests are spent."""


class ReserveReached(QuotaUsedUp):
    """The month's API requests are spent, down to the reserve left to other users."""


class ShareSpent(QuotaUsedUp):
    """Today's share of the month's API requests is spent."""


class FacetRefused(BitlyError):
    """The account's plan does not hold this."""


class UpgradeRequired(FacetRefused):
    """Bitly asks for a bigger plan before it answers this."""


class Forbidden(BitlyError):
    """Bitly forbids this to the token, or there is no such thing: it does not tell which."""


class SubjectGone(BitlyError):
    """There is no such link any more."""


class NotFound(SubjectGone):
    """Bitly finds no such link."""


class Gone(SubjectGone):
    """The link has been taken away."""


class RateLimited(BitlyError):
    """Bitly asks to slow down."""

    def __init__(
        self,
        message: str = "",
        refusal: Refusal | None = None,
        *,
        retry_after: timedelta | None = None,
    ) -> None:
        """Take also how long to wait, if Bitly said it."""
        super().__init__(message, refusal)
        self.retry_after = retry_after


class Unanswered(BitlyError):
    """Bitly did not answer."""


class ServerError(Unanswered):
    """Bitly had an error of its own."""


class InternalError(ServerError):
    """Bitly had an internal error, which some bad arguments cause as well."""


class BadGateway(ServerError):
    """Bitly's front could not reach its back."""


class TemporarilyUnavailable(ServerError):
    """Bitly is out of service for a while."""


class Timeout(Unanswered):
    """Bitly did not answer in time."""


class ConnectionFailed(Unanswered):
    """The connection broke before the whole answer was there."""


class Unreachable(ConnectionFailed):
    """There is no connection to Bitly: network, name or certificate."""


class Unreadable(BitlyError):
    """Bitly's answer cannot be understood."""


class NotJson(Unreadable):
    """The answer is not JSON, or only half of it."""


class UnexpectedShape(Unreadable):
    """The answer is JSON of a shape that is not known."""


class OtherWindow(UnexpectedShape):
    """The answer is of another time than was asked for."""


class Redirected(Unreadable):
    """The answer is a redirect, and the token is taken nowhere else."""


class TooLarge(Unreadable):
    """The answer is larger than any answer should be."""


class RepeatedCursor(Unreadable):
    """The list came back to a page that was read before."""


class BadRequest(BitlyError):
    """Bitly does not accept the request: a mistake of the harvester's."""

    exit_code: ClassVar[Exit] = Exit.UNEXPECTED


class InvalidArgument(BadRequest):
    """Bitly does not accept an argument."""


class UnknownRoute(BadRequest):
    """There is no such endpoint at this base URL."""


class MethodNotAllowed(BadRequest):
    """The endpoint does not take this HTTP method."""


class ExpectationFailed(BadRequest):
    """Bitly expected something else to be in place, such as a DNS record."""


class UnprocessableEntity(BadRequest):
    """Bitly cannot work with what it was sent."""


class EncodeLimitReached(BadRequest):
    """The month's links are made, which only concerns making links."""
