"""Each figure's query stands in docs/reports.md as it is asked, and runs on both engines."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.report.asking import Asking, names, narrowed, query
from harvester.report.selection import Chosen
from harvester.store.engine import reading

DOCS = (Path(__file__).parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")
NOW = datetime(2026, 11, 21, tzinfo=UTC)
VALUES = {
    "first": NOW.date(),
    "last": NOW.date(),
    "before": NOW.date() - timedelta(days=7),
    "start": NOW,
    "end": NOW,
    "most": 5,
    "names": ["bit.ly/a"],
}
ALL = Chosen(("a",), ("Bg1",), ("news",), ("sale",), ("bit.ly/a",), ("a",))


def test_the_documented_queries_are_the_ones_that_are_asked() -> None:
    documented = re.findall(r"```sql\n(.*?)\n```", DOCS, re.DOTALL)
    assert sorted(documented) == sorted(query(name).rstrip() for name in names())


@pytest.mark.parametrize("chosen", [Chosen(), ALL], ids=["all", "chosen"])
async def test_each_query_runs_whole_and_narrowed(engine: AsyncEngine, chosen: Chosen) -> None:
    async with reading(engine) as connection:
        for name in names():
            values = {key: value for key, value in VALUES.items() if f":{key}" in query(name)}
            assert len(await Asking(connection, chosen)(name, **values)) <= 1


def test_each_query_of_facts_can_be_narrowed() -> None:
    for name in set(names()) - {"stored"}:
        assert narrowed(query(name), ALL) != query(name), name
        assert "chosen" not in narrowed(query(name), ALL)
