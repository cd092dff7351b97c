"""A folder to be in, an API to ask, and the command line."""

import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from harvester.sandbox.server import Sandbox
from harvester.sandbox.switches import Switches
from harvester.sandbox.world import World
from tests.cli.using import FAST, TODAY, TOKEN, Harvest, served, typist


@pytest.fixture(scope="session")
def one_sandbox() -> Iterator[Sandbox]:
    """Yield a sandbox for the whole session, with a small account in it."""
    with served(World(today=TODAY, links=8, days=5)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(one_sandbox: Sandbox) -> Sandbox:
    """Return the sandbox as if nobody had asked it yet, with nothing going wrong."""
    one_sandbox.requests.clear()
    off = Switches()
    for name in (each.name for each in fields(Switches)):
        setattr(one_sandbox.switches, name, getattr(off, name))
    return one_sandbox


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the present folder; its settings let requests go as fast as they can."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text(FAST)
    return tmp_path


@pytest.fixture
def harvest(
    sandbox: Sandbox,
    folder: Path,
    sqlite_template: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Harvest:
    """Return the command line: a function of the words typed after `harvest`."""
    (folder / "harvester.db").write_bytes(sqlite_template.read_bytes())
    for name in ("HARVESTER_CONFIG", "HARVESTER_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BITLY_TOKEN", TOKEN)
    monkeypatch.setenv("BITLY_API_URL", sandbox.url)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # main() sets it
    return typist(capsys)
