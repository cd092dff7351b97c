"""Are weaknesses known of what is locked? Fails if so; without a network it says so and goes on.

`python .ci/audit.py requirements/*.txt`. PIP_AUDIT names another pip-audit than the one beside this
Python. AUDIT=required makes it a failure, too, if nobody can be asked.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

BESIDE = Path(sys.executable).with_name("pip-audit")
UNREACHABLE = re.compile(
    r"Could not connect|ConnectionError|Connect(ion)?Timeout|ReadTimeout|ProxyError"
    r"|Max retries exceeded|50[0234] Server Error"
)


class Unreachable(Exception):
    """Nobody can be asked, or who is asked knows nothing of what is locked."""


def weaknesses(lock: str, cache: str) -> list[str]:
    """Return a line for each weakness known of what a lock file holds. Raises Unreachable."""
    program = os.environ.get("PIP_AUDIT", str(BESIDE))
    asking = subprocess.run(
        [
            *(program, "--disable-pip", "--require-hashes", "--progress-spinner", "off"),
            *("--cache-dir", cache, "--format", "json", "--requirement", lock),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        found = json.loads(asking.stdout)["dependencies"]
    except (ValueError, KeyError):
        if UNREACHABLE.search(asking.stderr):
            raise Unreachable(asking.stderr.strip().splitlines()[-1]) from None
        sys.exit(f"{asking.stderr}\naudit: pip-audit failed on {lock}, not audited")
    unasked = [each["name"] for each in found if "skip_reason" in each]
    if unasked and len(unasked) == len(found):  # an index, such as a mirror, that keeps only files
        raise Unreachable(f"{lock}: the index knows none of its packages")
    if unasked:
        sys.exit(f"audit: {lock}: not audited: {', '.join(unasked)}")
    return [
        f"audit: {lock}: {each['name']} {each['version']}: {weakness['id']}"
        f" (mended in {', '.join(weakness['fix_versions']) or 'no version yet'})"
        for each in found
        for weakness in each["vulns"]
    ]


def main(locks: list[str]) -> int:
    """Audit each lock file, and return the exit code."""
    try:
        with tempfile.TemporaryDirectory() as cache:
            found = [line for lock in locks for line in weaknesses(lock, cache)]
    except Unreachable as why:
        print(f"audit: nobody to ask, not audited: {why}")
        return int(os.environ.get("AUDIT") == "required")
    print("\n".join(found) or f"audit: nothing known of {', '.join(locks)}")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
