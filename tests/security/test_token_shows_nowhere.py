"""All that real runs leave behind, good ones and failing ones, is searched for the token."""

import asyncio
import os
import sys
from base64 import b64encode, urlsafe_b64encode
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

import click
import pytest
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.cli.app import COMMANDS, cli
from harvester.clock import SystemClock
from harvester.sandbox.server import Sandbox, running
from harvester.sandbox.world import World

ROOT = Path(__file__).parents[2]
# No word that stays itself when it is encoded: each way to write it looks different.
TOKEN = "Canary/that+nobody=may&see%41?#~42"
SABOTAGED = """
from harvester.bitly.transport import Transport
from harvester.cli.app import main

async def send(self, url, json=None):
    token = self._token
    raise ZeroDivisionError("a mistake of ours")

Transport.send = send
main()
"""


def forms(secret: str) -> set[bytes]:
    """Return how `secret` could stand somewhere: as it is, quoted, in base64, in hex."""
    raw = secret.encode()
    found = {raw, raw.hex().encode(), quote(secret).encode(), quote_plus(secret).encode()}
    found |= {quote(secret, safe="").encode(), repr(secret)[1:-1].encode()}
    for before in range(3):  # base64 has another look at each of three places
        for encode in (b64encode, urlsafe_b64encode):
            start, end = -(-before * 4 // 3), (before + len(raw)) * 4 // 3
            found.add(encode(b"x" * before + raw)[start:end])
    return found


@dataclass
class Runs:
    """Starts `harvest` in processes of its own, in one folder, and keeps all that can be seen."""

    folder: Path
    database: str
    seen: dict[str, bytes] = field(default_factory=dict)
    started: int = 0

    async def run(self, *words: str, url: str, program: Iterable[str] = (), **env: str) -> int:
        """Run `harvest` with `words` against an API at `url`; return its exit code."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *(program or ("-m", "harvester")), *words),
            cwd=self.folder,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),  # these sources, wherever it runs
                "PYTHONASYNCIODEBUG": "1",
                "BITLY_API_URL": url,
                "HARVESTER_DATABASE_URL": self.database,
                **env,
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        ending = asyncio.create_task(process.communicate())
        self.started += 1
        name = f"{self.started}: {' '.join(words)}"
        while not (await asyncio.wait({ending}, timeout=0.05))[0]:
            self.seen[f"{name}: process list"] = _arguments(process.pid)
        self.seen[f"{name}: stdout"], self.seen[f"{name}: stderr"] = ending.result()
        return process.returncode or 0

    def said(self) -> bytes:
        """Return all that was printed."""
        return b"\n".join(self.seen.values())

    def keep(self, name: str, content: bytes) -> None:
        """Keep something else that can be seen."""
        self.seen[name] = content

    def keep_files(self, folder: Path) -> None:
        """Keep each file in a folder, journals of SQLite too, and its name."""
        for path in folder.rglob("*"):
            if path.is_file():
                self.seen[f"file {path}"] = str(path).encode() + path.read_bytes()

    def showing(self, secret: str) -> list[str]:
        """Return where `secret` can be seen, in whatever form."""
        wanted = forms(secret)
        return [
            name for name, content in self.seen.items() if any(form in content for form in wanted)
        ]


def _arguments(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""  # gone by now, or no Linux


@asynccontextmanager
async def echoing() -> AsyncIterator[str]:
    """Serve what goes wrong, with the token in it wherever it can stand; yield the address."""
    answers = {
        "redirect": b"302 Found\r\nLocation: http://127.0.0.1:1/%b\r\nContent-Length: 0\r\n\r\n",
        "error": b"500 %b\r\nConnection: close\r\n\r\n<html>%b</html>",
        "forbidden": b'403 %b\r\nConnection: close\r\n\r\n{"message":"%b","description":"is %b"}',
        "unknown": b"404 \r\nConnection: close\r\n\r\n404 page %b not found",
        "html": b"200 OK\r\nX-Token: %b\r\nConnection: close\r\n\r\n<h1>%b</h1>",
        "shape": b'200 OK\r\nConnection: close\r\n\r\n{"login":["%b"],"%b":1}',
        "garbage": b"%b nonsense\r\n%b\r\n\r\n",
        "half": b'200 OK\r\nContent-Length: 1000\r\n\r\n{"login":"%b',
        "reset": b"",
    }

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        answer = answers[request.split(b"/")[1].decode()]
        if answer:
            writer.write(b"HTTP/1.1 " + answer.replace(b"%b", TOKEN.encode()))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def good_days(runs: Runs, url: str, token: Mapping[str, str]) -> None:
    """Run each command as it is meant to be run."""
    for words in (
        ("check",),
        ("plan", "--since", "3d", "--debug"),
        ("--since", "3d", "--debug"),
        ("--since", "3d", "--refresh", "--json"),
        ("status", "--debug"),
        ("report", "--json"),
    ):
        assert await runs.run(*words, url=url, **token) == 0, runs.said().decode()[-2000:]


async def bad_days(runs: Runs, address: str, token: Mapping[str, str]) -> None:
    """Run into what can go wrong before and while there is an answer."""
    for what in ("forbidden", "garbage", "half", "reset"):
        assert await runs.run("--since", "3d", "--debug", url=f"{address}/{what}/v4", **token)
    assert await runs.run("plan", "--debug", url=f"{address}/reset/v4", **token)


async def bad_answers(runs: Runs, address: str, token: Mapping[str, str]) -> None:
    """Be told each odd thing, two at a time, and see each error's traceback."""
    odd = ("redirect", "error", "forbidden", "unknown", "html", "shape", "garbage", "half")
    for two in zip(odd[::2], odd[1::2], strict=True):
        asked = (runs.run("check", "--debug", url=f"{address}/{what}/v4", **token) for what in two)
        assert all(await asyncio.gather(*asked))


async def mistakes_of_ours(runs: Runs, token: Mapping[str, str]) -> None:
    """Let the program fail where it holds the token in its hand, with and without --debug."""
    url, program = "http://127.0.0.1:1/v4", ("-c", SABOTAGED)
    assert await runs.run("--debug", "check", url=url, program=program, **token) == 1
    assert await runs.run("check", url=url, program=program, **token) == 1
    assert b"ZeroDivisionError: a mistake of ours" in runs.said()
    nowhere = {"HARVESTER_DATABASE_URL": "/nowhere/at/all.db"}
    assert await runs.run("--debug", url=url, **token, **nowhere) == 1


def logged(sandbox: Sandbox) -> bytes:
    """Return all that the sandbox has noted down."""
    assert sandbox.log
    return "\n".join(map(str, [*sandbox.log, *sandbox.requests])).encode()


async def keep_tables(runs: Runs, engine: AsyncEngine) -> None:
    """Keep all rows of each table as text."""
    async with engine.connect() as connection:
        for table in await connection.run_sync(lambda to: inspect(to).get_table_names()):
            rows = (await connection.execute(text(f"SELECT * FROM {table}"))).all()
            runs.keep(f"table {table}", repr(rows).encode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder to run in, with settings for short failures."""
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "config.toml").write_text("[bitly]\nattempts = 1\n")
    return folder


@pytest.mark.slow
async def test_token_is_in_nothing_that_runs_leave_behind(
    engine: AsyncEngine, folder: Path, tmp_path: Path
) -> None:
    runs = Runs(folder, engine.url.render_as_string(hide_password=False))
    world = World(3, today=SystemClock().now().date(), links=6, days=4)
    async with (
        running(world, token=TOKEN, keep_log=True) as sandbox,
        echoing() as address,
        engine.connect(),  # so that SQLite's journal is not taken away when a run ends
    ):
        await good_days(runs, sandbox.url, {"BITLY_TOKEN": TOKEN})
        if engine.dialect.name == "sqlite":  # nothing gets as far as to a database
            await bad_days(runs, address, {"BITLY_TOKEN": TOKEN})
        runs.keep("the sandbox's log", logged(sandbox))
        runs.keep_files(tmp_path)
        await keep_tables(runs, engine)
    for something in ("the sandbox's log", "table bitlinks", "1: check: stdout"):
        assert len(runs.seen[something]) > 100
    if engine.dialect.name == "sqlite":
        assert any(name.endswith("-wal") and runs.seen[name] for name in runs.seen)
    assert runs.showing(TOKEN) == []


@pytest.mark.slow
async def test_token_is_in_no_message_or_traceback_whatever_is_answered(folder: Path) -> None:
    runs = Runs(folder, "sqlite:///harvester.db")
    async with echoing() as address:
        await bad_answers(runs, address, {"BITLY_TOKEN": TOKEN})
        await mistakes_of_ours(runs, {"BITLY_TOKEN": TOKEN})
    runs.keep_files(folder)
    assert runs.said().count(b"Traceback") >= 2
    assert runs.showing(TOKEN) == []


@pytest.mark.slow
async def test_token_of_a_file_is_in_that_file_alone(tmp_path: Path, folder: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{TOKEN}\n")
    (folder / "config.toml").write_text(f'[[accounts]]\nname = "shop"\ntoken_file = "{secret}"\n')
    runs = Runs(folder, "sqlite:///harvester.db")
    world = World(3, today=SystemClock().now().date(), links=3, days=2)
    async with running(world, token=TOKEN, keep_log=True) as sandbox, echoing() as address:
        assert await runs.run("--since", "2d", "--debug", url=sandbox.url) == 0
        assert b"open to other users" in runs.said(), "a warning names the file, not what it holds"
        assert await runs.run("check", "--debug", url=f"{address}/forbidden/v4") == 4
        runs.keep("the sandbox's log", logged(sandbox))
    runs.keep_files(folder)
    assert runs.showing(TOKEN) == []
    runs.keep("the file itself", secret.read_bytes())
    assert runs.showing(TOKEN) == ["the file itself"]


async def test_sandbox_that_is_a_process_does_not_show_the_tokens_that_it_is_sent(
    folder: Path,
) -> None:
    runs = Runs(folder, "sqlite:///harvester.db")
    sandbox = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "harvester", "sandbox", "--port", "0", "--debug"),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert sandbox.stdout
    printed = await sandbox.stdout.readuntil(b"BITLY_TOKEN=")
    url = printed.split(b"BITLY_API_URL=")[1].split()[0].decode()
    assert await runs.run("check", url=url, BITLY_TOKEN=TOKEN) == 4
    sandbox.terminate()
    rest, _ = await sandbox.communicate()
    runs.keep("the sandbox", printed + rest)
    assert runs.showing(TOKEN) == []


@pytest.mark.parametrize("before", ["", "x", "xy", "xyz"])
def test_search_finds_the_token_in_each_disguise(tmp_path: Path, before: str) -> None:
    runs = Runs(tmp_path, "")
    shown = f"{before}{TOKEN} and more"
    for name, content in {
        "itself": shown,
        "in a URL": quote(shown),
        "in a query": quote_plus(shown),
        "quoted whole": quote(shown, safe=""),
        "base64": b64encode(shown.encode()).decode(),
        "base64 for URLs": urlsafe_b64encode(shown.encode()).decode(),
        "hex": shown.encode().hex(),
        "repr": repr(shown),
    }.items():
        runs.keep(name, content.encode())
    assert runs.showing(TOKEN) == list(runs.seen)
    assert runs.showing("Canary/another") == []


def test_no_option_takes_a_token() -> None:
    commands = {
        "harvest": cli,
        **{name: cli.get_command(click.Context(cli), name) for name in COMMANDS},
    }
    options = [
        (name, word)
        for name, command in commands.items()
        if command
        for option in command.params
        for word in (*option.opts, *option.secondary_opts)
    ]
    assert len(options) > len(COMMANDS)
    assert not [(name, word) for name, word in options if "token" in word.lower()]
