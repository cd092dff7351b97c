"""The benchmarks still run: tiny sizes, and no word about the figures."""

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("rate", ("--links", "2", "--days", "2", "--rounds", "1")),
        ("memory", ("--links", "20")),
        ("startup", ("--runs", "1")),
    ],
)
def test_benchmark_runs_and_says_whether_its_goal_is_reached(
    name: str, sizes: tuple[str, ...]
) -> None:
    command = (sys.executable, str(FOLDER / f"{name}.py"), *sizes)
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - ours
    assert said.returncode == 0, said.stderr
    *_, verdict = said.stdout.splitlines()
    assert "goal:" in verdict
    assert verdict.endswith(("reached", "MISSED"))


@pytest.mark.slow
def test_the_economy_of_requests_can_be_measured() -> None:
    sizes = ("--links", "20", "--active", "5", "--days", "2")
    command = (sys.executable, str(FOLDER / "economy.py"), *sizes)
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - ours
    assert said.returncode == 0, said.stderr
    assert len(said.stdout.splitlines()) == 4
