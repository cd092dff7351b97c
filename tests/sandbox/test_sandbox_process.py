"""A sandbox of its own process says where it is, and ends when told or left alone."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

START = (sys.executable, "-m", "harvester.sandbox", "--links", "9", "--days", "3")


@contextmanager
def started(*options: str) -> Iterator[tuple["subprocess.Popen[str]", Any]]:
    pipe = subprocess.PIPE
    command = (*START, *options)
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:  # noqa: S603 - ours
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def status(ready: Any) -> int:
    url = urlsplit(ready["url"])
    connection = HTTPConnection(url.netloc, timeout=5)
    headers = {"Authorization": f"Bearer {ready['token']}"}
    connection.request("GET", f"{url.path}/user", headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def test_process_serves_and_ends_on_sigterm() -> None:
    with started("--token", "secret") as (process, ready):
        assert (ready["pid"], ready["token"]) == (process.pid, "secret")
        assert status(ready) == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0


def test_process_ends_with_its_input_if_told_so() -> None:
    with started("--until-eof") as (process, _):
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=5) == 0
