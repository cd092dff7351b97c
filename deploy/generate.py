"""Write what tells other tools of the views: Datasette's metadata, dbt's sources.

Both are made of the views' own sources, as docs/schema.md is: docs/generate.py writes all three.
"""

import json
import re
from pathlib import Path
from typing import Any, Final

from docs.generate import queries
from harvester.store.contract import Column, View, views
from harvester.store.tables import metadata

HERE: Final = Path(__file__).parent
DATASETTE: Final = HERE / "datasette" / "metadata.json"
DBT: Final = HERE / "dbt" / "sources.yml"

# Values that views never lack, and those that a column may have: dbt's tests.
NEVER_NULL: Final = ("account", "bitlink", "clicks", "day", "unit")
OF_BITLINKS: Final = ("clicks_by_day", "clicks_by_day_filled", "bitlink_details")
VALUES: Final = {
    "unit": ("hour", "day", "week", "month"),
    "status": ("open", "complete", "settled"),
}


def datasette() -> str:
    """Return metadata for a file named harvester.db: what views mean, and queries to begin with."""
    private: dict[str, Any] = {name: {"hidden": True} for name in sorted(metadata.tables)}
    public = {view.name: _table(view) for view in views().values()}
    document = {
        "title": "Clicks of Bitly links",
        "description": "What harvester knows. The views are for reading; days are UTC days.",
        "databases": {
            "harvester": {
                "tables": private | {"alembic_version": {"hidden": True}} | public,
                "queries": {
                    _slug(query.title): {"title": query.title, "sql": query.sql}
                    for query in queries()
                },
            }
        },
    }
    return f"{json.dumps(document, indent=2, ensure_ascii=False)}\n"


def _table(view: View) -> dict[str, Any]:
    return {
        "description": _plain(view.purpose),
        "columns": {each.name: _plain(each.meaning) for each in view.columns},
    }


def _plain(text: str) -> str:
    return text.replace("`", "")  # Datasette shows text as it is


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def dbt() -> str:
    """Return the views as a source of dbt, with tests of what always holds."""
    lines = [
        "# Made by docs/generate.py: the views of harvester as a source of dbt.",
        "version: 2",
        "",
        "sources:",
        "  - name: harvester",
        "    schema: \"{{ var('harvester_schema', 'public') }}\"",
        "    tables:",
    ]
    for view in views().values():
        lines += [f"      - name: {view.name}", f"        description: {_quoted(view.purpose)}"]
        lines += ["        columns:"]
        for column in view.columns:
            lines += [f"          - name: {column.name}"]
            lines += [f"            description: {_quoted(column.meaning)}"]
            if tests := checks(view, column):
                lines += [f"            data_tests: {_quoted(tests)}"]
    return "\n".join([*lines, ""])


def checks(view: View, column: Column) -> list[Any]:
    """Return dbt's tests of a column."""
    found: list[Any] = []
    if view.name in OF_BITLINKS and column.name in NEVER_NULL:
        found.append("not_null")
    if view.name == "harvest_coverage" and column.name in VALUES:
        found.append({"accepted_values": {"values": list(VALUES[column.name])}})
    return found


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)  # all JSON is YAML, too


def write() -> None:
    """Write both files."""
    DATASETTE.write_text(datasette(), "utf-8")
    DBT.write_text(dbt(), "utf-8")
