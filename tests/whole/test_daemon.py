"""The real daemon as a process, for simulated days: on time through all that may come its way."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from shutil import copyfile
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.connections import Connections
from harvester.cli.daemon import members
from harvester.cli.wiring import Bench
from harvester.config import load
from harvester.daemon.database import Database
from harvester.daemon.service import Service
from harvester.daemon.ticking import Around
from harvester.domain.events import Event, TickEnded
from harvester.sandbox.limits import Limits
from harvester.sandbox.server import Sandbox, running
from harvester.sandbox.world import World
from harvester.store.engine import opened
from harvester.store.ticks import save_ticks, ticks_of
from tests.whole.running import NOON, TODAY, StillClock, assert_equals_truth, select, statuses

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
START = NOON - 2 * DAY
FIRST_DAYS = 3
CONFIG = f"""
[harvest]
first_run_days = {FIRST_DAYS}
settle_days = 1

[limits]
requests_per_hour = 1000000

[schedule]
every = "6h"
jitter = "0m"

[[accounts]]
name = "shop"
token_file = "token"

[http]
"""
MANY = """
limits.requests_per_hour = 1000000
harvest.first_run_days = 2
harvest.facets = ["clicks"]
"""


@dataclass
class Daemon:
    """A daemon under way, and the time that it goes by."""

    process: asyncio.subprocess.Process
    clock: StillClock
    planned: datetime | None = None

    async def told(self, kind: str) -> dict[str, Any]:
        """Wait until the daemon tells of an event of a kind; return it."""
        assert self.process.stdout is not None
        while line := await asyncio.wait_for(self.process.stdout.readline(), 30):
            event: dict[str, Any] = json.loads(line)
            if event["event"] == "TickPlanned":
                self.planned = datetime.fromisoformat(event["at"])
            if event["event"] == kind:
                return event
        raise AssertionError(f"it ended without a {kind}")

    def move(self, instant: datetime) -> None:
        """Let time go on until then."""
        assert self.process.stdin is not None
        self.clock.at = instant
        self.process.stdin.write(f"{instant.isoformat()}\n".encode())

    async def ticks(self) -> tuple[datetime, str]:
        """Let time go on until the next tick begins and has ended; return when it was, and how."""
        if self.planned is None:
            await self.told("TickPlanned")
        assert self.planned is not None
        if self.planned > self.clock.at:
            self.move(self.planned)
        started = await self.told("TickStarted")
        assert datetime.fromisoformat(started["at"]) == self.planned
        ended = await self.told("TickEnded")
        await self.told("TickPlanned")
        return self.clock.at, ended["outcome"]

    async def told_to(self, number: signal.Signals, kind: str) -> dict[str, Any]:
        """Send a signal; return the event of a kind that it brings."""
        self.process.send_signal(number)
        return await self.told(kind)


@asynccontextmanager
async def started(folder: Path, sandbox: Sandbox, clock: StillClock) -> AsyncIterator[Daemon]:
    """Start a daemon at the clock's time; whoever tells it to stop, it leaves with 0."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.whole.steered", clock.at.isoformat()),
        *("--config", str(folder / "config.toml"), "--database", str(folder / "harvester.db")),
        env={**os.environ, "BITLY_API_URL": sandbox.url},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Daemon(process, clock)
        _, err = await asyncio.wait_for(process.communicate(), 10)
        assert process.returncode == 0, err.decode()
        assert sandbox.token.encode() not in err
    finally:
        if process.returncode is None:
            process.kill()


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


@pytest.fixture
def folder(tmp_path: Path, sqlite_template: Path) -> Path:
    """Return a folder with settings and an empty database."""
    copyfile(sqlite_template, tmp_path / "harvester.db")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "config.toml").write_text(f"{CONFIG}port = {port}\n")
    return tmp_path


@pytest.mark.slow
async def test_a_daemon_keeps_the_facts_true_for_days(folder: Path) -> None:
    config, token = folder / "config.toml", folder / "token"
    settings = config.read_text()
    clock, world = StillClock(START), World(8, today=TODAY, links=8, days=6)

    def rotate(text: str) -> None:
        token.write_text(text)
        token.chmod(0o600)
        sandbox.token = text

    async with running(world, clock=clock) as sandbox:
        rotate("the-first-token")
        await stopped_in_mid_run(folder, sandbox, clock)
        async with started(folder, sandbox, clock) as daemon:
            assert await daemon.ticks() == (START, "complete")
            assert await daemon.ticks() == (START + 6 * HOUR, "complete")
            await dead_for_an_hour(daemon, sandbox)
            rotate("the-second-token")
            assert (await daemon.told_to(signal.SIGHUP, "Reloaded"))["changed"] == ["shop"]
            assert await daemon.ticks() == (START + 18 * HOUR, "complete")
            config.write_text("[harvest]\nsettle_days = -1")
            refused = await daemon.told_to(signal.SIGHUP, "ReloadRefused")
            assert "settle_days: expected a whole number from 0 to 60, got -1" in refused["why"]
            config.write_text(settings)
            assert await daemon.ticks() == (START + 24 * HOUR, "complete")
            await refused_until_it_has_another_token(daemon, rotate, sandbox)
            while (last := await daemon.ticks())[0] < NOON:
                assert last[1] == "complete"
            assert last == (NOON, "complete")
            await assert_metrics_equal_the_store(folder, sandbox)
            assert (await daemon.told_to(signal.SIGTERM, "Draining"))["running"] == []
    await assert_true(folder, world)


async def stopped_in_mid_run(folder: Path, sandbox: Sandbox, clock: StillClock) -> None:
    async with started(folder, sandbox, clock) as daemon:
        await daemon.told("TickStarted")
        stop = daemon.process.send_signal
        sandbox.requests = Tripwire(30, lambda: stop(signal.SIGTERM))
        assert (await daemon.told("Draining"))["running"] == ["shop"]
        assert (await daemon.told("TickEnded"))["outcome"] == "interrupted"
    sandbox.requests = Counter()


async def dead_for_an_hour(daemon: Daemon, sandbox: Sandbox) -> None:
    sandbox.switches.error_rate = 1.0
    died = START + 12 * HOUR
    assert await daemon.ticks() == (died, "unanswered")
    asked = sandbox.requests.total()
    while (tried := await daemon.ticks())[0] < died + HOUR - 15 * MINUTE:
        assert tried[1] == "unanswered"
    assert sandbox.requests.total() - asked < 40
    sandbox.switches.error_rate = 0.0
    at, outcome = await daemon.ticks()
    assert (at < died + HOUR + 15 * MINUTE, outcome) == (True, "complete")


async def refused_until_it_has_another_token(
    daemon: Daemon, rotate: Callable[[str], None], sandbox: Sandbox
) -> None:
    sandbox.token = "the-third-token"
    at = START + 30 * HOUR
    assert await daemon.ticks() == (at, "not authorised")
    rotate("the-third-token")
    daemon.move(at + MINUTE)  # no signal: the file is enough
    await daemon.told("Reloaded")
    await daemon.told("TickPlanned")
    assert await daemon.ticks() == (at + MINUTE, "complete")


async def assert_metrics_equal_the_store(folder: Path, sandbox: Sandbox) -> None:
    port = load(folder / "config.toml", {}).http.port
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/metrics") as answer,
    ):
        families = text_string_to_metric_families(await answer.text())
        samples = [sample for family in families for sample in family.samples]

    def told(name: str, *labels: str) -> dict[tuple[str, ...], float]:
        return {
            tuple(each.labels[label] for label in labels): each.value
            for each in samples
            if each.name == name
        }

    async with opened(str(folder / "harvester.db")) as engine:
        days = await select(
            engine,
            "SELECT group_guid, status, count(*) FROM harvest_coverage GROUP BY group_guid, status",
        )
        counted = "SELECT sum(rows), count(*) FROM harvest_runs WHERE outcome = 'complete'"
        [(rows, runs)] = await select(engine, counted)
    known = told("harvester_group_days", "group", "status")
    assert {key: count for key, count in known.items() if count} == {
        (guid, status): count for guid, status, count in days
    }
    assert told("harvester_rows_written_total") == {(): rows}
    assert told("harvester_runs_total", "outcome")[("complete",)] == runs
    requests = told("harvester_requests_total", "endpoint", "status")
    assert sum(requests.values()) == sandbox.requests.total()


async def assert_true(folder: Path, world: World) -> None:
    async with opened(str(folder / "harvester.db")) as engine:
        await assert_equals_truth(engine, world, FIRST_DAYS + 2)
        [[left]] = await select(engine, "SELECT count(*) FROM harvest_missing")
        assert left == 0
        settled = {
            day for (_, day), status in (await statuses(engine)).items() if status == "settled"
        }
        assert settled == {str(TODAY - days * DAY) for days in (2, 3, 4)}


@pytest.mark.slow
async def test_fifty_accounts_side_by_side_share_the_connections(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    many = 50 if engine.dialect.name == "sqlite" else 20  # more than it has connections
    names = {f"account {number:02}" for number in range(many)}
    lists = "".join(f'[[accounts]]\nname="{name}"\ntoken_env="T"\n' for name in sorted(names))
    (tmp_path / "config.toml").write_text(MANY + lists)
    ended: dict[str, str] = {}
    stop, clock = asyncio.Event(), StillClock(NOON)

    def watch(event: Event) -> None:
        if isinstance(event, TickEnded):
            ended[event.account] = event.outcome
            if ended.keys() == names:
                stop.set()

    world = World(8, today=TODAY, links=3, days=2, groups=1)
    limits = Limits(connections=5)
    async with running(world, limits=limits, clock=clock) as sandbox:
        environ = {"T": sandbox.token, "BITLY_API_URL": sandbox.url}
        settings = load(tmp_path / "config.toml", environ)
        bench = Bench(engine, clock, Connections(), watch)
        each = members(settings, settings, {"accounts": ()}, bench)
        around = Around(
            clock=clock,
            dice=Random(1),
            notify=watch,
            database=Database(clock, watch),
            recall=partial(ticks_of, engine),
            keep=partial(save_ticks, engine),
            reload=asyncio.Event(),
        )
        async with asyncio.timeout(60):
            await Service(lambda: each, around).run(each, stop)
    assert set(ended.values()) == {"complete"}
    rows = await select(
        engine, "SELECT account, sum(clicks) AS clicks FROM clicks_by_day GROUP BY account"
    )
    [clicks] = {int(row.clicks) for row in rows}
    assert len(rows) == len(names)
    [group] = world.groups
    days = [TODAY, TODAY - DAY]
    assert clicks == sum(world.clicks(name, day) for name in world.names(group) for day in days)
