"""Collects every click metric of a Bitly account into SQL, exactly and within Bitly's limits."""

__version__ = "0.1.0"
