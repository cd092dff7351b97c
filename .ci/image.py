"""Do what the Dockerfile does, without an engine: its copies and steps in a bare tree, then run it.

`python .ci/image.py FOLDER`. The paths that the image has at its root are below FOLDER here. In the
end the Dockerfile's entry point is run, as its user where we may become that one, with no HOME,
nothing to write to but /data, and a stand-in for Bitly; the daemon is asked for its health.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLACES = re.compile(r"/(opt/harvester|source|wheel|config|data)(?!\w)")
INTERPRETER = ["/usr/bin/python3", "/usr/local/bin/python3"]
PATIENCE = 30  # seconds


class Image:
    """The Dockerfile below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = f"{folder}/python/bin:/usr/bin:/bin"
        pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        self.environ = {"PATH": path, **pip}
        self.workdir = folder
        self.last: dict[str, str] = {}
        self.stage = 0

    def placed(self, text: str) -> str:
        """Return `text` with the image's paths below the folder."""
        return PLACES.sub(rf"{self.folder}/\1", text)

    def build(self, dockerfile: str) -> None:
        """Do each instruction in turn."""
        for word, rest in instructions(dockerfile):
            if word == "FROM":
                self.stage += 1
            elif word == "ENV":
                self._set(self.placed(rest))
            elif word == "WORKDIR":
                self.workdir = Path(self.placed(rest))
                self.workdir.mkdir(parents=True, exist_ok=True)
            elif word == "COPY" and "--from" not in rest:
                self._copy(shlex.split(rest))
            elif word == "RUN":
                self._run(self.placed(rest))
            else:
                self.last[word] = rest

    def _set(self, pairs: str) -> None:
        for pair in shlex.split(pairs):
            name, value = pair.split("=", 1)
            self.environ[name] = re.sub(
                r"\$(\w+)", lambda found: self.environ.get(found[1], ""), value
            )

    def _copy(self, words: list[str]) -> None:
        """Copy what git knows, as .dockerignore lets in."""
        *sources, _ = words
        listed = subprocess.check_output(["git", "ls-files", "-z", "--", *sources], cwd=ROOT)
        for name in filter(None, listed.decode().split("\0")):
            (self.workdir / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.workdir / name)

    def _run(self, command: str) -> None:
        """Run a step; users are not made on this machine, and what would be theirs is ours."""
        if "useradd" in command:
            command = f"install --directory {self.folder}/config {self.folder}/data"
        print(f"   {command}".replace(str(self.folder), ""), flush=True)
        subprocess.run(["/bin/sh", "-ec", command], cwd=self.workdir, env=self.environ, check=True)

    def command(self, *words: str) -> list[str]:
        """Return the entry point with `words`, or with the command of the image."""
        return [*json.loads(self.last["ENTRYPOINT"]), *(words or json.loads(self.last["CMD"]))]


def instructions(dockerfile: str) -> Iterator[tuple[str, str]]:
    """Yield the instructions: comments left out, continued lines joined."""
    lines = [line for line in dockerfile.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n\s*", " ", "\n".join(lines)).splitlines():
        if line.strip():
            word, rest = line.split(maxsplit=1)
            yield word.upper(), rest


def interpreter(user: int | None) -> str:
    """Return a Python that `user` may run and that can make an environment."""
    ours = str(Path(sys.base_prefix) / "bin" / "python3")
    test = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))"
    for python in (ours, *INTERPRETER):
        try:
            subprocess.run(
                [python, "-c", test], user=user, cwd="/", check=True, stderr=subprocess.DEVNULL
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    return ""


def closed(folder: Path, user: int | None) -> None:
    """Let nothing be written below `folder` but in /data."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink() and not path.is_relative_to(folder / "data"):
            path.chmod(path.stat().st_mode & 0o555 | 0o444)
    if user is not None:
        os.chown(folder / "data", user, user)


def try_out(image: Image, user: int | None) -> None:
    """Harvest once, then run the daemon until it is healthy, and end it."""
    which = shutil.which("harvest", path=image.environ["PATH"])
    assert which, "the entry point is not on the PATH"
    environ = {**image.environ}
    sandbox = start([which, "sandbox", "--port", "0", "--links", "3"], image, environ, user)
    assert sandbox.stdout
    while not (line := sandbox.stdout.readline()).startswith("  export "):
        assert line, "the sandbox ended"
    environ |= dict(word.split("=", 1) for word in line.split()[1:])
    try:
        once = start(image.command("--since", "2d"), image, environ, user)
        print(*once.communicate(timeout=PATIENCE)[0].splitlines()[-1:], sep="\n")
        assert once.returncode == 0, "the harvest failed"
        daemon = start(image.command(), image, environ, user)
        try:
            healthy(image, environ, daemon)
        finally:
            daemon.send_signal(signal.SIGTERM)
            said = daemon.communicate(timeout=PATIENCE)[0]
        assert daemon.returncode == 0, said
    finally:
        sandbox.terminate()
        sandbox.communicate(timeout=PATIENCE)


def healthy(image: Image, environ: Mapping[str, str], daemon: "subprocess.Popen[str]") -> None:
    """Return once the image's own health check is content."""
    check = json.loads(image.last["HEALTHCHECK"].partition(" CMD ")[2])
    until = time.monotonic() + PATIENCE
    while daemon.poll() is None and time.monotonic() < until:
        if not subprocess.run(
            check, env=environ, cwd="/", stderr=subprocess.DEVNULL, check=False
        ).returncode:
            print("   the daemon is healthy")
            return
        time.sleep(0.2)  # noqa: TID251 - another process starts
    raise AssertionError("the daemon is not healthy")


def start(
    command: list[str], image: Image, environ: Mapping[str, str], user: int | None
) -> "subprocess.Popen[str]":
    """Start a program of the image."""
    return subprocess.Popen(
        command,
        cwd=image.workdir,
        env={**environ, "PYTHONUNBUFFERED": "1"},
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def main(folder: Path) -> None:
    """Build and try out."""
    folder.mkdir()
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    [user_named] = re.findall(r"^USER (\d+):", dockerfile, re.MULTILINE)
    user = int(user_named) if os.geteuid() == 0 else None
    python = interpreter(user)
    if not python:
        print(f"no Python that user {user} may run: as ourselves")
        user, python = None, interpreter(None)
    subprocess.run([python, "-m", "venv", folder / "python"], check=True)
    image = Image(folder)
    image.build(dockerfile)
    pip = folder / "python/bin/pip"
    subprocess.run([pip, "--python", folder / "opt/harvester/bin/python", "check"], check=True)
    closed(folder, user)
    try_out(image, user)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
