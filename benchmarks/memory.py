"""Peak memory of a harvest of many bitlinks beside one of a tenth of them: it must not grow along.

    python benchmarks/memory.py [--links 100000]

One day of clicks, so that each bitlink, and each custom back-half, is one request. Every harvest
is a process of its own, and its peak (ru_maxrss) is what the kernel says of it.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # to be run from a checkout as it stands

from benchmarks.common import Served, client_of, harvested, sandbox, verdict
from harvester.bitly.client import BitlyClient
from harvester.harvest.plan import Strategy
from harvester.store.engine import opened

GOAL = 1.5  # times the peak of a tenth of the bitlinks, at most
KIBIBYTE = 1 if sys.platform == "darwin" else 1024  # what ru_maxrss counts in, as bytes
DAYS = 1


@dataclass(frozen=True, slots=True)
class Peak:
    """What one harvest came to; `peak` is in bytes."""

    bitlinks: int
    requests: int
    seconds: float
    peak: int


async def one(served: Served) -> Peak:
    """Harvest in this process and return its peak."""
    with tempfile.TemporaryDirectory() as folder:
        async with opened(f"{folder}/harvester.db") as engine:
            client = client_of(served, BitlyClient)
            summary = await harvested(client, engine, ("clicks",), DAYS, Strategy.EXHAUSTIVE)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIBIBYTE
    return Peak(summary.counts.bitlinks, summary.counts.requests, summary.seconds, peak)


def apart(links: int) -> Peak:
    """Harvest so many bitlinks in a process of its own, print and return its peak."""
    with sandbox(links, DAYS + 1) as served:
        command = (sys.executable, __file__, "--url", served.url, "--token", served.token)
        said = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout  # noqa: S603 - ours
    peak = Peak(**json.loads(said))
    print(
        f"{peak.bitlinks:,} bitlinks, {peak.requests:,} requests in {peak.seconds:.0f} s:"
        f" peak {peak.peak / 1e6:.1f} MB"
    )
    return peak


def main() -> None:
    """Measure and print; with --url be one of the harvests."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--links", type=int, default=100_000)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--token", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.url:
        print(json.dumps(asdict(asyncio.run(one(Served(options.url, options.token))))))
        return
    few, many = apart(options.links // 10), apart(options.links)
    ratio = many.peak / few.peak
    print(f"ratio: {ratio:.2f}; goal: at most {GOAL}: {verdict(reached=ratio <= GOAL)}")


if __name__ == "__main__":
    main()
