"""What has changed between two listings of the same thing, as texts. Pure.

Instants are fields that end in `_at`, unix seconds; they read as ISO text in UTC. Lists are told by
their JSON. What Bitly does not say is None.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from harvester.store.instants import instant


class Change(NamedTuple):
    """One field that was `old` and is `new`."""

    field: str
    old: str | None
    new: str | None


def differing(
    old: Mapping[str, Any], new: Mapping[str, Any], fields: Iterable[str]
) -> Iterator[Change]:
    """Yield the changes of `fields`; one that a mapping lacks is None in it."""
    for field in fields:
        before, after = as_text(field, old.get(field)), as_text(field, new.get(field))
        if before != after:
            yield Change(field, before, after)


def as_text(field: str, value: object) -> str | None:
    """Return a value of a field as a change tells it."""
    if value is None or isinstance(value, str):
        return value
    if field.endswith("_at") and isinstance(value, int):
        return f"{instant(value):%Y-%m-%dT%H:%M:%SZ}"
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
