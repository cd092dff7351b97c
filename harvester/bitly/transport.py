"""Moves bytes: one request with the token, and its status, headers and body. Nothing else."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Self

import aiohttp
from yarl import URL

from harvester import __version__
from harvester.bitly.connections import Connections
from harvester.bitly.errors import ConnectionFailed, Timeout, TooLarge, Unanswered, Unreachable
from harvester.domain.addresses import is_loopback
from harvester.domain.errors import ConfigError

HIDDEN: Final = b"[token]"
JSON: Final = {"Content-Type": "application/json"}


class Transport:
    """A session that sends the token to `base_url` and to nowhere else."""

    def __init__(
        self,
        token: str,
        base_url: str,
        *,
        timeout: timedelta,
        max_body: int,
        connections: Connections,
    ) -> None:
        """Open nothing yet. Raises ConfigError on a token or URL that cannot be sent."""
        if not (token.isascii() and token.isprintable()) or not token or " " in token:
            raise ConfigError("the token is empty or holds characters that no Bitly token has")
        self._token = token.encode()
        self._base = _absolute(base_url)
        self._timeout = timeout
        self._max_body = max_body
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        """Name the base URL, never the token."""
        return f"Transport({self._base!r})"

    async def __aenter__(self) -> Self:
        """Open the session."""
        self._session = aiohttp.ClientSession(
            connector=self._connections.share(),
            connector_owner=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            middlewares=(_sent_once,),
            timeout=aiohttp.ClientTimeout(total=self._timeout.total_seconds()),
            headers={
                "Accept": "application/json",
                "Authorization": f"Bearer {self._token.decode()}",
                "User-Agent": f"harvester/{__version__}",
            },
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None
            await self._connections.leave()

    def url(self, path: str, query: str) -> URL:
        """Return the URL of a `path` below the base and a `query`, both encoded already."""
        return URL(f"{self._base}{path}?{query}" if query else f"{self._base}{path}", encoded=True)

    async def send(
        self, url: URL, json: bytes | None = None
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send a GET, or POST `json`; return (status, headers, body).

        Raises Unanswered or TooLarge.
        """
        if self._session is None:
            raise RuntimeError("the session is not open: use `async with`")
        failure: Unanswered
        try:
            sending = (
                self._session.get(url, allow_redirects=False)
                if json is None
                else self._session.post(url, data=json, headers=JSON, allow_redirects=False)
            )
            async with sending as response:
                return response.status, response.headers, await self._body(response)
        except TimeoutError:
            failure = Timeout(f"no answer within {self._timeout.total_seconds():g} s")
        except aiohttp.ClientConnectorError as error:
            failure = Unreachable(f"no connection to {url.host}: {_why(error)}")
        except aiohttp.ClientError as error:
            failure = _broken(error)
        # raised out here, since aiohttp's errors hold the request's headers and so the token
        raise failure

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        """Return the whole body, however it is packed, within the bound.

        The token is blotted out, should Bitly ever echo it: titles and errors go into the store.
        """
        content = response.content
        chunks = [await content.readany()]
        size = len(chunks[0])
        while size <= self._max_body and not content.at_eof():
            chunks.append(await content.readany())
            size += len(chunks[-1])
        if size > self._max_body:
            raise TooLarge(f"the answer is larger than {self._max_body:,} bytes")
        body = b"".join(chunks)
        return body.replace(self._token, HIDDEN) if self._token in body else body


async def _sent_once(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Send the request. After a reset aiohttp would send it again, uncounted, past the limiter.

    It does not where the error is none of its own.
    """
    try:
        return await send(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        failure = _broken(error)
    raise failure


def _why(error: aiohttp.ClientConnectorError | aiohttp.ClientConnectorCertificateError) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        reason = getattr(error.certificate_error, "verify_message", "it is not valid")
        return f"its certificate is not accepted: {reason}"
    return error.strerror or str(error)


def _broken(error: aiohttp.ClientError) -> ConnectionFailed:
    return ConnectionFailed(f"the connection broke: {type(error).__name__}")


def _absolute(base_url: str) -> str:
    """Return the base URL without its last slash.

    Raises ConfigError if it is not absolute, or would take the token over a network in the open.
    """
    try:
        url = URL(base_url.rstrip("/"))
    except ValueError:
        url = URL()
    if url.scheme not in {"http", "https"} or not url.host or url.user or url.query_string:
        raise ConfigError(f"not a base URL such as https://host/v4: {base_url!r}")
    if url.scheme == "http" and not is_loopback(url.host):
        raise ConfigError(f"a token is sent by https only, but to this machine: {base_url!r}")
    return str(url)
