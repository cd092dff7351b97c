"""Groups by the name that people know them by, or by Bitly's guid. Pure."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from harvester.domain.errors import ConfigError


class Named(Protocol):
    """What has a guid and a name."""

    @property
    def guid(self) -> str:
        """Bitly's own word for it."""

    @property
    def name(self) -> str:
        """What people call it; several may be called the same."""


N = TypeVar("N", bound=Named)


def named_groups(groups: Sequence[N], words: Iterable[str]) -> list[N]:
    """Return the groups that `words`, guids or names, stand for, each once.

    Raises ConfigError for a word that fits none, and for a name that fits several.
    """
    found = {group.guid: group for word in words for group in (_named(groups, word),)}
    return list(found.values())


def _named(groups: Sequence[N], word: str) -> N:
    fits = [group for group in groups if group.guid == word]
    fits = fits or [group for group in groups if group.name == word]
    if len(fits) == 1:
        return fits[0]
    listed = ", ".join(f"{group.name} ({group.guid})" for group in fits or groups) or "none"
    if fits:
        raise ConfigError(f"{len(fits)} groups are called {word!r}, say which by guid: {listed}")
    raise ConfigError(f"no group {word!r} in this account; there are: {listed}")
