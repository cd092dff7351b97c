"""From a body's bytes to JSON of a shape, leniently where that loses nothing. Pure."""

import json
import re
from typing import Any, Final, NoReturn, TypeVar

import msgspec

from harvester.bitly.errors import NotJson, TooLarge, UnexpectedShape

EXCERPT: Final = 200
SECOND_LOOK: Final = 2 * 1024 * 1024  # bytes; odd JSON in memory takes a hundred times its size
UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")

T = TypeVar("T")


class Body:
    """The body of a good answer, not looked at yet.

    NUL and lone surrogates in its texts become U+FFFD, since PostgreSQL's text holds neither.
    """

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        """Take the bytes as they came."""
        self.raw = raw

    def json(self) -> object:
        """Return the JSON; control characters in texts do not hinder it.

        Raises NotJson, or TooLarge where whoever sent it could fill the memory with its parts.
        """
        if len(self.raw) > SECOND_LOOK:
            raise TooLarge(f"{len(self.raw):,} bytes of another shape than expected")
        try:
            decoded: object = msgspec.json.decode(self.raw)
            return _cleaned(decoded) if b"\\u0000" in self.raw else decoded
        except (ValueError, RecursionError):
            return _leniently_decoded(self.raw)

    def shaped(self, shape: type[T]) -> T:
        """Return the JSON as `shape`. Raises UnexpectedShape naming the wrong field, or as `json`.

        In one step where nothing is odd, since most answers are read here.
        """
        try:
            found = msgspec.json.decode(self.raw, type=shape)
        except (ValueError, RecursionError):
            return converted(self.json(), shape)
        return converted(self.json(), shape) if b"\\u0000" in self.raw else found


def converted(json_value: object, shape: type[T]) -> T:
    """Return `json_value` as `shape`. Raises UnexpectedShape, which names the wrong field."""
    try:
        return msgspec.convert(json_value, shape)
    except msgspec.ValidationError as error:
        raise UnexpectedShape(f"the answer has an unexpected shape: {error}") from None


def excerpt(body: bytes) -> str:
    """Return the start of `body` as one printable line of at most 200 characters."""
    text = body[: EXCERPT + 1].decode("utf-8", errors="replace")
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return line if len(line) <= EXCERPT else f"{line[: EXCERPT - 3]}..."


def _leniently_decoded(raw: bytes) -> object:
    """Return the JSON in `raw` the slow way: titles with raw control characters are on record."""
    text = raw.decode("utf-8-sig", errors="replace")
    try:
        return _cleaned(json.loads(text, strict=False, parse_constant=_no_number))
    except (ValueError, RecursionError):
        raise NotJson(f"the answer is not JSON: {excerpt(raw)}") from None


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


def _cleaned(json_value: Any) -> Any:
    """Return the value with U+FFFD for every NUL and lone surrogate in its texts."""
    if isinstance(json_value, str):
        return UNSTORABLE.sub("\ufffd", json_value)
    if isinstance(json_value, list):
        return [_cleaned(item) for item in json_value]
    if isinstance(json_value, dict):
        return {_cleaned(key): _cleaned(item) for key, item in json_value.items()}
    return json_value
