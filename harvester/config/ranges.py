"""`[[attribution]]`: ranges of days of a link, checked against each other. Pure."""

from collections.abc import Mapping

from harvester.config.settings import AttributionKeys
from harvester.domain.attribution import Attribution, overlapping
from harvester.domain.errors import ConfigError


def ranges(written: Mapping[str, AttributionKeys]) -> tuple[Attribution, ...]:
    """Return the ranges, which are given by key path; two of a link have no day in common.

    Raises ConfigError that names the key.
    """
    for path, keys in written.items():
        if keys.until < keys.since:
            raise ConfigError(f"{path}.until: expected {keys.since} or later, got {keys.until}")
    found = {
        Attribution(keys.link, keys.name, keys.since, keys.until): path
        for path, keys in written.items()
    }
    if len(found) < len(written):
        raise ConfigError("attribution: two are the same")
    if pair := overlapping(found):
        one, other = pair
        raise ConfigError(
            f"{found[other]}.since: expected a day after {one.until}, when {one.name!r} of"
            f" {one.link} ends ({found[one]}), got {other.since}"
        )
    return tuple(found)
