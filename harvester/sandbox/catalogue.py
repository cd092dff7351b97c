"""The labels that clicks of a made-up world carry, the likely ones first."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TypeAlias

Labels: TypeAlias = tuple[str | None, ...]
Rows: TypeAlias = dict[Labels, int]

OTHER_CITIES: Labels = ("(other cities)", None, None, None)
NO_CITY: Labels = ("(no city)", None, None, None)

# fmt: off
_COUNTRIES = (
    "US", "GB", "DE", "FR", "IN", "BR", "CA", "ES", "IT", "NL", "AU", "JP", "MX", "PL", "SE",
    "CH", "AT", "BE", "IE", "PT", "DK", "NO", "FI", "CZ", "SK", "HU", "RO", "GR", "TR", "ZA",
    "AR", "CL", "CO", "PE", "NZ", "SG", "MY", "TH", "VN", "ID", "PH", "KR", "TW", "HK", "AE",
    "SA", "IL", "EG", "MA", "NG", "KE", "UA", "BG", "HR", "SI", "LT", "LV", "EE", "IS", "LU",
)
# fmt: on

# Some subregions are empty, as in the official example; regions are short codes.
_CITIES: tuple[Labels, ...] = (
    ("New York", "", "NY", "US"),
    NO_CITY,
    ("London", "Greater London", "ENG", "GB"),
    OTHER_CITIES,
    ("Berlin", "", "BE", "DE"),
    ("Paris", "Paris", "IDF", "FR"),
    ("Springfield", "", "IL", "US"),
    ("Springfield", "", "MA", "US"),
    ("Los Angeles", "", "CA", "US"),
    ("Wien", "", "9", "AT"),
    ("Zürich", "Bezirk Zürich", "ZH", "CH"),
    ("São Paulo", "", "SP", "BR"),
    ("Kraków", "", "MA", "PL"),
    ("L'Aquila", "L'Aquila", "65", "IT"),
    ("東京", "", "13", "JP"),
    ("Mumbai", "Mumbai Suburban", "MH", "IN"),
    ("Washington, D.C.", "", "DC", "US"),
    ("القاهرة", "", "C", "EG"),
    *((f"{side} {town}", "", "X", "GB") for side, town in product(("East", "West"), "ABCDEFGHIJ")),
)

_REFERRERS = (
    "direct",
    "Instagram",
    "Facebook",
    "Bitly QR Code",
    "Google",
    "X (Twitter)",
    "Other",
    "LinkedIn",
    "YouTube",
    "Reddit",
    "TikTok",
    "Pinterest",
    "WhatsApp",
    "Bing",
    "DuckDuckGo",
    'The "Daily" Post',
    "Ñandú News",
)
_DOMAINS = (
    "direct",
    "t.co",
    "www.google.com",
    "l.instagram.com",
    "m.facebook.com",
    "qr.partners.bit.ly",
    "www.linkedin.com",
    "www.youtube.com",
    "www.reddit.com",
    "www.bing.com",
    "duckduckgo.com",
    "news.example.com",
    "xn--zrich-kva.example",
)
_DEVICES = ("Mobile", "Desktop", "Tablet", "Other", "Unknown")


_NETWORK_REFERRERS: tuple[Labels, ...] = (
    ("direct", "direct"),
    ("twitter", "http://t.co/"),
    ("facebook", "http://m.facebook.com/"),
    ("facebook", "http://l.facebook.com/l.php"),
    ("other", "https://news.example.com/a?b=c&d"),
    ("other", "https://www.google.com/"),
)


def _single(values: Sequence[str]) -> tuple[Labels, ...]:
    return tuple((value,) for value in values)


# The facets that have rows, by Bitly's endpoint word.
LABELS: Mapping[str, Sequence[Labels]] = {
    "countries": _single(_COUNTRIES),
    "cities": _CITIES,
    "devices": _single(_DEVICES),
    "referrers": _single(_REFERRERS),
    "referring_domains": _single(_DOMAINS),
    "referrer_name": _single(_REFERRERS),
    "referrers_by_domains": _NETWORK_REFERRERS,
    "referring_networks": _single(("direct", "other", "twitter", "facebook")),
    "device_os": _single(("Apple", "Android", "Windows", "Other")),
    "browsers": _single(("Google Chrome", "Safari", "Firefox", "Samsung Internet", "Other")),
}
