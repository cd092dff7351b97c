"""Writes the report's page: to a file that is whole or not there, or to stdout."""

import os
import sys
from pathlib import Path

from harvester.cli.output import say
from harvester.domain.errors import ConfigError
from harvester.report.assets import Filters
from harvester.report.figures import Figures

ON_A_PAGE = 300
"""Lines of a ranking: more than there are countries. The rest is for filters, or SQL."""

EXTRA = "a page needs what `pip install 'harvester[report]'` brings"


def page_of(figures: Figures, filters: Filters | None = None) -> str:
    """Return the page of `figures`. Raises ConfigError where the extra is not installed."""
    try:
        from harvester.report.page import page  # noqa: PLC0415 - an extra, which takes a while
    except ImportError as error:
        raise ConfigError(f"{EXTRA}: {error.name} is not there") from error
    return page(figures, filters)


def write_page(figures: Figures, file: str) -> None:
    """Write the page to `file` and say where it is; `-` is stdout. Raises ConfigError."""
    text = page_of(figures)
    if file == "-":
        sys.stdout.write(text)
        return
    path = Path(file)
    try:
        written = _written(path, text)
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror or error}") from error
    say(f"Report: {written}")


def _written(path: Path, text: str) -> Path:
    """Write beside `path` first, so that a reader never sees half a page."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    return path.resolve()
