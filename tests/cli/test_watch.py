"""`harvest status --watch` shows what the page shows, as long as one looks."""

import signal
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from harvester.cli.watch import shown, watch
from tests.cli.test_progress import Terminal
from tests.cli.using import Harvest, outcome, process
from tests.daemon.seeing import HOSTILE, NOW, seen
from tests.fakes import FakeClock

SECOND = timedelta(seconds=1)


def printed(name: str = "Shop", width: int = 160) -> str:
    out = StringIO()
    Console(file=out, width=width).print(shown(seen(name)))
    return out.getvalue()


def test_the_terminal_shows_what_the_page_shows() -> None:
    text = printed()
    for said in (
        "1,234 of 1,840",
        "9,420 of 10,000 (94%)",
        "14 h",
        "in 5 h",
        "missing of Bp1: 96 windows of cities",
        "2 breakdowns of group Bp1 do not add up",
        "140 link-days",
        "running",
        "incomplete",
    ):
        assert said in text, said


def test_names_from_outside_do_not_act_on_the_terminal() -> None:
    text = printed("\x1b[2J" + HOSTILE + "[bold]")
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold]" in text


class Enough(Exception):
    pass


class Impatient(FakeClock):
    """A clock that has enough after some waits."""

    async def sleep(self, duration: timedelta) -> None:
        await super().sleep(duration)
        if len(self.slept) == 3:
            raise Enough


@pytest.mark.parametrize("stream", [StringIO(), Terminal()], ids=["a pipe", "a terminal"])
async def test_it_looks_again_every_interval(engine: AsyncEngine, stream: StringIO) -> None:
    clock = Impatient(NOW)
    with pytest.raises(Enough):
        await watch(engine, stream, clock, SECOND)
    assert clock.slept == [SECOND] * 3
    for second in range(3):
        assert f"2026-11-21 14:40:0{second} UTC" in stream.getvalue()


async def test_a_database_that_is_away_for_a_while_is_waited_for() -> None:
    out = StringIO()
    gone = create_async_engine("postgresql+asyncpg://127.0.0.1:9/nothing")
    with pytest.raises(Enough):
        await watch(gone, out, Impatient(NOW), SECOND)
    assert out.getvalue().count("postgresql://127.0.0.1:9/nothing") == 3


def test_watching_and_json_do_not_go_together(harvest: Harvest) -> None:
    said = harvest("status", "--watch", "--json")
    assert said.code == 2
    assert "--watch" in said.error


def test_a_signal_ends_it_with_success(sqlite_template: Path, tmp_path: Path) -> None:
    database = tmp_path / "harvester.db"
    database.write_bytes(sqlite_template.read_bytes())
    watching = process("status", "--watch", "--database", str(database))
    assert watching.stdout is not None
    assert watching.stdout.readline()
    watching.send_signal(signal.SIGINT)
    ended = outcome(watching)
    assert (ended.code, ended.err) == (0, "")
