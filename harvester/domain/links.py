"""What people call a bitlink, and what Bitly calls it. Pure.

Bitly's id is `domain/back-half`. People have it with a scheme, from the address bar, off a QR code,
out of the old API v3 (a bare hash), or with the `+` that leads to a link's page of figures. The
domains bit.ly, j.mp and bitly.com are three ways to one link: v3's reference (`/v3/shorten`,
`/v3/expand`) offers each of them for the same hash. The back-half keeps its capitals: "Bitly Links
are case sensitive" (support article 4403556216333).
"""

import re
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from harvester.domain.subjects import bitlink_id

HOME: Final = "bit.ly"
SHARED: Final = frozenset({HOME, "j.mp", "bitly.com"})
"""Domains of Bitly's own, which share their back-halves."""

_DOMAIN: Final = re.compile(r"[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)+")
_BLANK: Final = re.compile(r"[\s\x00-\x1f\x7f]")
_EXPECTED: Final = "expected a short link, such as bit.ly/abc"


def link_id(text: str, domain: str | None = None) -> str:
    """Return Bitly's id of a link in any form that is in use; `domain` is that of a bare hash.

    Raises ValueError, in one line for a person, for what is no short link.
    """
    bare = text.strip()
    if _BLANK.search(bare):  # a URL would lose some of them without a word
        raise ValueError(f"{bare[:100]!r} is no bitlink: {_EXPECTED}")
    if bare and domain is None and not set("/.:") & set(bare):
        raise ValueError(f"{bare[:100]!r} has no domain: say which, such as bit.ly/{bare[:100]}")
    host, back_half = _parts(bare, domain)
    if not _DOMAIN.fullmatch(host):
        raise ValueError(f"{bare[:100]!r} is no bitlink: {_EXPECTED}")
    home = HOME if host in SHARED else host
    return bitlink_id(f"{home}/{back_half}")


def spellings(name: str) -> tuple[str, ...]:
    """Return all ids that may stand for the link `name` in a store, the most likely one first.

    An id is kept as Bitly gave it: on any of the shared domains, its back-half encoded or not.
    """
    host, _, back_half = name.partition("/")
    hosts = (host, *sorted(SHARED - {host})) if host in SHARED else (host,)
    plain = unquote(back_half)
    forms = dict.fromkeys((back_half, plain, quote(back_half, safe=""), quote(plain, safe="")))
    return tuple(f"{each}/{form}" for each in hosts for form in forms)


def _parts(text: str, domain: str | None) -> tuple[str, str]:
    """Return the domain in lower case and the back-half, without what leads around the link."""
    if domain is not None and not set("/:") & set(text):
        text = f"{domain}/{text}"
    split = urlsplit(text if "://" in text else f"https://{text}")
    if split.scheme.lower() not in {"http", "https"}:
        raise ValueError(f"{text[:100]!r} is no bitlink: {_EXPECTED}")
    back_half = split.path.removeprefix("/").rstrip("/").removesuffix("+")
    if not back_half or "/" in back_half:
        raise ValueError(f"{text[:100]!r} is no bitlink: {_EXPECTED}")
    return split.netloc.lower(), back_half
