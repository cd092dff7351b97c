"""Tokens: where they are read from, what is wrong with them, and how they are never shown."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from harvester.domain.errors import ConfigError

HOW_TO_GET_ONE = "Bitly makes one under Settings > API (app.bitly.com/settings/api)"
# Container engines and systemd put secrets here: who can look into these was chosen with care.
_SECRETS = (Path("/run/secrets"), Path("/run/credentials"))
_LOOKS_LIKE_A_TOKEN = re.compile(r"[0-9A-Za-z]{32,}")


class Secret:
    """A text that no repr, log or traceback shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself, for the one place that sends it."""
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret(hidden)"


def from_variable(account: str, variable: str, environ: Mapping[str, str]) -> Secret:
    """Return the token that an environment variable holds."""
    return _checked(environ.get(variable, ""), account, f"environment variable {variable}")


def located(written: str, folder: Path) -> Path:
    """Return the path that a token file's name stands for; it starts from `folder`."""
    try:
        return folder / Path(written).expanduser()
    except RuntimeError:  # no home, or nobody of that name: then ~ is a name like others
        return folder / written


def from_file(account: str, path: Path) -> Secret:
    """Return the token that a file holds, with or without a line's end."""
    shown = "(hidden)" if _LOOKS_LIKE_A_TOKEN.fullmatch(path.name) else str(path)
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not a text file"
        raise ConfigError(
            f"account {account!r}: token file {shown} cannot be read: {why}"
        ) from None
    return _checked(content, account, f"token file {shown}")


def from_text(account: str, text: str, *, allowed: bool) -> Secret:
    """Return a token that stands in config.toml itself, if that is `allowed`."""
    if not allowed:
        raise ConfigError(
            f"account {account!r}: a token in the open: use token_env or token_file,"
            " or set allow_plain_token = true"
        )
    return _checked(text, account, "key token")


def mounted(path: Path) -> bool:
    """Return whether `path` is a secret that was mounted for us, and cannot be closed to others.

    Kubernetes mounts secrets at any place, for reading only and readable by all: but nobody else
    is in the container.
    """
    if any(path.is_relative_to(place) for place in _SECRETS):
        return True
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def exposed(path: Path, *, mounted: Callable[[Path], bool] = mounted) -> str | None:
    """Return a warning if other users of this machine may read the secrets in `path`.

    A file that is another user's, such as root's, may be open to its group: that is how we read it.
    """
    target = path.resolve()
    if mounted(target):
        return None
    status = target.stat()
    others = 0o077 if status.st_uid == os.geteuid() else 0o007
    if not status.st_mode & others:
        return None
    return f"{path} holds a token and is open to other users of this machine: chmod 600 it"


def _checked(text: str, account: str, place: str) -> Secret:
    token = text.strip()
    if not token:
        raise ConfigError(
            f"account {account!r}: no token: {place} is missing or empty; {HOW_TO_GET_ONE}"
        )
    if not re.fullmatch(r"[!-~]+", token):
        raise ConfigError(
            f"account {account!r}: {place} holds no token: a space, control character or letter"
            f" outside ASCII is in it; {HOW_TO_GET_ONE}"
        )
    return Secret(token)
