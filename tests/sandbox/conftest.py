"""A small world, served, with its clock standing still."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from harvester.sandbox.server import running
from harvester.sandbox.world import World
from tests.fakes import FakeClock
from tests.sandbox.asking import NOW, TODAY, Api


@pytest.fixture
def world() -> World:
    return World(3, today=TODAY, links=60, days=20)


@pytest.fixture
async def api(world: World) -> AsyncIterator[Api]:
    async with (
        running(world, clock=FakeClock(NOW), keep_log=True) as sandbox,
        ClientSession() as session,
    ):
        yield Api(sandbox, session)
