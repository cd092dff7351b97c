"""A harvest killed at any request goes on where it stood: the same facts, and little redone."""

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.clock import SystemClock
from harvester.sandbox.server import Sandbox, running
from harvester.sandbox.world import World
from tests.times import TIMES
from tests.whole.running import VIEWS, select

DAYS = 14
LINKS = 300  # with fewer, what is not committed yet is more than a fiftieth
DOUBLED = """SELECT subject_id, facet_id, window_id FROM snapshots
GROUP BY subject_id, facet_id, window_id HAVING count(*) > 1"""
KILLS = 4 * TIMES
MOST = 2 * LINKS * DAYS // KILLS  # requests in a life: the work must outlast all of them


class Tripwire(Counter[Any]):
    """Counts requests, and calls `trip` when so many have come."""

    def __init__(self, after: int, trip: Callable[[], None]) -> None:
        super().__init__()
        self.left, self.trip = after, trip

    def __setitem__(self, key: Any, value: int) -> None:
        super().__setitem__(key, value)
        self.left -= 1
        if self.left == 0:
            self.trip()


async def start(sandbox: Sandbox, url: str, last: date) -> asyncio.subprocess.Process:
    """Start a real `harvest` on the days up to `last`."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "harvester", "--since", str(last - timedelta(days=DAYS - 1))),
        *("--until", str(last), "--database", url, "--json"),
        env={**os.environ, "BITLY_TOKEN": sandbox.token, "BITLY_API_URL": sandbox.url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def killed_after(requests: int, sandbox: Sandbox, url: str, last: date) -> None:
    """Run a harvest and kill it, with no warning, as its n-th request comes in."""
    process = await start(sandbox, url, last)
    sandbox.requests = Tripwire(requests, process.kill)
    await process.communicate()
    assert process.returncode == -9


async def expire_lease(engine: AsyncEngine) -> None:
    """Let the minute pass for which a crash keeps others out."""
    async with engine.begin() as connection:
        left = await connection.execute(text("UPDATE leases SET expires_at = 0"))
        assert left.rowcount == 1


def asked(sandbox: Sandbox) -> Counter[str]:
    """Return the metric requests so far, without the instant that a reference may hold."""
    assert sandbox.log is not None
    return Counter(each.path for each in sandbox.log if each.path.startswith("/bitlinks/"))


@pytest.mark.slow
async def test_facts_are_the_same_however_often_it_was_killed(engine: AsyncEngine) -> None:
    last = SystemClock().now().date() - timedelta(days=1)
    world = World(21, today=last + timedelta(days=1), links=LINKS, days=DAYS + 1)
    url = engine.url.render_as_string(hide_password=False)
    dice = Random(21)
    async with running(world, keep_log=True) as sandbox:
        for _ in range(KILLS):
            await killed_after(dice.randint(8, MOST), sandbox, url, last)
            await expire_lease(engine)
        process = await start(sandbox, url, last)
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        requests = asked(sandbox)
    assert json.loads(out)["runs"][0]["counts"]["missing"] == 0
    await assert_truth(engine, world, last)
    await assert_no_orphans(engine)
    repeated = requests.total() - len(requests)
    assert repeated <= KILLS * 0.02 * len(requests)


async def assert_truth(engine: AsyncEngine, world: World, last: date) -> None:
    days = [last - timedelta(days=back) for back in range(DAYS)]
    for facet, (view, columns) in VIEWS.items():
        names = ", ".join(("day", "bitlink", *columns, "clicks"))
        rows = await select(engine, f"SELECT {names} FROM {view}")
        found = {(str(row[0]), *row[1:-1]): int(row[-1]) for row in rows}
        assert len(found) == len(rows)
        assert found == {
            (str(day), name, *labels): clicks
            for guid in world.groups
            for name in world.names(guid)
            for day in days
            for labels, clicks in world.rows(name, facet, day).items()
        }


async def assert_no_orphans(engine: AsyncEngine) -> None:
    """Nothing in the private tables that belongs to nothing."""
    for sql in (
        "SELECT count(*) FROM metrics WHERE snapshot_id NOT IN (SELECT id FROM snapshots)",
        "SELECT count(*) FROM metrics WHERE label_id NOT IN (SELECT id FROM labels)",
        "SELECT count(*) FROM snapshots WHERE subject_id NOT IN (SELECT id FROM subjects)",
        "SELECT count(*) FROM snapshots WHERE superseded_at IS NOT NULL",
        f"SELECT count(*) FROM ({DOUBLED}) AS doubled",
    ):
        assert (await select(engine, sql))[0][0] == 0, sql
