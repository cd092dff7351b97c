"""Nothing that the API sends acts on a terminal, fakes a line there, or breaks the JSON."""

import ast
import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harvester.domain.rosters import BitlinkDetails
from harvester.sandbox.catalogue import Labels
from harvester.sandbox.server import Sandbox
from harvester.sandbox.world import World
from tests.cli.using import TODAY, TOKEN, Harvest, served, typist

ROOT = Path(__file__).parents[2]
# a title of the terminal, a cleared screen, a line of its own, text turned round, markup, a bell
EVIL = (
    "\x1b]0;pwned\x07\x1b[2J\x9b2J\r\nharvest: all is well\u202egnp.exe\u2066[/red][bold]\x08\x00"
)
JOINER = "\N{ZERO WIDTH JOINER}"


def evil_world() -> World:
    """Return a small account in which every name and title is hostile."""
    created = datetime.combine(TODAY, datetime.min.time(), UTC) - timedelta(days=3)
    guid = "Bg\x1b[2J\u202e"
    link = BitlinkDetails(
        id="bit.ly/evil\u202e[/red]",
        link="https://bit.ly/evil",
        long_url=f"https://x.test/{EVIL}",
        title=EVIL,
        created_at=created,
        created_by=EVIL,
        client_id=EVIL,
        archived=False,
        is_deleted=False,
        tags=(EVIL,),
        custom_ids=(),
    )
    day = TODAY - timedelta(days=1)
    labels: set[tuple[str, Labels]] = {
        ("countries", (EVIL,)),
        ("referrers", (EVIL,)),
        ("cities", (EVIL,) * 4),
    }
    rows = {(link.id, facet, day): {label: 5} for facet, label in labels}
    world = World.of({guid: [link]}, {(link.id, day): 5}, rows, today=TODAY)
    world.login = EVIL
    world.organization = replace(world.organization, name=EVIL, tier_name=EVIL, tier=EVIL)
    world.groups[guid] = replace(world.groups[guid], name=EVIL, role=EVIL)
    return world


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with served(evil_world()) as sandbox:
        yield sandbox


@pytest.fixture
def environ(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.chdir(tmp_path)
    return {"BITLY_TOKEN": TOKEN, "BITLY_API_URL": sandbox.url, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def said(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Harvest:
    """Return the command line: a function of the words typed after `harvest`."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # main() sets it
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return typist(capsys)


def test_no_command_lets_a_control_character_through(said: Harvest) -> None:
    for words in (
        ("check",),
        ("plan", "--since", "2d"),
        ("--since", "2d"),
        ("status",),
        ("report",),
        ("--since", "1d", "--group", "Bg\x1b[2J\u202e", "--account", "nobody\x1b[2J"),
        ("--config", "none\x1b[2J"),
        ("\x1b[2J",),
    ):
        found = said(*words)
        printed = found.out + found.err
        assert printed
        odd = {each for each in printed if not each.isprintable()} - {"\n", JOINER}
        assert not odd, words
        assert "harvest: all is well" not in printed.splitlines(), words
        assert "Traceback" not in printed


def test_what_is_hostile_is_shown_all_the_same_with_its_sting_drawn(said: Harvest) -> None:
    assert "]0;pwned" in said("check").out
    assert said("--since", "2d").code == 0
    assert "]0;pwned" in said("report").out


def test_json_stays_json_in_ascii(said: Harvest) -> None:
    for words in (
        ("check",),
        ("plan", "--since", "2d"),
        ("--since", "2d"),
        ("status",),
        ("report",),
    ):
        found = said(*words, "--json")
        assert json.loads(found.out)
        assert found.out.isascii()
        assert not {each for each in found.out if not each.isprintable()} - {"\n"}


@pytest.mark.parametrize("words", [("--since", "2d"), ("status",), ("report",)])
def test_a_terminal_gets_no_sequence_that_the_api_sent(
    environ: dict[str, str], said: Harvest, words: tuple[str, ...]
) -> None:
    said("--since", "2d")
    printed = on_a_terminal(environ, *words)
    assert printed
    for sequence in (b"\x1b]", b"\x1b[2J", b"\x9b", "\u202e".encode(), b"\x07", b"Traceback"):
        assert sequence not in printed


def on_a_terminal(environ: dict[str, str], *words: str) -> bytes:
    """Run `harvest` on a terminal of its own; return what the terminal got."""
    ours, theirs = pty.openpty()
    running = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-m", "harvester", *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, **environ, "TERM": "xterm"},
    )
    os.close(theirs)
    got = b""
    with suppress(OSError):  # Linux says so when the last one has hung up
        while part := os.read(ours, 65_536):
            got += part
    os.close(ours)
    assert running.wait(30) == 0, got.decode()
    return got


def test_plain_output_has_one_way_out() -> None:
    for path in (ROOT / "harvester").rglob("*.py"):
        used = {
            node.attr if isinstance(node, ast.Attribute) else node.id
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Attribute | ast.Name)
        }
        if path.name not in {"output.py", "sandbox.py"}:  # the sandbox prints its own words
            assert not used & {"echo", "secho", "print_exc"} - ALLOWED.get(path.name, set()), path


# a traceback is for whoever asks for it by --debug
ALLOWED = {"app.py": {"print_exc"}}
