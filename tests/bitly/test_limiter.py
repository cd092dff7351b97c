"""Requests go in order, at their pace, within every limit, and stop when Bitly says so."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.bitly.connections import Connections
from harvester.bitly.errors import ReserveReached
from harvester.bitly.groups import EXPORTS
from harvester.bitly.limiter import FEW, Limiter, normal
from harvester.bitly.models import PlatformLimit
from harvester.bitly.month import Month
from harvester.bitly.purse import PLATFORM_LIMITS
from tests.fakes import FakeClock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
CLICKS = "/bitlinks/{bitlink}/clicks"


def limiter_on(clock: FakeClock, per_hour: int | None = 100) -> Limiter:
    return Limiter(clock, requests_per_hour=per_hour, pacer=None)


async def send(limiter: Limiter, clock: FakeClock, times: int, endpoint: str = CLICKS) -> datetime:
    for _ in range(times):
        async with limiter.slot(endpoint):
            pass
    return clock.now()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    per_hour=st.integers(1, 40),
    idle=st.lists(st.integers(0, 600), min_size=1, max_size=60),
)
def test_no_minute_and_no_hour_holds_more_than_its_limit(per_hour: int, idle: list[int]) -> None:
    clock, sent = FakeClock(NOON), []

    async def worker(limiter: Limiter, waits: Iterable[int]) -> None:
        for seconds in waits:
            await clock.sleep(timedelta(seconds=seconds))
            async with limiter.slot(CLICKS):
                sent.append(clock.now())

    async def work() -> None:
        limiter = limiter_on(clock, per_hour)
        await asyncio.gather(worker(limiter, idle[::2]), worker(limiter, idle[1::2]))

    asyncio.run(work())
    assert len(sent) == len(idle)
    for period, most in ((MINUTE, max(per_hour // 10, 1)), (HOUR, per_hour)):
        assert all(sum(at <= t <= at + period for t in sent) <= most for at in sent)


async def test_endpoints_have_limits_of_their_own(clock: FakeClock) -> None:
    limiter = limiter_on(clock)
    await send(limiter, clock, 10)
    assert await send(limiter, clock, 10, "/groups") == NOON
    assert await send(limiter, clock, 1) > NOON + MINUTE


async def test_waiters_are_served_in_the_order_they_came(clock: FakeClock) -> None:
    limiter, served = limiter_on(clock, 10), list[int]()

    async def worker(number: int) -> None:
        async with limiter.slot(CLICKS):
            served.append(number)

    async with asyncio.TaskGroup() as tasks:
        for number in range(8):
            tasks.create_task(worker(number))
    assert served == list(range(8))


async def test_five_connections_are_shared_by_all_accounts(clock: FakeClock) -> None:
    connections, open_now, most = Connections(5), 0, 0
    limiters = [
        Limiter(clock, connections=connections, requests_per_hour=None) for _account in range(3)
    ]

    async def worker(limiter: Limiter, endpoint: str) -> None:
        nonlocal open_now, most
        async with limiter.slot(endpoint):
            open_now += 1
            most = max(most, open_now)
            await clock.sleep(SECOND)
            open_now -= 1

    async with asyncio.TaskGroup() as tasks:
        for number in range(60):
            tasks.create_task(worker(limiters[number % 3], f"/{number % 4}"))
    assert (most, open_now) == (5, 0)


async def test_cancelled_waiter_leaves_turn_and_connection_to_others(clock: FakeClock) -> None:
    limiter = Limiter(clock, connections=Connections(1), requests_per_hour=None)
    async with limiter.slot(CLICKS):
        waiters = [asyncio.create_task(send(limiter, clock, 1)) for _ in range(3)]
        await clock.sleep(SECOND)
        waiters[0].cancel()
        waiters[1].cancel()
        await clock.sleep(SECOND)
    await waiters[2]
    assert waiters[0].cancelled()
    await asyncio.wait_for(send(limiter, clock, 5), 1)


async def test_learnt_limit_takes_the_place_of_the_default(clock: FakeClock) -> None:
    limiter = Limiter(clock, pacer=None)
    limiter.learn([PlatformLimit("/v4/bitlinks/{id}/clicks", "GET", 40, 0)])
    limiter.learn([PlatformLimit(CLICKS, "POST", 1, 0), PlatformLimit("/groups", "GET", 0, 0)])
    assert await send(limiter, clock, 2) == NOON
    assert await send(limiter, clock, 1) == NOON + MINUTE + SECOND
    assert await send(limiter, clock, 98, "/groups") == NOON + MINUTE + SECOND


async def test_exports_have_the_limit_of_their_method(clock: FakeClock) -> None:
    limiter = Limiter(clock, pacer=None)
    limiter.learn([PlatformLimit(EXPORTS, "POST", 20, 0), PlatformLimit(EXPORTS, "GET", 9000, 0)])
    assert await send(limiter, clock, 1, EXPORTS) == NOON
    assert await send(limiter, clock, 1, EXPORTS) == NOON + MINUTE + SECOND


async def test_limit_given_by_the_user_is_kept_whatever_bitly_allows(clock: FakeClock) -> None:
    limiter = limiter_on(clock, 10)
    limiter.learn([PlatformLimit(CLICKS, "GET", 5000, 0)])
    assert await send(limiter, clock, 2) == NOON + MINUTE + SECOND


async def test_without_a_limit_nothing_waits(clock: FakeClock) -> None:
    limiter = Limiter(clock, requests_per_hour=None)
    limiter.learn([PlatformLimit(CLICKS, "GET", 1, 1)])
    assert await send(limiter, clock, 5000) == NOON


async def test_requests_of_others_are_learnt_and_respected(clock: FakeClock) -> None:
    limiter = Limiter(clock, pacer=None)
    limiter.learn([PlatformLimit(CLICKS, "GET", 1000, 1000)])
    assert await send(limiter, clock, 1) == NOON + HOUR + SECOND


async def test_first_429_pauses_to_the_minute_and_the_next_to_the_hour(clock: FakeClock) -> None:
    limiter = limiter_on(clock, None)
    await clock.sleep(10 * SECOND)
    limiter.rate_limited(CLICKS)
    limiter.rate_limited(CLICKS)  # another request that was under way
    assert await send(limiter, clock, 1) == NOON + MINUTE + SECOND
    limiter.rate_limited(CLICKS)
    assert await send(limiter, clock, 1, "/groups") == NOON + MINUTE + SECOND
    assert await send(limiter, clock, 1) == NOON + HOUR + SECOND


async def test_429_long_after_another_is_a_first_one_again(clock: FakeClock) -> None:
    limiter = limiter_on(clock, None)
    limiter.rate_limited(CLICKS)
    await clock.sleep(10 * MINUTE)
    limiter.rate_limited(CLICKS)
    assert await send(limiter, clock, 1) == NOON + 11 * MINUTE + SECOND


async def test_retry_after_is_obeyed(clock: FakeClock) -> None:
    limiter = limiter_on(clock, None)
    limiter.rate_limited(CLICKS, timedelta(seconds=7))
    assert await send(limiter, clock, 1) == NOON + 7 * SECOND


async def test_pause_that_comes_while_a_connection_is_awaited_holds(clock: FakeClock) -> None:
    limiter = Limiter(clock, connections=Connections(1), requests_per_hour=None)
    async with limiter.slot("/groups"):
        waiter = asyncio.create_task(send(limiter, clock, 1))
        await clock.sleep(SECOND)
        limiter.rate_limited(CLICKS)
    assert await waiter == NOON + MINUTE + SECOND


async def test_long_waits_are_told_once_and_short_ones_not() -> None:
    clock, told = FakeClock(NOON), list[tuple[str, float, str]]()
    limiter = Limiter(clock, requests_per_hour=None, on_wait=lambda *wait: told.append(wait))
    limiter.rate_limited(CLICKS, timedelta(seconds=2))
    await send(limiter, clock, 1)
    assert told == []
    limiter.rate_limited(CLICKS, timedelta(minutes=3))
    await send(limiter, clock, 1)
    assert told == [(CLICKS, 180.0, "Bitly asked to slow down")]


async def test_month_stops_before_the_reserve_and_gives_its_connection_back(
    clock: FakeClock,
) -> None:
    limiter = Limiter(clock, connections=Connections(1), requests_per_hour=None)
    limiter.purse.month = Month(100, 20, NOON.date(), counted=78)
    await send(limiter, clock, 2)
    for _ in range(2):
        with pytest.raises(ReserveReached):
            await send(limiter, clock, 1)
    limiter.purse.month = None
    await send(limiter, clock, 1)


class Paces:
    """A pacer that never waits; remembers the paces it was given and the waits asked for."""

    def __init__(self) -> None:
        self.given: list[int] = []
        self.waits = 0

    def __call__(self, per_minute: int) -> "Paces":
        self.change(per_minute)
        return self

    def change(self, per_minute: int) -> None:
        self.given.append(per_minute)

    async def wait(self) -> None:
        self.waits += 1


async def test_pace_is_halved_until_others_are_known(clock: FakeClock) -> None:
    paces = Paces()
    limiter = Limiter(clock, pacer=paces)
    await send(limiter, clock, 3)
    assert (paces.given, paces.waits) == ([98], 3)
    limiter.learn([PlatformLimit(CLICKS, "GET", 1500, 3)])
    await clock.sleep(MINUTE)
    limiter.learn([PlatformLimit(CLICKS, "GET", 1500, 3)])
    assert paces.given == [98, 75, 147]


class Bitly:
    """Tells the count of an endpoint when it is asked for."""

    def __init__(self, limiter: Limiter, count: Callable[[], int]) -> None:
        self.asked = 0
        self._limiter, self._count = limiter, count
        limiter.reads_by(self.read)

    async def read(self) -> None:
        self.asked += 1
        async with self._limiter.slot(PLATFORM_LIMITS):
            self._limiter.learn([PlatformLimit(CLICKS, "GET", 1000, self._count())])


async def test_limits_are_read_after_a_few_requests_though_nobody_asked(clock: FakeClock) -> None:
    limiter = Limiter(clock, pacer=None)
    bitly = Bitly(limiter, lambda: 98)
    await send(limiter, clock, FEW)
    assert bitly.asked == 0
    await send(limiter, clock, 1)
    assert bitly.asked == 1


async def test_spent_limit_is_free_at_the_turn_that_the_count_shows(clock: FakeClock) -> None:
    limiter = Limiter(clock, pacer=None)
    await clock.sleep(50 * MINUTE)
    bitly = Bitly(limiter, lambda: 0 if clock.now() >= NOON + HOUR else 1000)
    await bitly.read()
    assert await send(limiter, clock, 1) == NOON + HOUR + SECOND


async def test_lanes_that_wait_share_one_reading(clock: FakeClock) -> None:
    limiter = Limiter(clock, pacer=None)
    bitly = Bitly(limiter, lambda: 100)
    await send(limiter, clock, FEW)
    await send(limiter, clock, FEW, "/groups")
    await asyncio.gather(send(limiter, clock, 1), send(limiter, clock, 1, "/groups"))
    assert bitly.asked == 1


async def test_endpoint_that_bitly_does_not_tell_of_is_never_read_for(clock: FakeClock) -> None:
    limiter = Limiter(clock, pacer=None)
    bitly = Bitly(limiter, lambda: 0)
    await bitly.read()
    await send(limiter, clock, 300, "/groups")
    assert bitly.asked == 1


async def test_reading_that_fails_is_not_tried_again_at_once(clock: FakeClock) -> None:
    limiter, tried = Limiter(clock, pacer=None), list[datetime]()

    async def fails() -> None:
        tried.append(clock.now())

    limiter.reads_by(fails)
    await send(limiter, clock, 400)
    assert all(later - at >= 5 * MINUTE for at, later in pairwise(tried))


@pytest.mark.parametrize(
    "endpoint",
    ["/v4/groups/{g}/bitlinks", "groups/:guid/bitlinks/", "/groups/{group_guid}/bitlinks"],
)
def test_templates_are_the_same_whatever_their_placeholders_are_called(endpoint: str) -> None:
    assert normal(endpoint) == "groups/{}/bitlinks"
