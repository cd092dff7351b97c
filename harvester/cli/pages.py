"""Writes the report's page: to a file that is whole or not there, or to stdout."""

import os
import sys
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from harvester.cli.output import say
from harvester.domain.errors import ConfigError, HarvesterError
from harvester.report.assets import Filters
from harvester.report.figures import Figures

T = TypeVar("T")

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


def page_apart(figures: Figures, filters: Filters) -> str:
    """Return the page, drawn in a process of its own. Raises ConfigError or PageLost.

    What draws is an engine in native code: it takes 110 MB that a daemon should not keep, and a
    fault of its would end the daemon.
    """
    return apart(page_of, figures, filters)


def apart(work: Callable[..., T], *arguments: object) -> T:
    """Return what `work` returns in a process that is made for it. Raises what it raises.

    Raises PageLost if that process ends before it.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            return pool.submit(work, *arguments).result()
        except BrokenExecutor as error:
            raise PageLost("the page could not be drawn: what draws it broke off") from error


class PageLost(HarvesterError):
    """The process that drew a page ended before it was done."""


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
