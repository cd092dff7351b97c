"""The contract: the views are what their sources describe, and docs/schema.md is made of these."""

import re
from datetime import date, datetime

import pytest
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from docs.generate import PAGE, Query, page, queries
from harvester.domain.snapshots import Reason
from harvester.harvest.summary import Outcome
from harvester.store.contract import TYPES, View, views

CONTRACT = views()
DECLARED = {
    "text": "text",
    "integer": "integer",
    "bigint": "integer",
    "date": "date",
    "timestamp with time zone": "instant",
    "boolean": "boolean",
}
VALUES = {
    "bitlink": "'bit.ly/a'",
    "before": "'2026-11-11'",
    "first": "'2026-11-16'",
    "last": "'2026-11-20'",
    "at": "'2026-11-21T12:30:00Z'",
}


def filled(sql: str) -> str:
    """A query with examples in the place of its parameters, as literals: as people write them."""
    return re.sub(r":(\w+)", lambda found: VALUES[found[1]], sql)


def test_the_page_is_what_the_sources_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python docs/generate.py"


async def test_columns_are_those_described_in_their_order(engine: AsyncEngine) -> None:
    def stored(connection: Connection) -> dict[str, list[str]]:
        found = inspect(connection)
        return {
            name: [column["name"] for column in found.get_columns(name)]
            for name in found.get_view_names()
        }

    async with engine.connect() as connection:
        assert await connection.run_sync(stored) == {
            name: [column.name for column in view.columns] for name, view in CONTRACT.items()
        }


@pytest.mark.postgresql
@pytest.mark.parametrize("template", ["postgresql"], indirect=True)
async def test_types_are_those_described(engine: AsyncEngine) -> None:
    query = "SELECT table_name, column_name, data_type FROM information_schema.columns"
    async with engine.connect() as connection:
        stored = {(row[0], row[1]): row[2] for row in await connection.execute(text(query))}
    for name, view in CONTRACT.items():
        for column in view.columns:
            assert DECLARED.get(stored[name, column.name]) == column.kind, (name, column.name)


def test_each_column_has_a_type_and_a_meaning() -> None:
    for view in CONTRACT.values():
        assert view.purpose.endswith("."), view.name
        for column in view.columns:
            assert column.kind in TYPES, (view.name, column.name)
            assert column.meaning, (view.name, column.name)


@pytest.mark.parametrize("query", queries(), ids=lambda query: query.title)
async def test_the_queries_of_the_page_run(engine: AsyncEngine, query: Query) -> None:
    async with engine.connect() as connection:
        await connection.execute(text(filled(query.sql).replace(":", r"\:")))


def test_there_are_twenty_queries() -> None:
    assert len(queries()) >= 20


def test_each_reason_and_outcome_is_documented() -> None:
    for reason in Reason:
        assert f"| `{reason.value}` |" in CONTRACT["harvest_missing"].more
    outcomes = meaning(CONTRACT["harvest_runs"], "outcome")
    assert all(f"`{outcome.value}`" in outcomes for outcome in Outcome)


def meaning(view: View, name: str) -> str:
    return next(column.meaning for column in view.columns if column.name == name)


def fits(kind: str, value: object) -> bool:
    """Whether a value is what SQLite has for a type of the contract."""
    if value is None:
        return True
    if kind == "date":
        return isinstance(value, str) and str(date.fromisoformat(value)) == value
    if kind == "instant":
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    return isinstance(value, str if kind == "text" else int)
