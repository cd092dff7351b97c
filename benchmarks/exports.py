"""Exports of a million rows: how long they take, and how much memory, beside exports of few.

    python benchmarks/exports.py [--rows 1000000]

Each export is a process of its own, so that its memory is its own. The rows are those of cities.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # to be run from a checkout as it stands

from benchmarks.common import CHECKOUT, verdict
from benchmarks.reports import made
from harvester.report.export import Format, to_file
from harvester.report.metrics import View
from harvester.store.engine import opened
from tests.postgres import server_url

CITIES = 0.4  # of all rows of reports.py are of cities
FEW = 0.02
GOAL = 60  # MB more for all rows than for few of them


async def exported(database: str, form: Format, path: Path) -> int:
    """Export the view; return how many rows it has."""
    async with opened(database) as engine:
        return (await to_file(engine, View("clicks_by_city"), path, form)).rows


async def filled(database: str, rows: int) -> None:
    """Fill an empty database so that so many rows are of cities."""
    async with opened(database) as engine:
        await made(engine, int(rows / CITIES))


def measured(database: str, form: Format, folder: Path) -> tuple[int, float, float]:
    """Export in a process of its own; return rows, seconds and the peak of its memory in MB."""
    words = [sys.executable, __file__, "--database", database, "--form", form.value]
    environ = {**os.environ, "TMPDIR": str(folder)}
    ran = subprocess.run(words, cwd=CHECKOUT, check=True, capture_output=True, env=environ)  # noqa: S603 - ours
    rows, seconds, memory = json.loads(ran.stdout)
    return rows, seconds, memory


def child(database: str, form: Format) -> None:
    """Export once, and tell rows, seconds and the peak of memory."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        rows = asyncio.run(exported(database, form, Path(folder) / f"cities.{form}"))
        took = time.perf_counter() - began
    print(json.dumps([rows, took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


def compared(few: str, many: str, name: str, folder: Path) -> None:
    """Print what each format takes of many rows, and how much more memory than of few."""
    for form in Format:
        _, _, least = measured(few, form, folder)
        rows, seconds, most = measured(many, form, folder)
        told = f"{name}, {form}: {rows:,} rows in {seconds:.1f} s, {rows / seconds:,.0f} a second"
        print(f"{told}; {most:.0f} MB, {most - least:+.0f} MB over {rows * FEW:,.0f} rows")
        print(f"goal: at most {GOAL} MB more: {verdict(reached=most - least <= GOAL)}", flush=True)


def main() -> None:
    """Measure both engines."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--database", help=argparse.SUPPRESS)
    parser.add_argument("--form", type=Format, help=argparse.SUPPRESS)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    options = parser.parse_args()
    if options.database:
        child(options.database, options.form)
        return
    few = int(options.rows * FEW)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.only != "postgresql":
            for file, rows in (("few", few), ("many", options.rows)):
                asyncio.run(filled(f"{folder}/{file}.db", rows))
            compared(f"{folder}/few.db", f"{folder}/many.db", "sqlite", folder)
        if options.only != "sqlite":
            with server_url() as one, server_url() as other:
                asyncio.run(filled(one, few))
                asyncio.run(filled(other, options.rows))
                compared(one, other, "postgresql", folder)


if __name__ == "__main__":
    main()
