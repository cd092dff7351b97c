"""Instants as the store keeps them: whole unix seconds, UTC."""

from datetime import UTC, datetime


def seconds(instant: datetime) -> int:
    """Return the unix second that holds `instant`. Raises TypeError if it is naive."""
    if instant.tzinfo is None:
        raise TypeError(f"{instant} has no time zone")
    return int(instant.timestamp() // 1)


def instant(second: int) -> datetime:
    """Return the beginning of a unix second, aware, UTC."""
    return datetime.fromtimestamp(second, UTC)
