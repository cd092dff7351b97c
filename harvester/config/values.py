"""Parsers of single values: each returns what it was given, typed, or says what it expected."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from harvester.bitly.facets import FACETS
from harvester.bitly.rosters import ROSTERS
from harvester.config.tokens import Secret
from harvester.domain.addresses import is_loopback
from harvester.domain.attribution import OUTSIDE
from harvester.domain.links import link_id

_SOME_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)
_FIELDS: Final = 5
_LENGTH: Final = re.compile(r"([0-9]{1,6})([mhd])")
_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


class ExpectedError(Exception):
    """What a value should have been; who catches it adds where it stands and what it is."""


def text(value: object) -> str:
    """Return a text of one line without the blanks around it."""
    if isinstance(value, str) and value.strip() and value.strip().isprintable():
        return value.strip()
    raise ExpectedError("a text of one line that is not empty")


def token_text(value: object) -> str:
    """Return any text, for tokens.py to judge: its messages are the ones made for tokens."""
    if isinstance(value, str):
        return value
    raise ExpectedError("a text")


def truth(value: object) -> bool:
    """Return a boolean; 0, 1 and "yes" are none."""
    if isinstance(value, bool):
        return value
    raise ExpectedError("true or false")


def whole(low: int, high: int) -> Callable[[object], int]:
    """Return a parser of whole numbers from `low` to `high`, both included."""

    def parse(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        raise ExpectedError(f"a whole number from {low} to {high}")

    return parse


def learn_or_whole(low: int, high: int) -> Callable[[object], int | str]:
    """Return a parser of "learn" and of whole numbers from `low` to `high`, both included."""

    def parse(value: object) -> int | str:
        try:
            return "learn" if value == "learn" else whole(low, high)(value)
        except ExpectedError as number:
            raise ExpectedError(f'"learn" or {number}') from None

    return parse


def history(value: object) -> int | str:
    """Return "learn" or a number of days; "unlimited" is 0."""
    if value in ("learn", "unlimited"):
        return "learn" if value == "learn" else 0
    try:
        return whole(0, 36_500)(value)
    except ExpectedError as number:
        raise ExpectedError(f'"learn", "unlimited" or {number}') from None


def choice(*options: StrEnum) -> Callable[[object], StrEnum]:
    """Return a parser of the words that `options` have as values."""

    def parse(value: object) -> StrEnum:
        for option in options:
            if value == option.value:
                return option
        raise ExpectedError(" or ".join(f'"{option}"' for option in options))

    return parse


def names(value: object) -> tuple[str, ...]:
    """Return the texts of a list, each once."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(dict.fromkeys(text(name) for name in value))
    raise ExpectedError('a list of texts, such as ["one", "two"]')


def links(value: object) -> tuple[str, ...]:
    """Return the ids of bitlinks, which may be written in any form."""
    try:
        return tuple(dict.fromkeys(link_id(name) for name in names(value)))
    except ValueError as error:
        raise ExpectedError(f"a list of short links; {error}") from None


def facets(value: object) -> tuple[str, ...]:
    """Return the names of one or more facets; "all" stands for every one."""
    chosen = names([value] if value == "all" else value)
    if chosen == ("all",):
        return tuple(FACETS)
    if chosen and FACETS.keys() >= set(chosen):
        return chosen
    raise ExpectedError(f'"all", or a list of one or more of: {", ".join(FACETS)}')


def rosters(value: object) -> tuple[str, ...]:
    """Return the names of rosters, none of them if the list is empty; "all" for every one."""
    chosen = names([value] if value == "all" else value)
    if chosen == ("all",):
        return tuple(ROSTERS)
    if ROSTERS.keys() >= set(chosen):
        return chosen
    raise ExpectedError(f'"all", or a list of some of: {", ".join(ROSTERS)}')


def variable(value: object) -> str:
    """Return the name of an environment variable.

    In capitals only: a token that is put here by mistake is refused, and so never shown as a name.
    """
    if isinstance(value, str) and re.fullmatch(r"[A-Z_][A-Z0-9_]*", value):
        return value
    raise ExpectedError("the name of an environment variable in capitals, such as BITLY_TOKEN")


def api_url(value: object) -> str:
    """Return a base URL without a slash at its end.

    https, or http to this machine itself: a token does not travel in the open.
    """
    address = text(value).rstrip("/")
    try:
        url = urlsplit(address)
        secure = url.scheme == "https" or (url.scheme == "http" and is_loopback(url.hostname or ""))
        plain = url.hostname and url.port != 0 and not set("@?#") & set(address)
    except ValueError:
        secure = plain = False
    if secure and plain:
        return address
    raise ExpectedError(
        "an address such as https://api-ssl.bitly.com/v4 (http only to this machine itself)"
    )


def length(low: timedelta, high: timedelta) -> Callable[[object], timedelta]:
    """Return a parser of lengths of time such as "15m", "6h" or "1d", from `low` to `high`."""

    def parse(value: object) -> timedelta:
        found = _LENGTH.fullmatch(value.strip()) if isinstance(value, str) else None
        if found and low <= (read := int(found[1]) * _UNITS[found[2]]) <= high:
            return read
        raise ExpectedError(
            f'a length of time such as "15m", "6h" or "1d", from {as_length(low)} to'
            f" {as_length(high)}"
        )

    return parse


def as_length(duration: timedelta) -> str:
    """Return a length of time as it is written in config.toml."""
    for unit in "dhm":
        if duration and not duration % _UNITS[unit]:
            return f"{duration // _UNITS[unit]}{unit}"
    return "0m"


def cron(value: object) -> str:
    """Return a cron expression of five fields that comes true some day."""
    fields = text(value).split()
    try:
        if len(fields) == _FIELDS and any(CronSim(" ".join(fields), _SOME_DAY)):
            return " ".join(fields)
    except CronSimError:
        pass
    raise ExpectedError('five fields of cron, such as "30 6 * * *" or "0 */4 * * MON-FRI"')


def zone(value: object) -> str:
    """Return the name of a time zone of the IANA's."""
    name = text(value)
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ExpectedError('a time zone such as "Europe/Berlin" or "UTC"') from None


def day(value: object) -> date:
    """Return a day, written as TOML's date or as a text."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(text(value))
    except (ValueError, ExpectedError):
        raise ExpectedError("a day such as 2026-11-21") from None


def link(value: object) -> str:
    """Return a bitlink's `domain/back-half`, of any form that people have it in."""
    try:
        return link_id(text(value))
    except (ValueError, ExpectedError):
        raise ExpectedError("a bitlink such as bit.ly/12a4b6c") from None


def range_name(value: object) -> str:
    """Return the name of a range of days: any but the one for days that are in none."""
    name = text(value)
    if name == OUTSIDE:
        raise ExpectedError(f'a name other than "{OUTSIDE}"')
    return name


def table(value: object) -> Mapping[str, object]:
    """Return a table, whose keys are looked at later."""
    if isinstance(value, Mapping):
        return value
    raise ExpectedError('a table, such as { every = "1h" }')


def port(value: object) -> int:
    """Return the number of a port; 0, or "none", is for none."""
    try:
        return 0 if value == "none" else whole(0, 65_535)(value)
    except ExpectedError as number:
        raise ExpectedError(f'"none" or {number}') from None


def webhook(value: object) -> Secret:
    """Return the address that notifications are posted to: a secret, since whoever has it may."""
    address = text(value)
    try:
        url = urlsplit(address)
        if url.scheme in {"https", "http"} and url.hostname and url.port != 0:
            return Secret(address)
    except ValueError:
        pass
    raise ExpectedError("an address such as https://hooks.example.com/services/...")
