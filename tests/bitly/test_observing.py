"""What a client tells of the requests it sends."""

import re
from datetime import date

import pytest
from aioresponses import aioresponses

from harvester.bitly.errors import Unanswered
from harvester.bitly.facets import FACETS
from harvester.bitly.limiter import Limiter
from harvester.bitly.observing import Sent
from harvester.domain.windows import day_window
from tests.bitly.serving import BASE, client_for
from tests.fakes import FakeClock

DAY = day_window(date(2026, 11, 20))
COUNTRIES = re.compile(rf"^{BASE}/bitlinks/bit\.ly/a/countries\?.*$")


async def ask(clock: FakeClock, limiter: Limiter | None = None) -> list[Sent]:
    told: list[Sent] = []
    limiter = limiter or Limiter(clock, requests_per_hour=None)
    async with client_for(clock, on_sent=told.append, limiter=limiter) as bitly:
        await bitly.ask(FACETS["countries"], "bit.ly/a", [DAY])
    return told


async def test_each_attempt_is_told_of_under_the_number_of_its_request(
    api: aioresponses, clock: FakeClock
) -> None:
    for status in (503, 200):
        api.get(COUNTRIES, status=status, payload={"metrics": [], "facet": "countries"})
    told = await ask(clock)
    assert [(one.number, one.attempt, one.status) for one in told] == [(1, 1, 503), (1, 2, 200)]
    assert {one.request.path for one in told} == {"/bitlinks/bit.ly/a/countries"}


async def test_an_attempt_without_an_answer_is_told_of_too(
    api: aioresponses, clock: FakeClock
) -> None:
    api.get(COUNTRIES, exception=TimeoutError(), repeat=True)
    told: list[Sent] = []
    async with client_for(clock, on_sent=told.append, attempts=2) as bitly:
        with pytest.raises(Unanswered):
            await bitly.ask(FACETS["countries"], "bit.ly/a", [DAY])
    assert [(one.attempt, one.status) for one in told] == [(1, None), (2, None)]


async def test_the_hour_of_the_endpoint_is_told_where_it_is_limited(
    api: aioresponses, clock: FakeClock
) -> None:
    api.get(COUNTRIES, payload={"metrics": [], "facet": "countries"}, repeat=True)
    assert [one.hour for one in await ask(clock)] == [None]
    limiter = Limiter(clock, requests_per_hour=500)
    assert [one.hour for one in await ask(clock, limiter)] == [(1, 500)]
    assert [one.hour for one in await ask(clock, limiter)] == [(2, 500)]
