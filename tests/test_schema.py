"""docs/schema.md names every view and column, and no other; its example queries run."""

import re
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.snapshots import Reason
from harvester.harvest.summary import Outcome

PAGE = (Path(__file__).parent.parent / "docs" / "schema.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))
QUERIES = [
    query
    for block in re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    for query in block.split(";\n")
    if "SELECT" in query and "GRANT" not in query
]


def documented(view: str) -> list[str]:
    """Return the columns that the page names, in the order of its table."""
    columns: list[str] = []
    table = SECTIONS[view].partition("| reason |")[0]  # the reasons have a table of their own
    for cell in re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE):
        names = re.findall(r"`(\w+)`", cell)
        if " to " in cell:
            names = [f"label_{number}" for number in range(1, 5)]
        columns += names
    return columns


async def test_each_view_and_column_is_documented(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        views = await connection.run_sync(lambda sync: inspect(sync).get_view_names())
        assert set(views) == set(SECTIONS)
        for view in views:
            row = await connection.execute(text(f"SELECT * FROM {view} LIMIT 0"))
            assert set(row.keys()) == set(documented(view)), view


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
async def test_example_queries_run(engine: AsyncEngine, query: str) -> None:
    if engine.dialect.name == "postgresql" and "PostgreSQL:" in query:
        query = re.sub(r"substr\(day, 1, 7\)", "date_trunc('month', day)", query)
        query = re.sub(r"date\('now', '-7 days'\)", "current_date - 7", query)
    async with engine.connect() as connection:
        await connection.execute(text(query.replace(":", r"\:")))


def test_each_reason_and_outcome_is_documented() -> None:
    for reason in Reason:
        assert f"| `{reason.value}` |" in SECTIONS["harvest_missing"]
    for outcome in Outcome:
        assert f"`{outcome.value}`" in SECTIONS["harvest_runs"]
