"""A sandbox as a process of its own: `python -m harvester.sandbox --links 1000`.

Prints one line of JSON (url, token, pid, and what the world holds) when it is ready, and ends on
SIGTERM or SIGINT; with --until-eof also when its input ends, so that it cannot outlive its starter.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from datetime import date, timedelta

from harvester.clock import SystemClock
from harvester.sandbox.limits import Limits
from harvester.sandbox.server import running
from harvester.sandbox.switches import Switches
from harvester.sandbox.world import World


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the arguments of the process, or exit with 2 and say what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m harvester.sandbox", description=__doc__)

    def number(flag: str, default: int | None, text: str) -> None:
        parser.add_argument(flag, type=int, default=default, metavar="N", help=text)

    number("--port", 0, "0: any free one")
    number("--seed", 1, "what the world follows from")
    number("--groups", 2, "groups")
    number("--links", 150, "bitlinks in all groups")
    number("--days", 30, "days with clicks, today included")
    parser.add_argument("--today", type=date.fromisoformat, help="last day of the world")
    number("--history", None, "days that the plan lets one see")
    parser.add_argument("--latency", default=0.0, type=float, metavar="SECONDS")
    parser.add_argument("--errors", default=0.0, type=float, metavar="RATE", help="share of 5xx")
    parser.add_argument("--broken", default=0.0, type=float, metavar="RATE")
    parser.add_argument("--limits", action="store_true", help="limit requests as Bitly does")
    number("--per-month", 25_000, "requests a month, with --limits")
    parser.add_argument("--refused", action="append", default=[], metavar="FACET")
    parser.add_argument("--token", default="sandbox-token")
    parser.add_argument("--until-eof", action="store_true")
    return parser.parse_args(arguments)


async def serve(options: argparse.Namespace) -> None:
    """Serve until told to end."""
    world = World(
        options.seed,
        today=options.today or SystemClock().now().date(),
        groups=options.groups,
        links=options.links,
        days=options.days,
    )
    switches = Switches(
        latency=timedelta(seconds=options.latency),
        error_rate=options.errors,
        broken_rate=options.broken,
        refused=set(options.refused),
        history=options.history,
    )
    limits = Limits.published(options.per_month) if options.limits else Limits()
    ended = _ended(until_eof=options.until_eof)
    async with running(
        world, switches=switches, limits=limits, token=options.token, port=options.port
    ) as sandbox:
        ready = {"url": sandbox.url, "token": sandbox.token, "pid": os.getpid()}
        print(json.dumps(ready), flush=True)  # noqa: T201 - the one line of this process
        await ended.wait()


def _ended(*, until_eof: bool) -> asyncio.Event:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)

    def drained() -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            ended.set()

    if until_eof:
        loop.add_reader(sys.stdin, drained)
    return ended


if __name__ == "__main__":
    asyncio.run(serve(parsed()))
