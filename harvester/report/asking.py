"""Asks the queries in queries/*.sql: each figure's query stands there as any SQL client runs it.

A line `-- AND chosen` is where the condition of a filter goes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from harvester.report.selection import Chosen

_FILES: Final = Path(__file__).parent / "queries"
_MARK: Final = re.compile(r"-- AND (?:(its group) )?chosen(?: of (\w+))?")


@cache
def query(name: str) -> str:
    """Return the query of a figure, for a whole account."""
    return (_FILES / f"{name}.sql").read_text("utf-8")


def names() -> tuple[str, ...]:
    """Return the names of all queries."""
    return tuple(sorted(path.stem for path in _FILES.glob("*.sql")))


@dataclass(frozen=True, slots=True)
class Asking:
    """A connection to ask, and what the report is limited to."""

    connection: AsyncConnection
    chosen: Chosen

    async def __call__(self, name: str, **values: Any) -> Sequence[Any]:
        """Return the rows of a query."""
        dialect = self.connection.dialect.name
        sql = narrowed(query(name), self.chosen)
        named = {**values, **self.chosen.values()}
        lists = [name for name, value in named.items() if isinstance(value, list)]
        used = [name for name in lists if f":{name}" in sql]
        statement = text(sql).bindparams(*(bindparam(name, expanding=True) for name in used))
        unused = set(lists) - set(used)
        bound = {name: value for name, value in named.items() if name not in unused}
        return (await self.connection.execute(statement, _bound(bound, dialect))).all()


def narrowed(sql: str, chosen: Chosen) -> str:
    """Return the query with the conditions of `chosen` in the places that are marked for them."""

    def condition(mark: re.Match[str]) -> str:
        found = chosen.condition(mark[2] or "", of_group=bool(mark[1]))
        return f"AND {found}" if found else ""

    return _MARK.sub(condition, sql)


def _bound(values: Mapping[str, Any], dialect: str) -> dict[str, Any]:
    """Return `values` as the database takes them: SQLite has days and instants as text."""
    if dialect != "sqlite":
        return dict(values)
    return {name: _as_text(value) for name, value in values.items()}


def _as_text(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat() if isinstance(value, date) else value


def as_day(value: object) -> date:
    """Return the day that a view gave: a date on PostgreSQL, ISO text on SQLite."""
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def as_instant(value: object) -> datetime:
    """Return the instant that a view gave: a datetime on PostgreSQL, ISO text on SQLite."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
