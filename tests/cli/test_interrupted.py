"""Real processes that are told to stop, or are killed: nothing is lost, and the token never shows.

Most are stopped when the first facet is in and the others are asked for, which takes long.
"""

import json
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

from harvester.sandbox.server import Sandbox
from tests.cli.using import FAST, TOKEN, Harvest, outcome, process

SLOW = timedelta(milliseconds=50)
HUNG = timedelta(hours=1)


@contextmanager
def in_mid_run(said: bytes = b"facets: ") -> Iterator["subprocess.Popen[bytes]"]:
    """Start `harvest` and yield it once it has `said` something."""
    with process("--since", "5d") as running:
        assert running.stderr is not None
        while said not in (line := running.stderr.readline()):
            assert line, "it ended too early"
        try:
            yield running
        finally:
            running.kill()


def snapshots(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "harvester.db")) as connection:
        [count] = connection.execute("SELECT count(*) FROM snapshots").fetchone()
        return int(count)


def assert_completes(harvest: Harvest, sandbox: Sandbox) -> None:
    """Run again: all is there in the end, and nothing is asked again that was answered."""
    sandbox.switches.latency = timedelta()
    [run] = json.loads(harvest("--since", "5d", "--json").out)["runs"]
    assert run["outcome"] == "complete"
    figures = json.loads(harvest("report", "--json").out)
    world = sandbox.world
    names = [name for guid in world.groups for name in world.names(guid)]
    for day in figures["days"]:
        iso = type(world.today).fromisoformat(day["day"])
        assert day["clicks"] == sum(world.clicks(name, iso) for name in names)


def test_a_signal_ends_a_run_and_keeps_the_facts(
    harvest: Harvest, sandbox: Sandbox, folder: Path
) -> None:
    sandbox.switches.latency = SLOW
    with in_mid_run() as running:
        assert TOKEN.encode() not in Path(f"/proc/{running.pid}/cmdline").read_bytes()
        running.send_signal(signal.SIGTERM)
        said = outcome(running)
    assert said.code == 130
    assert "harvest: stopping; what was learnt is kept (again: at once)" in said.err
    assert "harvest: default: interrupted; the next run goes on from here" in said.err
    assert said.out.startswith("default: interrupted, ")
    assert snapshots(folder) > 0
    assert_completes(harvest, sandbox)


def test_a_second_signal_ends_a_run_that_waits_for_an_answer(
    harvest: Harvest, sandbox: Sandbox
) -> None:
    sandbox.switches.latency = HUNG
    with in_mid_run(b"default: started") as running:
        running.send_signal(signal.SIGINT)
        assert running.stderr is not None
        assert b"stopping" in running.stderr.readline()
        running.send_signal(signal.SIGINT)
        said = outcome(running)
    assert (said.code, said.err) == (130, "")
    assert_completes(harvest, sandbox)


def test_a_killed_run_leaves_what_was_committed_and_soon_its_lease(
    harvest: Harvest, sandbox: Sandbox, folder: Path
) -> None:
    (folder / "config.toml").write_text(f"{FAST}[harvest]\nlease_seconds = 2\n")
    sandbox.switches.latency = SLOW
    with in_mid_run() as running:
        running.kill()
        assert outcome(running).code == -signal.SIGKILL
    assert ", not finished" in harvest("status").out
    assert_completes(harvest, sandbox)


def test_a_second_harvester_is_kept_out_of_the_account_and_of_no_other(
    harvest: Harvest, sandbox: Sandbox, folder: Path
) -> None:
    (folder / "config.toml").write_text(f"{FAST}[harvest]\nlease_seconds = 9\n")
    sandbox.switches.latency = SLOW
    with in_mid_run() as running:
        sandbox.switches.latency = HUNG
        said = harvest("--since", "5d")
        assert said.code == 3
        assert f":{running.pid}:" in said.error
        assert said.error.startswith("account 'default' is being harvested by ")
        assert "let that run end, or stop it" in said.error
        assert harvest("plan", "--since", "5d").code == 3
        sandbox.switches.latency = timedelta()
        (folder / "config.toml").write_text(
            FAST + '[[accounts]]\nname="b"\ntoken_env="BITLY_TOKEN"\n'
        )
        assert harvest("--since", "5d").code == 0
