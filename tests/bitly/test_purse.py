"""Others spend, too: Bitly's count is read now and then, and before nothing is said to be left."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from harvester.bitly.errors import ReserveReached, ShareSpent
from harvester.bitly.month import Month
from harvester.bitly.purse import PLAN_LIMITS, PLATFORM_LIMITS, READ_AFTER, Purse
from tests.fakes import FakeClock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LINK, LIST = "/bitlinks/{bitlink}/clicks", "/groups/{group_guid}/bitlinks"


class Bitly:
    """Counts what is sent to it and what others send, and tells unless it is `down`."""

    def __init__(self, clock: FakeClock, limit: int, used: int = 0, *, even: bool = False) -> None:
        self.used, self.readings, self.down = used, 0, False
        self.purse = Purse(clock)
        self.purse.hold(Month(limit, 0, NOON.date(), counted=used, even=even), self.count)

    async def count(self) -> int | None:
        self.readings += 1
        await self.send(1, PLAN_LIMITS)
        return None if self.down else self.used

    async def send(self, times: int, endpoint: str = LINK) -> None:
        for _ in range(times):
            await self.purse.prepare(endpoint)
            assert self.purse.spend(endpoint)
            self.used += 1


async def test_count_is_read_after_many_requests_and_after_an_hour(clock: FakeClock) -> None:
    bitly = Bitly(clock, 10_000)
    await bitly.send(READ_AFTER)
    assert bitly.readings == 0
    await bitly.send(1)
    assert bitly.readings == 1
    await clock.sleep(timedelta(hours=1))
    await bitly.send(1)
    assert bitly.readings == 2


async def test_what_others_spend_is_seen_before_it_is_too_late(clock: FakeClock) -> None:
    bitly = Bitly(clock, 2_000)
    await bitly.send(400)
    bitly.used += 1_000
    with pytest.raises(ReserveReached):
        await bitly.send(10_000)
    assert bitly.used == 2_000 + 1  # the last reading tells that there is none left


async def test_what_we_thought_was_spent_may_be_left_after_all(clock: FakeClock) -> None:
    bitly = Bitly(clock, 100)
    await bitly.send(50)
    bitly.used -= 30  # these were not counted
    assert bitly.purse.month is not None
    bitly.purse.month.ours = 0
    await bitly.send(79)
    with pytest.raises(ReserveReached):
        await bitly.send(2)


async def test_reading_that_fails_changes_nothing(clock: FakeClock) -> None:
    bitly = Bitly(clock, 1_000)
    bitly.down = True
    with pytest.raises(ReserveReached):
        await bitly.send(10_000)
    assert bitly.used == 1_000 + bitly.readings - 1
    assert bitly.readings == 2


async def test_nobody_is_told_of_the_end_while_the_count_is_being_read(clock: FakeClock) -> None:
    bitly = Bitly(clock, 10, 9)
    await bitly.send(1)
    assert bitly.purse.month is not None
    bitly.used = bitly.purse.month.ours = 0
    await asyncio.gather(*(bitly.send(2, f"/bitlinks/{n}") for n in range(3)))
    assert bitly.readings == 1


async def test_share_holds_for_links_and_lists_go_on_without_a_reading_each(
    clock: FakeClock,
) -> None:
    bitly = Bitly(clock, 100, even=True)
    await bitly.send(10)
    with pytest.raises(ShareSpent):
        await bitly.send(1)
    readings = bitly.readings
    await bitly.send(20, LIST)
    assert bitly.readings == readings
    assert isinstance(bitly.purse.spent(), ShareSpent)
    assert bitly.purse.left_today() == 0


async def test_limits_are_asked_for_without_waiting_for_themselves(clock: FakeClock) -> None:
    bitly = Bitly(clock, 10, 10)

    async def count() -> int:
        bitly.readings += 1
        await bitly.purse.prepare(PLAN_LIMITS)
        with pytest.raises(ReserveReached):
            await bitly.purse.prepare(PLATFORM_LIMITS)
        return 0

    bitly.purse.hold(bitly.purse.month, count)
    bitly.purse.month = Month(10, 0, NOON.date(), counted=9)
    await bitly.send(1)
    await bitly.send(1)
    assert bitly.readings == 1


async def test_without_a_month_nothing_is_held_back(clock: FakeClock) -> None:
    purse = Purse(clock)
    await purse.prepare(LINK)
    assert purse.spend(LINK)
    assert (purse.left_today(), purse.spent(), purse.unused()) == (None, None, 0)
