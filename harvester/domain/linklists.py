"""Lists of links as people keep them: one to a line, or a CSV with a head. Pure."""

import csv
import io
from dataclasses import dataclass
from typing import Final

from harvester.domain.links import link_id

HEADS: Final = ("bitlink", "link", "short_url", "shorturl", "short url", "short link", "id", "url")
"""What a column of links is called; the first that is there is read."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The ids of the links in a list, each once, and a line for each that could not be read."""

    links: tuple[str, ...]
    problems: tuple[str, ...]


def listed_links(text: str, domain: str | None = None) -> Listed:
    """Return what a list holds. Blank lines and what follows a `#` at a line's start are left out.

    `domain` is that of bare hashes. The list is a CSV if its first line has a head of `HEADS`.
    """
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    heads = [cell.strip().lower() for cell in rows[0]] if rows else []
    column = next((heads.index(head) for head in HEADS if head in heads), None)
    links, problems = dict[str, None](), list[str]()
    for number, row in enumerate(rows, 1):
        if (
            not any(map(str.strip, row))
            or row[0].startswith("#")
            or (column is not None and number == 1)
        ):
            continue
        cell = row[column or 0] if len(row) > (column or 0) else ""
        try:
            links[link_id(cell, domain)] = None
        except ValueError as error:
            problems.append(f"line {number}: {error}")
    return Listed(tuple(links), tuple(problems))
