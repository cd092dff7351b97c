"""The daemon as it is put together: a database that is late, signals, what is read anew."""

import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from harvester.bitly.connections import Connections
from harvester.cli.daemon import PATIENCE, members, run
from harvester.cli.wiring import Bench
from harvester.config import load
from harvester.daemon.errands import Paces
from harvester.daemon.schedule import Rhythm
from harvester.domain.errors import ConfigError, Exit
from harvester.domain.events import DatabaseGone, Event, ignore
from harvester.store.engine import opened
from harvester.store.errors import StoreUnavailable
from tests.fakes import FakeClock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NOBODY = "postgresql://nobody:secret@127.0.0.1:1/none"


def write(name: str, text: str) -> None:
    Path(name).write_text(text)
    Path(name).chmod(0o600)


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return the options of a daemon in a folder of its own, with the token in a file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HARVESTER_DATABASE_URL", raising=False)
    write("token", "the-first-token")
    write(
        "config.toml",
        'http.port = 0\n[[accounts]]\nname = "shop"\ntoken_file = "token"\n'
        'schedule = { every = "2h", backfill_every = "7d" }\n',
    )
    return {"config": None, "database": NOBODY, "accounts": (), "quiet": False}


def test_a_database_that_never_comes_is_waited_for_in_vain(options: dict[str, Any]) -> None:
    clock, events = FakeClock(NOON), list[Event]()
    with pytest.raises(StoreUnavailable) as caught:
        run(options, clock, events.append)
    assert caught.value.exit_code is Exit.UNEXPECTED
    assert PATIENCE <= clock.now() - NOON <= PATIENCE + timedelta(minutes=1)
    [gone] = events
    assert isinstance(gone, DatabaseGone)
    assert "secret" not in gone.why


def test_a_daemon_that_waits_for_its_database_can_be_stopped(options: dict[str, Any]) -> None:
    def stop(_event: Event) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    assert run(options, FakeClock(NOON), stop) is Exit.COMPLETE


def test_wrong_settings_end_it_before_it_begins(options: dict[str, Any]) -> None:
    write("config.toml", "[schedule]\nevery = 6")
    with pytest.raises(ConfigError, match=r"schedule\.every"):
        run(options, FakeClock(NOON))


async def test_an_account_becomes_a_member_with_its_schedule(options: dict[str, Any]) -> None:
    async with opened("here.db") as engine:
        bench = Bench(engine, FakeClock(NOON), Connections(), ignore)
        old = load(None, {})
        [member] = members(old, old, options, bench).each
        assert member.rhythm == Rhythm(timedelta(hours=2), jitter=timedelta(minutes=1))
        assert member.paces == Paces(3 * DAY, DAY, 7 * DAY)
        assert not member.renewed()
        write("token", "the-second-token")
        assert member.renewed()
        new = load(None, {"HARVESTER_DATABASE_URL": "there.db"})
        changed = members(new, old, options, bench)
        assert changed.restart == ("database.url",)
        assert changed.each[0].settings != member.settings
        assert members(load(None, {}), old, options, bench).each[0].settings != member.settings
        write("token", "")
        assert not member.renewed()
