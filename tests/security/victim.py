"""Clients whose memory can be measured: `python -m tests.security.victim URL=WHAT ...`.

Each has a process of its own, forked when all is imported. It prints a line of JSON: the error that
it ended with (None if there was none), its message, by how many MiB the process had grown at its
largest, and after how many seconds it was over.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import BitlyError
from harvester.bitly.facets import FACETS
from harvester.bitly.limiter import Limiter
from harvester.clock import SystemClock
from harvester.domain.windows import day_window

DAY = day_window(datetime(2026, 11, 20, tzinfo=UTC).date())


async def _first_page(bitly: BitlyClient) -> None:
    async for _ in bitly.bitlink_pages("g"):
        return


ASKED: dict[str, Callable[[BitlyClient], Awaitable[object]]] = {
    "user": lambda bitly: bitly.user(),
    "facet": lambda bitly: bitly.ask(FACETS["referrers"], "bit.ly/a", [DAY]),
    "clicks": lambda bitly: bitly.ask(FACETS["clicks"], "bit.ly/a", [DAY]),
    "links": _first_page,
    "list": lambda bitly: bitly.sorted_links("g", [DAY]),
    "export": lambda bitly: bitly.link_engagements("g", ["bit.ly/a"], DAY),
}


def peak() -> float:
    """Return the most memory that this process has had, in MiB."""
    [line] = [
        line
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        if line.startswith("VmHWM:")
    ]
    return int(line.split()[1]) / 1024


async def main(url: str, what: str) -> None:
    clock = SystemClock()
    client = BitlyClient(
        "canary0123456789",
        base_url=url,
        attempts=1,
        timeout=timedelta(seconds=1),
        limiter=Limiter(clock, requests_per_hour=None),
    )
    error: BitlyError | None = None
    async with client:
        before, began = peak(), time.monotonic()
        try:
            await ASKED[what](client)
        except BitlyError as caught:
            error = caught
        grown = peak() - before
    found = {
        "error": type(error).__name__ if error else None,
        "message": str(error or ""),
        "mib": grown,
        "seconds": time.monotonic() - began,
    }
    print(json.dumps(found), flush=True)  # noqa: T201 - the way it is told to the tests


if __name__ == "__main__":
    for word in sys.argv[1:]:
        child = os.fork()
        if child == 0:
            asyncio.run(main(*word.rsplit("=", 1)))
            os._exit(0)
        if os.waitpid(child, 0)[1]:
            sys.exit(f"{word} ended badly")
