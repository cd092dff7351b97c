"""What all parts of answers share."""

import msgspec


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """Part of an answer."""
