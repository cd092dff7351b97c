"""What a client tells of the requests it sends, for logs and metrics."""

from collections.abc import Callable
from dataclasses import dataclass

from harvester.bitly.wire import Request


@dataclass(frozen=True, slots=True)
class Sent:
    """One attempt to have a request answered.

    `number` is the request's among those of its client; attempts share it. `status` is None if no
    answer came, `seconds` are from sending to the answer's last byte. `hour` is how many requests
    the endpoint's last sixty minutes hold and may hold, None where there is no limit.
    """

    number: int
    request: Request
    attempt: int
    status: int | None
    seconds: float
    hour: tuple[int, int] | None


OnSent = Callable[[Sent], None]
