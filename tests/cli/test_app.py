"""The front door: help without weight, one line for what goes wrong, streams of any kind."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from harvester.cli.app import COMMANDS
from tests.cli.using import TOKEN, Harvest, outcome, process

HEAVY = {"aiohttp", "alembic", "asyncpg", "msgspec", "rich", "sqlalchemy"}


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import json, sys\n"
        "from harvester.cli.app import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)  # noqa: S603
    assert HEAVY.isdisjoint(json.loads(ran.stderr))
    assert b"Exit codes: 0 complete" in ran.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(harvest: Harvest, command: str) -> None:
    said = harvest(command, "--help")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"Usage: harvest {command}")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["--bogus"], "No such option '--bogus'. See harvest --help"),
        (["bogus"], "No such command 'bogus'. See harvest --help"),
        (["--strategy", "x"], "Invalid value for '--strategy': 'x' is not one of"),
        (["check", "x"], "Got unexpected extra argument (x) See harvest check --help"),
        (["--since", "7d", "status"], "--since means nothing to status See harvest --help"),
        (["--database", "x", "demo"], "--database means nothing to demo"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(
    harvest: Harvest, words: list[str], error: str
) -> None:
    said = harvest(*words)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert said.error.startswith(error)


def test_an_option_before_the_command_holds_for_it(harvest: Harvest) -> None:
    said = harvest("--json", "--database", "harvester.db", "status")
    assert all(part == [] for part in json.loads(said.out).values())
    assert harvest("--database", "none.db", "status").error.startswith("none.db: there is no")


@pytest.mark.parametrize("words", [["--since", "soon"], ["status", "--config", "none.toml"]])
def test_debug_shows_the_traceback_and_keeps_the_exit_code(
    harvest: Harvest, words: list[str]
) -> None:
    said = harvest(*words, "--debug")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("Traceback")
    assert harvest(*words).error in said.err


def test_an_error_nobody_thought_of_is_one_line(
    harvest: Harvest, capsys: pytest.CaptureFixture[str]
) -> None:
    harvest("--version")
    sys.excepthook(ValueError, ValueError("two\nlines \x1b[2J"), None)
    line = "harvest: unexpected ValueError: two lines �[2J (run again with --debug for the traceb"
    assert capsys.readouterr().err.startswith(line)


def test_letters_that_the_output_does_not_know_stop_nothing(harvest: Harvest) -> None:
    harvest("--since", "5d")
    environ = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    said = outcome(process("report", **environ))
    assert (said.code, said.err, said.out.isascii()) == (0, "", True)


def test_a_reader_that_leaves_gets_no_traceback(harvest: Harvest) -> None:
    harvest("--since", "5d")
    running = process("report")
    assert running.stdout is not None
    running.stdout.close()
    assert running.wait(timeout=30) in {0, 1}
    assert running.stderr is not None
    with running.stderr as stream:
        assert stream.read() == b""


def test_closed_streams_hinder_no_run(harvest: Harvest, folder: Path) -> None:
    del harvest
    command = f"exec {sys.executable} -m harvester --since 2d >&- 2>&-"
    ran = subprocess.run(["sh", "-c", command], check=False)  # noqa: S603, S607
    assert ran.returncode == 0
    assert (folder / "harvester.db").read_bytes().startswith(b"SQLite format 3")


def test_the_token_shows_nowhere(harvest: Harvest, folder: Path) -> None:
    texts = []
    for words in (["--since", "2d"], ["check"], ["check", "--json"], ["--since", "2d", "--json"]):
        said = harvest("--debug", *words)
        texts += [said.out, said.err]
    assert TOKEN not in "".join(texts)
    for path in folder.iterdir():
        assert TOKEN.encode() not in path.read_bytes()
