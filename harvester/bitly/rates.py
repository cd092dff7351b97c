"""What may be sent to an endpoint, and when. Pure.

Limits hold "per endpoint" and "reset once each hour and once each minute", a minute's limit being
a tenth of the hour's (dev.bitly.com/docs/getting-started/rate-limits). Whether they reset with the
turns of the clock is not documented. So nothing here rests on it: we count over any sixty minutes,
and Bitly's own count (/user/platform_limits) tells when an hour has begun.
"""

import math
from collections import deque
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Final

from harvester.bitly.budget import HOUR, MARGIN, MINUTE, next_hour, per_minute

LAG: Final = timedelta(seconds=5)  # what was sent later than this may not be in Bitly's count
WATCH: Final = timedelta(minutes=5)  # between readings of the count while nothing is left
DOUBT: Final = timedelta(days=1)
NEVER: Final = datetime.min.replace(tzinfo=UTC)


class Others:
    """What other programs send to an endpoint: how much in each interval of the last hour.

    An interval's count may be one too low, where a request of ours was not counted yet.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._seen: deque[tuple[datetime, timedelta, int]] = deque()

    def saw(self, count: int, since: datetime, at: datetime) -> None:
        """Learn that others sent `count` requests from `since` to `at`."""
        if count and not self.most_a_minute():
            self._seen.clear()  # they have just begun: the quiet before tells nothing of them
        lasted = at - since
        if self._seen and self._seen[-1][1] < MINUTE:  # too short to tell a minute's most
            _, more, already = self._seen.pop()
            lasted, count = lasted + more, count + already
        self._seen.append((at, lasted, count))
        while self._seen[0][0] <= at - HOUR:
            self._seen.popleft()

    def known(self) -> bool:
        """Say whether they were watched for a minute in all."""
        return self._watched() >= MINUTE

    def most_a_minute(self) -> int:
        """Return how many requests of theirs a minute must have room for; 0 if there were none."""
        seen = [(lasted / MINUTE, count + 1) for _, lasted, count in self._seen if count]
        most = max((count / max(minutes, 1) for minutes, count in seen), default=0)
        return math.ceil(1.5 * most) + 1 if most else 0

    def expected(self, lasting: timedelta) -> int:
        """Return how many requests of theirs to expect within a time, as they went on so far."""
        watched = max(self._watched(), MINUTE)
        return math.ceil(sum(count for _, _, count in self._seen) * (lasting / watched))

    def _watched(self) -> timedelta:
        return sum((lasted for _, lasted, _ in self._seen), timedelta())


class Rate:
    """What may be sent to one endpoint: so much an hour, a tenth of it a minute.

    `_counted` holds the instants of all requests that may count in Bitly's present hour: ours of
    the last sixty minutes and, at the time they were noticed, others'. So nothing depends on when
    hours begin; but where Bitly's count shows that one has begun, what is not in it is dropped.
    """

    def __init__(self, per_hour: int) -> None:
        """Allow `per_hour` requests an hour, at least one."""
        self._sent: deque[datetime] = deque()  # in the last minute
        self._counted: deque[datetime] = deque()
        self._others = Others()
        self._read: tuple[datetime, int] | None = None
        self._unread = 0  # requests of ours since the reading
        self._turned = NEVER  # when a new hour was seen last
        self._late = timedelta()  # Bitly's hours begin so long after the clock's, at most
        self._expected = 0  # what Bitly's count should be: at the reading, and ours since
        self._follows = False  # whether Bitly's count was seen to grow by what we sent
        self._doubted_until = NEVER
        self.resize(per_hour)

    def resize(self, per_hour: int) -> None:
        """Hold the same history against another limit."""
        self.per_hour = max(per_hour, 1)
        self.per_minute = per_minute(self.per_hour)
        self.pace = self._less(self.per_minute // 50)
        self._held = self.per_hour // 100

    @property
    def read(self) -> bool:
        """Say whether Bitly's count is known."""
        return self._read is not None

    @property
    def unread(self) -> int:
        """Requests of ours since Bitly's count was read, or since the beginning."""
        return self._unread

    def used(self, at: datetime) -> int:
        """Return how many requests count in the present hour, others' that were noticed too."""
        self._forget(at)
        return len(self._counted)

    def free_at(self, at: datetime) -> datetime:
        """Return the first instant, not before `at`, at which one more request may be sent."""
        minute = _room(self._sent, self.pace, MINUTE)
        return max(at, minute, self._hour_free())

    def charge(self, at: datetime) -> None:
        """Count a request sent `at`."""
        self._unread += 1
        self._expected += 1
        for log, most in ((self._sent, self.per_minute), (self._counted, self.per_hour)):
            log.append(at)
            if len(log) > most:
                log.popleft()

    def counted(self, count: int, at: datetime) -> None:
        """Learn that Bitly counted `count` requests in its present hour by `at`."""
        self._forget(at)
        recent = _since(self._sent, at - LAG)
        if self._read is None:
            self._begin(count, at)
        elif self._turned_by(count, at, recent):
            self._counted = deque([at] * (count + recent))  # whose they are is not known
            self._expected = count + _since(self._sent, at - MARGIN)
        else:
            if count < self.per_hour:  # at the limit others are not counted, either
                self._others.saw(max(count - self._expected, 0), self._read[0], at)
            self._expected = max(self._expected, count)
            self._counted.extend([at] * (count - len(self._counted)))
        self._read, self._unread = (at, count), 0
        self._plan(at)

    def due(self, at: datetime) -> bool:
        """Say whether Bitly's count should be read before the next request.

        It is when a minute's share was sent since (a part of it where others are not known yet,
        or little is left), and when nothing is left: at the turn of the hour and, if the turn was
        not seen or others send, every few minutes.
        """
        often = self.read and (not self._others.known() or self._left() < self.per_minute)
        if self._unread >= (max(self.per_minute // 4, 5) if often else max(self.per_minute, 20)):
            return True
        if self._read is None or self._hour_free() <= at:
            return False
        hour = self._next_turn(at) - HOUR
        if self._read[0] < hour:
            return at >= hour + MARGIN
        if not self._others.known():
            return at >= self._read[0] + MINUTE
        watch = self._turned < hour or self._others.most_a_minute() > 0
        return watch and at >= self._read[0] + WATCH

    def doubt(self, at: datetime) -> None:
        """Believe no new hour for a day: Bitly refused what its count allowed."""
        self._doubted_until = at + DOUBT

    def _forget(self, at: datetime) -> None:
        while self._counted and self._counted[0] + HOUR + MARGIN <= at:
            self._counted.popleft()

    def _begin(self, count: int, at: datetime) -> None:
        """Take what others, or we before a restart, have sent as if it had been sent just now."""
        unknown = count - len(self._counted)
        self._expected = count + _since(self._sent, at - MARGIN)
        self._sent.extend([at] * min(unknown, self.per_minute))
        self._counted.extend([at] * unknown)

    def _turned_by(self, count: int, at: datetime, recent: int) -> bool:
        """Return whether the count shows that an hour has begun since the reading.

        It has if the count fell. A count that was seen to follow what we send need only be less
        than it ought to be.
        """
        if self._read is None or at < self._doubted_until:
            return False
        since, before = self._read
        if 0 < self._unread - recent <= count - before:
            self._follows = True
        turned = count < before or (self._follows and count < self._expected - recent)
        if turned:
            self._turned = at
            if not since < self._next_turn(at) - HOUR <= at:
                self._late = at - (next_hour(at) - HOUR)
        return turned

    def _plan(self, at: datetime) -> None:
        """Decide what is left to others: of each minute, and until the turn of the hour."""
        if not self._others.known():
            self.pace, self._held = self._less(self.per_minute // 2), self.per_minute // 4
        elif most := self._others.most_a_minute():
            self.pace = self._less(max(most, self.per_minute // 50))
            expected = self._others.expected(self._next_turn(at) - at)
            self._held = max(most, expected, self.per_hour // 100)
        else:
            self.pace, self._held = self._less(self.per_minute // 50), self.per_hour // 100

    def _less(self, reserve: int) -> int:
        return max(self.per_minute - reserve, 1)

    def _next_turn(self, at: datetime) -> datetime:
        """Return when Bitly's next hour begins, as far as its count has shown."""
        return next_hour(at - self._late) + self._late

    def _left(self) -> int:
        return self.per_hour - self._held - len(self._counted)

    def _hour_free(self) -> datetime:
        return _room(self._counted, max(self.per_hour - self._held, 1), HOUR)


def _room(log: deque[datetime], most: int, period: timedelta) -> datetime:
    """Return when fewer than `most` of the log's requests will lie within the last `period`."""
    return NEVER if len(log) < most else log[-most] + period + MARGIN


def _since(log: deque[datetime], at: datetime) -> int:
    """Return how many of the log's requests are later than `at`."""
    return sum(1 for _ in takewhile(lambda sent: sent > at, reversed(log)))
