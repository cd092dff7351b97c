"""Statements over many rows that come as one parameter, so that a batch takes one step each.

The driver of SQLite gives the interpreter's lock away with each step of a statement and waits for
the event loop to get it back, which takes longer than the step. On PostgreSQL it saves messages.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, CursorResult, text

BIGINT: Final = "bigint"
BOOLEAN: Final = "boolean"


class Bulk:
    """A statement of SQL in which `{given}` stands for the rows that are given, a table `given`.

    `columns` are the names of a row's values, in order, and their types as PostgreSQL names them:
    BIGINT or BOOLEAN.
    """

    def __init__(self, sql: str, columns: Mapping[str, str]) -> None:
        """Take SQL that both engines understand."""
        plain = (f"json_extract(value, '$[{n}]') AS {name}" for n, name in enumerate(columns))
        typed = (
            f"CAST(value ->> {n} AS {kind}) AS {name}"
            for n, (name, kind) in enumerate(columns.items())
        )
        of_sqlite = f"(SELECT {', '.join(plain)} FROM json_each(:given)) AS given"  # noqa: S608 - names of ours
        of_postgresql = (
            f"(SELECT {', '.join(typed)}"  # noqa: S608 - names of ours
            " FROM jsonb_array_elements(CAST(:given AS jsonb))) AS given"
        )
        self._sqlite = text(sql.format(given=of_sqlite))
        self._postgresql = text(sql.format(given=of_postgresql))

    def execute(self, connection: Connection, rows: Sequence[Sequence[int]]) -> CursorResult[Any]:
        """Execute the statement with these rows."""
        is_sqlite = connection.dialect.name == "sqlite"
        statement = self._sqlite if is_sqlite else self._postgresql
        return connection.execute(statement, {"given": msgspec.json.encode(rows).decode()})
