"""The audit fails on a known weakness, and says so where nobody can be asked."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
GOOD = {"name": "click", "version": "8", "vulns": []}
BAD = {
    "name": "aiohttp",
    "version": "3.0",
    "vulns": [{"id": "CVE-1", "fix_versions": ["3.1"], "aliases": [], "description": "bad"}],
}


def audited(
    folder: Path, dependencies: list[Any] | None, says: str = "", code: int = 1, **environ: str
) -> tuple[int, str]:
    """Run the audit with a stand-in for pip-audit; return its exit code and what it prints."""
    stand_in = folder / "pip-audit"
    out = "" if dependencies is None else json.dumps({"dependencies": dependencies, "fixes": []})
    stand_in.write_text(
        f"#!{sys.executable}\nimport sys\nprint({out!r})\nsys.exit({says!r} or {code})\n"
    )
    stand_in.chmod(0o755)
    ran = subprocess.run(
        [sys.executable, ".ci/audit.py", "requirements/runtime.txt"],
        cwd=ROOT,
        env={**os.environ, "PIP_AUDIT": str(stand_in), **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_known_weakness_fails_and_is_named(tmp_path: Path) -> None:
    code, said = audited(tmp_path, [GOOD, BAD])
    assert code == 1
    assert "aiohttp 3.0: CVE-1 (mended in 3.1)" in said
    assert "click" not in said


def test_nothing_known_is_well(tmp_path: Path) -> None:
    assert audited(tmp_path, [GOOD], code=0)[0] == 0


@pytest.mark.parametrize(
    "says",
    [
        "ERROR:pip_audit._cli:Could not connect to PyPI's vulnerability feed",
        "requests.exceptions.ConnectionError: Max retries exceeded with url: /v1/query",
        "requests.exceptions.HTTPError: 503 Server Error",
    ],
)
def test_without_a_network_it_goes_on_unless_it_may_not(tmp_path: Path, says: str) -> None:
    code, said = audited(tmp_path, None, says)
    assert (code, "nobody to ask, not audited" in said) == (0, True)
    assert audited(tmp_path, None, says, AUDIT="required")[0] == 1


def test_an_index_that_knows_no_package_is_nobody_to_ask(tmp_path: Path) -> None:
    unknown = [{"name": "click", "skip_reason": "not found"}]
    code, said = audited(tmp_path, unknown, code=0)
    assert (code, "knows none of its packages" in said) == (0, True)
    assert audited(tmp_path, unknown, AUDIT="required")[0] == 1


@pytest.mark.parametrize(
    ("dependencies", "says"),
    [
        (None, "pip-audit: error: no such option"),
        (None, ""),
        ([GOOD, {"name": "ours", "skip_reason": "not found"}], ""),
    ],
)
def test_audit_that_did_not_take_place_is_no_good_one(
    tmp_path: Path, dependencies: list[Any] | None, says: str
) -> None:
    code, said = audited(tmp_path, dependencies, says)
    assert (code, "not audited" in said) == (1, True)
