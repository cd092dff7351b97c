"""The public views as their sources describe them: purpose, columns, types and meanings.

A source starts with comments. The first line says what the view is for, further lines tell more,
and `@name type: meaning` describes a column, in the order of the SELECT below. What a column means
that stands in many views is told here, once.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

TYPES: Final = ("boolean", "date", "instant", "integer", "text")

COMMON: Final[Mapping[str, str]] = MappingProxyType(
    {
        "account": "the account's name in your settings; `default` if there is only `BITLY_TOKEN`",
        "group_guid": "Bitly's id of the group; `watched` for links in none, watched by name",
        "bitlink": "`domain/back-half`; a custom back-half is a bitlink of its own, since Bitly"
        " counts its clicks apart from those of the link that it belongs to",
        "facet": "what was measured: `clicks`, `countries`, ...",
        "kind": "what it is of: `bitlink`, `custom_bitlink`, `group`, `organization` or `qr_code`",
        "subject": "its name or Bitly's id; a bitlink's is in `bitlink`, too, else that is null",
        "day": "the window's first day",
        "unit": 'the window\'s length: `day`; with `resolution = "adaptive"` breakdowns may be of'
        " a `week` (from Monday) or a calendar `month` as well, which then has the place of its"
        " days: no click is in two rows",
    }
)

_SOURCES: Final = Path(__file__).parent / "views"
_COLUMN: Final = re.compile(r"@(\w+) (\w+)(?:: (.+))?")


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `kind` is one of TYPES."""

    name: str
    kind: str
    meaning: str


@dataclass(frozen=True, slots=True)
class View:
    """A view; `more` is Markdown, `select` one statement in the words of both engines."""

    name: str
    purpose: str
    more: str
    columns: tuple[Column, ...]
    select: str


def views() -> dict[str, View]:
    """Return the public views by name."""
    return {path.stem: _view(path) for path in sorted(_SOURCES.glob("*.sql"))}


def _view(path: Path) -> View:
    lines = path.read_text("utf-8").splitlines()
    end = next(number for number, line in enumerate(lines) if not line.startswith("--"))
    header = [line[3:] for line in lines[:end]]
    found = [_COLUMN.fullmatch(line) for line in header]
    return View(
        path.stem,
        header[0],
        "\n".join(line for line, column in zip(header, found, strict=True) if not column)
        .removeprefix(header[0])
        .strip(),
        tuple(_column(*each.groups()) for each in found if each),
        "\n".join(lines[end:]),
    )


def _column(name: str, kind: str, meaning: str | None) -> Column:
    return Column(name, kind, meaning or COMMON[name])
