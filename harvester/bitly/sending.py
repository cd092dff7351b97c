"""Sends requests: when the limiter lets them go, and again where that helps."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Final, TypeVar

from harvester.bitly import models
from harvester.bitly.backoff import delay
from harvester.bitly.decoding import Body
from harvester.bitly.errors import (
    BitlyError,
    InternalError,
    NotJson,
    RateLimited,
    Silent,
    Unanswered,
)
from harvester.bitly.limiter import Limiter
from harvester.bitly.observing import OnSent, Sent
from harvester.bitly.purse import PLATFORM_LIMITS
from harvester.bitly.transport import Transport
from harvester.bitly.wire import Request, deciphered, plain_request
from harvester.clock import Clock

RATE_LIMITS: Final = 5  # times that one request is sent again after a 429
INTERNAL_ERROR_ATTEMPTS: Final = 2  # bad arguments cause a 500 as well: asking on is no use
RELEARN: Final = timedelta(minutes=1)
UNHEARD: Final = 10  # requests without an answer in a row, until it is asked if anybody is there
LIMITS_REQUEST: Final = plain_request(PLATFORM_LIMITS)

T = TypeVar("T")


class Sender:
    """Sends the requests of one account over `transport`, each at most `attempts` times.

    `sent` counts them by endpoint, each attempt for itself; `retried` those sent again. `on_sent`
    is told of each attempt once it has ended.
    """

    def __init__(
        self,
        transport: Transport,
        limiter: Limiter,
        clock: Clock,
        dice: Random,
        *,
        attempts: int,
        on_sent: OnSent | None = None,
    ) -> None:
        """Let the limiter read Bitly's limits by this sender."""
        self._transport = transport
        self._limiter = limiter
        self._clock = clock
        self._dice = dice
        self._attempts = attempts
        self._on_sent = on_sent
        self._relearnt_at: datetime | None = None
        self._asked = 0
        self._unheard = 0
        self.sent: Counter[str] = Counter()
        self.retried = 0
        limiter.reads_by(self.learn_limits)

    async def answer(self, request: Request, parse: Callable[[object], T]) -> T:
        """Send, as often as it takes and helps, and return what `parse` makes of the answer.

        Raises BitlyError.
        """
        limited = failed = 0
        self._asked += 1
        number = self._asked
        while True:
            try:
                answer = parse(await self._once(request, number, limited + failed + 1))
            except BitlyError as error:
                if isinstance(error, RateLimited):
                    limited += 1
                    again = limited <= RATE_LIMITS
                else:
                    failed += 1
                    again = failed < self._attempts_for(error)
                if not again:
                    error.add_request(str(request), limited + failed)
                    await self._hear(error)
                    raise
                await self._prepare_again(request, error, failed)
                self.retried += 1
            else:
                self._unheard = 0
                return answer

    async def _hear(self, error: BitlyError) -> None:
        """Note how a request was given up. Raises Silent if nothing is answered any more.

        An endpoint may be out of order, so another one is asked before that is believed.
        """
        self._unheard = self._unheard + 1 if _is_no_answer(error) else 0
        if self._unheard < UNHEARD:
            return
        self._asked += 1
        try:
            await self._once(plain_request("/user"), self._asked)
        except BitlyError as said:
            if _is_no_answer(said):
                raise Silent(
                    f"Bitly answers nothing: {self._unheard} requests in a row failed, the last"
                    f" with: {error}"
                ) from error
        self._unheard = 0

    async def _once(self, request: Request, number: int, attempt: int = 1) -> Body:
        """Send one request when the limiter lets it go, and return the body of its answer."""
        url = self._transport.url(request.path, request.query)
        async with self._limiter.slot(request.endpoint):
            self.sent[request.endpoint] += 1
            began, status = self._clock.now(), None
            try:
                status, headers, body = await self._transport.send(url, request.body)
            finally:
                if self._on_sent is not None:
                    lasted = (self._clock.now() - began).total_seconds()
                    hour = self._limiter.hour(request.endpoint)
                    self._on_sent(Sent(number, request, attempt, status, lasted, hour))
        return deciphered(status, headers, body, at=self._clock.now())

    def _attempts_for(self, error: BitlyError) -> int:
        """Return how often a request is sent that fails like this: once where asking is no use."""
        if isinstance(error, InternalError):
            return min(self._attempts, INTERNAL_ERROR_ATTEMPTS)
        return self._attempts if _is_no_answer(error) else 1

    async def _prepare_again(self, request: Request, error: BitlyError, failed: int) -> None:
        """Wait as long as `error` calls for; the limiter waits where it was a limit."""
        if not isinstance(error, RateLimited):
            await self._clock.sleep(delay(failed, self._dice))
            return
        self._limiter.rate_limited(request.endpoint, error.retry_after)
        await self._relearn()

    async def _relearn(self) -> None:
        """Read the limits again after a 429: once, whoever met it, and as well as can be."""
        now = self._clock.now()
        if self._relearnt_at is not None and now < self._relearnt_at + RELEARN:
            return
        self._relearnt_at = now
        await self.learn_limits()

    async def learn_limits(self) -> None:
        """Let the limiter know Bitly's limits, as well as can be: what it knew stays in force."""
        with suppress(BitlyError):
            self._asked += 1
            body = await self._once(LIMITS_REQUEST, self._asked)
            self._limiter.learn(models.platform_limits(body))


def _is_no_answer(error: BitlyError) -> bool:
    """Whether it was not Bitly that spoke, or it was not itself."""
    return isinstance(error, Unanswered | NotJson)
