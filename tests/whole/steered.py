"""The real daemon on a clock that its starter moves: `python -m tests.whole.steered START [WORDS]`.

START, and each line of input, is an instant in ISO format: the daemon's time moves on until then.
What it does is a line of JSON each. Waits of less than a minute are taken a thousand times faster
than they say, and take no time on that clock: only its schedule waits for longer.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from harvester.cli.app import cli
from harvester.cli.daemon import run
from harvester.domain.events import (
    DatabaseGone,
    Draining,
    Event,
    Reloaded,
    ReloadRefused,
    TickEnded,
    TickPlanned,
    TickStarted,
)

SOON = timedelta(minutes=1)
TOLD = (TickPlanned, TickStarted, TickEnded, Reloaded, ReloadRefused, Draining, DatabaseGone)


class SteeredClock:
    """Tells the time that it was told last."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._moved: asyncio.Event | None = None

    def now(self) -> datetime:
        return self._now

    async def sleep(self, duration: timedelta) -> None:
        if duration < SOON:
            await asyncio.sleep(duration.total_seconds() / 1000)  # noqa: TID251 - it is short
            return
        until = self._now + duration
        while self._now < until:
            await self._listening().wait()

    def _listening(self) -> asyncio.Event:
        """Return what is set once the time has moved on; listen for that from the first wait on."""
        if self._moved is None:
            asyncio.get_running_loop().add_reader(sys.stdin, self._hear)
        if self._moved is None or self._moved.is_set():
            self._moved = asyncio.Event()
        return self._moved

    def _hear(self) -> None:
        line = sys.stdin.readline()
        if not line:
            sys.exit("nobody is there to tell the time")
        self._now = datetime.fromisoformat(line.strip())
        if self._moved is not None:
            self._moved.set()


def told(event: Event) -> None:
    """Print what the starter wants to know."""
    if isinstance(event, TOLD):
        line = {"event": type(event).__name__, **asdict(event)}
        print(json.dumps(line, default=str), flush=True)  # noqa: T201 - the way it is told


def main(start: str, words: Sequence[str]) -> int:
    command = cli.get_command(cli.make_context("harvest", [], resilient_parsing=True), "daemon")
    assert command is not None
    options = command.make_context("daemon", list(words)).params
    return run(options, SteeredClock(datetime.fromisoformat(start)), told)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
