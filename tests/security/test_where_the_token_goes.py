"""The token goes over TLS to the one host it is meant for, whatever that or the network says."""

import asyncio
import os
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from harvester.bitly import errors
from harvester.bitly.client import BitlyClient
from harvester.domain.errors import ConfigError
from tests.bitly.serving import TOKEN, client_for, serving
from tests.fakes import FakeClock

ROOT = Path(__file__).parents[2]
PEM = Path(__file__).with_name("self_signed.pem")
ONE_ATTEMPT = "[bitly]\nattempts = 1\n"


@asynccontextmanager
async def recording() -> AsyncIterator[tuple[str, list[bytes]]]:
    """Take whatever comes to a port and answer nothing; yield its address and what came."""
    seen: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.read(65_536))
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", seen


@asynccontextmanager
async def self_signed() -> AsyncIterator[tuple[int, list[bytes]]]:
    """Serve over TLS by a certificate of one's own; yield the port and what came."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 503 \r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(PEM)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1], seen


async def check(folder: Path, url: str, **environ: str) -> str:
    """Run `harvest check` against `url` in a process; return all that it said."""
    (folder / "config.toml").write_text(ONE_ATTEMPT)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "harvester", "check"),
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),  # these sources, wherever it runs
            "BITLY_TOKEN": TOKEN,
            "BITLY_API_URL": url,
            **environ,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return said.decode()


@pytest.mark.parametrize(
    "location", ["http://{other}/v4/user", "//{other}/v4/user", "https://{other}/", "/v4/groups"]
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(clock: FakeClock, status: int, location: str) -> None:
    asked: list[str] = []
    async with recording() as (other, seen):

        async def handler(request: web.BaseRequest) -> web.StreamResponse:
            asked.append(request.path)
            return web.Response(status=status, headers={"Location": location.format(other=other)})

        async with serving(handler) as url, client_for(clock, url) as bitly:
            with pytest.raises(errors.Redirected):
                await bitly.user()
    assert (asked, seen) == (["/v4/user"], [])


async def test_next_page_is_asked_of_the_same_host_wherever_a_link_to_it_points(
    clock: FakeClock,
) -> None:
    asked: list[str] = []
    async with recording() as (other, seen):

        async def handler(request: web.BaseRequest) -> web.StreamResponse:
            asked.append(str(request.url))
            following = {
                "next": f"http://{other}/v4/groups/g/bitlinks?search_after=x",
                "search_after": f"http://{other}/#@{other}/../..\r\nHost: {other}",
            }
            pages = {} if len(asked) > 1 else following
            return web.json_response({"links": [{"id": "bit.ly/a"}], "pagination": pages})

        async with serving(handler) as url, client_for(clock, url) as bitly:
            assert [link.id async for link in bitly.bitlinks("g")] == ["bit.ly/a"] * 2
    assert seen == []
    assert len(asked) == 2
    assert all(each.startswith(f"{url}/groups/g/bitlinks?") for each in asked)


@pytest.mark.parametrize(
    "name", ["//{other}/x", "bit.ly/../../@{other}", "{other}/a", "\\\\{other}"]
)
async def test_no_name_leads_to_another_host(clock: FakeClock, name: str) -> None:
    hosts: list[str] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        hosts.append(request.host)
        return web.json_response({"plan_limits": []})

    async with (
        recording() as (other, seen),
        serving(handler) as url,
        client_for(clock, url) as bitly,
    ):
        await bitly.plan_limits(name.format(other=other))
    assert seen == []
    assert [f"http://{host}/v4" for host in hosts] == [url]


@pytest.mark.parametrize("host", ["bitly.test", "10.0.0.1", "[fd00::1]", "127.0.0.1.bitly.test"])
def test_token_is_not_sent_in_the_open_over_a_network(host: str) -> None:
    with pytest.raises(ConfigError, match="by https only"):
        BitlyClient(TOKEN, base_url=f"http://{host}/v4")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "[::1]"])
def test_this_machine_itself_is_no_network(host: str) -> None:
    BitlyClient(TOKEN, base_url=f"http://{host}:8088/v4")


async def test_certificate_of_its_own_making_is_refused_in_one_line(tmp_path: Path) -> None:
    async with self_signed() as (port, seen):
        said = await check(tmp_path, f"https://localhost:{port}/v4")
    [line] = [line for line in said.splitlines() if line.startswith("account")]
    assert line.startswith(
        "account default: no connection to localhost: its certificate is not accepted: self"
    )
    assert (seen, TOKEN in said) == ([], False)


async def test_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    async with self_signed() as (port, seen):
        said = await check(tmp_path, f"https://127.0.0.1:{port}/v4", SSL_CERT_FILE=str(PEM))
    assert "its certificate is not accepted: IP address mismatch" in said
    assert seen == []


async def test_certificate_that_the_machine_trusts_is_accepted(tmp_path: Path) -> None:
    async with self_signed() as (port, seen):
        await check(tmp_path, f"https://localhost:{port}/v4", SSL_CERT_FILE=str(PEM))
    assert f"Authorization: Bearer {TOKEN}".encode() in seen[0]


async def test_neither_a_proxy_nor_a_netrc_of_the_environment_is_used(tmp_path: Path) -> None:
    async with recording() as (proxy, at_proxy), recording() as (bitly, at_bitly):
        (tmp_path / ".netrc").write_text("default login me password netrc-password\n")
        (tmp_path / ".netrc").chmod(0o600)
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
        await check(
            tmp_path,
            f"http://{bitly}/v4",
            **dict.fromkeys(names, f"http://{proxy}"),
            NETRC=str(tmp_path / ".netrc"),
            NO_PROXY="",
        )
    assert at_proxy == []
    assert f"Bearer {TOKEN}".encode() in at_bitly[0]
    assert b"Basic" not in at_bitly[0]
