"""Bitly's official OpenAPI document, where it is at hand."""

import json
import os
from pathlib import Path
from typing import Any

BESIDE = Path(__file__).parents[2] / "shared" / "bitly" / "openapi.json"


def specification() -> Any:
    """Return the document that BITLY_OPENAPI names, or that stands beside the checkout, or None."""
    path = Path(os.environ.get("BITLY_OPENAPI", BESIDE))
    return json.loads(path.read_text("utf-8")) if path.is_file() else None
