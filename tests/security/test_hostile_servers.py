"""A server that wants to do harm gets an error for it: memory, time and stack are bounded."""

import asyncio
import json
import sys
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from harvester.bitly.client import MAX_BODY
from harvester.bitly.decoding import SECOND_LOOK

ROOT = Path(__file__).parents[2]
MIB = 1024 * 1024
FULL = MAX_BODY - 1024  # as much as is taken in
ODD = SECOND_LOOK - 1024  # as much as is looked at twice
MOST = 128  # MiB that a client may grow by, whatever it is sent
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

LONGEST = 10  # seconds; the client's timeout is one, and the machine may be slow

Parts = Callable[[], Iterable[bytes]]

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="memory is measured as Linux tells it"
)


def whole(body: bytes, status: bytes = b"200 OK") -> Parts:
    head = b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n" % (status, len(body))
    return lambda: (head, body)


def endless(part: bytes, head: bytes = OK + b"\r\n") -> Parts:
    def parts() -> Iterable[bytes]:
        yield head
        while True:
            yield part

    return parts


def bomb() -> Iterable[bytes]:
    """Four gigabytes of zeros in four megabytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    yield OK + b"Content-Encoding: gzip\r\n\r\n"
    for _ in range(4096):
        yield packer.compress(bytes(MIB))


def dripping() -> Iterable[bytes]:
    """A good answer that comes a byte at a time, and never comes to its end."""
    yield OK + b'Content-Length: 1000000\r\n\r\n{"login":"'
    while True:
        yield b"x"


def full(
    item: bytes, before: bytes = b"[", after: bytes = b"]", *, size: int = FULL, **kwargs: bytes
) -> Parts:
    """Fill a body with `item`, in which %d is its number, 7 digits long."""
    count = (size - len(before) - len(after)) // (len(item.replace(b"%d", b"1234567")) + 1)
    items = (item.replace(b"%d", b"%07d" % number) for number in range(count))
    return whole(before + b",".join(items) + after, **kwargs)


ROWS = b'{"value":"%d","clicks":1}', b'{"metrics":[', b"]}"

# what is asked, what is answered, which error comes of it
CASES: dict[str, tuple[str, Parts, str | None]] = {
    "endless": ("user", endless(b"x" * 65_536), "TooLarge"),
    "gzip-bomb": ("user", bomb, "TooLarge"),
    "petabyte": (
        "user",
        endless(b"x" * 65_536, OK + b"Content-Length: 999999999999999\r\n\r\n"),
        "TooLarge",
    ),
    "deep-arrays": ("user", whole(b"[" * ODD), "NotJson"),
    "deep-objects": ("user", whole(b'{"a":' * (ODD // 5)), "NotJson"),
    "deep-aside": ("user", whole(b'{"login":"x","z":' + b"[" * MIB + b"]" * 9), "NotJson"),
    # newer Pythons have room for it on their stack, and find that it is no object
    "deep-nul": (
        "user",
        whole(b"[" * 700 + b'"\\u0000"' + b"]" * 700),
        "NotJson or UnexpectedShape",
    ),
    "full-of-lists": ("user", full(b"[]"), "TooLarge"),
    "full-of-objects": ("facet", full(b"{}"), "TooLarge"),
    "lists-control": ("user", full(b"[]", b'["\x01",', size=ODD), "UnexpectedShape"),
    "lists-nul": ("user", full(b"[]", b'["\\u0000",', size=ODD), "UnexpectedShape"),
    "facet-rows": ("facet", full(*ROWS), "TooLarge"),
    "odd-facet-rows": ("facet", full(*ROWS, size=ODD // 2), None),
    "days": (
        "clicks",
        full(b'{"date":"2026-11-20T00:00:00+0000","clicks":1}', b'{"link_clicks":[', b"]}"),
        "TooLarge",
    ),
    "links": ("links", full(b'{"id":"a/%d"}', b'{"links":[', b"]}"), "TooLarge"),
    "few-links-too-many": (
        "links",
        full(b'{"id":"a/%d"}', b'{"links":[', b"]}", size=MIB),
        "UnexpectedShape",
    ),
    "sorted-list": (
        "list",
        full(b'{"id":"a/%d","clicks":1}', b'{"sorted_links":[', b"]}"),
        "TooLarge",
    ),
    "tags": ("links", full(b'"%d"', b'{"links":[{"id":"a/b","tags":[', b"]}]}"), None),
    "cursor": (
        "links",
        whole(b'{"links":[],"pagination":{"search_after":"' + b"a" * MIB + b'"}}'),
        "UnexpectedShape",
    ),
    "digits": ("user", whole(b'{"login":' + b"9" * MIB + b"}"), "NotJson"),
    "export": (
        "export",
        whole(
            b'{"unix_from":0,"unix_to":0,"truncated":false,"data_uri":"data:text/csv;base64,'
            + b"LCws" * MIB
            + b'"}'
        ),
        "UnexpectedShape",
    ),
    "forbidden": ("user", full(b"[]", status=b"403 Forbidden"), "Forbidden"),
    "headers": ("user", endless(b"X-A: " + b"a" * 4000 + b"\r\n", OK), "ConnectionFailed"),
    "long-header": ("user", endless(b"a" * 65_536, OK + b"X-A: "), "ConnectionFailed"),
    "trailers": (
        "user",
        endless(b"X-A: " + b"a" * 4000 + b"\r\n", CHUNKED + b"0\r\n"),
        "ConnectionFailed",
    ),
    "chunk-extensions": ("user", endless(b"a" * 65_536, CHUNKED + b"1;"), "Timeout"),
    "early-hints": ("user", endless(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100, b""), "Timeout"),
    "dripping": ("user", dripping, "Timeout"),
    "silent": ("user", lambda: (), "Timeout"),
}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer with the case that the path names, as long as somebody listens."""
    try:
        request = await reader.readuntil(b"\r\n\r\n")
        for part in CASES[request.split(b"/")[1].decode()][1]():
            writer.write(part)
            await writer.drain()
        await reader.read()
    except OSError:
        pass  # the client has hung up, as it should
    finally:
        writer.close()


async def asked() -> dict[str, Any]:
    """Let clients ask for each case; return what became of them."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.security.victim"),
            *(f"{url}/{name}/v4={what}" for name, (what, *_) in CASES.items()),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return dict(zip(CASES, map(json.loads, out.splitlines()), strict=True))


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Any]:
    return asyncio.run(asked())


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_hostile_answer_costs_little_memory_and_ends_in_an_error_of_its_own(
    outcomes: dict[str, Any], case: str
) -> None:
    found = outcomes[case]
    assert str(found["error"]) in str(CASES[case][2]).split(" or ")
    assert found["mib"] < MOST
    assert found["seconds"] < LONGEST
    assert found["message"].isprintable()
    assert len(found["message"]) < 400
