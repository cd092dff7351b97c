"""Requests are paid for ahead: the ledger is never below what was sent, and little above."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.bitly.ledger import LARGEST, Prepaid

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CLICKS, CITIES = "/bitlinks/{bitlink}/clicks", "/bitlinks/{bitlink}/cities"
USER = "/user"


class Down(Exception):
    """The ledger cannot be written."""


class Kept:
    """A ledger in memory, which fails while it is `down`."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[date, str]] = Counter()
        self.charges: list[dict[str, int]] = []
        self.down = False

    async def charge(self, day: date, requests: Mapping[str, int]) -> None:
        await asyncio.sleep(0)  # noqa: TID251 - lets others run
        if self.down:
            raise Down
        self.requests.update({(day, endpoint): count for endpoint, count in requests.items()})
        self.charges.append(dict(requests))

    async def give_back(self, day: date, requests: Mapping[str, int]) -> None:
        if self.down:
            raise Down
        self.requests.subtract({(day, endpoint): count for endpoint, count in requests.items()})


async def send(prepaid: Prepaid, times: int, endpoint: str = CLICKS, at: datetime = NOON) -> None:
    for _ in range(times):
        await prepaid.prepare(endpoint, at)
        assert prepaid.take(endpoint, at)


async def test_one_request_pays_for_one_and_many_pay_in_growing_blocks() -> None:
    kept = Kept()
    await send(Prepaid(kept), 100)
    assert kept.charges == [{CLICKS: size} for size in (1, 2, 4, 8, 16, 32, 32, 32)]


async def test_endpoints_in_use_are_paid_for_together() -> None:
    kept = Kept()
    prepaid = Prepaid(kept)
    await send(prepaid, 3, USER)
    for _ in range(200):
        await send(prepaid, 1)
        await send(prepaid, 1, CITIES)
    assert len(kept.charges) < 2 + 2 * 5 + 200 / LARGEST + 2
    assert kept.requests[NOON.date(), USER] == 3


async def test_several_who_prepare_at_once_pay_once() -> None:
    kept = Kept()
    prepaid = Prepaid(kept)
    await asyncio.gather(*(prepaid.prepare(CLICKS, NOON) for _ in range(5)))
    assert kept.charges == [{CLICKS: 1}]


async def test_what_was_not_used_is_given_back_once() -> None:
    kept = Kept()
    prepaid = Prepaid(kept)
    await send(prepaid, 5)
    await send(prepaid, 2, CITIES)
    await prepaid.close()
    await prepaid.close()
    assert kept.requests == {(NOON.date(), CLICKS): 5, (NOON.date(), CITIES): 2}


async def test_block_of_yesterday_pays_for_nothing_today() -> None:
    kept = Kept()
    prepaid = Prepaid(kept)
    await send(prepaid, 4)
    assert not prepaid.take(CLICKS, NOON + DAY)
    await send(prepaid, 1, at=NOON + DAY)
    assert kept.requests[NOON.date(), CLICKS] == 4
    assert kept.requests[(NOON + DAY).date(), CLICKS] >= 1


async def test_nothing_is_paid_for_when_the_ledger_fails() -> None:
    kept = Kept()
    prepaid = Prepaid(kept)
    kept.down = True
    with pytest.raises(Down):
        await prepaid.prepare(CLICKS, NOON)
    assert not prepaid.take(CLICKS, NOON)


steps = st.lists(
    st.tuples(st.sampled_from([CLICKS, CITIES]), st.integers(0, 3), st.booleans()), max_size=300
)


@given(steps=steps)
def test_ledger_is_never_below_what_was_sent_nor_a_block_above(
    steps: list[tuple[str, int, bool]],
) -> None:
    kept, sent = Kept(), Counter[tuple[date, str]]()

    async def work() -> None:
        prepaid, at = Prepaid(kept), NOON
        for endpoint, hours, kept.down in steps:
            at += timedelta(hours=hours)
            try:
                await send(prepaid, 1, endpoint, at)
            except Down:
                continue
            sent[at.date(), endpoint] += 1
            assert all(kept.requests[place] >= count for place, count in sent.items())
            assert kept.requests[at.date(), endpoint] <= sent[at.date(), endpoint] + LARGEST
        kept.down = False
        await prepaid.close()

    asyncio.run(work())
    if not any(down for _, _, down in steps):
        assert +kept.requests == sent
