"""Any public view as an export."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.errors import ConfigError
from harvester.report.cells import Column, Kind, kind_of
from harvester.report.sources import ALL, Batch, Key, Stream, Wanted, selected
from harvester.store.engine import reading
from harvester.store.upgrade import view_sources

_DAY: Final = "day"


@dataclass(frozen=True, slots=True)
class View:
    """The rows of a public view, by day where it has days. Raises ConfigError if there is none."""

    view: str
    wanted: Wanted = ALL

    def __post_init__(self) -> None:
        """Refuse what is no view: the name becomes a part of the query."""
        if self.view not in view_sources():
            there = ", ".join(view_sources())
            raise ConfigError(f"no view {self.view!r}; there are: {there}")

    @asynccontextmanager
    async def opened(self, engine: AsyncEngine, after: Key) -> AsyncIterator[Stream]:
        """Read the rows of the days after a key. Raises ConfigError for a filter it cannot have."""
        columns = await self._columns(engine)
        names = [column.name for column in columns]
        conditions, values = self._filter(names, engine, after)
        query = f"SELECT * FROM {self.view}"  # noqa: S608 - a view of ours
        if conditions:
            query += f" WHERE {' AND '.join(conditions)}"
        if _DAY in names:
            query += f" ORDER BY {_DAY}"
        async with selected(engine, text(query), values) as (_, batches):
            at = names.index(_DAY) if _DAY in names else None
            yield Stream(columns, _by_day(batches, at))

    def _filter(
        self, names: Sequence[str], engine: AsyncEngine, after: Key
    ) -> tuple[list[str], dict[str, Any]]:
        wanted, conditions, values = self.wanted, list[str](), dict[str, Any]()

        def one_of(column: str, choices: Sequence[str], option: str) -> None:
            if choices:
                self._require(column, names, option)
                words = [f":{column}{number}" for number in range(len(choices))]
                conditions.append(f"{column} IN ({', '.join(words)})")
                values.update(zip((word[1:] for word in words), choices, strict=True))

        def compared(sign: str, day: date | None, word: str, option: str) -> None:
            if day is not None:
                self._require(_DAY, names, option)
                conditions.append(f"{_DAY} {sign} :{word}")
                values[word] = day.isoformat() if engine.dialect.name == "sqlite" else day

        one_of("account", wanted.accounts, "--account")
        one_of("group_guid", wanted.groups, "--group")
        compared(">=", wanted.since, "since", "--since")
        compared("<=", wanted.until, "until", "--until")
        compared(">", date.fromisoformat(after) if isinstance(after, str) else None, "after", "")
        return conditions, values

    def _require(self, column: str, names: Sequence[str], option: str) -> None:
        if column not in names:
            raise ConfigError(f"{option} means nothing to {self.view}: it has no {column}")

    async def _columns(self, engine: AsyncEngine) -> tuple[Column, ...]:
        """Return the columns; of which kind each is, its first value tells."""
        async with reading(engine) as connection:
            result = await connection.execute(text(f"SELECT * FROM {self.view} LIMIT 1"))  # noqa: S608
            names, first = list(result.keys()), result.first()
            found = dict(zip(names, first or (), strict=False))
            for name in names:
                if found.get(name) is None:
                    sql = f"SELECT {name} FROM {self.view} WHERE {name} IS NOT NULL LIMIT 1"  # noqa: S608
                    found[name] = (await connection.execute(text(sql))).scalar()
        return tuple(
            Column(name, Kind.TEXT if found[name] is None else kind_of(found[name]))
            for name in names
        )


async def _by_day(batches: AsyncIterator[Sequence[Any]], at: int | None) -> AsyncIterator[Batch]:
    """Yield the rows so that a batch with a key ends with all rows of that day."""
    last: Any = None
    async for rows in batches:
        if at is None:
            yield Batch(rows)
            continue
        ended = next((n for n in range(len(rows) - 1, -1, -1) if rows[n][at] != rows[-1][at]), None)
        if ended is None and last is not None and rows[0][at] != last:
            yield Batch((), str(last))
        if ended is None:
            yield Batch(rows)
        else:
            yield Batch(rows[: ended + 1], str(rows[ended][at]))
            yield Batch(rows[ended + 1 :])
        last = rows[-1][at]
