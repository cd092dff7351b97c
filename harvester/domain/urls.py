"""When two long URLs are one. Pure.

Scheme and host are compared without their capitals, a port that goes without saying and an empty
path are as if they stood there, and escapes of letters that need none are taken away; all else
counts: path, query, fragment, and a slash at the end.
"""

import re
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

_PORTS: Final = {"http": 80, "https": 443}
_ESCAPE: Final = re.compile(r"%[0-9a-fA-F]{2}")
_PLAIN: Final = re.compile(r"[A-Za-z0-9\-._~]")


def normal(url: str) -> str:
    """Return the form that all spellings of a URL share; what is no URL is left as it is."""
    text = url.strip()
    try:
        split = urlsplit(text if "://" in text else f"http://{text}")
        port = split.port
    except ValueError:
        return text
    if not split.hostname:
        return text
    scheme = split.scheme.lower()
    host = split.hostname if ":" not in split.hostname else f"[{split.hostname}]"
    user = split.netloc.rpartition("@")[0]
    netloc = f"{user}@{host}" if user else host
    if port is not None and port != _PORTS.get(scheme):
        netloc = f"{netloc}:{port}"
    parts = (scheme, netloc, split.path or "/", split.query, split.fragment)
    return _ESCAPE.sub(_unescaped, urlunsplit(parts))


def host_and_path(url: str) -> tuple[str, str]:
    """Return the host, without its port, and the path of a URL in its normal form."""
    split = urlsplit(normal(url))
    return split.hostname or "", split.path


def _unescaped(escape: re.Match[str]) -> str:
    letter = unquote(escape[0])
    return letter if _PLAIN.fullmatch(letter) else escape[0].upper()
