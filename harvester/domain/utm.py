"""The UTM parameters of a long URL: which campaign its maker counts a click to.

What their names mean: https://support.google.com/analytics/answer/10917952
"""

from typing import NamedTuple
from urllib.parse import parse_qsl


class Utm(NamedTuple):
    """What a URL's query says; None where it says nothing, or only blanks."""

    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    term: str | None = None
    content: str | None = None


_NONE = Utm()
_NAMES = {f"utm_{field}": field for field in Utm._fields}


def utm(long_url: str) -> Utm:
    """Return the UTM parameters in the query of `long_url`, decoded, without blanks around them.

    Names count in any case; of several values the first that is not blank. Bytes that are no UTF-8,
    and NUL, which no database keeps, become U+FFFD. No URL is refused.
    """
    query = long_url.partition("#")[0].partition("?")[2]
    if not query:
        return _NONE
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, errors="replace"):
        field = _NAMES.get(name.lower())
        if field and value.strip():
            found.setdefault(field, value.strip().replace("\0", "\ufffd"))
    return Utm(**found) if found else _NONE
