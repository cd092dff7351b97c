"""Subjects: what a metric is measured of, and how Bitly names it."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

LONGEST: Final = 2_048  # bytes of a bitlink's name
_UNFIT: Final = re.compile(r"[\x00-\x1f\x7f]|^ | $")


class Kind(StrEnum):
    """What sort of thing a subject is."""

    BITLINK = "bitlink"
    CUSTOM_BITLINK = "custom_bitlink"  # a custom back-half on a domain of one's own, all its links
    GROUP = "group"
    ORGANIZATION = "organization"
    QR_CODE = "qr_code"


@dataclass(frozen=True, slots=True)
class Subject:
    """`kind` and Bitly's own id: a bitlink's is `domain/back-half`, another's its guid."""

    kind: Kind
    name: str


@dataclass(frozen=True, slots=True)
class Target:
    """A subject as the store knows it: `id` is the store's key, `group_guid` the owning group.

    `custom` tells a custom back-half from a link. It was listed in its group from `joined_at` until
    `left_at` (None: it still is): what is proved of the group at other times says nothing of it.
    """

    id: int
    subject: Subject
    group_guid: str
    custom: bool = False
    joined_at: datetime | None = None
    left_at: datetime | None = None


def bitlink_id(text: str) -> str:
    """Return the id of a bitlink given as id or as URL: domain in lower case, back-half as it is.

    "Bitly Links are case sensitive" (support article 4403556216333); `custom_bitlinks` holds URLs,
    `links[].id` holds ids. Raises ValueError if there is no domain or no back-half, and for what
    would not stay itself: a URL loses controls without a word, an index of PostgreSQL holds 2.6 kB.
    """
    if _UNFIT.search(text) or len(text.encode()) > LONGEST:
        raise ValueError(f"{text[:100]!r} is no bitlink: controls in it, or over {LONGEST} bytes")
    split = urlsplit(text if "://" in text else f"https://{text}")
    back_half = split.path.removeprefix("/")
    if split.query:
        back_half = f"{back_half}?{split.query}"
    if split.fragment:
        back_half = f"{back_half}#{split.fragment}"
    if not split.netloc or not back_half:
        raise ValueError(f"{text!r} is no bitlink: expected domain/back-half")
    return f"{split.netloc.lower()}/{back_half}"
