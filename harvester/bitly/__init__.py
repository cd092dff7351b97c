"""Bitly's API v4 as a library: typed answers, typed errors, and limits that are kept."""
