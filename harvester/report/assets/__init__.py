"""What the page is made of: its template, style and script, and what these may do."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ASSETS: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Filters:
    """The live page's form: what was asked, what can be, and why it could not be shown."""

    asked: Mapping[str, str]
    known: Mapping[str, Sequence[str]]
    error: str = ""


def policy(*, live: bool) -> str:
    """Return the Content-Security-Policy of the page; only a live one has a form to send."""
    style, script = _digest(asset("report.css")), _digest(asset("report.js"))
    form = "'self'" if live else "'none'"
    return (
        f"default-src 'none'; style-src '{style}'; script-src '{script}';"
        f" base-uri 'none'; form-action {form}"
    )


@cache
def asset(name: str) -> str:
    """Return the text of a file beside this one."""
    return (ASSETS / name).read_text("utf-8")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
