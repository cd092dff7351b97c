"""The command line as its user has it: what is typed, what comes out, and an API to ask."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from harvester.cli.app import main
from harvester.clock import SystemClock
from harvester.sandbox.limits import Limits
from harvester.sandbox.server import Sandbox, running
from harvester.sandbox.world import World

TOKEN = "AtokenThatNobodyMaySee0123456789abcdef42"
FAST = "limits.requests_per_hour = 1_000_000\n"  # or the first requests are paced: config.toml
TODAY = SystemClock().now().date()


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one error among the progress lines, without its prefix; fails if it is not one."""
        [line] = [line for line in self.err.splitlines() if line.startswith("harvest: ")]
        return line.removeprefix("harvest: ")


Harvest = Callable[..., Said]


def typist(capsys: pytest.CaptureFixture[str]) -> Harvest:
    """Return the command line of this process."""

    def type_in(*words: str) -> Said:
        with pytest.raises(SystemExit) as left:
            main(list(words))
        printed = capsys.readouterr()
        code = left.value.code
        return Said(code if isinstance(code, int) else 0, printed.out, printed.err)

    return type_in


@contextmanager
def served(world: World, limits: Limits | None = None) -> Iterator[Sandbox]:
    """Run a sandbox in a thread of its own: commands have an event loop of their own."""
    ready: Future[tuple[Sandbox, asyncio.Event, asyncio.AbstractEventLoop]] = Future()

    async def serve() -> None:
        ended = asyncio.Event()
        async with running(world, limits=limits, token=TOKEN) as sandbox:
            ready.set_result((sandbox, ended, asyncio.get_running_loop()))
            await ended.wait()

    thread = Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    sandbox, ended, loop = ready.result(timeout=5)
    try:
        yield sandbox
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """Serve the same answer to everything, as the page of a hotel's network does; yield its URL."""

    class Same(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Same) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v4"
        finally:
            server.shutdown()
            thread.join()


def process(*words: str, **environ: str) -> "subprocess.Popen[bytes]":
    """Start a real `harvest`; what it prints comes through pipes."""
    return subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-m", "harvester", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **environ},
    )


def outcome(of: "subprocess.Popen[bytes]") -> Said:
    """Wait for the end of a process, and return what it said."""
    out, err = of.communicate(timeout=30)
    return Said(of.returncode, (out or b"").decode(), err.decode())
