"""`harvest demo` and `harvest sandbox`: the whole way without a Bitly account."""

import re
import signal
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.using import Harvest, outcome, process


def test_demo_harvests_a_whole_account_and_shows_it(harvest: Harvest, folder: Path) -> None:
    said = harvest("demo", "--links", "5", "--days", "3", "--file", "my demo.db")
    assert said.code == 0
    assert "demo: complete, " in said.out
    assert "Top countries" in said.out
    assert "(sqlite3 'my demo.db')" in said.out
    assert said.out.endswith(f"Report: {folder / 'my demo-report.html'}\n")
    assert (folder / "my demo-report.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    shown = re.match(r"(?s).*?([\d,]+) clicks from ", said.out)
    with closing(sqlite3.connect(folder / "my demo.db")) as connection:
        [total] = connection.execute("SELECT sum(clicks) FROM clicks_by_day").fetchone()
    assert shown is not None
    assert shown[1] == f"{total:,}"


def test_demo_again_finds_its_own_facts(harvest: Harvest) -> None:
    words = ["demo", "--links", "3", "--days", "2"]
    assert (harvest(*words).code, harvest(*words).code) == (0, 0)


def test_demo_into_a_folder_that_is_not_there(harvest: Harvest) -> None:
    said = harvest("demo", "--file", "none/demo.db")
    assert (said.code, said.error) == (1, "sqlite:///none/demo.db: unable to open database file")


def test_sandbox_says_how_to_use_it_and_ends_when_told(harvest: Harvest, folder: Path) -> None:
    running = process("sandbox", "--port", "0", "--links", "3", PYTHONUNBUFFERED="1")
    assert running.stdout is not None
    while not (line := running.stdout.readline().decode()).startswith("  export "):
        assert line, "it ended too early"
    environ = dict(word.split("=", 1) for word in line.split()[1:])
    said = outcome(process("--since", "2d", **environ))
    assert (said.code, (folder / "harvester.db").exists()) == (0, True)
    running.send_signal(signal.SIGTERM)
    assert outcome(running).code == 0
    del harvest


def test_sandbox_on_a_port_that_is_taken(harvest: Harvest) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = harvest("sandbox", "--port", port)
    assert said.code == 2
    assert said.error.startswith(f"port {port}: ")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--port", "65536"),
        ("--errors", "2"),
        ("--broken", "-0.1"),
        ("--latency", "-1"),
        ("--refused", "weather"),
        ("--history", "0"),
        ("--links", "-1"),
    ],
)
def test_sandbox_refuses_what_makes_no_sense(harvest: Harvest, option: str, value: str) -> None:
    said = harvest("sandbox", option, value)
    assert (said.code, said.out) == (2, "")
    assert said.error.startswith(f"Invalid value for '{option}': ")
