"""The request ledger is never below what the API has counted, whatever becomes of the harvester."""

import sqlite3
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random
from shutil import copyfile
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.ledger import LARGEST
from harvester.clock import SystemClock
from harvester.sandbox.server import Sandbox, running
from harvester.sandbox.switches import Switches
from harvester.sandbox.world import World
from harvester.store.engine import opened
from tests.fakes import FakeClock
from tests.whole.running import NOON, TODAY, Harvester, StillClock, select
from tests.whole.test_killed import expire_lease, killed_after, start

LEDGER = "SELECT endpoint, sum(requests) AS requests FROM harvest_requests GROUP BY endpoint"


class Watched(Counter[Any]):
    """Counts requests as they come in, and at each holds the ledger in `file` against them."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.database = sqlite3.connect(file)
        self.above: list[int] = []

    def __setitem__(self, key: Any, value: int) -> None:
        super().__setitem__(key, value)
        charged = dict(self.database.execute(LEDGER))
        self.above.append(charged.get(key[1], 0) - value)


def counted(sandbox: Sandbox) -> dict[str, int]:
    """What the API has counted, by endpoint."""
    return {endpoint: count for (_, endpoint), count in sandbox.requests.items()}


async def charged(engine: AsyncEngine) -> dict[str, int]:
    """What the ledger holds, by endpoint."""
    return {endpoint: int(count) for endpoint, count in await select(engine, LEDGER)}


async def test_each_request_and_each_retry_is_in_the_ledger_before_the_api_sees_it(
    sqlite_template: Path, tmp_path: Path
) -> None:
    file, clock = copyfile(sqlite_template, tmp_path / "harvester.db"), FakeClock(NOON)
    world = World(61, today=TODAY, links=60, days=10)
    switches = Switches(error_rate=0.1, broken_rate=0.05)
    async with running(world, clock=clock, switches=switches) as sandbox:
        watched = sandbox.requests = Watched(file)
        async with opened(f"sqlite:///{file}") as engine:
            summary = await Harvester(sandbox, engine, clock).run("10d")
            assert summary.counts.retries > 10
            # what is on its way, on five connections, is charged as well
            assert 0 <= min(watched.above) <= max(watched.above) <= LARGEST + 5
            assert await charged(engine) == counted(sandbox)
        watched.database.close()


async def test_a_clean_end_leaves_the_ledger_exact_and_runs_add_up(engine: AsyncEngine) -> None:
    world, clock = World(62, today=TODAY, links=30, days=8), StillClock()
    async with running(world, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        first = await harvester.run("4d")
        assert sum((await charged(engine)).values()) == first.counts.requests
        clock.at = NOON + timedelta(hours=1)
        await harvester.run("8d")
        assert await charged(engine) == counted(sandbox)


async def test_an_error_in_the_middle_gives_back_what_was_not_used(engine: AsyncEngine) -> None:
    world, clock = World(63, today=TODAY, links=30, days=4), StillClock()
    async with running(world, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        sandbox.requests = Stopping(40, harvester)
        await harvester.run("4d")
        assert await charged(engine) == counted(sandbox)


class Stopping(Counter[Any]):
    """Counts requests, and interrupts the harvester when so many have come."""

    def __init__(self, after: int, harvester: Harvester) -> None:
        super().__init__()
        self.after, self.harvester = after, harvester

    def __setitem__(self, key: Any, value: int) -> None:
        super().__setitem__(key, value)
        if self.total() == self.after:
            self.harvester.stop.set()


@pytest.mark.slow
async def test_ledger_is_not_below_the_api_however_often_it_was_killed(engine: AsyncEngine) -> None:
    last = SystemClock().now().date() - timedelta(days=1)
    world = World(64, today=last + timedelta(days=1), links=40, days=15)
    url = engine.url.render_as_string(hide_password=False)
    dice, seen, held = Random(64), Counter[str](), dict[str, int]()
    async with running(world) as sandbox:
        for kills in range(1, 4):
            await killed_after(dice.randint(6, 150), sandbox, url, last)
            await expire_lease(engine)
            seen.update(counted(sandbox))
            held = await charged(engine)
            assert all(seen[endpoint] <= held[endpoint] for endpoint in seen)
            assert all(held[each] <= seen[each] + kills * LARGEST for each in held)
        sandbox.requests = Counter()
        process = await start(sandbox, url, last)
        _, err = await process.communicate()
        assert process.returncode == 0, err.decode()
    assert Counter(await charged(engine)) - Counter(held) == Counter(counted(sandbox))
