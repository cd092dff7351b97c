"""How long a person waits for `harvest --help`, beside the bare interpreter.

python benchmarks/startup.py [--runs 20]
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # to be run from a checkout as it stands

from benchmarks.common import CHECKOUT, spread, verdict

GOAL = 150.0  # milliseconds
BARE = (sys.executable, "-c", "pass")
HELP = (sys.executable, "-m", "harvester", "--help")


def milliseconds(command: Sequence[str]) -> float:
    """Run a command to its end and return how long it took."""
    began = time.perf_counter()
    subprocess.run(command, cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - ours
    return (time.perf_counter() - began) * 1e3


def main() -> None:
    """Measure in turns, after one of each that warms the disk's cache, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    turns = [(milliseconds(HELP), milliseconds(BARE)) for _ in range(runs + 1)][1:]
    helped, bare = ([turn[side] for turn in turns] for side in (0, 1))
    print(f"bare interpreter: {spread(bare, '.0f')} ms")
    print(f"harvest --help: {spread(helped, '.0f')} ms")
    reached = statistics.median(helped) < GOAL
    print(f"goal: under {GOAL:.0f} ms: {verdict(reached=reached)}")


if __name__ == "__main__":
    main()
